"""All rules of `diagnose`. The second paragraph of a docstring is the rule; the docs have it word for word."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from ._evidence import Evidence
from ._finding import Finding, NotChecked
from ._rules_batch import batch_too_large, batch_too_small
from ._rules_data import class_imbalance_ignored, unscaled_inputs, unscaled_target
from ._rules_fit import overfitting, plateau, underfitting
from ._rules_layers import dead_units, exploding_gradients, saturated_units, vanishing_gradients
from ._rules_rate import divergence, rate_too_large, rate_too_small, stopped_too_early

Rule = Callable[[Evidence], Finding | NotChecked | None]

#: In the order in which findings are told: causes before what they lead to.
RULES: tuple[Rule, ...] = (
    divergence,
    unscaled_inputs,
    unscaled_target,
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
