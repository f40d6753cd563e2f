"""Predicts with a Keras model: many rows in bounded memory, and without tracing a graph for each model."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._rows import Rows, dense_rows, never_alone, rows_at_a_time
from .._tensorflow import keras


def predict_rows(model: keras.Model, X: Rows, *, arguments: dict[str, Any]) -> np.ndarray:
    """Outputs for all rows; ``arguments`` are those for ``keras.Model.predict``.

    The model is called directly: ``keras.Model.predict`` traces a graph for every new model, which
    costs more than the forward pass of most tables. It is used where it was asked for by
    ``predict__*`` arguments or where the model overrides it.
    """
    batch_size = arguments.pop("batch_size", None) or rows_at_a_time(X)
    through_keras = bool(arguments) or type(model).predict_step is not keras.Model.predict_step
    outputs = []
    for start in range(0, X.shape[0], batch_size):
        batch = dense_rows(X, slice(start, start + batch_size))
        if through_keras:
            outputs.append(model.predict(batch, **{"verbose": 0, "batch_size": batch_size, **arguments}))
        else:
            given = keras.ops.convert_to_tensor(never_alone(batch))
            outputs.append(np.asarray(model(given, training=False))[: len(batch)])
    return np.concatenate(outputs)
