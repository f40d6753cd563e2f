"""How functions become machine code, for all that is compiled: settings, addresses, tiles, and the cache on disk."""

from ._cache import compiled_once
from ._call import at, call, prefetch
from ._compiler import INNER, SETTINGS, compiled, compiled_sum
from ._tiles import (
    COLUMNS,
    ROWS,
    ROWS_OF_PRODUCT,
    VECTORS_OF_ONE_ROW,
    VECTORS_OF_PRODUCT,
    half_product_of_one_row,
    half_product_of_rows,
    half_width,
    product_of_one_row,
    product_of_rows,
    tile_of_one_row,
    tile_of_rows,
    tile_of_sparse_row,
    transpose_block,
    wide_product_of_one_row,
    wide_product_of_rows,
)

__all__ = [
    "COLUMNS",
    "INNER",
    "ROWS",
    "ROWS_OF_PRODUCT",
    "SETTINGS",
    "VECTORS_OF_ONE_ROW",
    "VECTORS_OF_PRODUCT",
    "at",
    "call",
    "compiled",
    "compiled_once",
    "compiled_sum",
    "half_product_of_one_row",
    "half_product_of_rows",
    "half_width",
    "prefetch",
    "product_of_one_row",
    "product_of_rows",
    "tile_of_one_row",
    "tile_of_rows",
    "tile_of_sparse_row",
    "transpose_block",
    "wide_product_of_one_row",
    "wide_product_of_rows",
]
