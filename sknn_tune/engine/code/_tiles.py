"""The innermost loops of products: sums of some rows and some columns that stay in the registers of the processor.

Numba does not keep the elements of an array in registers, and without that a product has a sixth of its speed. So
these loops are written in LLVM's instructions. `fmuladd` is a product and a sum that are rounded once, where the
processor can do that, and in all loops alike: an output has the same bits by whichever of them it was worked out.
"""

from __future__ import annotations

from itertools import product

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.extending import intrinsic

#: Columns of a tile: as many numbers as fill 64 bytes, a line of the cache and the widest register there is.
COLUMNS = {"float32": 16, "float64": 8}

_INTEGER = ir.IntType(64)


class _Vectors:
    """Instructions for as many numbers at once as a tile has columns, or a part of them."""

    def __init__(self, context, builder, number, parts=1):
        self._builder = builder
        self._element = context.get_value_type(number)
        self._bytes = number.bitwidth // 8
        self.width = COLUMNS[number.name] // parts
        self.kind = ir.VectorType(self._element, self.width)
        self.zeros = ir.Constant(self.kind, [0.0] * self.width)
        name = f"llvm.fmuladd.v{self.width}f{number.bitwidth}"
        self._fmuladd = builder.module.declare_intrinsic(name, fnty=ir.FunctionType(self.kind, [self.kind] * 3))

    def _place(self, pointer, offset):
        return self._builder.bitcast(self._builder.gep(pointer, [offset]), self.kind.as_pointer())

    def load(self, pointer, offset):
        loaded = self._builder.load(self._place(pointer, offset))
        loaded.align = self._bytes
        return loaded

    def store(self, values, pointer, offset):
        self._builder.store(values, self._place(pointer, offset)).align = self._bytes

    def repeated(self, number):
        none = ir.Constant(self.kind, ir.Undefined)
        first = self._builder.insert_element(none, number, ir.Constant(ir.IntType(32), 0))
        return self._builder.shuffle_vector(first, none, ir.Constant(ir.VectorType(ir.IntType(32), self.width), None))

    def interleaved(self, one, other, half):
        """Numbers of both by turns, of their first or second half."""
        places = range(half * self.width // 2, (half + 1) * self.width // 2)
        order = [place + of_other for place in places for of_other in (0, self.width)]
        return self._builder.shuffle_vector(one, other, ir.Constant(ir.VectorType(ir.IntType(32), self.width), order))

    def plus_product(self, sums, number, values):
        return self._builder.call(self._fmuladd, [self.repeated(number), values, sums])


def _sums(builder, vectors, n_rows, n_terms, add_term):
    """Loop over the terms; ``add_term(term, sums)`` gives the sums of each row with one more."""
    before, test, body, behind = builder.block, *(builder.append_basic_block() for _ in range(3))
    builder.branch(test)
    builder.position_at_end(test)
    term = builder.phi(_INTEGER)
    sums = [builder.phi(vectors.kind) for _ in range(n_rows)]
    builder.cbranch(builder.icmp_signed("<", term, n_terms), body, behind)
    builder.position_at_end(body)
    with_term = add_term(term, sums)
    term.add_incoming(ir.Constant(_INTEGER, 0), before)
    term.add_incoming(builder.add(term, ir.Constant(_INTEGER, 1)), body)
    for sum_of_row, more in zip(sums, with_term, strict=True):
        sum_of_row.add_incoming(vectors.zeros, before)
        sum_of_row.add_incoming(more, body)
    builder.branch(test)
    builder.position_at_end(behind)
    return sums


def _tile_of_rows(n_rows):
    """The function of a number of rows."""

    @intrinsic
    def tile(typing_context, x, n_inputs, panel, bias, out, step):
        """``out = x @ panel + bias``, where rows of ``out`` are ``step`` apart, and those of x ``n_inputs``."""

        def code(context, builder, signature, values):
            x, n_inputs, panel, bias, out, step = values
            vectors = _Vectors(context, builder, signature.args[0].dtype)
            row_numbers = [ir.Constant(_INTEGER, row) for row in range(n_rows)]
            rows = [builder.gep(x, [builder.mul(row, n_inputs)]) for row in row_numbers]
            width = ir.Constant(_INTEGER, vectors.width)

            def add_input(number, sums):
                weights = vectors.load(panel, builder.mul(number, width))
                inputs = [builder.load(builder.gep(row, [number])) for row in rows]
                return [vectors.plus_product(own, x, weights) for own, x in zip(sums, inputs, strict=True)]

            sums = _sums(builder, vectors, n_rows, n_inputs, add_input)
            shift = vectors.load(bias, ir.Constant(_INTEGER, 0))
            for row, own in zip(row_numbers, sums, strict=True):
                vectors.store(builder.fadd(own, shift), out, builder.mul(row, step))
            return context.get_dummy_value()

        return types.void(x, types.intp, panel, bias, out, types.intp), code

    return tile


#: So many rows, with the weights and an input, fill sixteen registers of half a line.
ROWS = 6

tile_of_rows = _tile_of_rows(ROWS)
tile_of_one_row = _tile_of_rows(1)


@intrinsic
def tile_of_sparse_row(typing_context, inputs, places, n_inputs, panel, bias, out):
    """The same for one row, of which the inputs at ``places`` are given and the others are zero."""

    def code(context, builder, signature, values):
        inputs, places, n_inputs, panel, bias, out = values
        vectors = _Vectors(context, builder, signature.args[0].dtype)
        width = ir.Constant(_INTEGER, vectors.width)

        def add_input(number, sums):
            place = builder.sext(builder.load(builder.gep(places, [number])), _INTEGER)
            weights = vectors.load(panel, builder.mul(place, width))
            return [vectors.plus_product(sums[0], builder.load(builder.gep(inputs, [number])), weights)]

        (sums,) = _sums(builder, vectors, 1, n_inputs, add_input)
        vectors.store(builder.fadd(sums, vectors.load(bias, ir.Constant(_INTEGER, 0))), out, ir.Constant(_INTEGER, 0))
        return context.get_dummy_value()

    return types.void(inputs, places, types.intp, panel, bias, out), code


# --- of arrays as they are: for training, whose kernels change with every update -----------------------------------


def _tile_of_product(n_rows, n_vectors, parts):
    """The function of a number of rows, and of as many columns as some vectors have, or a vector's part."""

    @intrinsic
    def tile(typing_context, a, row_step, inner_step, b, b_step, out, out_step, n_inner):
        """``out[row, column] = sum(a[row * row_step + i * inner_step] * b[i, column])`` over the inner index ``i``.

        Rows of ``b`` and ``out`` are ``b_step`` and ``out_step`` apart. The sum of nothing is zero.
        """

        def code(context, builder, signature, values):
            a, row_step, inner_step, b, b_step, out, out_step, n_inner = values
            vectors = _Vectors(context, builder, signature.args[0].dtype, parts)
            numbers = [ir.Constant(_INTEGER, row) for row in range(n_rows)]
            rows = [builder.gep(a, [builder.mul(number, row_step)]) for number in numbers]
            columns = [ir.Constant(_INTEGER, vector * vectors.width) for vector in range(n_vectors)]

            def add_inner(i, sums):
                of_b, of_a = builder.mul(i, b_step), builder.mul(i, inner_step)
                values = [vectors.load(b, builder.add(of_b, column)) for column in columns]
                pairs = product([builder.load(builder.gep(row, [of_a])) for row in rows], values)
                return [vectors.plus_product(own, *pair) for own, pair in zip(sums, pairs, strict=True)]

            sums = _sums(builder, vectors, n_rows * n_vectors, n_inner, add_inner)
            for own, (number, column) in zip(sums, product(numbers, columns), strict=True):
                vectors.store(own, out, builder.add(builder.mul(number, out_step), column))
            return context.get_dummy_value()

        return types.void(a, types.intp, types.intp, b, types.intp, out, types.intp, types.intp), code

    return tile


def _has_32_registers():
    """Whether the processor has as many, each of a whole line."""
    try:
        return bool(get_host_cpu_features().get("avx512f"))
    except RuntimeError:  # of this kind of processor LLVM knows nothing
        return False


#: Rows of such a tile, and vectors of the widest, that fill the registers: 32 of a whole line, by which a product takes
#: half the seconds, or sixteen of half a line.
ROWS_OF_PRODUCT, VECTORS_OF_PRODUCT = (8, 2) if _has_32_registers() else (6, 1)

#: The same of one row: as many sums as a processor can have in the making.
VECTORS_OF_ONE_ROW = 4

wide_product_of_rows = _tile_of_product(ROWS_OF_PRODUCT, VECTORS_OF_PRODUCT, 1)
product_of_rows = _tile_of_product(ROWS_OF_PRODUCT, 1, 1)
half_product_of_rows = _tile_of_product(ROWS_OF_PRODUCT, 1, 2)
wide_product_of_one_row = _tile_of_product(1, VECTORS_OF_ONE_ROW, 1)
product_of_one_row = _tile_of_product(1, 1, 1)
half_product_of_one_row = _tile_of_product(1, 1, 2)


@intrinsic
def half_width(typing_context, pointer):
    """How many columns half a vector of such numbers has."""

    def code(context, builder, signature, values):
        return ir.Constant(_INTEGER, COLUMNS[signature.args[0].dtype.name] // 2)

    return types.intp(pointer), code


@intrinsic
def transpose_block(typing_context, a, step, out, out_step):
    """``out = a.T`` for as many rows and columns as half a vector has; rows are ``step`` and ``out_step`` apart."""

    def code(context, builder, signature, values):
        a, step, out, out_step = values
        vectors = _Vectors(context, builder, signature.args[0].dtype, 2)
        width = vectors.width
        numbers = [ir.Constant(_INTEGER, row) for row in range(width)]
        rows = [vectors.load(a, builder.mul(number, step)) for number in numbers]
        # A number's place is row * width + column. Each round moves the first bit of all places to the end, so when as
        # many are moved as a row has, rows and columns have changed places.
        for _ in range(width.bit_length() - 1):
            pairs = list(zip(rows[: width // 2], rows[width // 2 :], strict=True))
            rows = [vectors.interleaved(*pair, half) for pair in pairs for half in (0, 1)]
        for number, row in zip(numbers, rows, strict=True):
            vectors.store(row, out, builder.mul(number, out_step))
        return context.get_dummy_value()

    return types.void(a, types.intp, out, types.intp), code
