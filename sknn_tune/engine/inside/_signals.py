"""What each layer of a trained network gives for each row.

A layer is watched while the network runs on real rows, by standing in for its activation or its ``call``. The
other way, a second Keras model with every layer as an output, sees neither what an activation inside a Dense layer
took, nor into models by subclassing. Everything is done on a copy of the network, so that the user's own is never
touched and other threads may predict with it meanwhile; and in inference mode, as ``predict`` does: without dropout,
with the moving statistics of normalisation. So a row's numbers do not depend on the rows beside it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..._compat.keras import direct_layers, own_trainable_variables
from ...specs import CustomNetworkSpec
from .._devices import placed_on
from .._rows import dense_rows
from .._tensorflow import keras, tf
from .._trained import TrainedNetwork

Stage = Literal["inputs", "weighted_sum", "normalized", "activated", "output"]

#: Values of all layers held for one block of rows: 32 MB in float32.
_VALUES_AT_A_TIME = 8_000_000
_MOST_ROWS = 8192

#: Layers that are nothing but an activation, besides ``Activation``.
_ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "PReLU": "prelu",
    "Softmax": "softmax",
}
_NORMALISATIONS = tuple(
    getattr(keras.layers, name)
    for name in ("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization")
    if hasattr(keras.layers, name)
)
#: What is in these runs once for each step, in a loop that cannot be looked into.
_LOOPS = (keras.layers.RNN, keras.layers.TimeDistributed)
#: What they make of a unit depends on its neighbours, or on a slope that is learnt: no slope to be asked for.
_NOT_BY_UNIT = {"softmax", "log_softmax", "sparsemax", "prelu"}


@dataclass(frozen=True, eq=False)
class Signal:
    """What one layer gave for a block of rows.

    Attributes
    ----------
    layer : str
        Its name in the model that the user sees, with a number where it is used more than once.
    stage : {"inputs", "weighted_sum", "normalized", "activated", "output"}
        ``"inputs"`` for the rows themselves, which come first; ``"output"`` for layers with weights of which
        nothing more is known.
    values : ndarray of shape (n_rows, ..., n_units)
    activation : str or None
        Name, for the stage ``"activated"``; the others below, too.
    before : ndarray of the shape of ``values``, or None
        What the activation took.
    slope_at : callable or None
        From values before the activation, of shape (..., n_units), to its slopes there. None if the activation
        does not work on each unit by itself.
    is_output : bool
        Whether this is what the network gives.
    """

    layer: str
    stage: Stage
    values: np.ndarray
    activation: str | None = None
    before: np.ndarray | None = None
    slope_at: Callable[[np.ndarray], np.ndarray] | None = None
    is_output: bool = False


def layer_signals(trained: TrainedNetwork, X, *, device=None) -> Iterator[tuple[int, list[Signal]]]:
    """For each block of rows its first row, and what the layers gave, in the order in which they ran."""
    with placed_on(device, must_exist=False) as placement:
        with placement.for_tensorflow():
            model = own_model(trained)
            watch = _Watch(model, names_of(trained, model))
            n_rows = _rows_at_a_time(model, watch, X)
        for start in range(0, X.shape[0], n_rows):
            with placement.for_tensorflow():
                signals = _run(model, watch, dense_rows(X, slice(start, start + n_rows)))
            yield start, signals


def own_model(trained: TrainedNetwork):
    """A Keras model to do anything with: a copy with the weights and the state of the optimizer as they are now."""
    parts = trained.network, trained.training, trained.seed
    return TrainedNetwork(*parts, engine=trained.engine, arrays=trained.arrays).keras_model()


def layers_of(model) -> list:
    """Layers, and those within them, from input to output. Keras' own walk turns the inner ones round."""
    found: dict[int, Any] = {}
    for layer in direct_layers(model):
        for part in (layer, *layers_of(layer)):
            found.setdefault(id(part), part)
    return list(found.values())


def names_of(trained: TrainedNetwork, model) -> dict[int, str]:
    """Names of layers by their identity, each once: in a copy of a user's model, Keras counts its own names up."""
    shown = trained.keras_model() if isinstance(trained.network, CustomNetworkSpec) else model
    counts: Counter = Counter()
    names = {}
    for layer, original in zip((*layers_of(model), model), (*layers_of(shown), shown), strict=True):
        counts[original.name] += 1
        names[id(layer)] = numbered(original.name, counts[original.name])
    return names


def numbered(name: str, count: int) -> str:
    """A name that comes again gets a number."""
    return f"{name} ({count})" if count > 1 else name


def rows_to_hold(model, names: dict[int, str], X) -> int:
    """Rows for which the values of all layers fit into bounded memory. The model is of no further use for watching."""
    watch = _Watch(model, names)
    n_rows = _rows_at_a_time(model, watch, X)
    watch.seen = deque(maxlen=0)  # what goes through from now on is not kept
    return n_rows


def _rows_at_a_time(model, watch: _Watch, X) -> int:
    signals = _run(model, watch, dense_rows(X, slice(0, 1)))
    values = sum(signal.values.size * (3 if signal.stage == "activated" else 1) for signal in signals)
    return int(np.clip(_VALUES_AT_A_TIME // values, 1, _MOST_ROWS))


def _run(model, watch: _Watch, batch: np.ndarray) -> list[Signal]:
    watch.seen.clear()
    outputs = model(keras.ops.convert_to_tensor(batch), training=False)
    counts: Counter = Counter()
    signals = [Signal("inputs", "inputs", batch)]
    for call in watch.seen:
        counts[call.layer, call.stage] += 1
        signals.append(call.signal(numbered(call.layer, counts[call.layer, call.stage]), outputs))
    return signals


@dataclass(frozen=True, eq=False)
class _Call:
    """A layer at work, seen with TensorFlow's eyes."""

    layer: str
    stage: Stage
    after: Any
    activation: str | None = None
    before: Any = None
    function: Callable | None = None

    def signal(self, name: str, outputs) -> Signal:
        values = _as_array(self.after, self.layer)
        is_output = self.after is outputs
        if self.function is None:
            return Signal(name, self.stage, values, is_output=is_output)
        before = _as_array(self.before, self.layer)
        by_unit = self.activation not in _NOT_BY_UNIT and _is_by_unit(self.function, before, values)
        slope_at = _slope_of(self.function) if by_unit else None
        return Signal(name, self.stage, values, self.activation, before, slope_at, is_output)


class _Watch:
    """Stands in for activations and calls of a model's layers, and notes what went through them."""

    def __init__(self, model, names: dict[int, str]):
        self.seen: deque[_Call] = deque()
        layers = layers_of(model)
        inside = {id(inner) for layer in layers if isinstance(layer, _LOOPS) for inner in layers_of(layer)}
        for layer in layers:
            if id(layer) not in inside:
                self._attend(layer, names[id(layer)])

    def _attend(self, layer, name: str) -> None:
        kind = type(layer).__name__
        activation = vars(layer).get("activation")
        if isinstance(layer, _NORMALISATIONS):
            layer.call = self._noting_values(name, layer.call, "normalized")
        elif kind in _ACTIVATION_LAYERS:
            layer.call = self._noting_activation(name, layer.call, _ACTIVATION_LAYERS[kind])
        elif callable(activation) and not isinstance(activation, keras.layers.Layer):
            called = getattr(activation, "__name__", type(activation).__name__)
            alone = isinstance(layer, keras.layers.Activation)
            layer.activation = self._noting_activation(name, activation, called, of_weights=not alone)
        elif own_trainable_variables(layer) or isinstance(layer, _LOOPS):
            layer.call = self._noting_values(name, layer.call, "output")

    def _noting_values(self, name: str, call: Callable, stage: Stage):
        def noting(*args, **kwargs):
            after = call(*args, **kwargs)
            if hasattr(after, "shape"):
                self.seen.append(_Call(name, stage, after))
            return after

        return noting

    def _noting_activation(self, name: str, function: Callable, activation: str, of_weights: bool = False):
        def noting(before, *args, **kwargs):
            after = function(before, *args, **kwargs)
            if of_weights:
                self.seen.append(_Call(name, "weighted_sum", before))
            if not (of_weights and activation == "linear"):  # the sum is all there is
                self.seen.append(_Call(name, "activated", after, activation, before, function))
            return after

        return noting


def _as_array(tensor, layer: str) -> np.ndarray:
    if tf.is_symbolic_tensor(tensor):
        raise ValueError(
            f"The layer {layer!r} cannot be looked into: the model given as 'model' runs it inside a tf.function. "
            "Call it directly; Keras compiles the whole model anyway."
        )
    return np.asarray(tensor)


def _is_by_unit(function: Callable, before: np.ndarray, after: np.ndarray) -> bool:
    """Whether a unit after the activation depends on the same unit before it only: change one, look at the others."""
    if before.shape != after.shape:
        return False
    changed = before.copy()
    changed[..., -1] += 1
    return np.array_equal(np.asarray(function(tf.constant(changed)))[..., :-1], after[..., :-1], equal_nan=True)


def _slope_of(function: Callable) -> Callable[[np.ndarray], np.ndarray]:
    def slope_at(before: np.ndarray) -> np.ndarray:
        given = tf.constant(before)
        with tf.GradientTape() as tape:
            tape.watch(given)
            after = function(given)
        slopes = tape.gradient(after, given)
        return np.zeros_like(before) if slopes is None else np.asarray(slopes)

    return slope_at
