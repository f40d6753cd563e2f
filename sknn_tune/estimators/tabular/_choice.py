"""Which encoding of numbers is better for a table: by the loss of rows that are held out."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import KFold

from ...specs import comparable_values
from ..resolve import Parameters

#: Folds that are trained on, of those that the members of a fit hold out. Where two of eight disagree, it hardly
#: matters which encoding is taken; where it matters, they say so on every table that was tried.
_FOLDS_TRIED = 2

#: Rows that are tried, at most: for more of them the choice would take longer than it is worth.
_ROWS_TRIED = 10_000


def rows_to_try(n_rows: int, seed: int) -> np.ndarray | slice:
    """Which rows are tried: all of a table of ordinary size."""
    if n_rows <= _ROWS_TRIED:
        return slice(None)
    return np.sort(np.random.default_rng(seed).choice(n_rows, _ROWS_TRIED, replace=False))


def parameters_to_try(given: Parameters, n_rows: int, seed: int) -> dict[str, Any]:
    """What differs in a fit that is to show how well a network does on the rows that it holds out."""
    tried = {"random_state": seed, "warm_start": False, "callbacks": None, "verbose": 0}
    tried["n_members"] = min(given.n_networks, _FOLDS_TRIED) * given.n_sharing
    if given.n_networks > 1 and not hasattr(given["validation_split"], "split"):
        tried["validation_split"] = KFold(min(given.n_networks, max(n_rows, 2)), shuffle=True, random_state=seed)
    elif not given["validation_split"]:
        tried["validation_split"] = given["validation_fraction"]
    return tried


def held_out_loss(network: Any) -> float:
    """Of a fitted network the mean loss of the rows that its members held out; infinite if one diverged."""
    members = getattr(network, "members_", [network])
    # Without penalties: an encoding with more columns has more weights to be penalised.
    losses = [comparable_values(member.history_, "val_loss")[member.best_epoch_] for member in members]
    loss = float(np.mean(losses))
    return loss if np.isfinite(loss) else float("inf")
