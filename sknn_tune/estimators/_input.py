"""Check what the user gives as X, y and weights; say what to do about what cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_array, validate_data

from .._compat.scikit_learn import check_sample_weight

#: Which values of a column cannot be used.
Test = Callable[[Any], np.ndarray]


class FittedOnRows(Protocol):
    """An estimator that remembers the shape of its rows."""

    _model_function: Any
    feature_layers: Any
    dtype: str
    _numeric_target: bool
    _row_shape: tuple[int, ...]


def check_inputs(estimator: FittedOnRows, X: Any, y: Any = "no_validation", *, reset: bool) -> Any:
    """``X`` (and ``y``) as arrays; ``n_features_in_`` and ``feature_names_in_`` are set or compared."""
    takes_nd = estimator.feature_layers is not None or estimator._model_function is not None
    options = {} if isinstance(y, str) else {"multi_output": True, "y_numeric": estimator._numeric_target}
    try:
        # What overflows float32 gets our sentence below, not NumPy's warnings.
        with np.errstate(over="ignore", invalid="ignore"):
            checked = validate_data(
                estimator,
                X,
                y,
                reset=reset,
                accept_sparse="csr",
                dtype=np.dtype(estimator.dtype),
                allow_nd=takes_nd,
                **options,
            )
    except ValueError as error:
        explained = _explained(error, X, type(estimator).__name__, takes_nd)
        if explained is None:
            raise
        raise ValueError(explained) from error
    array = checked[0] if isinstance(checked, tuple) else checked
    if reset:
        estimator._row_shape = array.shape[1:]
    elif array.shape[1:] != estimator._row_shape:
        raise ValueError(
            f"X has rows of shape {array.shape[1:]}, but {type(estimator).__name__} was fitted on rows of shape "
            f"{estimator._row_shape}."
        )
    return checked


def check_weights(sample_weight: Any, X: Any, dtype: str, name: str = "sample_weight") -> np.ndarray | None:
    """Weights as an array, or None; negative ones and all zeros are refused."""
    if sample_weight is None:
        return None
    if not np.any(np.asarray(sample_weight)):
        raise ValueError(
            f"The '{name}' argument is zero for every row, so no row counts. Give at least one row a positive weight."
        )
    return check_sample_weight(sample_weight, X, np.dtype(dtype))


def with_mean_one(weights: np.ndarray | None) -> np.ndarray | None:
    """Weights scaled to mean one.

    Keras divides a batch's loss by its rows, not by its weights; with mean one the learning rate means
    the same whatever the scale of the weights, and a weight of two is the same as the row given twice.
    """
    return None if weights is None else (weights / weights.mean()).astype(weights.dtype)


def _explained(error: ValueError, X: Any, estimator: str, takes_nd: bool) -> str | None:
    """A sentence that says where and what to do; None where scikit-learn's own cannot be bettered."""
    message = str(error)
    if "contains NaN" in message and "Input X" in message:
        return (
            f"Input X contains NaN{_where(X, _is_nan)}. {estimator} does not accept missing values encoded as NaN "
            "natively: drop these rows, or put an imputer before it, such as "
            f"make_pipeline(SimpleImputer(), StandardScaler(), {estimator}())."
        )
    if "infinity" in message and "Input X" in message:
        return f"{message.rstrip('.')}{_where(X, _is_infinite)}. Clip or drop these values."
    if "could not convert string" in message:
        return (
            f"{message}{_where(X, _is_text)}. {estimator} takes numbers only: encode text columns before it, such as "
            "with ColumnTransformer([('text', OneHotEncoder(handle_unknown='ignore'), columns)], "
            "remainder=StandardScaler())."
        )
    if "Found array with dim" in message and not takes_nd and np.ndim(X) > 2:
        return (
            f"{message} Rows with more than one axis need 'feature_layers' (such as Conv2D and Flatten) or a 'model' "
            "that takes them."
        )
    return None


def _where(X: Any, test: Test) -> str:
    """``" in column 'age' (3 rows)"``, for the first columns that fail the test."""
    found = [
        f"{column!r} ({count} {'row' if count == 1 else 'rows'})"
        for column, count in ((_plain(column), count) for column, count in _failures(X, test))
        if count
    ]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f" in column{'s' if len(found) > 1 else ''} {', '.join(found[:5])}{more}" if found else ""


def _failures(X: Any, test: Test) -> list[tuple[Any, int]]:
    """Each column and how many of its rows fail the test; nothing for arrays that have no columns."""
    if sparse.issparse(X):
        entries = X.tocoo()
        counts = np.bincount(entries.col[test(entries.data)], minlength=X.shape[1])
        return list(enumerate(counts.tolist()))
    columns = getattr(X, "columns", None)
    if columns is not None:
        return [(column, int(np.sum(test(np.asarray(X[column]))))) for column in columns]
    array = check_array(X, dtype=None, ensure_all_finite=False, allow_nd=True)
    return [] if array.ndim != 2 else [(i, int(np.sum(test(column)))) for i, column in enumerate(array.T)]


def _plain(column: Any) -> Any:
    return column.item() if isinstance(column, np.generic) else column


def _is_nan(values: Any) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind in "biu":
        return np.zeros(len(values), dtype=bool)
    return np.asarray([value is None or value != value for value in values.tolist()], dtype=bool)


def _is_infinite(values: Any) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.isinf(np.asarray(values, dtype="float64").astype("float32"))


def _is_text(values: Any) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind in "biuf":
        return np.zeros(len(values), dtype=bool)
    return np.asarray([not _is_number(value) for value in values.tolist()], dtype=bool)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
