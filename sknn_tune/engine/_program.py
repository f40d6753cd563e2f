"""The compiled program: many updates of a network in one call.

Problem: ``keras.Model.fit`` spends 30 to 200 times as long on a step of a small network as its
arithmetic takes, and compiling a program takes as long as a small fit. Choice: one function over a
stretch of the stream of batches (it knows nothing of epochs), forward and backward passes written
out, all weights in one vector, everything that is only a number an argument. The same Python code
makes both kinds of program: with fixed shapes, compiled by XLA; or with open ones, run by
TensorFlow's executor, slower in each step but traced once for all widths and batch sizes. Not
taken: ``GradientTape`` (twice the compile time), one program per epoch (its length would be part of
the shape, and a fit on one fold more or fewer rows would compile anew).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ._cost_model import BUSY_OPERATIONS
from ._fused_activations import ACTIVATIONS
from ._fused_layers import (
    activity_loss,
    dropped,
    hidden_backward,
    hidden_forward,
    infer,
    through_kernel,
    with_ones,
)
from ._fused_losses import accuracy, loss_and_gradient
from ._fused_optimizers import COLUMNS, MOMENTS
from ._fused_structure import NetworkStructure, Numbers, TrainingStructure
from ._isolated_program import IsolatedProgram
from ._program_update import apply_update
from ._tensorflow import tf

Tensor = Any


def build_training_program(structure: TrainingStructure):
    """The program of many updates, as a callable of the arguments of `TrainingArguments`.

    It returns weights, moments, moving statistics, the weighted sums of the output layer for every
    row (from which `build_measuring_program` gets loss and accuracy) and the penalties of each update.
    """
    network = structure.network

    def run(*arguments):
        given = TrainingArguments(*arguments)
        numbers = Numbers(*tf.unstack(given.numbers))
        rates = tf.unstack(given.rates, num=network.n_random)
        layout = WeightLayout(network, given.widths)
        batch_rows = structure.batch_rows or given.batch_rows

        def step(index, weights, moments, moving, sums, penalties):
            start = index * batch_rows
            x, y, rows = (rows_at(array, start, batch_rows) for array in (given.x, given.y, given.rows))
            keys = tf.unstack(given.keys[index], num=network.n_random) if network.n_random else []
            draws = zip(keys, rates, strict=True)
            own = layout.unpack(weights, moving)
            gradients, moving, z, penalty = gradients_of_batch(structure, own, x, y, rows, numbers, draws)
            gradient = layout.pack(gradients)
            if structure.kernel_penalty:
                gradient += given.mask * (numbers.l1 * tf.sign(weights) + 2 * numbers.l2 * weights)
                penalty.append(kernel_penalty(given.mask, weights, numbers))
            gradient = clipped(structure.clipping, gradient, numbers.clip)
            coefficient = dict(zip(COLUMNS, tf.unstack(given.coefficients[index], num=len(COLUMNS)), strict=True))
            weights, moments = apply_update(structure.optimizer_form, weights, moments, gradient, coefficient)
            if penalty:
                penalties = penalties.write(index, tf.add_n(penalty))
            return index + 1, weights, moments, moving, sums.write(index, z), penalties

        n_calls = structure.call_steps or given.n_steps
        outputs = network.widths[-1] if network.widths else None
        sums = tf.TensorArray(given.x.dtype, size=n_calls, element_shape=(structure.batch_rows, outputs))
        penalties = tf.TensorArray(given.x.dtype, size=n_calls, element_shape=())
        if not structure.has_penalty:
            penalties = tf.zeros([0], given.x.dtype)
        state = (tf.constant(0), given.weights, list(given.moments), given.moving, sums, penalties)
        state = tf.while_loop(lambda index, *rest: index < given.n_steps, step, state, parallel_iterations=1)
        _, weights, moments, moving, sums, penalties = state
        if structure.has_penalty:
            penalties = penalties.stack()
        return weights, moments, moving, sums.stack(), penalties

    if structure.compiled:
        return IsolatedProgram(run, argument_shapes(structure), one_thread=structure.products < BUSY_OPERATIONS)
    return tf.function(run, autograph=False).get_concrete_function(*argument_shapes(structure))


def build_measuring_program(structure: TrainingStructure):
    """``(z, y, rows, batch_rows) -> (updates, 1 or 2)``: loss without penalties and accuracy of each batch.

    Kept out of the training program: there it would be a third of what XLA compiles, and slower too,
    for a few rows at a time.
    """

    def run(z, y, rows, numbers, batch_rows):  # z: (updates, rows, outputs)
        numbers = Numbers(*tf.unstack(numbers))
        z = tf.reshape(z, [-1, tf.shape(z)[-1]])
        found = tf.stack(measure(structure, y, z, rows, numbers), axis=-1)
        return tf.reduce_sum(tf.reshape(found, [-1, batch_rows, found.shape[-1]]), axis=1)

    dtype = tf.as_dtype(structure.network.dtype)
    matrix = tf.TensorSpec([None, None], dtype)
    numbers, _ = _number_shapes(structure.network)
    function = tf.function(run, autograph=False)
    sums = tf.TensorSpec([None, None, None], dtype)
    return function.get_concrete_function(sums, matrix, matrix, numbers, tf.TensorSpec([], tf.int32))


def build_evaluation_program(structure: TrainingStructure):
    """``(weights, moving, x, y, rows, mask, numbers, widths) -> sums``: loss with penalties, accuracy.

    ``rows`` holds shares and weighted shares as for a batch; those of all calls together sum to one.
    """

    def run(weights, moving, x, y, rows, mask, numbers, widths):
        numbers = Numbers(*tf.unstack(numbers))
        own = WeightLayout(structure.network, widths).unpack(weights, moving)
        z, activations = infer(structure.network, x, own, numbers)
        found = [tf.reduce_sum(each) for each in measure(structure, y, z, rows, numbers)]
        share = rows[:, :1]
        if structure.activity_penalty:
            found[0] += tf.add_n([activity_loss(active, share, numbers) for active in activations])
        if structure.kernel_penalty:
            found[0] += kernel_penalty(mask, weights, numbers) * tf.reduce_sum(share)
        return tf.stack(found)

    dtype = tf.as_dtype(structure.network.dtype)
    vector, matrix = tf.TensorSpec([None], dtype), tf.TensorSpec([None, None], dtype)
    numbers, widths = _number_shapes(structure.network)
    function = tf.function(run, autograph=False)
    return function.get_concrete_function(vector, vector, matrix, matrix, matrix, vector, numbers, widths)


def build_prediction_program(structure: NetworkStructure):
    """``(weights, moving, x, numbers, widths) -> outputs``."""

    def run(weights, moving, x, numbers, widths):
        numbers = Numbers(*tf.unstack(numbers))
        z, _ = infer(structure, x, WeightLayout(structure, widths).unpack(weights, moving), numbers)
        return ACTIVATIONS[structure.output_activation].forward(z, numbers.negative_slope)

    dtype = tf.as_dtype(structure.dtype)
    vector, matrix = tf.TensorSpec([None], dtype), tf.TensorSpec([None, None], dtype)
    return tf.function(run, autograph=False).get_concrete_function(vector, vector, matrix, *_number_shapes(structure))


class TrainingArguments(NamedTuple):
    """What a training program takes, S being updates in a call and B rows in a batch.

    Attributes
    ----------
    weights, moving : (n,)
        All that is trained, and the moving statistics, as flat vectors.
    moments : list of (n,)
        Those of the optimizer.
    x, y : (S * B, inputs), (S * B, targets)
        The rows, batch after batch.
    rows : (S * B, 2)
        For each row its share in the mean over its batch, and that times its sample weight.
    coefficients : (S, 10)
        See `_fused_optimizers`.
    keys : (S, random layers, 2)
        Of the random numbers; ``rates``, one per layer, are the dropout rates.
    mask : (n,)
        One for weights that belong to kernels; empty if there is no penalty on them.
    n_steps : scalar
        Updates to be made in this call.
    widths, batch_rows
        Units of each layer and B, for programs that are open in them.
    """

    weights: Tensor
    moments: Any
    moving: Tensor
    x: Tensor
    y: Tensor
    rows: Tensor
    coefficients: Tensor
    keys: Tensor
    rates: Tensor
    numbers: Tensor
    mask: Tensor
    n_steps: Tensor
    widths: Tensor
    batch_rows: Tensor


class WeightLayout:
    """Where each weight array lies in the flat vectors, a bias being the last row of its kernel."""

    def __init__(self, structure: NetworkStructure, widths: Tensor):
        n_layers = len(structure.layers) + 1
        widths = structure.widths or tf.unstack(widths, num=n_layers + 1)
        roles = [layer.roles for layer in structure.layers] + [("kernel", "bias")]
        self.roles = [tuple(role for role in own if role != "bias") for own in roles]
        self.shapes = [
            {role: (fan_in + ("bias" in own), fan_out) if role == "kernel" else (fan_out,) for role in own}
            for own, fan_in, fan_out in zip(roles, widths[:-1], widths[1:], strict=True)
        ]
        self.trained_sizes = self._sizes(moving=False)
        self.moving_sizes = self._sizes(moving=True)

    def _sizes(self, moving: bool) -> list:
        shapes = [own[role] for roles, own in zip(self.roles, self.shapes, strict=True) for role in roles
                  if role.startswith("moving") == moving]  # fmt: skip
        return [shape[0] * shape[1] if len(shape) == 2 else shape[0] for shape in shapes]

    def unpack(self, weights: Tensor, moving: Tensor) -> list[dict]:
        """For each layer, its arrays by role."""
        trained = iter(tf.split(weights, self.trained_sizes, axis=-1))
        others = iter(tf.split(moving, self.moving_sizes, axis=-1) if self.moving_sizes else ())
        layers = []
        for roles, shapes in zip(self.roles, self.shapes, strict=True):
            own = {role: next(others if role.startswith("moving") else trained) for role in roles}
            own["kernel"] = tf.reshape(own["kernel"], [*weights.shape[:-1], *shapes["kernel"]])
            layers.append(own)
        return layers

    def pack(self, gradients: list[dict]) -> Tensor:
        """The gradients of all layers as one flat vector."""
        found = zip(self.roles, self.shapes, gradients, strict=True)
        parts = [(own[role], len(shapes[role])) for roles, shapes, own in found for role in roles if role in own]
        flat = [tf.reshape(part, [*part.shape[: part.shape.rank - n_axes], -1]) for part, n_axes in parts]
        return tf.concat(flat, axis=-1)


def rows_at(array: Tensor, start: Tensor, n_rows: Any) -> Tensor:
    """``n_rows`` rows from ``start`` on."""
    columns = array.shape[1] if array.shape[1] is not None else tf.shape(array)[1]
    return tf.slice(array, [start, 0], [n_rows, columns])


def gradients_of_batch(structure, weights, x, y, rows, numbers, draws):
    """Gradients of each layer, moving statistics, weighted sums of the output layer, activity penalties."""
    network, share = structure.network, rows[:, :1]
    outputs = dropped(x, *next(draws))[0] if network.input_dropout else x
    traces, moving = [], []
    for layer, own in zip(network.layers, weights[:-1], strict=True):
        key, rate = next(draws) if layer.dropout else (None, None)
        outputs, trace, moved = hidden_forward(layer, outputs, own, share, numbers, key, rate)
        traces.append(trace)
        moving += moved
    outputs = with_ones(outputs)
    z = tf.matmul(outputs, weights[-1]["kernel"])
    gradient = loss_and_gradient(structure.loss, network.output_activation, y, z, numbers)[1] * rows[:, 1:]
    gradients = [{"kernel": tf.matmul(outputs, gradient, transpose_a=True)}]
    has_bias = True
    for index in reversed(range(len(traces))):
        gradient = through_kernel(gradient, weights[index + 1]["kernel"], has_bias)
        gradient, own = hidden_backward(
            network.layers[index], gradient, weights[index], traces[index], share, numbers, structure.activity_penalty
        )
        gradients.insert(0, own)
        has_bias = network.layers[index].has_bias
    penalty = [activity_loss(trace.active, share, numbers) for trace in traces] if structure.activity_penalty else []
    return gradients, tf.concat(moving, axis=-1) if moving else tf.zeros([0], x.dtype), z, penalty


def measure(structure, y, z, rows, numbers) -> list[Tensor]:
    """What each row adds to the loss of its batch, and to its accuracy."""
    activation = structure.network.output_activation
    found = [loss_and_gradient(structure.loss, activation, y, z, numbers)[0] * rows[:, 1]]
    if structure.accuracy:
        found.append(accuracy(structure.accuracy, activation, y, z, numbers) * rows[:, 0])
    return found


def kernel_penalty(mask: Tensor, weights: Tensor, numbers: Numbers) -> Tensor:
    return tf.reduce_sum(mask * (numbers.l1 * tf.abs(weights) + numbers.l2 * weights * weights), axis=-1)


def clipped(kind: str | None, gradient: Tensor, limit: Tensor) -> Tensor:
    """The gradient with its norm, or each of its values, bounded."""
    if kind == "norm":
        norm = tf.sqrt(tf.reduce_sum(gradient * gradient, axis=-1, keepdims=True))
        # An infinite norm, or one that is no number, makes the gradient no number, as Keras does.
        return gradient * (limit / tf.maximum(norm, limit) + (norm - norm))
    return tf.clip_by_value(gradient, -limit, limit) if kind == "value" else gradient


def _number_shapes(network: NetworkStructure) -> tuple:
    dtype = tf.as_dtype(network.dtype)
    return tf.TensorSpec([len(Numbers._fields)], dtype), tf.TensorSpec([len(network.layers) + 2], tf.int32)


def argument_shapes(structure: TrainingStructure) -> TrainingArguments:
    """Fixed shapes for a compiled program, open ones for the other kind."""
    network = structure.network
    n_weights = n_moving = n_rows = inputs = targets = None
    if network.widths and structure.batch_rows and structure.call_steps:
        layout = WeightLayout(network, None)
        n_weights, n_moving = sum(layout.trained_sizes), sum(layout.moving_sizes)
        n_rows = structure.call_steps * structure.batch_rows
        inputs = network.widths[0]
        targets = 1 if structure.loss == "sparse_categorical_crossentropy" else network.widths[-1]
    numbers, widths = _number_shapes(network)

    def shape(*sizes, dtype=network.dtype):
        return tf.TensorSpec(sizes, tf.as_dtype(dtype))

    return TrainingArguments(
        weights=shape(n_weights),
        moments=[shape(n_weights) for _ in MOMENTS[structure.optimizer_form]],
        moving=shape(n_moving),
        x=shape(n_rows, inputs),
        y=shape(n_rows, targets),
        rows=shape(n_rows, 2),
        coefficients=shape(structure.call_steps, len(COLUMNS)),
        keys=shape(structure.call_steps, network.n_random, 2, dtype="uint32"),
        rates=shape(network.n_random),
        numbers=numbers,
        mask=shape(n_weights if structure.kernel_penalty else 0),
        n_steps=shape(dtype="int32"),
        widths=widths,
        batch_rows=shape(dtype="int32"),
    )
