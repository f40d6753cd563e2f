"""Parameters that a candidate has and does not use: its optimizer or its schedule goes without them.

Searches draw all parameters of a common space for each candidate. To draw the ``momentum`` of one whose optimizer is
Adam would show a relation between the two that there cannot be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...specs import OPTIMIZERS, SCHEDULE_PARAMETERS, optimizer_has, schedule_has

#: Together these are in no estimators but ours, whose parameters are known.
_OURS = ("hidden_layer_sizes", "optimizer", "learning_rate_schedule")
_OF_OPTIMIZERS = {name for names in OPTIMIZERS.values() for name in names}
_OF_SCHEDULES = {name for names in SCHEDULE_PARAMETERS.values() for name in names}


def is_unused(name: str, candidate: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Whether a parameter does nothing for a candidate. ``base`` has the parameters of the estimator of the search.

    Only of our own estimators, recognised by the names of their parameters, is that known.

    Examples
    --------
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.model_selection.results._unused_parameters import is_unused
    >>> base = KerasClassifier(optimizer="adam").get_params()
    >>> is_unused("momentum", {"momentum": 0.5}, base)
    True
    >>> is_unused("momentum", {"momentum": 0.5, "optimizer": "sgd"}, base)
    False
    """
    before, _, leaf = name.rpartition("__")
    prefix = f"{before}__" if before else ""
    if leaf not in _OF_OPTIMIZERS | _OF_SCHEDULES or not all(f"{prefix}{each}" in base for each in _OURS):
        return False
    given = {**base, **candidate}
    if leaf in _OF_SCHEDULES:
        return not schedule_has(given[f"{prefix}learning_rate_schedule"], leaf)
    compiled_elsewhere = given.get(f"{prefix}model") is not None
    return not compiled_elsewhere and not optimizer_has(given[f"{prefix}optimizer"], leaf)
