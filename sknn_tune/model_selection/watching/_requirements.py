"""What everything that watches a search needs, and what is said where it is missing."""

from __future__ import annotations

from typing import Any

from ..._compat import scikit_learn
from ..._compat.scikit_learn import validate_parameter_constraints
from ..._compat.scikit_learn_searches import BaseSearchCV
from ._where_to_listen import read_address


def require_callbacks(name: str) -> None:
    """Raise if this scikit-learn has none; ``name`` is that of the class."""
    if not scikit_learn.HAS_CALLBACKS:
        from sklearn import __version__

        raise ImportError(
            f"{name} is a callback for scikit-learn's searches, which take callbacks since version 1.9. This is "
            f"scikit-learn {__version__}. Install a later one: pip install 'scikit-learn>=1.9'"
        )


def require_address(address: str | None, name: str) -> None:
    """Raise if the 'address' parameter is none at which to listen."""
    validate_parameter_constraints({"address": [str, None]}, {"address": address}, caller_name=name)
    if address is not None:
        read_address(address, name)


def require_search(estimator: Any, name: str) -> None:
    """Raise if it was set on something else than a search."""
    if not isinstance(estimator, BaseSearchCV):
        raise TypeError(
            f"{name} watches the fits of a search, but was set on {type(estimator).__name__}. Set it on the search "
            f"itself: RandomizedSearchCV(...).set_callbacks({name}(...)). A pipeline goes inside the search."
        )
