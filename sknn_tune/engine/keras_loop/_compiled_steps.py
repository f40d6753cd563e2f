"""Many steps of a Keras model in one call.

Problem: ``keras.Model.fit`` hands over each batch from Python, through queues of tf.data, which takes several times as
long as a small network's step. Choice: the rows lie on the device once, and one ``tf.function`` loops over the updates,
gathers the rows of each by the row order, and calls the model's own ``train_step``. So everything is computed as in
Keras, bit for bit. Batches have no fixed length, as in ``fit``, so the last, partial one needs no second tracing. Not
taken: compiling the loop by XLA, which takes 7 to 27 s on a processor and gains nothing there; a model that was
compiled with ``jit_compile=True`` has its step compiled, as in ``fit``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .._tensorflow import keras, tf

#: A call lasts about so long, after which Ctrl-C is heard.
_SECONDS_OF_A_CALL = 1.0

#: Steps of the first call, which shows how long one takes.
_STEPS_OF_FIRST_CALL = 32


class CompiledSteps:
    """``train_step`` or ``test_step`` of a model over many batches.

    Parameters
    ----------
    model : keras.Model
        Compiled and built, with all its variables.
    step : {"train_step", "test_step"}
    data : tuple of tensors, which may be nested
        ``(x, y)`` or ``(x, y, sample_weight)``.
    batch_size : int
    """

    def __init__(self, model: Any, step: str, data: tuple, batch_size: int):
        self._data, self._batch_size = data, batch_size
        self._steps_of_a_call = _STEPS_OF_FIRST_CALL
        # Keras' own steps return what the metrics hold; one of the user's may return anything else.
        own_step = getattr(type(model), step) is not getattr(keras.Model, step)
        self._run = _compiled(model, getattr(model, step), data, keeps_logs=own_step)

    def __call__(self, order: np.ndarray) -> Any:
        """Run a step for each batch of rows in this order; what the last step of the user's own returned, or None."""
        logs, start = None, 0
        while start < len(order):
            stop = start + self._steps_of_a_call * self._batch_size
            began = time.perf_counter()
            logs = self._run(self._data, tf.constant(order[start:stop], tf.int64), self._batch_size)
            seconds = max(time.perf_counter() - began, 1e-6)
            self._steps_of_a_call = max(int(self._steps_of_a_call * _SECONDS_OF_A_CALL / seconds), 1)
            start = stop
        return logs


def _compiled(model: Any, step: Callable, data: tuple, *, keeps_logs: bool) -> Callable:
    """A function of data, rows and batch size, traced once for any number of rows."""

    @tf.autograph.experimental.do_not_convert
    def one_step(batch: tuple) -> Any:
        return step(batch)

    if model.jit_compile:
        one_step = tf.function(one_step, jit_compile=True, reduce_retracing=True)

    def step_at(data: tuple, order: Any, start: Any, batch_size: Any) -> Any:
        rows = order[start : start + batch_size]
        return one_step(tf.nest.map_structure(lambda each: tf.gather(each, rows), data))

    def run(data: tuple, order: Any, batch_size: Any) -> Any:
        n_rows = tf.size(order)
        if keeps_logs:  # the first step shows what it returns
            logs = step_at(data, order, 0, batch_size)
            _, logs = tf.while_loop(
                lambda start, _: start < n_rows,
                lambda start, _: (start + batch_size, step_at(data, order, start, batch_size)),
                (batch_size, logs),
                parallel_iterations=1,
            )
            return logs

        def body(start: Any) -> tuple:
            step_at(data, order, start, batch_size)
            return (start + batch_size,)

        tf.while_loop(lambda start: start < n_rows, body, (tf.constant(0),), parallel_iterations=1)
        return None

    signature = (
        tf.nest.map_structure(lambda each: tf.TensorSpec((None, *each.shape[1:]), each.dtype), data),
        tf.TensorSpec((None,), tf.int64),
        tf.TensorSpec((), tf.int32),
    )
    return tf.function(run, input_signature=signature, autograph=False)
