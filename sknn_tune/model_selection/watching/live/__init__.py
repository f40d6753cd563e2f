"""A view of any search while it runs."""

from ._live_search import LiveSearch
from ._view import tell_plan

__all__ = ["LiveSearch", "tell_plan"]
