"""Spaces from one library to another: of scipy and Optuna as ours, ours for scikit-learn and a trial of Optuna."""

from ._drawable import drawable
from ._membership import find, same
from ._optuna import stored_params, suggest, suggest_params
from ._scipy import as_space

__all__ = [
    "as_space",
    "drawable",
    "find",
    "same",
    "stored_params",
    "suggest",
    "suggest_params",
]
