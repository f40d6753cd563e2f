"""Many steps of a Keras model, one after the other, without anything between them.

Problem: ``keras.Model.fit`` hands over each batch from Python, through queues of tf.data, which takes several times as
long as a small network's step. Choice: the rows lie on the device once, and one compiled function, called without an
argument, takes the next rows of the row order and calls the model's own ``train_step`` with them. TensorFlow sees the
same step as in ``fit`` and optimises it in the same way, so all weights are equal to the last bit. Batches have no
fixed length, as in ``fit``, so the last, partial one needs no second tracing.

Not taken: a ``tf.while_loop`` around the steps, which is a tenth faster for the smallest networks, but TensorFlow
simplifies less inside of loops: with some optimizers and losses the last digit was another one. Nor XLA for all of it,
which takes 7 to 27 s to compile on a processor and gains nothing there; a model that was compiled with
``jit_compile=True`` has its step compiled, as in ``fit``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._tensorflow import tf


class CompiledSteps:
    """``train_step`` or ``test_step`` of a model over many batches.

    Parameters
    ----------
    model : keras.Model
        Compiled and built, with all its variables.
    step : {"train_step", "test_step"}
    data : tuple of arrays, which may be nested
        ``(x, y)`` or ``(x, y, sample_weight)``.
    batch_size : int
    """

    def __init__(self, model: Any, step: str, data: tuple, batch_size: int):
        self._batch_size = batch_size
        self._data = tf.nest.map_structure(_variable, data)
        self._order = tf.Variable(np.empty(0, np.int64), shape=(None,), trainable=False)
        self._start = tf.Variable(0, trainable=False)
        self._model, self._step = model, step
        self._next_step: Any = None

    def load(self, data: tuple) -> None:
        """Take the rows of these arrays from now on, of the same kinds as those before."""
        tf.nest.map_structure(lambda variable, array: variable.assign(array), self._data, data)

    def forget_data(self) -> None:
        """Hold no rows until some are loaded."""
        self.load(
            tf.nest.map_structure(lambda variable: tf.zeros((0, *variable.shape[1:]), variable.dtype), self._data)
        )

    def __call__(self, order: np.ndarray) -> Any:
        """Make a step for each batch of rows in this order; what the last one returned."""
        if self._next_step is None:  # not before: callbacks may change the model when training begins
            self._next_step = self._compiled(getattr(self._model, self._step), jit_compile=self._model.jit_compile)
        self._order.assign(order)
        self._start.assign(0)
        logs = None
        for _ in range(0, len(order), self._batch_size):
            logs = self._next_step()
        return logs

    def _compiled(self, step: Any, *, jit_compile: bool) -> Any:
        @tf.autograph.experimental.do_not_convert
        def on_batch(batch: tuple) -> Any:
            return step(batch)

        # A function within the function, as in `fit`.
        on_batch = tf.function(on_batch, jit_compile=jit_compile, reduce_retracing=True)

        def next_step() -> Any:
            start = self._start.read_value()
            rows = self._order[start : start + self._batch_size]
            self._start.assign_add(self._batch_size)
            return on_batch(tf.nest.map_structure(lambda each: tf.gather(each.read_value(), rows), self._data))

        return tf.function(next_step, autograph=False).get_concrete_function()


def _variable(array: np.ndarray) -> tf.Variable:
    """On the device; other rows may take their place, and may be more or fewer."""
    return tf.Variable(array, shape=(None, *array.shape[1:]), trainable=False)
