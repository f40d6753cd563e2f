"""What searches take besides our own spaces: lists of choices, scipy's distributions and Optuna's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..spaces import int_uniform, log_uniform, uniform
from ._optuna_distributions import of_optuna


def as_space(given: Any) -> Any:
    """Ours for Optuna's, and scipy's frozen ``uniform``, ``loguniform`` or ``randint``; a list; else `given` itself."""
    translated = of_optuna(given)
    if translated is not None:
        return translated
    if not (hasattr(given, "dist") and hasattr(given, "support")):
        return _as_list(given)
    low, high = given.support()
    match given.dist.name:
        case "uniform":
            return uniform(low, high)
        case "randint":
            return int_uniform(int(low), int(high))
        case "loguniform" | "reciprocal" if not _moved(given):
            return log_uniform(low, high)
    return given


def lacks_arguments(given: Any) -> bool:
    """Whether a distribution of scipy was given without its arguments, ``loguniform`` for ``loguniform(1e-4, 0.1)``."""
    return hasattr(given, "freeze") and bool(getattr(given, "numargs", 0))


def _as_list(given: Any) -> Any:
    """A list for a sequence or an array, with Python's own numbers; else `given` itself."""
    if isinstance(given, np.ndarray):
        return given.tolist() if given.ndim == 1 else list(given)
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        return list(given)
    if getattr(given, "ndim", len(getattr(given, "shape", ()))) == 1 and hasattr(given, "to_list"):  # of a table
        return given.to_list()
    return given


def _moved(frozen: Any) -> bool:
    """Whether the distribution has a ``loc``: then it is not the logarithm of its values that is uniform."""
    return bool(frozen.kwds.get("loc", frozen.args[2] if len(frozen.args) > 2 else 0))
