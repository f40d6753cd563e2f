"""Which parameter of an estimator a halving search lets grow, and how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

from ..._compat.scikit_learn import InvalidParameterError
from ..._nearest import did_you_mean

#: The parameter that is looked for where none is named.
EPOCHS = "epochs"


def name_of_resource(search: Any) -> str:
    """The ``resource`` of the search; with "auto", the epochs of the network inside its estimator."""
    known = search.estimator.get_params(deep=True)
    if search.resource != "auto":
        if search.resource not in known:
            raise InvalidParameterError(
                "The 'resource' parameter of HyperbandSearchCV must be a parameter of the estimator, or 'auto'. "
                f"Got {search.resource!r}, which {type(search.estimator).__name__} does not have"
                f"{did_you_mean(search.resource, known)}."
            )
        return search.resource
    found = _epochs_of_last_network(search.estimator)
    if len(found) == 1:
        return found[0]
    has = f"the estimator has {', '.join(found)}" if found else f"{search.estimator!r} has none"
    raise InvalidParameterError(
        "With resource='auto', HyperbandSearchCV takes the 'epochs' of the one network inside the estimator, but "
        f"{has}. Name the parameter that is to grow as 'resource', such as 'max_iter' or 'n_estimators'."
    )


def _epochs_of_last_network(estimator: Any) -> list[str]:
    """Of a pipeline with several, those of its last step."""
    found = [name for name in estimator.get_params(deep=True) if name.rpartition("__")[2] == EPOCHS]
    if len(found) < 2 or not hasattr(estimator, "steps"):
        return found
    last, step = estimator.steps[-1]
    return [f"{last}__{name}" for name in _epochs_of_last_network(step)] if hasattr(step, "get_params") else found


def most_of_resource(search: Any, resource: str) -> int:
    """The ``max_resources`` of the search; with "auto", what its estimator has now."""
    if search.max_resources != "auto":
        return int(search.max_resources)
    present = search.estimator.get_params(deep=True)[resource]
    if isinstance(present, Integral) and not isinstance(present, bool):
        return int(present)
    raise InvalidParameterError(
        f"With max_resources='auto', HyperbandSearchCV takes the {resource!r} that the estimator has, but that is "
        f"{present!r}. Give a number as 'max_resources'."
    )


def check_resource(search: Any, resource: str, most: int, spaces: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a resource that is searched as well, and one that has no two rungs."""
    if any(resource in space for space in spaces):
        raise InvalidParameterError(
            f"HyperbandSearchCV sets {resource!r} itself, from rung to rung. Leave it out of 'param_distributions', or "
            "name another parameter as 'resource'."
        )
    if most < search.factor * search.min_resources:
        raise InvalidParameterError(
            "HyperbandSearchCV has no rung on which to drop candidates: 'max_resources' must be at least "
            f"factor * min_resources = {search.factor * search.min_resources}. Got {most}"
            f"{f', the {resource!r} of the estimator' if search.max_resources == 'auto' else ''}. Give more, or take "
            "RandomizedSearchCV."
        )
