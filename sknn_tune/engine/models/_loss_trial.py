"""Tries a loss on a few rows of the kind that it will see, before anything is trained: the user's, or a rare one."""

from __future__ import annotations

from typing import Any

from ..._compat.keras_objects import is_of_keras
from ...specs import LOSSES, DType, TrainingSpec, name_of_loss
from .._tensorflow import keras, tf
from ._metric_names import first_line
from ._metric_trials import described, example

_WHAT_TO_GIVE = (
    "Give a function of (y_true, y_pred) that computes by keras.ops a number for each row, or one for all of them."
)


def check_loss(model: keras.Model, loss: Any, spec: TrainingSpec, dtype: DType) -> None:
    """Refuse a loss that fails for such targets, or that the outputs do not change; ``model`` is compiled with it.

    One that is to run eagerly is not tried: it may not be traceable, and what it does for each row would be done for
    rows that nobody has given.
    """
    name = name_of_loss(loss)
    if (is_of_keras(loss) and name in LOSSES) or spec.taught is None or spec.taught.form is None:
        return
    if dict(spec.compile_arguments).get("run_eagerly"):
        return
    try:
        has_gradient = _has_gradient(model, spec, dtype)
    except Exception as error:  # of TensorFlow's many kinds, or the user's own
        raise ValueError(
            f"The 'loss' parameter has the loss {name!r}, which fails for {described(spec.taught)}: "
            f"{first_line(error)} {_WHAT_TO_GIVE}"
        ) from error
    if not has_gradient:
        raise ValueError(
            f"The 'loss' parameter has the loss {name!r}, which says the same whatever is predicted, so that nothing "
            f"can be learned. {_WHAT_TO_GIVE}"
        )


def _has_gradient(model: keras.Model, spec: TrainingSpec, dtype: DType) -> bool:
    """Whether outputs change the loss. Nothing is computed: it is traced, as the steps of the training are."""
    found = []

    def gradient(y: Any, outputs: Any) -> None:
        with tf.GradientTape() as tape:
            tape.watch(outputs)
            loss = model.compute_loss(x=None, y=y, y_pred=outputs)
        found.append(tape.gradient(loss, outputs) is not None)

    assert spec.taught is not None
    y, outputs = example(spec.taught)
    arguments = tf.constant(y), tf.constant(outputs, dtype)
    tf.function(gradient, autograph=False).get_concrete_function(*arguments)
    return bool(found[-1])
