"""Pictures of networks and searches, by scikit-learn's Display convention: ``from_…``, ``plot(ax=None)``, ``ax_``."""

from ._search_results import SearchResultsDisplay

__all__ = ["SearchResultsDisplay"]
