"""Spaces from one library to another: scipy's distributions as ours, and ours for a trial of Optuna."""

from ._optuna import suggest, suggest_params
from ._scipy import as_space

__all__ = [
    "as_space",
    "suggest",
    "suggest_params",
]
