"""The network's layers, forward and backward, written over trailing axes.

Arrays are ``(..., rows, units)``: axes in front are those of several networks of one shape, whose weights are
``(..., n)``. ``share`` holds ``1 / n`` for each of the n rows of a batch and zero
for those that only fill it up. These can never reach a weight: the gradient of the loss is zero there,
and the two places that look at all rows at once, batch normalisation and activity penalties, take means
and sums with ``share``.

A bias is the last row of its kernel, met by a column of ones in the inputs: Keras stores it right
behind the kernel, so both are one matrix in the flat vector, and one product gives both gradients.
Each operation less is about three percent less to compile.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ._fused_activations import ACTIVATIONS
from ._fused_structure import LayerStructure, NetworkStructure, Numbers
from ._selu import FLOOR
from ._tensorflow import tf

Tensor = Any


class Trace(NamedTuple):
    """What the backward pass of a hidden layer needs of its forward pass."""

    inputs: Tensor  # with the column of ones, where there is a bias
    sums: Tensor
    active: Tensor
    normalised: Tensor
    inverse_deviation: Tensor
    kept: Tensor


def uniform_bits(key: Tensor, like: Tensor) -> Tensor:
    """Random numbers in [0, 1) in the shape of ``like``, a function of ``key`` and position alone.

    Two rounds of a 32-bit mixer with full avalanche (https://nullprogram.com/blog/2018/07/31/),
    with a fresh half of the key in each: integer arithmetic that fuses into the layer. TensorFlow's
    stateless generators draw better numbers than a dropout mask needs at several times the cost.
    """
    shape = tf.shape(like)
    bits = tf.cast(tf.reshape(tf.range(tf.reduce_prod(shape)), shape), tf.uint32)
    for half in range(2):
        bits = _mixed(bits + key[half])
    return tf.cast(tf.bitwise.right_shift(bits, tf.constant(8, tf.uint32)), like.dtype) * 2.0**-24


def _mixed(bits: Tensor) -> Tensor:
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, tf.constant(shift, tf.uint32)))
        bits = bits * tf.constant(factor, tf.uint32)
    return tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, tf.constant(16, tf.uint32)))


def dropped(inputs: Tensor, key: Tensor, rate: Tensor, alpha: bool = False) -> tuple[Tensor, Tensor]:
    """Inputs after dropout, and the factor by which a gradient passes back."""
    keep = uniform_bits(key, inputs) >= rate
    if not alpha:
        factor = tf.cast(keep, inputs.dtype) / (1 - rate)
        return inputs * factor, factor
    scale = tf.math.rsqrt((1 - rate) * (1 + rate * FLOOR**2))
    shift = -scale * FLOOR * rate
    factor = tf.cast(keep, inputs.dtype) * scale
    return tf.where(keep, inputs, tf.fill(tf.shape(inputs), tf.constant(FLOOR, inputs.dtype))) * scale + shift, factor


def with_ones(inputs: Tensor) -> Tensor:
    """Inputs and a last column of ones, which meets the bias."""
    return tf.pad(inputs, [[0, 0]] * (inputs.shape.rank - 1) + [[0, 1]], constant_values=1)


def of_units(vector: Tensor) -> Tensor:
    """A number for each unit, for all rows."""
    return tf.expand_dims(vector, -2)


def normalise(
    inputs: Tensor, weights: dict, share: Tensor, numbers: Numbers
) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
    """Batch normalisation: outputs, normalised inputs, 1 / deviation, moving statistics."""
    mean = tf.reduce_sum(inputs * share, axis=-2, keepdims=True)
    centred = inputs - mean
    variance = tf.reduce_sum(centred * centred * share, axis=-2, keepdims=True)
    inverse_deviation = tf.math.rsqrt(variance + numbers.batch_norm_epsilon)
    normalised = centred * inverse_deviation
    momentum = numbers.batch_norm_momentum
    moving = [
        weights[name] * momentum + tf.squeeze(now, -2) * (1 - momentum)
        for name, now in (("moving_mean", mean), ("moving_variance", variance))
    ]
    return normalised * of_units(weights["gamma"]) + of_units(weights["beta"]), normalised, inverse_deviation, moving


def normalise_backward(gradient: Tensor, weights: dict, trace: Trace, share: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of the inputs, of gamma and of beta."""
    to_gamma = tf.reduce_sum(gradient * trace.normalised, axis=-2, keepdims=True)
    to_beta = tf.reduce_sum(gradient, axis=-2, keepdims=True)
    inner = gradient - (to_beta + trace.normalised * to_gamma) * share
    to_inputs = inner * (of_units(weights["gamma"]) * trace.inverse_deviation)
    return to_inputs, tf.squeeze(to_gamma, -2), tf.squeeze(to_beta, -2)


def hidden_forward(
    layer: LayerStructure, inputs: Tensor, weights: dict, share: Tensor, numbers: Numbers, key: Tensor, rate: Tensor
) -> tuple[Tensor, Trace, list[Tensor]]:
    """Outputs of a hidden layer in training, what its backward pass needs, new moving statistics."""
    normalised = inverse_deviation = kept = None
    moving: list[Tensor] = []
    if layer.has_bias:
        inputs = with_ones(inputs)
    sums = tf.matmul(inputs, weights["kernel"])
    if layer.batch_norm == "before":
        sums, normalised, inverse_deviation, moving = normalise(sums, weights, share, numbers)
    active = outputs = ACTIVATIONS[layer.activation].forward(sums, numbers.negative_slope)
    if layer.batch_norm == "after":
        outputs, normalised, inverse_deviation, moving = normalise(active, weights, share, numbers)
    if layer.dropout:
        outputs, kept = dropped(outputs, key, rate, layer.alpha_dropout)
    return outputs, Trace(inputs, sums, active, normalised, inverse_deviation, kept), moving


def hidden_backward(
    layer: LayerStructure,
    gradient: Tensor,
    weights: dict,
    trace: Trace,
    share: Tensor,
    numbers: Numbers,
    activity_penalty: bool,
) -> tuple[Tensor, dict]:
    """Gradient of the weighted sums as they leave the kernel, and of the layer's weights."""
    found = {}
    if layer.dropout:
        gradient *= trace.kept
    if layer.batch_norm == "after":
        gradient, found["gamma"], found["beta"] = normalise_backward(gradient, weights, trace, share)
    if activity_penalty:
        gradient += share * (numbers.activity_l1 * tf.sign(trace.active) + 2 * numbers.activity_l2 * trace.active)
    gradient = ACTIVATIONS[layer.activation].backward(trace.sums, trace.active, gradient, numbers.negative_slope)
    if layer.batch_norm == "before":
        gradient, found["gamma"], found["beta"] = normalise_backward(gradient, weights, trace, share)
    found["kernel"] = tf.matmul(trace.inputs, gradient, transpose_a=True)
    return gradient, found


def through_kernel(gradient: Tensor, kernel: Tensor, has_bias: bool) -> Tensor:
    """Gradient of a layer's inputs, from that of its weighted sums."""
    gradient = tf.matmul(gradient, kernel, transpose_b=True)
    return gradient[..., :-1] if has_bias else gradient


def activity_loss(active: Tensor, share: Tensor, numbers: Numbers) -> Tensor:
    """Penalty on the activations of a layer: a sum over units, a mean over rows."""
    each = numbers.activity_l1 * tf.abs(active) + numbers.activity_l2 * active * active
    return tf.reduce_sum(each * share, axis=(-2, -1))


def infer(structure: NetworkStructure, inputs: Tensor, weights: list[dict], numbers: Numbers) -> tuple[Tensor, list]:
    """Weighted sums of the output layer and activations of the hidden ones, as in prediction."""
    activations = []
    for layer, own in zip(structure.layers, weights[:-1], strict=True):
        if layer.has_bias:
            inputs = with_ones(inputs)
        sums = tf.matmul(inputs, own["kernel"])
        if layer.batch_norm == "before":
            sums = _moved(sums, own, numbers)
        inputs = ACTIVATIONS[layer.activation].forward(sums, numbers.negative_slope)
        activations.append(inputs)
        if layer.batch_norm == "after":
            inputs = _moved(inputs, own, numbers)
    return tf.matmul(with_ones(inputs), weights[-1]["kernel"]), activations


def _moved(inputs: Tensor, weights: dict, numbers: Numbers) -> Tensor:
    """Batch normalisation by the moving statistics."""
    factor = weights["gamma"] * tf.math.rsqrt(weights["moving_variance"] + numbers.batch_norm_epsilon)
    return inputs * of_units(factor) + of_units(weights["beta"] - weights["moving_mean"] * factor)
