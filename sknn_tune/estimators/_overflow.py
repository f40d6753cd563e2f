"""Numbers so large, or so close together, that the arithmetic of a network cannot tell what they say."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.sparse import coo_array

from ..specs import ChosenRows, extremes

#: Steps between neighbouring numbers that the range of a target should have at least.
_STEPS_IN_RANGE = 1000

#: What helps a regressor whose targets are far from what its outputs begin with.
TEACH_SCALED = "Teach it scaled: TransformedTargetRegressor(network, transformer=StandardScaler())"


def warn_of_large_inputs(X: Any, dtype: str, name: str = "X") -> None:
    """Say which row has values whose squares are infinite in ``dtype``; sums and gradients of it are, too."""
    values, largest = _values_of(X), most_of_squares(dtype)
    if not largest_of(X) > largest:  # also what is not a number, for who assumes that all is finite
        return
    entries = X.tocoo() if hasattr(X, "toarray") else coo_array(values.reshape(len(values), -1))
    far = np.flatnonzero(np.abs(entries.data) > largest)
    row, column, value = (each[far[0]] for each in (entries.row, entries.col, entries.data))
    others = _and_others(len(np.unique(entries.row[far])))
    warnings.warn(
        f"Input {name} has {value:.3g} in row {row}, column {column}{others}. Its "
        f"square is beyond {dtype}, so that sums and gradients overflow and little is learned. Clip or scale the "
        "values, such as by a StandardScaler before the network" + or_double_precision(dtype),
        UserWarning,
        stacklevel=6,
    )


def warn_of_hard_targets(y: np.ndarray, dtype: str) -> None:
    """Say which targets overflow when an error is squared, and which are too close together for ``dtype``."""
    table = y.reshape(len(y), -1)
    lowest, highest = extremes(table)
    largest = max(np.abs(lowest).max(), np.abs(highest).max())
    cure = TEACH_SCALED + or_double_precision(dtype)
    if largest > np.finfo(dtype).max:
        return  # it will be refused
    if largest > most_of_squares(dtype):
        table = table.astype("float64")
        far = np.flatnonzero((np.abs(table) > most_of_squares(dtype)).any(axis=1))
        value = table[far[0]][np.argmax(np.abs(table[far[0]]))]
        warnings.warn(
            f"y has {value:.3g} in row {far[0]}{_and_others(len(far))}. The square of an error as large as that is "
            f"beyond {dtype}. {cure}",
            UserWarning,
            stacklevel=7,
        )
        return
    close, spread, step = _columns_too_close(lowest, highest, dtype)
    if close.size:
        where = f"Column {close[0]} of y" if table.shape[1] > 1 else "y"
        warnings.warn(
            f"{where} varies by {spread[close[0]]:.3g} around {table[0, close[0]]:.6g}, where "
            f"{dtype} tells apart only numbers that are {step[close[0]]:.2g} from each other. {cure}",
            UserWarning,
            stacklevel=7,
        )


def warn_of_close_inputs(X: Any, dtype: str) -> None:
    """Say which column of a dense table has numbers that are too close together for ``dtype``."""
    table = _in_double_precision(X.table if isinstance(X, ChosenRows) else X)
    if np.finfo(dtype).bits >= 64 or table is None or not table.size:
        return
    lowest, highest = X.extremes if isinstance(X, ChosenRows) else extremes(table)
    close, spread, step = _columns_too_close(lowest, highest, dtype)
    if close.size:
        first = close[0]
        name = repr(X.columns[first]) if hasattr(X, "columns") else first
        warnings.warn(
            f"Column {name} of X{_and_others(len(close))} varies by {spread[first]:.3g} around {lowest[first]:.6g}, "
            f"where {dtype} tells apart only numbers that are {step[first]:.2g} from each other. Scale it, such as by "
            f"a StandardScaler before the network{or_double_precision(dtype)}",
            UserWarning,
            stacklevel=6,
        )


def _values_of(array: Any) -> np.ndarray:
    """All numbers that stand in a table: of sparse rows those that are there, of chosen rows those of their table."""
    return array.data if hasattr(array, "toarray") else array.table if isinstance(array, ChosenRows) else array


def largest_of(array: Any) -> float:
    """The largest of all numbers in a table, without their signs; 0 if there are none, as of text."""
    values = _values_of(array)
    if not values.size or values.dtype.kind not in "biuf":
        return 0.0
    lowest, highest = array.extremes if isinstance(array, ChosenRows) else extremes(values, by_column=False)
    return float(max(highest.max(), -lowest.min()))


def _columns_too_close(
    lowest: np.ndarray, highest: np.ndarray, dtype: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns that vary by a few steps of ``dtype`` only; of all columns by how much they vary, and the steps."""
    step = np.maximum(np.abs(lowest), np.abs(highest)) * np.finfo(dtype).eps
    spread = highest - lowest
    return np.flatnonzero((spread > 0) & (spread < _STEPS_IN_RANGE * step)), spread, step


def _in_double_precision(X: Any) -> np.ndarray | None:
    """A dense table of numbers that have more digits than single precision keeps; None if it is none."""
    if hasattr(X, "columns") and hasattr(X, "to_numpy"):
        if any(str(dtype) not in ("float64", "int64") for dtype in X.dtypes):
            return None
        X = X.to_numpy()
    is_table = isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "fiu" and X.dtype.itemsize >= 4
    return X if is_table and X.dtype != np.float32 else None


def check_predictions(table: np.ndarray, X: Any, *, first: int = 0, refuse: str | None = None) -> bool:
    """Say which rows have no finite prediction, and why; an error if ``refuse`` names what cannot follow from it.

    Parameters
    ----------
    table : ndarray of shape (n_rows, n_columns)
    X : ndarray, ChosenRows or CSR matrix
        The rows.
    first : int
        The number of the first of them.

    Returns
    -------
    has_warned : bool
    """
    rows = np.flatnonzero(~np.isfinite(table).all(axis=1))
    if not rows.size:
        return False
    inputs = X[rows[:1]]
    largest = float(np.abs(inputs.toarray() if hasattr(inputs, "toarray") else inputs).max())
    message = (
        f"What the network says of row {first + rows[0]}{_and_others(len(rows))} is not finite: its largest input is "
        f"{largest:.3g}, and sums of it overflow. Clip or scale such inputs as those of fit, or drop them."
    )
    if refuse is not None:
        raise ValueError(f"{message} {refuse}")
    warnings.warn(message, UserWarning, stacklevel=4)
    return True


def most_of_squares(dtype: str) -> float:
    """The largest number whose square is finite."""
    return float(np.sqrt(np.finfo(dtype).max))


def or_double_precision(dtype: str) -> str:
    return ", or use dtype='float64'." if dtype == "float32" else "."


def _and_others(n_rows: int) -> str:
    return "" if n_rows == 1 else f" (and {n_rows - 1} more)"
