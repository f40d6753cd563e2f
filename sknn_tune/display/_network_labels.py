"""Names of networks in a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..inspection.handed_over import last_step
from ..model_selection.results import value_text


def labels_of_differences(estimators: Sequence[Any]) -> list[str]:
    """A name of its own for each: the parameters in which the networks differ, or else their numbers."""
    parameters = [last_step(estimator).get_params(deep=False) for estimator in estimators]
    names = dict.fromkeys(name for given in parameters for name in given)
    differing = [name for name in names if len({value_text(given.get(name)) for given in parameters}) > 1]
    labels = [", ".join(f"{name}={value_text(given.get(name))}" for name in differing) for given in parameters]
    if len(set(labels)) == len(labels) > 1 and len(differing) <= 3:
        return labels
    return [f"network {number}" for number in range(1, len(labels) + 1)]
