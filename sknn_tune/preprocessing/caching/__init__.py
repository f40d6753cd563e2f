"""A transformer that gives again, within one process, what it gave before for the same contents."""

from ._cached_transformer import CachedTransformer
from ._process_cache import CacheInfo

__all__ = ["CacheInfo", "CachedTransformer"]
