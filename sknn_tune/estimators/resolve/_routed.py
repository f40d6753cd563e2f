"""Routed arguments that are parameters of ours, or numbers that Keras would take for something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._compat.scikit_learn import HasMethods, validate_parameter_constraints
from ..._nearest import did_you_mean
from .._routing import routed_to
from ._plain import plain

#: Arguments of keras.Model.predict that make sense beside ours.
_PREDICT_ARGUMENTS = ("batch_size", "verbose", "steps", "callbacks")

#: Numbers among the arguments of Keras' optimizers that Keras wants to be floats.
FLOATS_OF_OPTIMIZERS = frozenset(
    {
        *("momentum", "beta_1", "beta_2", "rho", "epsilon", "weight_decay", "clipnorm", "clipvalue"),
        *("global_clipnorm", "ema_momentum", "initial_accumulator_value"),
    }
)


def check_routed(parameters: Mapping[str, Any], constraints: Mapping[str, list[Any]], estimator: str) -> None:
    """Hold ``fit__epochs`` and its like against what ``epochs`` may be."""
    found = {}
    for destination in ("fit", "compile", "optimizer"):
        for name in routed_to(destination, parameters):
            allowed = constraints.get(name)
            if allowed is not None and name not in ("model", "optimizer", "loss", "metrics", "callbacks"):
                # Keras itself takes a schedule as the rate.
                schedule = [HasMethods(["get_config", "__call__"])] if name == "learning_rate" else []
                found[f"{destination}__{name}"] = [*allowed, *schedule]
    validate_parameter_constraints(found, {name: parameters[name] for name in found}, caller_name=estimator)


def predict_arguments(parameters: Mapping[str, Any], estimator: str) -> dict[str, Any]:
    """What is routed to ``predict``, looked at; a ``batch_size`` of -1 is left out: all rows that memory allows."""
    arguments = {name: plain(value) for name, value in routed_to("predict", parameters).items()}
    if parameters["model"] is None:
        for name in arguments:
            if name not in _PREDICT_ARGUMENTS:
                raise ValueError(
                    f"'predict__{name}' cannot be routed to keras.Model.predict, which has no such argument"
                    f"{did_you_mean(name, _PREDICT_ARGUMENTS)}. It has: "
                    f"{', '.join(_PREDICT_ARGUMENTS)}."
                )
    if "batch_size" in arguments:
        check_count("predict__batch_size", arguments["batch_size"], estimator)
        if arguments["batch_size"] in (None, -1):
            del arguments["batch_size"]
    return arguments


def check_count(name: str, value: Any, estimator: str) -> None:
    """Refuse what is no number of rows; -1 stands for all of them, None for Keras' own."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and (value >= 1 or value == -1)
    if value is not None and not is_count:
        raise ValueError(
            f"The {name!r} parameter of {estimator} must be an int in the range [1, inf), or -1 for all rows. Got "
            f"{value!r} instead."
        )
