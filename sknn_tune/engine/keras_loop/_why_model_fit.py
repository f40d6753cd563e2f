"""Which fits need ``keras.Model.fit`` itself, and in a few words why."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...specs import ArrayData, arrays_in
from .._job import Job
from .._tensorflow import keras, tf
from ..models import acts_on_batches

#: Bytes of sparse rows once they are dense, from which on they are made dense batch by batch.
_MOST_DENSE_BYTES = 100_000_000

#: What a model may override so that only its own `fit` knows how it is trained.
_METHODS_OF_FIT = ("fit", "evaluate", "make_train_function", "make_test_function")


def why_model_fit(job: Job, model: Any, callbacks: list) -> str | None:
    """Why the compiled step cannot serve, or None."""
    if not isinstance(job.data, ArrayData) or not (job.validation is None or isinstance(job.validation, ArrayData)):
        return "the rows come as a stream"
    if any(_is_too_large(X) for data in (job.data, job.validation) if data is not None for X in arrays_in(data.X)):
        return "the sparse rows would be too large as dense ones"
    if any(acts_on_batches(callback) for callback in callbacks):
        return "a Keras callback acts on batches"
    for name, _ in job.training.fit_arguments:
        if name != "validation_batch_size":
            return f"fit__{name} is set"
    for name in _METHODS_OF_FIT:
        if getattr(type(model), name, None) is not getattr(keras.Model, name, None):
            return f"the model has a method {name!r} of its own"
    if model.run_eagerly:
        return "the model is run eagerly"
    if tf.distribute.has_strategy():
        return "a distribution strategy is in use"
    if _limits_training():
        return "keras.config limits the epochs or the steps of an epoch"
    return None


def _limits_training() -> bool:
    """Keras 3.12 and later let a user limit all training, to try a program out."""
    limits = (getattr(keras.config, name, None) for name in ("max_epochs", "max_steps_per_epoch"))
    return any(limit is not None and limit() is not None for limit in limits)


def _is_too_large(X: Any) -> bool:
    return hasattr(X, "toarray") and float(np.prod(X.shape, dtype=float)) * X.dtype.itemsize > _MOST_DENSE_BYTES
