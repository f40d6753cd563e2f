"""``exp`` and ``expm1`` for machine code, written so that a loop over them handles sixteen numbers at once.

Compilers call a mathematical library number by number, which takes ten times as long. In single precision the
forms here are right to a unit in the last place or two; in double precision, which few fits want, the library's own
functions are used. NaN comes through, which tells of divergence.

They are written in the instructions of the compiler: as Python, they would take most of the time in which an activation
is compiled. Numba's `intrinsic` and llvmlite's builder are public (seen in Numba 0.59 to 0.68, llvmlite 0.42 to 0.50).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_FLOAT, _INTEGER = ir.FloatType(), ir.IntType(32)

#: Adding it to a float32 leaves the rounded number in the last bits.
_ROUNDING = 1.5 * 2**23
_ROUNDING_BITS = int(np.float32(_ROUNDING).view(np.int32))

#: log(2) in two parts, the first of which has few digits, so that its multiples are exact.
_LN2_HIGH = 0.693359375
_LN2_LOW = math.log(2) - _LN2_HIGH

#: Beyond these exp(x) is as good as zero, or infinite.
_LOWEST, _HIGHEST = -87.0, 88.0

#: (exp(r) - 1 - r) / r ** 2 for |r| <= log(2) / 2, highest power first (Cephes, expf).
_POLYNOMIAL = (
    *(1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3),
    *(4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1),
)


class _Code:
    """Arithmetic on float32, a product and a sum being rounded together where that is quicker."""

    def __init__(self, builder: Any):
        self.builder = builder

    def number(self, value: float) -> Any:
        return ir.Constant(_FLOAT, float(np.float32(value)))

    def add(self, one: Any, other: Any) -> Any:
        return self.builder.fadd(one, other, flags=("contract",))

    def multiply(self, one: Any, other: Any) -> Any:
        return self.builder.fmul(one, other, flags=("contract",))

    def bounded(self, x: Any) -> Any:
        for relation, bound in (("<", self.number(_LOWEST)), (">", self.number(_HIGHEST))):
            x = self.builder.select(self.builder.fcmp_ordered(relation, x, bound), bound, x)
        return x

    def parts(self, x: Any) -> tuple[Any, Any]:
        """``(y, power)``, where ``exp(x) == power * (1 + y)`` and ``power`` is one of two."""
        x = self.bounded(x)
        # Without flags: nothing may be left out of adding and subtracting the same number.
        shifted = self.builder.fadd(self.builder.fmul(x, self.number(1 / math.log(2))), self.number(_ROUNDING))
        n = self.builder.fsub(shifted, self.number(_ROUNDING))
        r = self.add(self.add(x, self.multiply(n, self.number(-_LN2_HIGH))), self.multiply(n, self.number(-_LN2_LOW)))
        p = self.number(_POLYNOMIAL[0])
        for coefficient in _POLYNOMIAL[1:]:
            p = self.add(self.multiply(p, r), self.number(coefficient))
        y = self.add(self.multiply(p, self.multiply(r, r)), r)
        bits = self.builder.bitcast(shifted, _INTEGER)
        exponent = self.builder.sub(bits, ir.Constant(_INTEGER, _ROUNDING_BITS - 127))
        return y, self.builder.bitcast(self.builder.shl(exponent, ir.Constant(_INTEGER, 23)), _FLOAT)


def _one_argument(of_float32: Any, of_float64: Any) -> Any:
    """What `intrinsic` wants of a function of one number."""

    def code(context, builder, signature, arguments):
        if signature.return_type == types.float32:
            return of_float32(_Code(builder), arguments[0])
        return context.get_function(of_float64, signature)(builder, arguments)

    return lambda x: (x(x), code)


@intrinsic
def exp(typing_context, x):
    """``exp(x)``."""

    def of_float32(code: _Code, x: Any) -> Any:
        y, power = code.parts(x)
        return code.add(code.multiply(power, y), power)

    return _one_argument(of_float32, math.exp)(x)


@intrinsic
def expm1(typing_context, x):
    """``exp(x) - 1``, with all digits near zero."""

    def of_float32(code: _Code, x: Any) -> Any:
        y, power = code.parts(x)
        return code.add(code.multiply(power, y), code.add(power, code.number(-1)))

    return _one_argument(of_float32, math.expm1)(x)
