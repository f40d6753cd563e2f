"""Find a result, or compute and keep it: the one place where it is decided what may be kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from sklearn import get_config

from ._key import KeyBuilder, NotCacheableError
from ._parameters import add_value
from ._process_cache import CACHE
from ._stored import as_bytes, from_bytes


def recall_or_compute(
    add_inputs: Callable[[KeyBuilder], None], compute: Callable[[], tuple[Any, ...]], max_bytes: float
) -> tuple[tuple[Any, ...], str | None]:
    """Results of ``compute``, or copies of what it gave before for the same inputs.

    Parameters
    ----------
    add_inputs : callable
        Puts all that the results depend on into a key.
    compute : callable
    max_bytes : float

    Returns
    -------
    results : tuple
    reason : str or None
        Why they are not kept.
    """
    computed: list[tuple[Any, ...]] = []

    def make() -> tuple[bytes, ...]:
        computed.append(compute())
        if _key_of(add_inputs) != key:
            raise NotCacheableError("it changes what it is given, or itself")
        return tuple(map(as_bytes, computed[0]))

    try:
        key = _key_of(add_inputs)
        entry = CACHE.get_or_make(key, make, max_bytes)
    except NotCacheableError as error:
        CACHE.count_refused()
        return computed[0] if computed else compute(), str(error)
    return tuple(map(from_bytes, entry)), None


def _key_of(add_inputs: Callable[[KeyBuilder], None]) -> Hashable:
    key = KeyBuilder()
    add_value(key, get_config())  # decides, among others, whether outputs are tables
    try:
        add_inputs(key)
    except NotCacheableError:
        raise
    except Exception as error:  # values have code of their own; whatever it raises, the transformer shall decide
        raise NotCacheableError(f"it cannot be compared: {error}") from error
    return key.key()
