"""The numbers that the rules of a diagnosis look at, each worked out when the first rule asks for it."""

from ._evidence import Evidence
from ._loss_curve import LossCurve
from ._table import Table

__all__ = [
    "Evidence",
    "LossCurve",
    "Table",
]
