"""What a picture of a training needs of networks and their histories: the numbers, the best epoch, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..inspection.handed_over import last_step, where_it_is_kept
from ._curves import OF_NO_ROWS


def histories_of(estimators: Mapping[str, Any]) -> tuple[dict[str, Mapping], dict[str, int | None]]:
    """``history_`` and best epoch of each estimator, by its name."""
    networks = {name: last_step(estimator) for name, estimator in estimators.items()}
    for network in networks.values():
        check_is_fitted(network)
        if not hasattr(network, "history_"):
            raise ValueError(
                "TrainingHistoryDisplay draws the history_ of a KerasClassifier, of a KerasRegressor, or of a Pipeline "
                f"that ends with one. Got {type(network).__name__}, which has none.{where_it_is_kept(network)}"
            )
    histories = {name: network.history_ for name, network in networks.items()}
    return histories, {name: _best_epoch(network) for name, network in networks.items()}


def histories_of_members(estimator: Any) -> list[tuple[Mapping, int | None]]:
    """``history_`` and best epoch of each member of an estimator of several networks; none of any other."""
    return [(member.history_, _best_epoch(member)) for member in getattr(last_step(estimator), "members_", ())]


def _best_epoch(network: Any) -> int | None:
    """The one that early stopping found: without it, ``best_epoch_`` is just the last."""
    if getattr(network, "early_stopping", False) and hasattr(network, "best_epoch_"):
        return network.best_epoch_
    return lowest_validation_loss(network.history_)


def lowest_validation_loss(history: Mapping) -> int | None:
    """Index of the best epoch, as far as the history alone can tell."""
    losses = np.asarray(history.get("val_loss", []), dtype=float)
    return int(np.nanargmin(losses)) if np.isfinite(losses).any() else None


def require_metrics(history: Mapping, metrics: list[str], name: str, rows: str) -> None:
    """Raise if one of the metrics is not there to be drawn. ``name`` is that of the network, for the message."""
    recorded = [key for key in history if not key.startswith("val_")]
    for metric in metrics:
        if metric not in history or metric.startswith("val_"):
            hint = f" The validation rows are drawn with {metric[4:]!r}." if metric.startswith("val_") else ""
            raise ValueError(
                f"The 'metric' parameter of TrainingHistoryDisplay must be one or several of those in the history"
                f"{f' of {name!r}' if name else ''}: {', '.join(recorded) or 'it is empty'}. Got {metric!r} "
                f"instead.{hint}"
            )
        if not len(history[metric]):
            raise ValueError(f"The history{f' of {name!r}' if name else ''} has no epochs in {metric!r}: fit first.")
        if rows == "validation" and metric not in OF_NO_ROWS and not len(history.get(f"val_{metric}", ())):
            raise ValueError(
                f"rows='validation' needs {f'val_{metric}'!r} in the history{f' of {name!r}' if name else ''}, which "
                "is there with early_stopping=True, validation_split=0.1 or fit(..., X_val=...). Without: rows='both'."
            )
