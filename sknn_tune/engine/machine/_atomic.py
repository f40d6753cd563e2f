"""Numbers that several threads read and write at once, for machine code: elements of arrays of integers.

Numba has no public way to such instructions; llvmlite's are public (seen in 0.42 to 0.50).
"""

from __future__ import annotations

import platform

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..._compat.numba import first_element

_ORDER = "seq_cst"


def _pointer(context, builder, array_type, array, index):
    return builder.gep(first_element(context, builder, array_type, array), [index])


@intrinsic
def load(typing_context, array, index):
    """``array[index]``."""

    def code(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature.args[0], *arguments)
        return builder.load_atomic(pointer, _ORDER, 8)

    return types.intp(array, types.intp), code


@intrinsic
def store(typing_context, array, index, value):
    """``array[index] = value``."""

    def code(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature.args[0], *arguments[:2])
        builder.store_atomic(arguments[2], pointer, _ORDER, 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp), code


@intrinsic
def replace(typing_context, array, index, expected, value):
    """Write ``value`` if ``array[index] == expected``; whether it was."""

    def code(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature.args[0], *arguments[:2])
        found = builder.cmpxchg(pointer, arguments[2], arguments[3], _ORDER, _ORDER)
        return builder.extract_value(found, 1)

    return types.boolean(array, types.intp, types.intp, types.intp), code


@intrinsic
def increase(typing_context, array, index):
    """``array[index] += 1``."""

    def code(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature.args[0], *arguments)
        builder.atomic_rmw("add", pointer, context.get_constant(types.intp, 1), _ORDER)
        return context.get_dummy_value()

    return types.void(array, types.intp), code


@intrinsic
def pause(typing_context):
    """What a waiting thread does, so that another on the same core gets on."""

    def code(context, builder, signature, arguments):
        if platform.machine() in ("x86_64", "AMD64"):
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(builder.module.declare_intrinsic("llvm.x86.sse2.pause", (), kind), [])
        return context.get_dummy_value()

    return types.void(), code
