"""How functions become machine code: Numba, with settings that keep the numbers honest.

Python enters through `train_rows` in `_training` alone, which releases Python's lock, so fits in threads train at the
same time.
"""

from __future__ import annotations

from numba import njit

#: A product and a sum may be rounded together; nothing is assumed about NaN and infinity, which tell of divergence.
SETTINGS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}

#: Called from compiled functions only, so nothing has to turn Python's objects into arguments.
INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

compiled = njit(**SETTINGS, **INNER)

#: For sums of a whole vector, which may be added up in any order.
compiled_sum = njit(**{**SETTINGS, "fastmath": {"contract", "reassoc"}}, **INNER)
