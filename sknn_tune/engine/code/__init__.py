"""How functions become machine code, for all that is compiled: settings, addresses, and the cache on disk."""

from ._cache import compiled_once
from ._call import at, call, prefetch
from ._compiler import INNER, SETTINGS, compiled, compiled_sum

__all__ = ["INNER", "SETTINGS", "at", "call", "compiled", "compiled_once", "compiled_sum", "prefetch"]
