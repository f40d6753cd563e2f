"""What a message says of something else that was handed over, and where the network is kept in it."""

from __future__ import annotations

from typing import Any

#: Where scikit-learn's meta-estimators keep a fitted estimator that can be looked into, by an attribute they have.
#: Of an ensemble, ``estimator_`` is not fitted, so ``estimators_`` comes first.
_KEPT_IN = {
    "members_": "one of its members_, such as members_[0]",
    "best_estimator_": "its best_estimator_",
    "regressor_": "its regressor_, and y, where it is asked for, as its transformer_ makes it",
    "calibrated_classifiers_": "calibrated_classifiers_[0].estimator, or that of another number",
    "estimators_": "one of its estimators_",
    "estimator_": "its estimator_",
}


def described(given: Any) -> str:
    """What was given instead of an estimator, for a message."""
    return f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__


def where_it_is_kept(given: Any) -> str:
    """A sentence for the end of a message: what to give instead, if that is known."""
    if isinstance(given, type):
        return " Give an object of it that was fitted."
    kept = next((where for name, where in _KEPT_IN.items() if hasattr(given, name)), None)
    return f" Give {kept}." if kept else ""
