"""Whether there can be machine code at all."""

from __future__ import annotations

from functools import cache


@cache
def why_no_numba() -> str | None:
    """Why Numba cannot compile, as with a NumPy that is too new for it, or None."""
    try:
        from numba import config
    except ImportError as error:
        return f"Numba, which would be faster, cannot be imported ({error})"
    return "Numba, which would be faster, is switched off by NUMBA_DISABLE_JIT" if config.DISABLE_JIT else None
