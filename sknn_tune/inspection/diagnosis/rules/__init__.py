"""The rules of a diagnosis: each compares a few numbers with stated thresholds, and says what to turn."""

from ._all import RULES, Rule, rule_texts
from ._finding import Finding, NotChecked

__all__ = [
    "RULES",
    "Finding",
    "NotChecked",
    "Rule",
    "rule_texts",
]
