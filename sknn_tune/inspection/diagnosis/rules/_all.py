"""All rules of `diagnose`. The second paragraph of a docstring is the rule; the docs have it word for word."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from ..evidence import Evidence
from ._batch import batch_too_large, batch_too_small
from ._data import class_imbalance_ignored, unscaled_inputs, unscaled_target
from ._finding import Finding, NotChecked
from ._fit import overfitting, penalty_too_strong, plateau, underfitting
from ._layers import dead_units, exploding_gradients, saturated_units, vanishing_gradients
from ._rate import divergence, rate_too_large, rate_too_small, stopped_too_early

Rule = Callable[[Evidence], Finding | NotChecked | None]

#: In the order in which findings are told: causes before what they lead to.
RULES: tuple[Rule, ...] = (
    divergence,
    unscaled_inputs,
    unscaled_target,
    penalty_too_strong,
    class_imbalance_ignored,
    rate_too_large,
    rate_too_small,
    batch_too_small,
    batch_too_large,
    dead_units,
    saturated_units,
    exploding_gradients,
    vanishing_gradients,
    plateau,
    stopped_too_early,
    underfitting,
    overfitting,
)


def rule_texts(rule: Rule) -> tuple[str, str]:
    """What the rule is about, and the rule itself, each on one line."""
    about, condition = (inspect.getdoc(rule) or "").split("\n\n")[:2]
    return about, " ".join(condition.split())
