"""Predicts with a Keras model: many rows in bounded memory, and without tracing a graph for each model."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._accepted import check_accepted
from ...specs import CustomNetworkSpec, arrays_in, map_arrays
from .._rows import dense_parts, never_alone, rows_at_a_time
from .._tensorflow import keras
from ._inputs_outputs import as_inputs, as_one_output


def predict_rows(model: keras.Model, X: Any, *, arguments: dict[str, Any]) -> Any:
    """Outputs for all rows; ``arguments`` are those for ``keras.Model.predict``.

    Where the model has several inputs, X is a list, tuple or dict of tables, and so are several outputs.

    The model is called directly: ``keras.Model.predict`` traces a graph for every new model, which
    costs more than the forward pass of most tables. It is used where it was asked for by
    ``predict__*`` arguments or where the model overrides it.
    """
    batch_size = arguments.pop("batch_size", None) or rows_at_a_time(X)
    through_keras = bool(arguments) or type(model).predict_step is not keras.Model.predict_step
    outputs = []
    X = as_inputs(model, X)
    for start in range(0, arrays_in(X)[0].shape[0], batch_size):
        batch = dense_parts(X, slice(start, start + batch_size))
        if through_keras:
            outputs.append(model.predict(batch, **{"verbose": 0, "batch_size": batch_size, **arguments}))
        else:
            outputs.append(_outputs_for(model, batch))
    parts = iter([np.concatenate(blocks) for blocks in zip(*map(arrays_in, outputs), strict=True)])
    return as_one_output(map_arrays(lambda _: next(parts), outputs[0]))


def check_predict_arguments(model: keras.Model, spec: CustomNetworkSpec) -> None:
    """Refuse ``predict__*`` that the model's method of that name does not take, before anything is trained."""
    routed = [name.removeprefix("predict__") for name in spec.parameters if name.startswith("predict__")]
    check_accepted(f"The method predict of {type(model).__name__}", model.predict, routed, "predict")


def _outputs_for(model: keras.Model, batch: Any) -> Any:
    n_rows = len(arrays_in(batch)[0])
    given = map_arrays(lambda table: keras.ops.convert_to_tensor(never_alone(table)), batch)
    return map_arrays(lambda output: np.asarray(output)[:n_rows], model(given, training=False))
