"""Makes one Keras model of several, which averages what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...specs import CustomNetworkSpec, NetworkSpec, TrainingSpec
from .._tensorflow import keras
from ._compiling import compile_network
from ._custom_models import gives_logits, loss_name
from ._optimizers import make_optimizer


def averaging_model(
    models: Sequence[keras.Model], network: NetworkSpec | CustomNetworkSpec, training: TrainingSpec
) -> keras.Model:
    """A compiled model whose output is the mean of those of ``models``, which are layers of it.

    Where outputs are logits, probabilities are averaged, and the logit of their mean is the output.
    """
    first = models[0]
    for number, model in enumerate(models):  # the layers of a model need names of their own
        model.name = f"member_{number}"
    shape = network.input_shape if isinstance(network, NetworkSpec) else network.meta["X_shape_"][1:]
    inputs = keras.Input(shape, dtype=network.dtype, name="inputs")
    outputs = [model(inputs) for model in models]
    average = keras.layers.Average(dtype=network.dtype, name="average")(outputs)
    if gives_logits(first):
        average = _logits_of_mean(outputs, sigmoid=outputs[0].shape[-1] == 1 or "binary" in loss_name(first.loss))
    averaging = keras.Model(inputs, average, name="average_of_members")
    if isinstance(network, NetworkSpec):
        compile_network(averaging, training, network.dtype)
    else:
        averaging.compile(make_optimizer(training), loss=first.loss, jit_compile=False)
    averaging(keras.Input(shape, dtype=network.dtype))  # or Keras would not export it
    averaging.optimizer.build(averaging.trainable_variables)  # or a saved model could not be loaded
    return averaging


def _logits_of_mean(logits: list[Any], *, sigmoid: bool) -> Any:
    """Logits of the mean of the probabilities that ``logits`` stand for."""
    ops = keras.ops
    if sigmoid:
        return _log_of_sum([ops.log_sigmoid(each) for each in logits]) - _log_of_sum(
            [ops.log_sigmoid(-each) for each in logits]
        )
    return _log_of_sum([ops.log_softmax(each) for each in logits]) - math.log(len(logits))


def _log_of_sum(logarithms: list[Any]) -> Any:
    return keras.ops.logsumexp(keras.ops.stack(logarithms, axis=0), axis=0)
