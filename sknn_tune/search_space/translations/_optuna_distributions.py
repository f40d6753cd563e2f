"""Optuna's distributions as ours, for who comes with a space that was written for it. Nothing of Optuna is imported."""

from __future__ import annotations

from typing import Any

from ..spaces import Space, int_log_uniform, int_uniform, log_uniform, steps, uniform


def of_optuna(given: Any) -> Space | list | None:
    """Ours for a distribution of Optuna, a list for one of choices; None for anything else.

    Its old classes (``LogUniformDistribution``, ...) derive from those of today.
    """
    names = {kind.__name__ for kind in type(given).__mro__ if kind.__module__ == "optuna.distributions"}
    if "CategoricalDistribution" in names:
        return list(given.choices)
    if "FloatDistribution" in names:
        if given.log:
            return log_uniform(given.low, given.high)
        return uniform(given.low, given.high) if given.step is None else steps(given.low, given.high, given.step)
    if "IntDistribution" in names:
        if given.log:
            return int_log_uniform(given.low, given.high)
        return int_uniform(given.low, given.high) if given.step == 1 else steps(given.low, given.high, given.step)
    return None
