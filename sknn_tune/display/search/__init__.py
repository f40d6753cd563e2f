"""Pictures of a finished search, and a page of it for a browser."""

from ._capacity_curve import CapacityCurveDisplay
from ._results import SearchResultsDisplay

__all__ = [
    "CapacityCurveDisplay",
    "SearchResultsDisplay",
]
