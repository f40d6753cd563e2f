"""Addresses in machine code: of functions to call, and of places in arrays.

Problem: a function that is compiled with all activations, losses and optimizers in it takes seconds to compile, of
which a fit uses a tenth. Choice: each of these is compiled for itself when it is first used, and its address is a
number among the arguments. Not taken: Numba's function types, which become part of the caller's own type, so that
the caller would be compiled for every combination.

Places go from function to function as pointers. A slice of an array would do, but takes ten times as long to compile.

Numba's `intrinsic` and llvmlite's instructions are public (seen in Numba 0.59 to 0.68 with llvmlite 0.42 to 0.50);
how Numba keeps an array is not, and stands in `_compat`.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..._compat.numba import first_element


@intrinsic
def call(typing_context, address, arguments):
    """Call the C function at ``address`` with a tuple of pointers and numbers."""

    def code(context, builder, signature, values):
        handed_over = [builder.extract_value(values[1], index) for index in range(len(arguments))]
        function = ir.FunctionType(ir.VoidType(), [value.type for value in handed_over])
        builder.call(builder.inttoptr(values[0], function.as_pointer()), handed_over)
        return context.get_dummy_value()

    return types.void(address, arguments), code


@intrinsic
def at(typing_context, array, offset):
    """A pointer to ``array[offset]``, where ``array`` is one (of any shape) or a pointer itself."""

    def code(context, builder, signature, values):
        kind, data = signature.args[0], values[0]
        if isinstance(kind, types.Array):
            data = first_element(context, builder, kind, data)
        return builder.gep(data, [values[1]])

    return types.CPointer(array.dtype)(array, types.intp), code


@intrinsic
def prefetch(typing_context, pointer):
    """Ask memory for what is there, which will be read soon. No fault if nothing is."""

    def code(context, builder, signature, values):
        number = ir.IntType(32)
        place = builder.bitcast(values[0], ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        # To read, to be kept near, data.
        builder.call(function, [place, *(ir.Constant(number, value) for value in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(pointer), code
