"""Parameters of a network of ours that another parameter, or what `fit` is given, leaves without effect."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ...specs import canonical_optimizer
from ._parameters import Parameters


class Unused(NamedTuple):
    """A parameter without effect.

    Attributes
    ----------
    name, reason : str
    decided_by : tuple of str
        Parameters without which it would have one: where a search sets these, another candidate may use it.
    """

    name: str
    reason: str
    decided_by: tuple[str, ...]


#: Parameters of early stopping alone.
_OF_STOPPING = ("monitor", "patience", "min_delta", "restore_best_weights")

#: Parameters of hidden layers alone.
_OF_HIDDEN_LAYERS = (
    *("activation", "negative_slope", "dropout", "batch_norm", "batch_norm_momentum", "batch_norm_epsilon"),
    *("activity_l1", "activity_l2"),
)


def unused_beside(parameters: Parameters, *, watches: bool, streams: bool) -> Iterator[Unused]:
    """What has no effect; ``watches`` says whether `fit` got ``X_val``, ``streams`` whether X is a dataset."""
    yield from _beside_early_stopping(parameters, watches)
    if watches:
        yield Unused("validation_split", "fit gets the rows to watch as X_val, so none are held out", ())
    elif parameters.stops_on_held_out_rows and _is_nothing(parameters["validation_split"]):
        reason = "early stopping holds out validation_fraction of the rows, unless fit gets X_val or monitor='loss'"
        yield Unused("validation_split", reason, ("early_stopping", "monitor"))
    if not (watches or parameters["validation_split"] or parameters.stops_on_held_out_rows):
        yield Unused("fit__validation_freq", "no rows are held out", ("validation_split", "early_stopping"))
    yield from _beside_routed(parameters)
    yield from _of_memory(parameters, streams)
    if parameters["model"] is None:
        yield from _of_layers(parameters)
    if parameters["share_weights"] is not False and parameters["share_weights"] != 1 and parameters["n_members"] == 1:
        yield Unused("share_weights", "n_members=1 leaves nobody to share with", ("n_members",))
    optimizer = parameters["optimizer"]
    is_sgd = isinstance(optimizer, str) and canonical_optimizer(optimizer) == "sgd"
    if is_sgd and parameters["nesterov"] and not parameters["momentum"]:
        yield Unused("nesterov", "momentum=0 leaves no momentum to look ahead with", ("optimizer", "momentum"))
    if not isinstance(parameters["learning_rate_schedule"], str | None):
        reason = "the object given as learning_rate_schedule has a rate of its own"
        yield Unused("learning_rate", reason, ("learning_rate_schedule",))
    if streams:
        yield Unused("batch_size", "X is a dataset, which has batches of its own", ())


def _is_nothing(split: Any) -> bool:
    """A number that holds no rows out; None says nothing, and a splitter more than a number."""
    return isinstance(split, numbers.Real) and split == 0


def _beside_early_stopping(parameters: Parameters, watches: bool) -> Iterator[Unused]:
    if not parameters["early_stopping"]:
        for name in _OF_STOPPING:
            yield Unused(name, "it belongs to early stopping, and early_stopping=False", ("early_stopping",))
    reason, decided_by = _why_no_fraction(parameters, watches)
    if reason:
        yield Unused("validation_fraction", reason, decided_by)


def _why_no_fraction(parameters: Parameters, watches: bool) -> tuple[str, tuple[str, ...]]:
    """Why ``validation_fraction`` has no effect; an empty sentence if it has."""
    if watches:
        return "fit gets the rows to watch as X_val", ()
    if parameters["validation_split"]:
        return "validation_split says which rows are held out", ("validation_split",)
    if not parameters["early_stopping"]:
        return (
            "it is for early stopping, and early_stopping=False (validation_split=0.2 holds rows out without stopping)",
            ("early_stopping",),
        )
    if not parameters.stops_on_held_out_rows:
        return f"monitor={parameters['monitor']!r} is one of the rows trained on, so none are held out", ("monitor",)
    if parameters.n_networks > 1:
        return f"each of {parameters.n_networks} members holds out a fold of its own", ("n_members", "share_weights")
    return "", ()


def _beside_routed(parameters: Parameters) -> Iterator[Unused]:
    for name, routed in parameters.overridden.items():
        yield Unused(name, f"{routed}={parameters[routed]!r} is given, too, and counts", (routed,))


def _of_memory(parameters: Parameters, streams: bool) -> Iterator[Unused]:
    if streams:
        yield Unused("memory", "X is a dataset, whose rows are not there to be compared", ())
    elif parameters["random_state"] is None:
        yield Unused("memory", "random_state=None makes each fit another one. Give an int", ("random_state",))


def _of_layers(parameters: Parameters) -> Iterator[Unused]:
    sizes, activation = parameters["hidden_layer_sizes"], parameters["activation"]
    if not np.size(sizes):
        for name in _OF_HIDDEN_LAYERS:
            yield Unused(name, "hidden_layer_sizes=() has no hidden layers", ("hidden_layer_sizes",))
        return
    if not parameters["batch_norm"]:
        for name in ("batch_norm_momentum", "batch_norm_epsilon"):
            yield Unused(name, "it belongs to batch normalisation, and batch_norm=False", ("batch_norm",))
    activations: Iterable[object] = activation if isinstance(activation, list | tuple) else [activation]
    if not any(isinstance(each, str) and each == "leaky_relu" for each in activations):
        yield Unused("negative_slope", "no hidden layer has activation='leaky_relu'", ("activation",))
