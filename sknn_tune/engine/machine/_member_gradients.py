"""The gradients of members that share the kernels of their hidden layers, in the place of `batch_gradients`.

Values of a layer are ``(members, rows, units)``: those of a member stand together, so that all that is compiled for the
rows of one network serves the rows of a member, and all members together are one product with a shared kernel. A
hidden layer is ``output_scale * ((input_scale * x) @ kernel) + bias``. Each member has an output layer of its own. The
loss of a batch is the mean over rows and members.
"""

from __future__ import annotations

from numba import carray

from ..code import at, call, compiled
from ._gradients import (
    ACTIVE,
    BACKWARD,
    BIAS,
    DELTA,
    DROP,
    FORWARD,
    GATHER,
    GRADIENT,
    INPUT_SCALE,
    KERNEL,
    L1,
    LOSS,
    N_COLUMNS,
    N_MEMBERS,
    N_ROWS_OF_TABLE,
    OUTPUT_SCALE,
    OUTPUTS,
    PRODUCTS,
    SCALED,
    SLOPE,
    SPARE,
    SUMS,
    UNITS,
    WEIGHTED,
    back_to_activation,
    drop_behind,
)
from ._products import gradient_of_inputs, gradient_of_kernel, layer_sums
from ._vectors import (
    add_scaled_rows,
    multiply_columns,
    sum_columns,
    sum_columns_of_product,
    sum_rows_of_product,
)


@compiled
def _step(row, table, n_rows):
    """From the outputs of one member to those of the next: members see the same inputs, unless these are dropped."""
    return n_rows * table[row, UNITS] if row > 0 or table[row, DROP] else 0


@compiled
def _drop_of_members(row, table, factors, room, key, first, n_rows, of_rows, n_members, place):
    """Dropout behind a row of the table by masks of each member's own; what is dropped begins at ``place``."""
    size, step = n_rows * table[row, UNITS], n_rows * table[row, UNITS] if row > 0 else 0
    outputs = at(room, table[row, OUTPUTS])
    for member in range(n_members - 1, -1, -1):  # the first last: its outputs may stand where those inputs are
        values, out = at(room, place + member * step), at(outputs, member * size)
        drop_behind(row, table, factors, at(room, member * size), key, member * of_rows + first, n_rows, values, out)


@compiled
def _shared_layer(row, table, numbers, weights, room, n_rows, n_members):
    """A hidden layer up to its activation."""
    n_in, n_out, step = table[row - 1, UNITS], table[row, UNITS], _step(row - 1, table, n_rows)
    inputs, scaled = at(room, table[row - 1, OUTPUTS]), at(room, table[row - 1, SCALED])
    for member in range(n_members):
        scales, out = at(weights, table[row, INPUT_SCALE] + member * n_in), at(scaled, member * n_rows * n_in)
        multiply_columns(at(inputs, member * step), scales, out, n_rows, n_in)
    n_all, products = n_rows * n_members, at(room, table[row, PRODUCTS])
    kernel, spare = at(weights, table[row, KERNEL]), at(room, table[row, SPARE])
    layer_sums(scaled, kernel, spare, products, n_all, n_in, n_out)
    for member in range(n_members):
        place = member * n_rows * n_out
        sums, active = at(room, table[row, SUMS] + place), at(room, table[row, ACTIVE] + place)
        scales, bias = at(weights, table[row, OUTPUT_SCALE] + member * n_out), at(weights, table[row, BIAS])
        multiply_columns(at(products, place), scales, sums, n_rows, n_out)
        call(table[row, FORWARD], (sums, at(bias, member * n_out), active, n_rows, n_out, numbers[SLOPE]))


@compiled
def _to_products(row, table, weights, gradient, room, n_rows, n_members):
    """From the gradient of the biased sums to that of the products, in place; gradients of biases and scales."""
    n_out = table[row, UNITS]
    for member in range(n_members):
        place = member * n_rows * n_out
        of_member, products = at(room, table[row, GRADIENT] + place), at(room, table[row, PRODUCTS] + place)
        sum_columns(of_member, at(gradient, table[row, BIAS] + member * n_out), n_rows, n_out)
        to_scale = at(gradient, table[row, OUTPUT_SCALE] + member * n_out)
        sum_columns_of_product(of_member, products, to_scale, n_rows, n_out)
        scales = at(weights, table[row, OUTPUT_SCALE] + member * n_out)
        multiply_columns(of_member, scales, of_member, n_rows, n_out)


@compiled
def _from_products(row, table, weights, gradient, room, n_rows, n_members):
    """From the gradient of the products to those of the kernel, the input scales and the inputs."""
    n_in, n_out, n_all = table[row - 1, UNITS], table[row, UNITS], n_rows * n_members
    to_products, spare = at(room, table[row, GRADIENT]), at(room, table[row, SPARE])
    scaled, to_kernel = at(room, table[row - 1, SCALED]), at(gradient, table[row, KERNEL])
    gradient_of_kernel(scaled, to_products, spare, to_kernel, n_all, n_in, n_out)
    kernel, to_all_inputs = at(weights, table[row, KERNEL]), at(room, table[row - 1, GRADIENT])
    gradient_of_inputs(to_products, kernel, spare, to_all_inputs, n_all, n_in, n_out)
    for member in range(n_members):
        place, first = member * n_rows * n_in, table[row, INPUT_SCALE] + member * n_in
        inputs, to_inputs = at(room, table[row - 1, OUTPUTS] + place), at(room, table[row - 1, GRADIENT] + place)
        sum_columns_of_product(to_inputs, inputs, at(gradient, first), n_rows, n_in)
        multiply_columns(to_inputs, at(weights, first), to_inputs, n_rows, n_in)


@compiled
def _from_first_products(table, weights, gradient, room, n_rows, n_members):
    """The same for the first layer, whose inputs need no gradient, so that half the products do.

    With ``p`` the product of a member's inputs and the gradient of its products, the kernel gets the sum over members
    of ``input_scale * p``, and the scale of an input the sum of its row in ``kernel * p``.
    """
    n_in, n_out, step = table[0, UNITS], table[1, UNITS], _step(0, table, n_rows)
    kernel, to_kernel = at(weights, table[1, KERNEL]), at(gradient, table[1, KERNEL])
    product = at(room, table[0, PRODUCTS])
    for i in range(n_in * n_out):
        to_kernel[i] = 0
    for member in range(n_members):
        inputs = at(room, table[0, OUTPUTS] + member * step)
        to_products, spare = at(room, table[1, GRADIENT] + member * n_rows * n_out), at(room, table[1, SPARE])
        gradient_of_kernel(inputs, to_products, spare, product, n_rows, n_in, n_out)
        first = table[1, INPUT_SCALE] + member * n_in
        add_scaled_rows(product, at(weights, first), to_kernel, n_in, n_out)
        sum_rows_of_product(product, kernel, at(gradient, first), n_in, n_out)


@compiled
def _output_layer(row, table, numbers, weights, room, n_rows, n_members):
    """The output layer of each member."""
    n_in, n_out, step = table[row - 1, UNITS], table[row, UNITS], _step(row - 1, table, n_rows)
    for member in range(n_members):
        place = member * n_rows * n_out
        inputs, spare = at(room, table[row - 1, OUTPUTS] + member * step), at(room, table[row, SPARE])
        kernel = at(weights, table[row, KERNEL] + member * n_in * n_out)
        sums, active = at(room, table[row, SUMS] + place), at(room, table[row, ACTIVE] + place)
        layer_sums(inputs, kernel, spare, sums, n_rows, n_in, n_out)
        bias = at(weights, table[row, BIAS] + member * n_out)
        call(table[row, FORWARD], (sums, bias, active, n_rows, n_out, numbers[SLOPE]))


@compiled
def _output_layer_backward(row, table, numbers, weights, gradient, room, n_rows, n_members):
    """From the gradient of the outputs to those of the weights and of what the hidden layers give."""
    n_in, n_out, step = table[row - 1, UNITS], table[row, UNITS], _step(row - 1, table, n_rows)
    for member in range(n_members):
        place, of_kernel = member * n_rows * n_out, table[row, KERNEL] + member * n_in * n_out
        to_sums, sums = at(room, table[row, GRADIENT] + place), at(room, table[row, SUMS] + place)
        call(table[row, BACKWARD], (to_sums, sums, at(room, table[row, ACTIVE] + place), n_rows, n_out, numbers[SLOPE]))
        inputs, spare = at(room, table[row - 1, OUTPUTS] + member * step), at(room, table[row, SPARE])
        gradient_of_kernel(inputs, to_sums, spare, at(gradient, of_kernel), n_rows, n_in, n_out)
        sum_columns(to_sums, at(gradient, table[row, BIAS] + member * n_out), n_rows, n_out)
        if row > 1:
            to_inputs = at(room, table[row - 1, GRADIENT] + member * n_rows * n_in)
            gradient_of_inputs(to_sums, at(weights, of_kernel), spare, to_inputs, n_rows, n_in, n_out)


@compiled
def _losses(last, table, settings, numbers, y, weight, room, outputs, n_rows, of_rows, n_members):
    """Gradients by the outputs of each member, whose outputs for a row stand one behind the other in ``outputs``."""
    n_outputs = table[last, UNITS]
    share = type(numbers[L1])(1 / (of_rows * n_members))
    for member in range(n_members):
        place = member * n_rows * n_outputs
        values, to_sums = at(room, table[last, ACTIVE] + place), at(room, table[last, GRADIENT] + place)
        call(settings[LOSS], (values, y, to_sums, n_rows, n_outputs, numbers[DELTA]))
        for row in range(n_rows):
            factor = share * weight[row] if settings[WEIGHTED] else share
            own = (row * n_members + member) * n_outputs
            for unit in range(n_outputs):
                outputs[own + unit] = values[row * n_outputs + unit]
                to_sums[row * n_outputs + unit] *= factor


def member_gradients(
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
    """Fill ``gradient`` from some rows of a batch: arguments are those of `batch_gradients`."""
    last, n_members = settings[N_ROWS_OF_TABLE] - 1, settings[N_MEMBERS]
    table = carray(table, (last + 1, N_COLUMNS))
    call(settings[GATHER], (X[0], order, at(room, table[0, OUTPUTS]), n_rows, table[0, UNITS]))
    if table[0, DROP]:
        _drop_of_members(0, table, factors, room, key, first, n_rows, of_rows, n_members, table[0, OUTPUTS])
    for row in range(1, last):
        _shared_layer(row, table, numbers, weights, room, n_rows, n_members)
        if table[row, DROP]:
            _drop_of_members(row, table, factors, room, key, first, n_rows, of_rows, n_members, table[row, ACTIVE])
    _output_layer(last, table, numbers, weights, room, n_rows, n_members)
    _losses(last, table, settings, numbers, y, weight, room, outputs, n_rows, of_rows, n_members)
    _output_layer_backward(last, table, numbers, weights, gradient, room, n_rows, n_members)
    penalties, n_all = 0.0, n_rows * n_members
    for row in range(last - 1, 0, -1):
        penalties += back_to_activation(
            row, table, settings, numbers, weights, gradient, room, n_all, of_rows * n_members
        )
        to_sums, sums = at(room, table[row, GRADIENT]), at(room, table[row, SUMS])
        call(
            table[row, BACKWARD],
            (to_sums, sums, at(room, table[row, ACTIVE]), n_all, table[row, UNITS], numbers[SLOPE]),
        )
        _to_products(row, table, weights, gradient, room, n_rows, n_members)
        if row > 1:
            _from_products(row, table, weights, gradient, room, n_rows, n_members)
        else:
            _from_first_products(table, weights, gradient, room, n_rows, n_members)
    found[0] = penalties * of_rows
