"""What each layer of a trained network gives for each row.

Everything is done on a copy of the network, so that the user's own is never touched and other threads may predict with
it meanwhile; and in inference mode, as ``predict`` does: without dropout, with the moving statistics of normalisation.
So a row's numbers do not depend on the rows beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._devices import placed_on
from .._rows import Rows, dense_rows
from .._tensorflow import keras
from .._trained import TrainedNetwork
from ._layers import names_of, numbered, own_model
from ._slopes import slopes_of
from ._watch import Call, Stage, Watch

#: Values of all layers held for one block of rows: 32 MB in float32.
_VALUES_AT_A_TIME = 8_000_000
_MOST_ROWS = 8192


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


def layer_signals(
    trained: TrainedNetwork, X: Rows, *, device: str | Sequence[str] | None = None
) -> Iterator[tuple[int, list[Signal]]]:
    """For each block of rows its first row, and what the layers gave, in the order in which they ran."""
    with placed_on(device, must_exist=False) as placement:
        with placement.for_tensorflow():
            model = own_model(trained)
            watch = Watch(model, names_of(trained, model))
            n_rows = _rows_at_a_time(watch, X)
        for start in range(0, X.shape[0], n_rows):
            with placement.for_tensorflow():
                signals = _signals(watch, dense_rows(X, slice(start, start + n_rows)))
            yield start, signals


def rows_to_hold(model: keras.Model, names: dict[int, str], X: Rows) -> int:
    """Rows for which the values of all layers fit into bounded memory. The model is watched for it, and so changed."""
    return _rows_at_a_time(Watch(model, names), X)


def _rows_at_a_time(watch: Watch, X: Rows) -> int:
    """The same, asked of the first row."""
    signals = _signals(watch, dense_rows(X, slice(0, 1)))
    values = sum(signal.values.size * (3 if signal.stage == "activated" else 1) for signal in signals)
    return int(np.clip(_VALUES_AT_A_TIME // values, 1, _MOST_ROWS))


def _signals(watch: Watch, batch: np.ndarray) -> list[Signal]:
    """What the layers give for a batch. A layer that is used several times gets a number behind its name."""
    calls, outputs = watch.run(batch)
    counts: Counter[tuple[str, Stage]] = Counter()
    signals = [Signal("inputs", "inputs", batch)]
    for call in calls:
        counts[call.layer, call.stage] += 1
        signals.append(_signal(call, numbered(call.layer, counts[call.layer, call.stage]), outputs))
    return signals


def _signal(call: Call, name: str, outputs: Any) -> Signal:
    """A call with arrays instead of tensors; ``outputs`` is the tensor that the whole network gave."""
    values, is_output = call.values(), call.after is outputs
    if call.function is None:
        return Signal(name, call.stage, values, is_output=is_output)
    before = call.values_before()
    slope_at = slopes_of(call.activation, call.function, before, values)
    return Signal(name, call.stage, values, call.activation, before, slope_at, is_output)
