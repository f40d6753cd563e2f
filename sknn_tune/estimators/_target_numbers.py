"""Targets in the precision of the network."""

from __future__ import annotations

import numpy as np


def cast_targets(table: np.ndarray, dtype: str) -> np.ndarray:
    """Numbers in the precision of the network; one that it cannot hold is refused."""
    limit = np.finfo(dtype).max
    if table.size and (table.max() > limit or table.min() < -limit):
        far = np.abs(table.astype("float64")) > limit
        row, column = (int(each[0]) for each in np.nonzero(far))
        raise ValueError(
            f"y has {float(table[row, column]):.3g} in row {row}, beyond what dtype={dtype!r} holds ({limit:.2g}). "
            "Scale y, as TransformedTargetRegressor(network, transformer=StandardScaler()) does, or use "
            "dtype='float64'."
        )
    return table.astype(dtype, copy=False)
