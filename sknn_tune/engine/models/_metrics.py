"""Lets Keras compute metrics of the outputs of machine code, and asks it which way a metric gets better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...specs import TrainingSpec
from .._tensorflow import keras
from ._compiling import users_metrics


def is_better_higher(model: keras.Model, name: str) -> bool | None:
    """Whether more of a number that a model records is better, by Keras' own rule; None if Keras knows none.

    Keras records the metrics of several outputs under their names behind those of the outputs, and does not look there.
    """
    outputs = getattr(model, "output_names", None) or ()
    start = "val_" * name.startswith("val_")
    behind = [name.removeprefix(f"{start}{output}_") for output in outputs if name.startswith(f"{start}{output}_")]
    answers = (_by_keras(model, each) for each in (name, *(f"{start}{each}" for each in behind)))
    return next((answer for answer in answers if answer is not None), None)


def _by_keras(model: keras.Model, name: str) -> bool | None:
    asked = keras.callbacks.EarlyStopping(monitor=name)
    asked.set_model(model)
    asked.on_train_begin()
    try:
        asked.on_epoch_end(0, {name: 0.0})
    except ValueError:
        return None
    return bool(asked.monitor_op(1.0, 0.0))


def numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """What of it is one number, as ``keras.callbacks.History`` would show it; arrays are left out.

    A metric that gives a dict has each of its numbers recorded under the key there, as in Keras.
    """
    nested = [value.items() for value in logs.values() if isinstance(value, Mapping)]
    logs = {**logs, **{name: value for items in nested for name, value in items}} if nested else logs
    found = {name: np.asarray(keras.ops.convert_to_numpy(value)) for name, value in logs.items() if _is_numeric(value)}
    return {name: float(value.item()) for name, value in found.items() if value.size == 1}


def _is_numeric(value: Any) -> bool:
    if isinstance(value, int | float | np.number):
        return True
    return hasattr(value, "dtype") and "string" not in str(value.dtype) and getattr(value.dtype, "kind", "f") in "fiub"


class EpochMetrics:
    """Collects the outputs of an epoch for what was given as ``metrics``.

    Keras resolves names, shapes and nested lists of metrics when a model is compiled. So a model that hands on its
    inputs is compiled with them, and a metric means here what it means to ``keras.Model.fit``.
    """

    def __init__(self, training: TrainingSpec) -> None:
        self._training = training
        self._model: keras.Model | None = None  # made of the first outputs, which tell the shape

    def update(self, y: np.ndarray, outputs: np.ndarray) -> None:
        """Add the outputs for some rows, whose targets are ``y``."""
        if self._model is None:
            self._model = self._compiled(outputs)
        self._model.compute_metrics(None, y, outputs)

    def _compiled(self, outputs: np.ndarray) -> keras.Model:
        """A model of no layer that has the metrics."""
        model = keras.Sequential([keras.Input(outputs.shape[1:], dtype=outputs.dtype), keras.layers.Identity()])
        model.compile(metrics=users_metrics(self._training))
        return model

    def is_better_higher(self, name: str) -> bool | None:
        """Whether more of a number is better; None if Keras does not know."""
        return is_better_higher(self._model, name)

    def result(self) -> dict[str, float]:
        """What the metrics are over all rows added, by their names. The next epoch begins from nothing."""
        assert self._model is not None  # an epoch has rows
        found = numbers({name: value for name, value in self._model.get_metrics_result().items() if name != "loss"})
        self._model.reset_metrics()
        return found
