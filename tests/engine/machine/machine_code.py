"""Compiled functions as training calls them: by their address, with pointers to arrays."""

from __future__ import annotations

import ctypes

import numpy as np

DTYPES = ("float32", "float64")

_NUMBERS = {np.float32: ctypes.c_float, np.float64: ctypes.c_double, np.uint64: ctypes.c_uint64, int: ctypes.c_ssize_t}


def call(address: int, *arguments) -> None:
    """Call the C function there with arrays, which it may change, and numbers."""
    given = [_c_argument(argument) for argument in arguments]
    ctypes.CFUNCTYPE(None, *map(type, given))(address)(*given)


def _c_argument(argument):
    if isinstance(argument, np.ndarray):
        assert argument.flags.c_contiguous and argument.flags.writeable
        return ctypes.c_void_p(argument.ctypes.data)
    return _NUMBERS[type(argument)](argument)
