"""Spaces from one library to another: scipy's distributions as ours, and ours for a trial of Optuna."""

from ._membership import find, same
from ._optuna import stored_params, suggest, suggest_params
from ._scipy import as_space

__all__ = [
    "as_space",
    "find",
    "same",
    "stored_params",
    "suggest",
    "suggest_params",
]
