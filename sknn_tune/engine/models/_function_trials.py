"""Tries functions of the user's own that a network is made of, before Keras meets them in the middle of a training."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import Any, TypeGuard

from ...specs import NetworkSpec
from .._tensorflow import keras, tf
from ._metric_names import first_line


def check_activations(spec: NetworkSpec) -> None:
    """Refuse an activation that fails, or gives something else than a number for each that it gets."""
    for parameter, given, n_units in _activations(spec):
        if callable(given) and not _needs_no_trial(given):
            _check_activation(parameter, given, n_units, spec.dtype)


def _activations(spec: NetworkSpec) -> Iterator[tuple[str, Any, int]]:
    for given, n_units in zip(spec.activations, spec.hidden_layer_sizes, strict=True):
        yield "activation", given, n_units
    yield "output_activation", spec.output_activation, spec.n_outputs


def _needs_no_trial(given: Any) -> bool:
    """Layers, which Keras looks at itself where they are added, and its own functions."""
    is_layer = isinstance(given, keras.layers.Layer) or is_layer_class(given)
    return is_layer or str(getattr(given, "__module__", "")).startswith("keras.")


def is_layer_class(given: Any) -> TypeGuard[type[Any]]:
    """Whether it is the class of a layer, such as ``keras.layers.PReLU``, of which each place gets one of its own."""
    return isinstance(given, type) and issubclass(given, keras.layers.Layer)


def _check_activation(parameter: str, given: Any, n_units: int, dtype: str) -> None:
    rows = tf.TensorSpec((None, n_units), dtype)
    # As in a training: of Python's `if`, Keras makes no other code.
    traced = tf.function(lambda outputs: given(outputs), autograph=False)
    try:
        found = traced.get_concrete_function(rows).structured_outputs
    except Exception as error:  # of TensorFlow's many kinds, or the user's own
        raise ValueError(
            f"The {parameter!r} parameter is {_named(given)}, which fails for a tensor of shape (rows, {n_units}): "
            f"{first_line(error)}"
        ) from error
    if not (tf.is_tensor(found) and rows.is_compatible_with(found)):
        what = f"one of shape {found.shape} and type {found.dtype.name}" if tf.is_tensor(found) else repr(found)
        raise ValueError(
            f"The {parameter!r} parameter is {_named(given)}, which gives {what} for a tensor of shape (rows, "
            f"{n_units}) and type {dtype}. An activation gives a tensor of the same shape and type."
        )


def check_initializer(given: Any, made: Any) -> None:
    """Refuse what cannot be called as Keras calls an initializer; ``made`` is what Keras makes of it."""
    if not isinstance(made, keras.initializers.Initializer):
        try:
            signature(made).bind((2, 3), dtype="float32")
        except (TypeError, ValueError) as error:  # no function, or one of other arguments
            raise ValueError(
                f"The 'kernel_initializer' parameter is {_named(given)}, which Keras cannot "
                f"call as initializer(shape, dtype=...): {error}."
            ) from None


def check_kernel(given: Any, kernel: Any, shape: tuple[int, ...]) -> None:
    """Refuse an initializer's numbers of another shape."""
    if kernel.shape != shape:
        raise ValueError(
            f"The 'kernel_initializer' parameter is {_named(given)}, which gives an array of "
            f"shape {kernel.shape} where one of shape {shape} was asked for."
        )


def _named(given: Any) -> str:
    return getattr(given, "__name__", repr(given))
