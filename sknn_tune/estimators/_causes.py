"""What in the rows of a fit kept it from coming to something: then no learning rate helps, and none is advised."""

from __future__ import annotations

import numpy as np

from ..specs import ArrayData, StreamData, arrays_in
from ._overflow import TEACH_SCALED, largest_of, most_of_squares, or_double_precision

#: Mean (without sign) or standard deviation of targets from which on initial weights are far from any solution, as for
#: the rule ``unscaled_target`` of the diagnosis; and the deviation below which the errors are too small to be seen.
_FAR, _NARROW = 10.0, 0.01


def what_overflows(data: ArrayData | StreamData, dtype: str) -> str:
    """A sentence about numbers whose squares, added up over the rows, are beyond ``dtype``, or about what is no number.

    Empty if there are none.
    """
    if not isinstance(data, ArrayData):
        return ""
    largest = most_of_squares(dtype) / np.sqrt(data.n_rows)
    for name, values, cure in (
        ("y", data.y, TEACH_SCALED),
        ("X", data.X, "Clip it or scale it, such as by a StandardScaler before the network"),
        ("sample_weight", data.sample_weight, "Divide all by the largest: only their ratios count"),
    ):
        most = max(map(largest_of, arrays_in(values)), default=0.0) if values is not None else 0.0
        if most != most:
            return f"{name} has NaN, which nobody has looked for since scikit-learn was told to assume_finite. Drop it."
        if most > largest:
            what = f"{name} has numbers as large as {most:.3g}, whose squares overflow in {dtype}."
            return f"{what} {cure}{or_double_precision(dtype)}"
    return ""


def what_is_far(data: ArrayData | StreamData) -> str:
    """A sentence about the first column of numbers to be learned that is far from 0, or spread far from 1; or empty."""
    if not isinstance(data, ArrayData) or not isinstance(data.y, np.ndarray):
        return ""
    table = data.y.reshape(len(data.y), -1).astype("float64")
    mean, spread = table.mean(axis=0), table.std(axis=0)
    far = np.flatnonzero((np.abs(mean) > _FAR) | (spread > _FAR) | ((spread > 0) & (spread < _NARROW)))
    if not far.size:
        return ""
    column = f"Column {far[0]} of y" if table.shape[1] > 1 else "y"
    return f"{column} has mean {mean[far[0]]:.3g} and standard deviation {spread[far[0]]:.3g}. {TEACH_SCALED}."
