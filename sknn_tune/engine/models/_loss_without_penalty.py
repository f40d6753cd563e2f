"""Records the loss of a Keras model without its penalties, beside the loss that Keras records.

Problem: Keras adds the penalties of weights, activations and ``add_loss`` to the loss before anyone can see it alone.
Choice: ``compute_loss`` of the one model is followed by a subtraction, in the same compiled step, of what Keras has
added (the public ``losses``), and a mean over the batches is kept beside the model. The gradient does not know of it,
and a model without penalties computes nothing more. Not taken: a second loss as a metric, which would stand among the
metrics of ``model_`` and compute the loss twice.
"""

from __future__ import annotations

import inspect
from typing import Any

from ...specs import LOSS_WITHOUT_PENALTY
from .._tensorflow import keras, tf

#: Where a model keeps its recorder: steps that are compiled once go on telling the same one.
_KEPT_AS = "_sknn_tune_loss_without_penalty"


class LossWithoutPenalty:
    """The mean loss of a model over batches, without penalties.

    Parameters
    ----------
    model : keras.Model
        Of a class with Keras' own ``compute_loss``: what another one adds to the loss nobody else knows.
    """

    def __init__(self, model: Any) -> None:
        self._mean = keras.metrics.Mean(name=LOSS_WITHOUT_PENALTY)
        self._has_penalties = False  # known once a step is traced
        if type(model).compute_loss is keras.Model.compute_loss:
            model.compute_loss = self._followed(model, model.compute_loss)

    def _followed(self, model: Any, compute_loss: Any) -> Any:
        def compute_and_note(
            x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
        ) -> Any:
            loss = compute_loss(x, y, y_pred, sample_weight, training=training)
            penalties = model.losses
            if penalties and model.loss is not None:
                self._has_penalties = True
                self._note(loss, penalties, keras.tree.flatten(y if x is None else x))
            return loss

        return compute_and_note

    def _note(self, loss: Any, penalties: list, inputs: list) -> None:
        # Keras divides the loss by the number of replicas, where there are several.
        whole = loss * keras.ops.cast(tf.distribute.get_strategy().num_replicas_in_sync, loss.dtype)
        penalty = keras.ops.sum([keras.ops.cast(keras.ops.sum(each), loss.dtype) for each in penalties])
        first = next(each for each in inputs if each is not None)
        self._mean.update_state(whole - penalty, sample_weight=keras.ops.shape(first)[0])

    def reset(self) -> None:
        """Begin with the next batch."""
        if self._has_penalties:
            self._mean.reset_state()

    def result(self) -> dict[str, float]:
        """The mean by its name; nothing, where the loss of no batch had penalties."""
        if not self._has_penalties or not float(self._mean.count):
            return {}
        return {LOSS_WITHOUT_PENALTY: float(self._mean.result())}


def loss_without_penalty(model: Any) -> LossWithoutPenalty:
    """What records it for this model, before a step of it is compiled."""
    kept = inspect.getattr_static(model, _KEPT_AS, None)
    if kept is None:
        kept = LossWithoutPenalty(model)
        setattr(model, _KEPT_AS, kept)
    return kept
