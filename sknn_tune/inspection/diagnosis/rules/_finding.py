"""What a rule of `diagnose` answers: a finding, a reason why it could not judge, or None if all is well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """Something that keeps a network from being as good as it could be.

    Parameters
    ----------
    name : str
        Name of the rule that found it, such as ``"overfitting"``.
    severity : {"problem", "advice"}
        "problem": predictions are worse than they need be. "advice": they may be fine, but time or units are wasted.
    sentence : str
        What was seen.
    evidence : mapping of str to float
        The numbers by which the rule has judged.
    turn : mapping of str to str
        Parameters that would help, the best bet first, and which way to turn each.
    """

    name: str
    severity: Literal["problem", "advice"]
    sentence: str
    evidence: Mapping[str, float]
    turn: Mapping[str, str]


@dataclass(frozen=True)
class NotChecked:
    """Why a rule could not judge."""

    reason: str
