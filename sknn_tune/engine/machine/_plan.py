"""A network and its training as the numbers that machine code reads (see `_gradients`)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...specs import NetworkSpec
from ..formulas import FLOOR, LayerStructure, Numbers, TrainingStructure, is_combined, layer_widths, weight_slots
from . import _gradients as columns
from ._activations import works_in_place
from ._kernels import (
    activation_addresses,
    adjust_address,
    gather_address,
    gradients_address,
    layer_address,
    loss_address,
    member_gradients_address,
    sparse_addresses,
    update_address,
)
from ._products import size_of_spare
from ._table import Form

Array = np.ndarray

_CLIPPING = {None: 0, "norm": columns.BY_NORM, "value": columns.BY_VALUE}


class Plan(NamedTuple):
    """What stays the same during a run of training: arrays for `train_rows`, under the names of its arguments."""

    table: Array
    factors: Array
    settings: Array
    numbers: Array


def make_plan(
    network: NetworkSpec,
    structure: TrainingStructure,
    numbers: Numbers,
    n_rows: int,
    form: Form,
    is_weighted: bool,
) -> tuple[Plan, int]:
    """For parts of a batch of at most so many rows, and the size of their room. Compiles what has never been used."""
    dtype = network.dtype
    table = np.zeros((len(network.hidden_layer_sizes) + 2, columns.N_COLUMNS), np.intp)
    factors = np.zeros((len(table), 2), dtype)
    table[:, columns.UNITS] = layer_widths(network)
    n_trained = _place_weights(table, structure, layer_widths(network))
    n_members = structure.network.n_members
    room = _Room(table, n_rows * n_members)
    if not form.is_sparse:
        room.place(0, columns.OUTPUTS)
    if structure.network.input_dropout:
        _add_dropout(table, factors, room, 0, network.input_dropout, alpha=False, dtype=dtype)
    for row, (layer, rate) in enumerate(zip(structure.network.layers, network.dropouts, strict=True), start=1):
        _add_activation(table, room, row, layer.activation, dtype)
        if layer.batch_norm:
            _add_normalisation(table, room, row, layer, dtype)
        if layer.dropout:
            _add_dropout(table, factors, room, row, rate, alpha=layer.alpha_dropout, dtype=dtype)
        if layer.dropout or layer.batch_norm == "after":
            room.place(row, columns.OUTPUTS)
        else:
            table[row, columns.OUTPUTS] = table[row, columns.ACTIVE]
        if n_members > 1:
            _add_scaling(table, room, row)
    for row in range(1, len(table)):
        n_in, n_out = map(int, table[row - 1 : row + 1, columns.UNITS])
        room.place_numbers(row, columns.SPARE, size_of_spare(n_in, n_out, dtype))
    output = structure.network.output_activation
    combined = is_combined(structure.loss, output)  # such a loss takes the weighted sums
    _add_activation(table, room, len(table) - 1, "linear" if combined else output, dtype)
    settings = np.zeros(columns.N_SETTINGS, np.intp)
    if n_members > 1:
        settings[columns.GRADIENTS] = member_gradients_address(dtype)
    else:
        settings[columns.GRADIENTS] = gradients_address(dtype, _has_extras(structure))
    if form.is_sparse:
        settings[[columns.SPARSE_SUMS, columns.SPARSE_GRADIENT]] = sparse_addresses(dtype, form.numbers)
    else:
        settings[columns.GATHER] = gather_address(dtype, form.numbers)
    if structure.kernel_penalty or structure.clipping:
        settings[columns.ADJUST] = adjust_address(dtype)
    settings[columns.LOSS] = loss_address(structure.loss, output, dtype)
    settings[columns.UPDATE] = update_address(structure.optimizer_form, dtype)
    settings[columns.KERNEL_PENALTY] = structure.kernel_penalty
    settings[columns.ACTIVITY_PENALTY] = structure.activity_penalty
    settings[columns.CLIPPING] = _CLIPPING[structure.clipping]
    settings[columns.N_ROWS_OF_TABLE] = len(table)
    settings[columns.N_TRAINED] = n_trained
    settings[columns.N_MEMBERS] = n_members
    settings[columns.WEIGHTED] = is_weighted
    with np.errstate(over="ignore"):  # a limit that the dtype cannot hold is none
        return Plan(table, factors, settings, np.array(numbers, dtype)), room.size


def _has_extras(structure: TrainingStructure) -> bool:
    """Whether there is anything but products, activations and a loss before the optimizer."""
    is_normalised = any(layer.batch_norm for layer in structure.network.layers)
    return bool(structure.network.n_random or is_normalised or structure.activity_penalty)


class _Room:
    """Places for arrays of a batch, one behind the other, each at the beginning of a cache line."""

    def __init__(self, table: Array, batch_rows: int):
        self._table, self._batch_rows = table, batch_rows
        self.size = 0

    def place(self, row: int, column: int, n_rows: int | None = None) -> None:
        """Write down where an array of ``n_rows`` rows (those of a batch) begins."""
        n_units = int(self._table[row, columns.UNITS])
        self.place_numbers(row, column, n_units * (self._batch_rows if n_rows is None else n_rows))

    def place_numbers(self, row: int, column: int, n_numbers: int) -> None:
        """The same for an array of so many numbers."""
        self._table[row, column] = self.size
        self.size += -(-n_numbers // 16) * 16


def _place_weights(table: Array, structure: TrainingStructure, widths: tuple[int, ...]) -> int:
    """Where they begin in the vectors of what is trained and of moving statistics; the size of the first."""
    places = {
        "kernel": columns.KERNEL,
        "bias": columns.BIAS,
        "gamma": columns.GAMMA,
        "moving_mean": columns.MOVING,
        "input_scale": columns.INPUT_SCALE,
        "output_scale": columns.OUTPUT_SCALE,
    }
    row, sizes = 0, {True: 0, False: 0}
    for slot in weight_slots(structure.network, widths):
        row += slot.role == "kernel"
        if slot.role in places:
            table[row, places[slot.role]] = sizes[slot.is_trainable]
        sizes[slot.is_trainable] += slot.size
    return sizes[True]


def _add_activation(table: Array, room: _Room, row: int, name: str, dtype: str) -> None:
    room.place(row, columns.SUMS)
    room.place(row, columns.GRADIENT)
    if works_in_place(name):
        table[row, columns.ACTIVE] = table[row, columns.SUMS]
    else:
        room.place(row, columns.ACTIVE)
    table[row, [columns.FORWARD, columns.BACKWARD]] = activation_addresses(name, dtype)


def _add_scaling(table: Array, room: _Room, row: int) -> None:
    """Places for what members that share a kernel put before and behind it."""
    room.place(row - 1, columns.SCALED)
    room.place(row, columns.PRODUCTS)
    if row == 1:  # of one member at a time, the product that the gradients of kernel and scales come from
        room.place(0, columns.PRODUCTS, n_rows=int(table[1, columns.UNITS]))


def _add_normalisation(table: Array, room: _Room, row: int, layer: LayerStructure, dtype: str) -> None:
    table[row, columns.NORMALISATION] = columns.BEFORE if layer.batch_norm == "before" else columns.AFTER
    room.place(row, columns.NORMALISED)
    room.place(row, columns.INVERSE, n_rows=1)
    table[row, columns.NORMALISE] = layer_address("normalise", dtype)
    table[row, columns.NORMALISE_BACKWARD] = layer_address("normalise_backward", dtype)


def _add_dropout(table: Array, factors: Array, room: _Room, row: int, rate: float, *, alpha: bool, dtype: str) -> None:
    room.place(row, columns.KEPT)
    table[row, columns.DROP] = layer_address("drop_to_floor" if alpha else "drop", dtype)
    table[row, columns.THRESHOLD] = round(rate * 2**24)
    factors[row, columns.SCALE] = 1 / (1 - rate)
    if alpha:  # mean and spread of what is kept and what is dropped together are restored
        scale = 1 / math.sqrt((1 - rate) * (1 + rate * FLOOR**2))
        factors[row] = scale, -scale * FLOOR * rate
