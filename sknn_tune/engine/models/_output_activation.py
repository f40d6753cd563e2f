"""Says that a model of the user's ends in a linear layer where its loss takes probabilities.

It would be trained by clipped numbers, and predict each class with certainty. Keras says nothing of it.
"""

from __future__ import annotations

import warnings

from ...specs import LOSSES_OF_PROBABILITIES, name_of_loss
from .._tensorflow import keras
from ._custom_models import gives_logits


def warn_of_linear_output(model: keras.Model) -> None:
    """Look at a model with one output and one loss; what a layer without ``activation`` gives, nobody knows."""
    loss = name_of_loss(model.loss)
    if len(getattr(model, "outputs", None) or []) != 1 or loss not in LOSSES_OF_PROBABILITIES or gives_logits(model):
        return
    layer = model.layers[-1]  # layers are in the order of what they need, so with one output it is the last
    if getattr(getattr(layer, "activation", None), "__name__", "") != "linear":
        return
    warnings.warn(
        f"The model given as 'model' ends in a linear layer, {layer.name!r}, whose outputs are no probabilities, but "
        f"its loss {loss!r} takes such. Give the layer activation='sigmoid' or 'softmax', or the loss "
        "loss__from_logits=True.",
        UserWarning,
        stacklevel=8,
    )
