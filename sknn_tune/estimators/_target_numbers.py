"""What a regressor can be taught: numbers, and finite ones."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

_DATES = (datetime.date, datetime.time, np.datetime64)
_DURATIONS = (datetime.timedelta, np.timedelta64)


def refuse_dates(y: Any, estimator: str) -> None:
    """Dates would be taught as whatever number stands for them inside, such as nanoseconds since 1970."""
    if y is None or hasattr(y, "toarray"):
        return
    array = np.asarray(y)
    if array.dtype.kind not in "mMO":
        return
    for row, value in enumerate(array.reshape(len(array), -1) if array.ndim else ()):
        for each in value if array.dtype.kind == "O" else value[:1]:
            kind = _kind(each)
            if kind is not None:
                cure = (
                    "say in which unit, such as y / np.timedelta64(1, 's') or, for pandas, y.dt.total_seconds()"
                    if kind == "durations"
                    else "say since when and in which unit, such as (y - y.min()) / np.timedelta64(1, 'D')"
                )
                raise ValueError(f"y holds {kind} ({each} in row {row}), but {estimator} learns numbers: {cure}.")


def as_finite_numbers(y: np.ndarray, estimator: str) -> np.ndarray:
    """y as numbers; the first row whose target is none is named."""
    if y.dtype.kind not in "biuf":
        y = y.astype("float64")  # text that reads as numbers, or objects
    bad = ~np.isfinite(y).reshape(len(y), -1).all(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"Input y contains NaN or infinity: row {row} has {y[row]} ({int(bad.sum())} such row(s)). {estimator} "
            "learns finite numbers only: drop these rows."
        )
    return y


def cast_targets(table: np.ndarray, dtype: str) -> np.ndarray:
    """Numbers in the precision of the network; one that it cannot hold is refused."""
    limit = np.finfo(dtype).max
    far = np.abs(table.astype("float64")) > limit
    if far.any():
        row, column = (int(each[0]) for each in np.nonzero(far))
        raise ValueError(
            f"y has {float(table[row, column]):.3g} in row {row}, beyond what dtype={dtype!r} holds ({limit:.2g}). "
            "Scale y, as TransformedTargetRegressor(network, transformer=StandardScaler()) does, or use "
            "dtype='float64'."
        )
    return table.astype(dtype)


def _kind(value: Any) -> str | None:
    if isinstance(value, _DURATIONS):
        return "durations"
    if isinstance(value, _DATES) or type(value).__name__ == "Period":
        return "dates"
    return None
