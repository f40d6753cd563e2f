"""The innermost loops of products: sums of some rows and some columns that stay in the registers of the processor.

Numba does not keep the elements of an array in registers, and without that a product has a sixth of its speed. So
these loops are written in LLVM's instructions. `fmuladd` is a product and a sum that are rounded once, where the
processor can do that, and in all loops alike: an output has the same bits by whichever of them it was worked out.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

#: Columns of a tile: as many numbers as fill 64 bytes, a line of the cache and the widest register there is.
COLUMNS = {"float32": 16, "float64": 8}

_INTEGER = ir.IntType(64)


class _Vectors:
    """Instructions for as many numbers at once as a tile has columns."""

    def __init__(self, context, builder, number):
        self._builder = builder
        self._element = context.get_value_type(number)
        self._bytes = number.bitwidth // 8
        self.width = COLUMNS[number.name]
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
