"""A space to begin with, for our estimators: what an expert would tune first, and how far.

The order is that of importance for most networks: first the learning rate, then momentum, batch size and
units, then layers and the decay of the rate, then regularisation, then the rest. Ranges follow Bengio
(2012), https://arxiv.org/abs/1206.5533, and what Gorishniy et al. (2021), https://arxiv.org/abs/2106.11959,
searched for networks on tables.

This room does not know the estimators: one is recognised by the names of its parameters.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from .._compat.scikit_learn import StrOptions, validate_parameter_constraints
from .spaces import log_uniform, one_minus_log_uniform, topology, uniform

#: Without a name or class of an optimizer, these are settings of the object that the user gave.
_OF_OPTIMIZERS = {"momentum", "nesterov", "beta_1", "beta_2", "rho", "weight_decay", "clipnorm"}
_OF_SCHEDULES = {"learning_rate", "learning_rate_schedule", "decay_rate"}

#: Together these are in no other estimator: SciKeras' has no hidden layers, scikit-learn's no dropout.
RECOGNISED_BY = ("hidden_layer_sizes", "learning_rate", "batch_size", "dropout", "optimizer", "epochs")

#: Parameters of the layers, which a model of the user's own need not have.
_OF_LAYERS = {"hidden_layer_sizes", "dropout", "l2", "l1", "batch_norm", "activation", "input_dropout"}

#: Where the learning rate is to be found. Optimizers that divide by the size of the gradient make steps
#: of about the rate itself; plain descent and the accumulating ones need more, Lion (which takes signs)
#: less: https://arxiv.org/abs/2302.06675, section 5.
LEARNING_RATES = {
    "sgd": log_uniform(1e-3, 0.3),
    "adagrad": log_uniform(1e-3, 1.0),
    "ftrl": log_uniform(1e-3, 1.0),
    "adadelta": log_uniform(1e-2, 10.0),
    "muon": log_uniform(1e-3, 0.1),
    "lion": log_uniform(1e-5, 3e-3),
}
_OTHER_LEARNING_RATES = log_uniform(1e-4, 3e-2)

#: These take weight decay apart from the gradient, and are meant to be regularised by it.
_DECAYING_WEIGHTS = {"adamw", "lion", "schedulefreeadamw"}

#: The moving averages of each optimizer, and Nesterov's variant of momentum.
_BETAS = {"beta_1": one_minus_log_uniform(0.8, 0.99), "beta_2": one_minus_log_uniform(0.9, 0.9999)}
_RHO = {"rho": one_minus_log_uniform(0.8, 0.99)}
MOVING_AVERAGES: dict[str, dict] = {
    "sgd": {"nesterov": [False, True]},
    "rmsprop": _RHO,
    "adadelta": _RHO,
    **dict.fromkeys(("adam", "adamax", "adamw", "lion", "nadam", "schedulefreeadamw"), _BETAS),
}

_BATCH_SIZES = {"small": [32, 64, 128], "medium": [16, 32, 64, 128, 256], "large": [16, 32, 64, 128, 256, 512]}
_TOPOLOGIES = {
    "small": topology(n_layers=(1, 2), units=(16, 128), shape="constant"),
    "medium": topology(n_layers=(1, 3), units=(16, 256), shape="constant"),
    "large": topology(n_layers=(1, 4), units=(16, 512), shape="any"),
}


#: Around the rate that `TabularClassifier` begins with, for optimizers like Adam.
_TABULAR_LEARNING_RATES = log_uniform(5e-4, 8e-3)

#: Together these are in no estimator but `TabularClassifier` and `TabularRegressor`.
_OF_TABLES = {"encoding", "n_bins", "target_encoding"}


def default_space(estimator: Any, size: str = "medium", prefix: str | None = None) -> dict[str, Any]:
    """Return a space to begin with, ready for ``RandomizedSearchCV``.

    It is a plain dict: change, add and delete as you like. Its order is the order of importance: learning
    rate, momentum (for ``optimizer="sgd"``), batch size, topology, schedule of the rate, regularisation, the
    rest. The optimizer is the one that the estimator has, and the range of the learning rate is made for
    it. ``epochs`` are no part of it: more are never worse with ``early_stopping=True``, and a halving search
    takes them as its resource.

    Parameters
    ----------
    estimator : estimator
        `KerasClassifier`, `KerasRegressor`, `TabularClassifier` or `TabularRegressor`, or what has one inside, such as
        a ``Pipeline``.
    size : {"small", "medium", "large", "tabular"}, default="medium"
        How much to search. "small": learning rate, momentum, batch size and topology, enough for about 20
        candidates. "medium": wider, and schedule, dropout and penalty, for about 50. "large": wider
        still, and activation, batch normalisation, betas and more, for 150 and up. All three are of the network
        alone, for the estimators for tables too. "tabular": what decides on a table, and no further than
        pays there, for about 20: learning rate (and momentum), batch size, topology, dropout and penalty, and of
        `TabularClassifier` and `TabularRegressor` the encoding of columns.
    prefix : str, default=None
        Put before each name: ``"network__"`` for the step "network" of a pipeline. None: found in the
        estimator.

    Returns
    -------
    space : dict
        Parameter names mapped to spaces and lists of choices.

    Raises
    ------
    ValueError
        If the estimator is none of ours and has none inside, or several and no ``prefix`` says which.

    See Also
    --------
    narrow : The space around the best candidates of a search.

    Notes
    -----
    For a ``model`` of one's own, parameters of layers are listed if the function asks for them by name.
    What an optimizer or schedule object decides itself is not listed.

    With ``size="tabular"``, search with ``n_members=1``, which is fast, and keep more: put `RefitWith` of
    `sknn_tune.model_selection` around the search, with ``{"n_members": "auto"}`` and ``n_candidates=3``. Do so whenever
    the best network is what counts; without it, a search may end with one network that is worse than those of a plain
    fit. The default settings of `TabularClassifier` and `TabularRegressor` lie in their space, and our own searches
    begin with them. "auto" is among the encodings if the estimator has it. It compares the other two by itself and so
    takes three fits instead of one: with ``encoding="piecewise"`` on the estimator, only the two are searched.

    To compare optimizers, each with a range of its own, give the search a list of spaces, one for each (see
    the example): scikit-learn first draws one of the dicts, then from it.

    Examples
    --------
    >>> from sklearn.pipeline import Pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.search_space import default_space
    >>> pipeline = Pipeline([("scale", StandardScaler()), ("network", KerasClassifier())])
    >>> for name, space in default_space(pipeline, size="small").items():
    ...     print(name, space)
    network__learning_rate log_uniform(0.0001, 0.03)
    network__batch_size [32, 64, 128]
    network__hidden_layer_sizes topology(n_layers=(1, 2), units=(16, 128), shape='constant')

    A table, and a search that begins with the default settings and keeps as many networks of the best as a fit has:

    >>> from sknn_tune import TabularClassifier
    >>> from sknn_tune.model_selection import CoarseToFineSearchCV, RefitWith
    >>> one = TabularClassifier(n_members=1)
    >>> space = default_space(one, size="tabular")
    >>> list(space)
    ['learning_rate', 'batch_size', 'hidden_layer_sizes', 'dropout', 'weight_decay', 'encoding', 'n_bins',
     'target_encoding']
    >>> search = CoarseToFineSearchCV(one, space, n_iter=20, n_rounds=1)
    >>> search = RefitWith(search, {"n_members": "auto"}, n_candidates=3)

    Two optimizers, each with its own space:

    >>> spaces = [
    ...     {"optimizer": [optimizer], **default_space(KerasClassifier(optimizer=optimizer))}
    ...     for optimizer in ("sgd", "adam")
    ... ]
    >>> spaces[0]["momentum"]
    one_minus_log_uniform(0.5, 0.99)
    """
    validate_parameter_constraints(
        {"size": [StrOptions({"small", "medium", "large", "tabular"})], "prefix": [str, None]},
        {"size": size, "prefix": prefix},
        caller_name="default_space",
    )
    parameters, prefix = _network_inside(estimator, prefix)
    space = _space_for_table(parameters) if size == "tabular" else _space_for(parameters, size)
    return {f"{prefix}{name}": values for name, values in space.items() if _has_effect(name, parameters)}


def _space_for(parameters: Mapping[str, Any], size: str) -> dict[str, Any]:
    """In order of importance, without regard to what the user has taken into his own hands."""
    optimizer = _optimizer_name(parameters["optimizer"])
    at_least_medium, large = size != "small", size == "large"
    space: dict[str, Any] = {"learning_rate": LEARNING_RATES.get(optimizer, _OTHER_LEARNING_RATES)}
    if optimizer == "sgd":
        space["momentum"] = one_minus_log_uniform(0.5, 0.99)
    space["batch_size"] = _BATCH_SIZES[size]
    space["hidden_layer_sizes"] = _TOPOLOGIES[size]
    if at_least_medium:
        space["learning_rate_schedule"] = [None, "cosine", "exponential"] if large else [None, "cosine"]
    if large:
        space["decay_rate"] = _decay_rates(parameters["epochs"])
    if at_least_medium:
        space["dropout"] = uniform(0.0, 0.5)
        if optimizer in _DECAYING_WEIGHTS:
            space["weight_decay"] = log_uniform(1e-4, 0.3)
        else:
            space["l2"] = log_uniform(1e-6, 1e-2)
    if large:
        space |= {
            "activation": ["relu", "leaky_relu", "elu", "selu", "gelu", "tanh"],
            "batch_norm": [False, True],
            "l1": log_uniform(1e-7, 1e-3),
            "input_dropout": uniform(0.0, 0.2),
            "clipnorm": [None, 1.0],
            **MOVING_AVERAGES.get(optimizer, {}),
        }
    return space


def _space_for_table(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """In order of importance, too."""
    optimizer = _optimizer_name(parameters["optimizer"])
    space: dict[str, Any] = {"learning_rate": LEARNING_RATES.get(optimizer, _TABULAR_LEARNING_RATES)}
    if optimizer == "sgd":
        space["momentum"] = one_minus_log_uniform(0.5, 0.99)
    space["batch_size"] = [64, 128, 256]
    space["hidden_layer_sizes"] = topology(n_layers=(1, 3), units=(64, 256), shape="constant")
    space["dropout"] = uniform(0.0, 0.4)
    if optimizer in _DECAYING_WEIGHTS:
        space["weight_decay"] = log_uniform(1e-3, 0.1)
    else:
        space["l2"] = log_uniform(1e-6, 1e-2)
    if parameters.keys() >= _OF_TABLES:
        # So that the present settings lie in the space, where a search can begin with them.
        as_it_is = {name: ["auto"] if parameters[name] == "auto" else [] for name in ("encoding", "target_encoding")}
        space |= {
            "encoding": [*as_it_is["encoding"], "piecewise", "smooth"],
            "n_bins": [8, 16, 32, 64],
            "target_encoding": [*as_it_is["target_encoding"], False, True],
        }
    return space


def _decay_rates(epochs: int) -> one_minus_log_uniform:
    """Factors per epoch, after all of which half to a thousandth of the rate is left."""
    low, high = (1 - float(f"{1 - left ** (1 / epochs):.3g}") for left in (0.001, 0.5))
    return one_minus_log_uniform(round(low, 12), round(high, 12))


def _has_effect(name: str, parameters: Mapping[str, Any]) -> bool:
    """Whether the estimator uses this parameter, or the user has put something else in its place."""
    if f"optimizer__{name}" in parameters or (name == "batch_norm" and parameters.get("share_weights")):
        return False
    model = parameters.get("model")
    if model is not None and name in _OF_LAYERS:
        return name in _argument_names(model)
    if not isinstance(parameters["optimizer"], str | type):
        return name not in _OF_OPTIMIZERS | _OF_SCHEDULES
    schedule = parameters.get("learning_rate_schedule")
    return schedule is None or isinstance(schedule, str) or name not in _OF_SCHEDULES


def _argument_names(function: Any) -> set[str]:
    try:
        return set(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # not every callable has a signature
        return set()


def _optimizer_name(optimizer: Any) -> str:
    named = optimizer if isinstance(optimizer, str) else getattr(optimizer, "__name__", type(optimizer).__name__)
    return named.lower()


def _network_inside(estimator: Any, prefix: str | None) -> tuple[dict[str, Any], str]:
    """The parameters of the network in ``estimator``, and the prefix of their names."""
    parameters = {}
    if hasattr(estimator, "get_params") and not isinstance(estimator, type):
        parameters = estimator.get_params(deep=True)
    known = RECOGNISED_BY[0]
    found = [
        before
        for before in (name.removesuffix(known) for name in parameters if name.endswith(known))
        if all(f"{before}{name}" in parameters for name in RECOGNISED_BY)
    ]
    if not found:
        raise ValueError(
            "default_space needs a KerasClassifier or KerasRegressor of sknn_tune, or an estimator with one inside, "
            f"such as a Pipeline. Got {estimator!r}."
        )
    if prefix is None and len(found) == 1:
        prefix = found[0]
    if prefix is not None and prefix in found:
        return {n.removeprefix(prefix): value for n, value in parameters.items() if n.startswith(prefix)}, prefix
    if found == [""]:  # a network on its own, to be put into a pipeline later
        if prefix is not None and prefix.endswith("__"):
            return parameters, prefix
        expected = "the name of a step and two underscores, such as 'network__'"
    else:
        expected = f"one of {', '.join(map(repr, found))}, where the estimator has a network"
    raise ValueError(f"The 'prefix' parameter of default_space must be {expected}. Got {prefix!r} instead.")
