"""What a picture of a training needs of networks and their histories: the numbers, the best epoch, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..inspection.handed_over import last_step, where_it_is_kept
from ..model_selection.results import differing, what_is_measured
from ..specs import LOSS_WITHOUT_PENALTY, with_comparable_losses
from ._curves import OF_NO_ROWS
from .drawing import warn_of_different_losses


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


def compared_by(
    estimators: Mapping[str, Any], metric: str | Sequence[str]
) -> tuple[dict[str, Mapping], dict[str, int | None], str | list[str]]:
    """The same for networks side by side, and the metrics that mean the same for all.

    Where any has penalties, the loss without them stands in the place of the loss.
    """
    histories, best_epochs = histories_of(estimators)
    metrics = [metric] if isinstance(metric, str) else list(metric)
    if "loss" not in metrics or len(estimators) == 1:
        return histories, best_epochs, metric if isinstance(metric, str) else metrics
    networks = {name: last_step(estimator) for name, estimator in estimators.items()}
    if names := differing(what_is_measured(network) for network in networks.values()):
        warn_of_different_losses(names, "loss", "metric='accuracy'")
    if any(LOSS_WITHOUT_PENALTY in history for history in histories.values()):
        histories = {name: with_comparable_losses(history) for name, history in histories.items()}
        best_epochs = {name: _best_epoch(network, histories[name]) for name, network in networks.items()}
        metrics = [LOSS_WITHOUT_PENALTY if name == "loss" else name for name in metrics]
    return histories, best_epochs, metrics[0] if isinstance(metric, str) else metrics


def histories_of_members(estimator: Any) -> list[tuple[Mapping, int | None]]:
    """``history_`` and best epoch of each member of an estimator of several networks; none of any other."""
    return [(member.history_, _best_epoch(member)) for member in getattr(last_step(estimator), "members_", ())]


def _best_epoch(network: Any, history: Mapping | None = None) -> int | None:
    """The one that early stopping found: without it, ``best_epoch_`` is just the last."""
    if getattr(network, "early_stopping", False) and hasattr(network, "best_epoch_"):
        return network.best_epoch_
    return lowest_validation_loss(network.history_ if history is None else history, comparable=history is not None)


def lowest_validation_loss(history: Mapping, *, comparable: bool = False) -> int | None:
    """Index of the best epoch, as far as the history alone can tell; ``comparable``: by the loss without penalties."""
    name = f"val_{LOSS_WITHOUT_PENALTY}" if comparable else "val_loss"
    losses = np.asarray(history.get(name, []), dtype=float)
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
