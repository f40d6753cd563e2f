"""The network in what a user hands over, and the rows as it gets them: after the earlier steps of a Pipeline."""

from __future__ import annotations

from copy import copy
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ._messages import described, where_it_is_kept


def fitted_network(estimator: Any, caller: str) -> Any:
    """Return the fitted KerasClassifier or KerasRegressor that ``estimator`` is, or that is its last step.

    Parameters
    ----------
    estimator : estimator or Pipeline
        What the user gave.
    caller : str
        Name of the function that asks, for its message.

    Raises
    ------
    TypeError
        If it is neither, or has several networks.
    NotFittedError
        If it has not been fitted.
    """
    network = _fitted(estimator, caller)
    if hasattr(network, "members_"):
        raise TypeError(
            f"{caller} looks into one network, but this {described(network)} has {len(network.members_)} members."
            f"{where_it_is_kept(network)}"
        )
    if shares_weights(network):
        raise TypeError(
            f"{caller} looks into one network, but the members of this {described(network)} share its layers "
            f"(share_weights={network.share_weights}). Fit it with share_weights=False and give one of its members_."
        )
    return network


def shares_weights(network: Any) -> bool:
    """Whether a fitted network is that of several members."""
    return getattr(network._trained.network, "n_members", 1) > 1


def fitted_networks(estimator: Any, caller: str) -> list[Any]:
    """The same for those that look at several networks, too: the members of one with ``n_members`` above 1."""
    network = _fitted(estimator, caller)
    return list(getattr(network, "members_", [network]))


def _fitted(estimator: Any, caller: str) -> Any:
    network = last_step(estimator)
    if isinstance(network, type) or not hasattr(network, "_engine_inputs"):
        raise TypeError(
            f"{caller} looks into a fitted KerasClassifier or KerasRegressor, or a Pipeline whose last step is one. "
            f"Got {described(network)} instead.{where_it_is_kept(network)}"
        )
    network = copy(network)  # which another thread that fits it again does not change
    check_is_fitted(network, msg=f"{caller} needs a trained network: call fit of this %(name)s first.")
    return network


def through_earlier_steps(estimator: Any, X: Any) -> Any:
    """Return ``X`` as the network gets it: transformed by the steps of a Pipeline before the last one."""
    if not isinstance(estimator, Pipeline):
        return X
    if any(resamples(step) for _, step in estimator.steps[:-1]):
        for _, step in estimator.steps[:-1]:
            if step not in (None, "passthrough") and not resamples(step):
                X = step.transform(X)
    elif len(estimator) > 1:
        X = estimator[:-1].transform(X)
    return through_earlier_steps(estimator[-1], X)


def resamples(step: Any) -> bool:
    """Whether a step of an imbalanced-learn Pipeline draws rows anew in ``fit``, and is left out in prediction."""
    return hasattr(step, "fit_resample")


def last_step(estimator: Any) -> Any:
    """Return the last step of a Pipeline, of pipelines within too; any other estimator is the network itself."""
    return last_step(estimator[-1]) if isinstance(estimator, Pipeline) else estimator
