"""Which network an estimator is, and a name for it in a legend."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline


def network_of(estimator: Any) -> Any:
    """The last step of a ``Pipeline``, of pipelines within too; any other estimator is the network itself."""
    while isinstance(estimator, Pipeline):
        estimator = estimator[-1]
    return estimator


def labels_of_differences(estimators: Sequence[Any]) -> list[str]:
    """A name of its own for each: the parameters in which the networks differ, or else their numbers."""
    parameters = [network_of(estimator).get_params(deep=False) for estimator in estimators]
    names = dict.fromkeys(name for given in parameters for name in given)
    differing = [name for name in names if len({written(given.get(name)) for given in parameters}) > 1]
    labels = [", ".join(f"{name}={written(given.get(name))}" for name in differing) for given in parameters]
    if len(set(labels)) == len(labels) > 1 and len(differing) <= 3:
        return labels
    return [f"network {number}" for number in range(1, len(labels) + 1)]


def written(value: Any) -> str:
    """As one would type it: functions and classes by their name, numbers without the noise of binary fractions."""
    if isinstance(value, tuple | list):
        return f"({', '.join(map(written, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        return str(int(value)) if isinstance(value, Integral) else f"{value:.4g}"
    return getattr(value, "__name__", None) or str(value)
