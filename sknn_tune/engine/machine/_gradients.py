"""Updates of a dense network as machine code: forward, backward, penalties, optimizer.

`batch_gradients` works out the gradients for some rows; `_training` calls it, and the optimizer's update.
Everything about the network is in one table of integers (see `_plan`), all weights are in one vector in Keras'
order, and all that a batch needs is in another, the ``room``. Named arrays would read better and take several times as
long to compile. Nearly all that only some networks need is compiled for itself and called by its address.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from numba import carray

from ..code import at, call, compiled
from ..formulas import Numbers
from ._products import gradient_of_inputs, gradient_of_kernel, layer_sums
from ._vectors import add_to_columns, clip, multiply, penalty, scale, sum_columns, sum_of_squares

#: Columns of the table, which has a row for the inputs, one for each hidden layer and one for the output layer.
#: Units and the place of what the next layer sees, and of the gradient by it.
UNITS, OUTPUTS, GRADIENT = 0, 1, 2
#: Dropout: the address of its function or zero, the rate in units of 2 ** -24, the place of the mask.
DROP, THRESHOLD, KEPT = 3, 4, 5
#: Weights: where kernel, bias, gamma (followed by beta) and, in their own vector, moving mean (followed by the moving
#: variance) begin.
KERNEL, BIAS, GAMMA, MOVING = 6, 7, 8, 9
#: Normalisation: its kind, the places of normalised numbers and of 1 / deviation, the addresses of its functions.
NORMALISATION, NORMALISED, INVERSE, NORMALISE, NORMALISE_BACKWARD = 10, 11, 12, 13, 14
#: Activation: the places of weighted sums and activations, the addresses of its functions.
SUMS, ACTIVE, FORWARD, BACKWARD = 15, 16, 17, 18
#: Of members that share kernels (see `_member_gradients`): where the scales of a layer begin among the weights; the
#: places of products before they are scaled, and of what the next layer's product takes.
INPUT_SCALE, OUTPUT_SCALE, PRODUCTS, SCALED = 19, 20, 21, 22
#: The place that small products need (see `_products`).
SPARE = 23
N_COLUMNS = 24

#: Kinds in the table and in the settings.
BEFORE, AFTER = 1, 2
BY_NORM, BY_VALUE = 1, 2

#: Settings: addresses of `batch_gradients` (or `member_gradients`), of the gradient of the loss, of `adjust_gradient`
#: (or zero) and of the optimizer's update; which penalties there are; clipping; whether rows have weights; sizes of the
#: table and of the vector of weights; how many members share kernels.
GRADIENTS, LOSS, ADJUST, UPDATE, KERNEL_PENALTY, ACTIVITY_PENALTY, CLIPPING, WEIGHTED = range(8)
N_ROWS_OF_TABLE, N_TRAINED, N_MEMBERS = range(8, 11)
#: How rows are read: the address of `gather`, or those of the products of CSR rows; what is not used is zero.
GATHER, SPARSE_SUMS, SPARSE_GRADIENT = range(11, 14)
N_SETTINGS = 14

#: Places in the vector of `Numbers`.
L1, L2, ACTIVITY_L1, ACTIVITY_L2 = map(Numbers._fields.index, ("l1", "l2", "activity_l1", "activity_l2"))
MOMENTUM, EPSILON = map(Numbers._fields.index, ("batch_norm_momentum", "batch_norm_epsilon"))
SLOPE, DELTA, CLIP = map(Numbers._fields.index, ("negative_slope", "huber_delta", "clip"))

#: Columns of the factors, which have a row for each row of the table: what kept activations are multiplied by, and
#: what alpha dropout adds to all.
SCALE, SHIFT = 0, 1


@compiled
def drop_behind(row, table, factors, room, key, first, n_rows, values, out):
    """Dropout behind a row of the table; ``first`` is the number of the first row in its batch."""
    n_units = table[row, UNITS]
    scale, shift = factors[2 * row + SCALE], factors[2 * row + SHIFT]
    numbers = (key, row, first * n_units, table[row, THRESHOLD], scale, shift)
    call(table[row, DROP], (values, at(room, table[row, KEPT]), out, n_rows * n_units, *numbers))


@compiled
def _normalise(row, table, numbers, weights, moving, room, n_rows, values, out):
    call(
        table[row, NORMALISE],
        (
            values,
            at(weights, table[row, GAMMA]),
            at(moving, table[row, MOVING]),
            at(room, table[row, NORMALISED]),
            at(room, table[row, INVERSE]),
            out,
            n_rows,
            table[row, UNITS],
            numbers[MOMENTUM],
            numbers[EPSILON],
        ),
    )


@compiled
def _normalise_backward(row, table, numbers, weights, gradient, room, n_rows):
    n_units, to_gamma = table[row, UNITS], at(gradient, table[row, GAMMA])
    call(
        table[row, NORMALISE_BACKWARD],
        (
            at(room, table[row, GRADIENT]),
            at(weights, table[row, GAMMA]),
            at(room, table[row, NORMALISED]),
            at(room, table[row, INVERSE]),
            to_gamma,
            at(to_gamma, n_units),
            n_rows,
            n_units,
            type(numbers[L1])(1 / n_rows),
        ),
    )


@compiled
def _behind_activation(row, table, factors, numbers, weights, moving, room, key, first, n_rows):
    """Normalisation behind the activation, and dropout."""
    n_units, before_dropout = table[row, UNITS], at(room, table[row, ACTIVE])
    outputs = at(room, table[row, OUTPUTS])
    if table[row, NORMALISATION] == AFTER:
        _normalise(row, table, numbers, weights, moving, room, n_rows, before_dropout, outputs)
        add_to_columns(outputs, at(weights, table[row, GAMMA] + n_units), n_rows, n_units)
        before_dropout = outputs
    if table[row, DROP]:
        drop_behind(row, table, factors, room, key, first, n_rows, before_dropout, outputs)


@compiled
def back_to_activation(row, table, settings, numbers, weights, gradient, room, n_rows, of_rows):
    """From the gradient of a hidden layer's outputs to that of its activations, in place; activity penalty."""
    size, to_outputs = n_rows * table[row, UNITS], at(room, table[row, GRADIENT])
    if table[row, DROP]:
        multiply(to_outputs, at(room, table[row, KEPT]), size)
    if table[row, NORMALISATION] == AFTER:
        _normalise_backward(row, table, numbers, weights, gradient, room, n_rows)
    if settings[ACTIVITY_PENALTY]:
        share = type(numbers[L1])(1 / of_rows)
        l1, l2 = numbers[ACTIVITY_L1] * share, numbers[ACTIVITY_L2] * share
        return penalty(at(room, table[row, ACTIVE]), to_outputs, size, l1, l2)
    return type(numbers[L1])(0)


def batch_gradients_of(has_extras: bool) -> Callable[..., None]:
    """The function `batch_gradients`, with or without the parts that only some networks have.

    Extras are normalisation, dropout and penalties on activations, which take as long to compile as all the rest.
    """

    def batch_gradients(
        X,
        order,
        y,
        weight,
        table,
        factors,
        settings,
        numbers,
        weights,
        moving,
        gradient,
        room,
        outputs,
        found,
        n_rows,
        key,
        first,
        of_rows,
    ):
        """Fill ``gradient`` from some rows of a batch of ``of_rows``, the first of which is number ``first`` in it.

        All arrays come as pointers. X has the addresses of the table's arrays, and ``order`` names its rows; targets,
        weights (if rows have any) and outputs are those of these rows. The penalty on activations, times ``of_rows``,
        goes to ``found``.
        """
        last = settings[N_ROWS_OF_TABLE] - 1
        table = carray(table, (last + 1, N_COLUMNS))
        inputs = at(room, table[0, OUTPUTS])
        is_sparse = settings[SPARSE_SUMS] != 0
        if not is_sparse:
            call(settings[GATHER], (X[0], order, inputs, n_rows, table[0, UNITS]))
        if has_extras and table[0, DROP]:
            drop_behind(0, table, factors, room, key, first, n_rows, inputs, inputs)
        for row in range(1, last + 1):
            n_in, n_out = table[row - 1, UNITS], table[row, UNITS]
            sums = at(room, table[row, SUMS])
            own_weights = at(weights, table[row, KERNEL])
            if is_sparse and row == 1:
                call(settings[SPARSE_SUMS], (X[0], X[1], X[2], order, own_weights, sums, n_rows, n_out))
            else:
                inputs_of_row, spare = at(room, table[row - 1, OUTPUTS]), at(room, table[row, SPARE])
                layer_sums(inputs_of_row, own_weights, spare, sums, n_rows, n_in, n_out)
            bias = at(weights, table[row, BIAS])
            if has_extras and table[row, NORMALISATION] == BEFORE:
                _normalise(row, table, numbers, weights, moving, room, n_rows, sums, sums)
                bias = at(weights, table[row, GAMMA] + n_out)  # beta
            call(table[row, FORWARD], (sums, bias, at(room, table[row, ACTIVE]), n_rows, n_out, numbers[SLOPE]))
            if has_extras:
                _behind_activation(row, table, factors, numbers, weights, moving, room, key, first, n_rows)
        n_outputs = table[last, UNITS]
        values, to_sums = at(room, table[last, ACTIVE]), at(room, table[last, GRADIENT])
        call(settings[LOSS], (values, y, to_sums, n_rows, n_outputs, numbers[DELTA]))
        share = type(numbers[L1])(1 / of_rows)
        for row in range(n_rows):
            factor = share * weight[row] if settings[WEIGHTED] else share
            for i in range(row * n_outputs, (row + 1) * n_outputs):
                outputs[i] = values[i]
                to_sums[i] *= factor
        penalties = 0.0
        for row in range(last, 0, -1):
            n_in, n_out = table[row - 1, UNITS], table[row, UNITS]
            to_sums, sums = at(room, table[row, GRADIENT]), at(room, table[row, SUMS])
            if has_extras and row < last:
                penalties += back_to_activation(row, table, settings, numbers, weights, gradient, room, n_rows, of_rows)
            call(table[row, BACKWARD], (to_sums, sums, at(room, table[row, ACTIVE]), n_rows, n_out, numbers[SLOPE]))
            if has_extras and table[row, NORMALISATION] == BEFORE:
                _normalise_backward(row, table, numbers, weights, gradient, room, n_rows)
            own_gradient, spare = at(gradient, table[row, KERNEL]), at(room, table[row, SPARE])
            if is_sparse and row == 1:
                numbers_of_rows = (n_rows, n_out, n_in * n_out)
                call(settings[SPARSE_GRADIENT], (X[0], X[1], X[2], order, to_sums, own_gradient, *numbers_of_rows))
            else:
                inputs_of_row = at(room, table[row - 1, OUTPUTS])
                gradient_of_kernel(inputs_of_row, to_sums, spare, own_gradient, n_rows, n_in, n_out)
            if table[row, NORMALISATION] != BEFORE:
                sum_columns(to_sums, at(gradient, table[row, BIAS]), n_rows, n_out)
            if row > 1:
                kernel, to_inputs = at(weights, table[row, KERNEL]), at(room, table[row - 1, GRADIENT])
                gradient_of_inputs(to_sums, kernel, spare, to_inputs, n_rows, n_in, n_out)
        found[0] = penalties * of_rows

    return batch_gradients


def adjust_gradient(table, settings, numbers, weights, gradient, found, n_rows):
    """Penalties on the kernels, and clipping. The penalty, times the rows of the batch, is added to ``found``.

    All arrays come as pointers.
    """
    table, size = carray(table, (settings[N_ROWS_OF_TABLE], N_COLUMNS)), settings[N_TRAINED]
    if settings[KERNEL_PENALTY]:
        for row in range(1, table.shape[0]):
            kernel, n_weights = table[row, KERNEL], table[row - 1, UNITS] * table[row, UNITS]
            if row == table.shape[0] - 1:  # members have an output layer each
                n_weights *= settings[N_MEMBERS]
            penalised = penalty(at(weights, kernel), at(gradient, kernel), n_weights, numbers[L1], numbers[L2])
            found[0] += penalised * n_rows
    if settings[CLIPPING] == BY_NORM:
        norm = math.sqrt(sum_of_squares(gradient, size))
        if not norm <= numbers[CLIP]:
            # An infinite norm, or one that is no number, makes the gradient no number, as Keras does.
            scale(gradient, type(numbers[CLIP])(numbers[CLIP] / norm + (norm - norm)), size)
    elif settings[CLIPPING] == BY_VALUE:
        clip(gradient, numbers[CLIP], size)
