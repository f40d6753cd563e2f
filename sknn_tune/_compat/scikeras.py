"""SciKeras: what of it is private, which is all that we use of it. Loads Keras: only the engine may import this file.

SciKeras knows how to call a user's function with the routed arguments that it asks for, how to compile what comes
back, and how to make callbacks and metrics of classes and arguments. It is frozen (0.13.0, of 2024), so that its
private names do not change; its version is capped in `_min_dependencies`.

Importing it puts functions of its own in the place of methods of Keras, by which the objects of a user's own classes
become strings where they are copied. What we import leaves Keras as it was; who imports SciKeras first has chosen so.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from .._optional import WHAT_KERAS_DOES, saying_what_to_install


@contextlib.contextmanager
def _keras_left_as_it_is() -> Iterator[None]:
    """Undo what is done within to the methods by which Keras' objects are copied and pickled."""
    classes = (keras.Model, keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer)
    places = [(cls, name) for cls in classes for name in ("__reduce__", "__deepcopy__")]
    before = [vars(cls).get(name) for cls, name in places]
    try:
        yield
    finally:
        for (cls, name), method in zip(places, before, strict=True):
            if method is not None:
                setattr(cls, name, method)
            elif name in vars(cls):
                delattr(cls, name)


with _keras_left_as_it_is(), saying_what_to_install("scikeras", purpose=WHAT_KERAS_DOES):
    from scikeras._utils import (
        get_metric_class,
        route_params,
        try_to_convert_strings_to_classes,
        unflatten_params,
    )
    from scikeras.wrappers import BaseWrapper


def metrics_with_arguments(given: Any, arguments: Mapping[str, Any]) -> list:
    """Metric objects from names and classes, with arguments such as ``{"metrics__threshold": 0.3}``."""
    made = metrics_by_output(given, arguments)
    return list(made.values()) if isinstance(made, dict) else list(made)


def metrics_by_output(given: Any, arguments: Mapping[str, Any]) -> Any:
    """The same in the structure in which they are given: a list or a dict by the outputs of a model."""
    return unflatten_params(
        items=try_to_convert_strings_to_classes(given, get_metric_class),
        params=route_params(arguments, destination="metrics", pass_filter=set(), strict=False),
    )


def callbacks_with_arguments(given: Any, arguments: Mapping[str, Any]) -> list:
    """Callback objects from classes and objects, with arguments such as ``{"callbacks__patience": 3}``."""
    wrapper = BaseWrapper(callbacks=given, **arguments)
    wrapper._initialize_callbacks()
    entries = (entry if isinstance(entry, list | tuple) else [entry] for entry in wrapper._fit_callbacks)
    return [callback for entry in entries for callback in entry]


def _signature_of(function: Any) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        given = getattr(function, "func", function)
        raise ValueError(
            f"The 'model' parameter is {given!r}, of which Python cannot say what arguments it takes. Give a function "
            "that makes a Keras model, or such a model."
        ) from None


class ModelBuilder:
    """Calls a user's function for a model, and says how to compile what it gives.

    Parameters
    ----------
    function : callable or keras.Model
        Gives a model, or is one.
    optimizer, loss
        Finished, or what Keras takes.
    metrics : list or dict
    routed : mapping
        ``loss__*`` and ``compile__*`` arguments.
    meta : mapping
        What the function may ask for as ``meta``.
    arguments : mapping
        Those for the function, by name.
    parameters : mapping
        What it may ask for as ``params``.
    """

    def __init__(
        self,
        function: Any,
        *,
        optimizer: Any,
        loss: Any,
        metrics: Any,
        routed: Mapping[str, Any],
        meta: Mapping[str, Any],
        arguments: Mapping[str, Any],
        parameters: Mapping[str, Any],
    ):
        wrapper = BaseWrapper(model=function, optimizer=optimizer, loss=loss, **routed)
        compile_kwargs = wrapper._get_compile_kwargs
        wrapper._get_compile_kwargs = lambda: {**compile_kwargs(), "metrics": metrics}
        self._wrapper, self._function = wrapper, function
        self._meta, self._arguments, self._parameters = meta, arguments, parameters

    def build(self) -> Any:
        """What the function gives; a finished model is given as it is."""
        if hasattr(self._function, "get_weights"):
            return self._function
        asks = _signature_of(self._function)
        known = {"meta": lambda: dict(self._meta), "compile_kwargs": self.compile_arguments, "params": self._all}
        takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in asks.parameters.values())
        asked = {name: make() for name, make in known.items() if takes_any or name in asks.parameters}
        arguments = {**self._arguments, **asked}
        try:
            asks.bind(**arguments)
        except TypeError as error:
            raise TypeError(
                f"The 'model' parameter is a function that asks for more than it is given: {error}. Give the rest by "
                "routed parameters, such as model__units=10, or defaults in the function. From the estimator it gets "
                "'meta', 'compile_kwargs', 'params', and parameters by their names."
            ) from None
        return self._function(**arguments)

    def _all(self) -> dict[str, Any]:
        return dict(self._parameters)

    def compile_arguments(self, loss: Any = None) -> dict[str, Any]:
        """For ``keras.Model.compile``; with another loss, if one is given."""
        if loss is not None:
            self._wrapper.loss = loss
        return self._wrapper._get_compile_kwargs()
