"""What keeps a network from being better: numbers, rules that judge them, and a report with the parameters to turn."""

from ._diagnosis import Diagnosis, diagnose, judge
from .rules import Finding

__all__ = [
    "Diagnosis",
    "Finding",
    "diagnose",
    "judge",
]
