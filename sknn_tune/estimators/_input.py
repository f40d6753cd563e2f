"""Check what the user gives as X, y and weights; say what to do about what cannot be used."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import validate_data

from .._compat.scikit_learn import check_sample_weight
from ..specs import ChosenRows
from ..tables import ABSENT, explained, refuse_broken_sparse, why_no_numbers, without_mask
from ._overflow import warn_of_close_inputs

#: Bytes of the largest table that is copied to have the numbers of the network: a copy is quicker than to convert each
#: row in each epoch, but costs memory.
_LARGEST_COPY = 2**24

#: scikit-learn's way to say that there is no y to look at.
NO_TARGETS = "no_validation"


class FittedOnRows(Protocol):
    """An estimator that remembers the shape of its rows."""

    _model_function: Any
    feature_layers: Any
    dtype: str
    feature_names_in_: np.ndarray
    _numeric_target: bool
    _row_shape: tuple[int, ...]


def check_inputs(estimator: FittedOnRows, X: Any, y: Any = NO_TARGETS, *, reset: bool, in_order: bool = False) -> Any:
    """``X`` (and ``y``) as arrays; ``n_features_in_`` and ``feature_names_in_`` are set or compared.

    ``in_order`` says that somebody has compared the names of the columns.
    """
    refuse_broken_sparse(X, "X")
    refuse_broken_sparse(y, "y")
    if not reset and isinstance(y, str):
        plain = _plain_rows(estimator, X) if in_order or not hasattr(estimator, "feature_names_in_") else None
        if plain is not None:
            return plain
    _check_no_list_of_columns(X, y)
    takes_nd = estimator.feature_layers is not None or estimator._model_function is not None
    X, y = without_mask(X), without_mask(y)
    of_targets = {"multi_output": True, "y_numeric": estimator._numeric_target}
    options: dict[str, Any] = of_targets if has_targets(y) else {}
    rows = _rows_as_they_are(X, estimator.dtype)
    stays = rows is not None
    options |= {"dtype": None, "ensure_all_finite": False} if stays else {"dtype": np.dtype(estimator.dtype)}
    with explaining(estimator, X, y), np.errstate(over="ignore", invalid="ignore"):  # not NumPy's warnings, too
        try:
            checked = validate_data(estimator, X, y, reset=reset, accept_sparse="csr", allow_nd=takes_nd, **options)
        except ValueError as error:
            if isinstance(X, np.ndarray) and "Found array with dim" in str(error) and X.ndim > 2 and not takes_nd:
                raise ValueError(
                    f"{error} Rows with more than one axis need 'feature_layers' (such as Conv2D and Flatten) or a "
                    "'model' that takes them."
                ) from error
            raise
        if has_targets(y) and estimator._numeric_target:
            checked = checked[0], as_numbers(checked[1])
    array = checked[0] if isinstance(checked, tuple) else checked
    if stays:
        checked = (rows, checked[1]) if isinstance(checked, tuple) else rows
    if reset:
        estimator._row_shape = array.shape[1:]
        warn_of_close_inputs(rows if stays else X, estimator.dtype)
    elif array.shape[1:] != estimator._row_shape:
        raise ValueError(
            f"X has rows of shape {array.shape[1:]}, but {type(estimator).__name__} was fitted on rows of shape "
            f"{estimator._row_shape}."
        )
    return checked


def _check_no_list_of_columns(X: Any, y: Any) -> None:
    """Refuse targets of several outputs as Keras takes them: scikit-learn counts rows in the outermost axis."""
    if not isinstance(y, list | tuple) or not y or not all(isinstance(part, np.ndarray) and part.ndim for part in y):
        return
    n_rows = X.shape[0] if getattr(X, "shape", ()) else None
    if n_rows is None or len(y) == n_rows:
        return
    if all(part.shape[0] == n_rows for part in y):
        raise ValueError(
            f"y is a {type(y).__name__} of {len(y)} arrays of {n_rows} rows each, as a Keras model of several outputs "
            "takes them. Put their columns side by side, numpy.column_stack(y): a 'model' with several outputs gets "
            "them in this order, as many for each as it has units."
        )


def _plain_rows(estimator: FittedOnRows, X: Any) -> Any:
    """``X`` as scikit-learn would give it back, if it is an array of numbers with nothing to complain about.

    scikit-learn takes a tenth of a millisecond to find that out, several times what one row takes in the network.
    """
    is_sparse = type(X) in (sparse.csr_array, sparse.csr_matrix)
    if not (is_sparse or type(X) is np.ndarray) or X.dtype.kind not in "fiub" or not X.shape[0]:
        return None
    if X.shape[1:] != estimator._row_shape:
        return None
    stays = None if is_sparse else _rows_as_they_are(X, estimator.dtype)
    if stays is not None:
        return stays
    with np.errstate(over="ignore", invalid="ignore"):
        rows = X.astype(estimator.dtype, copy=False)
        return rows if np.isfinite((rows.data if is_sparse else rows).sum()) else None


def _rows_as_they_are(X: Any, dtype: str) -> ChosenRows | None:
    """The rows of a large array of finite numbers in another form than the network's; None of anything else.

    They are converted when they are taken, so that no copy of the whole is made.
    """
    if not isinstance(X, np.ndarray) or X.dtype.kind not in "fiub" or X.dtype == dtype or X.ndim < 2:
        return None
    if X.size * np.dtype(dtype).itemsize <= _LARGEST_COPY:
        return None
    rows = ChosenRows(np.asarray(X), None, dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        is_finite = X.dtype.kind != "f" or all(np.isfinite(each.astype(dtype)).all() for each in rows.extremes)
    return rows if is_finite else None


def has_targets(y: Any) -> bool:
    """Whether there is a y to look at, be it None."""
    return not isinstance(y, str) or y != NO_TARGETS


def as_numbers(y: Any) -> np.ndarray:
    """Targets as numbers: text may say one, and None among objects is a missing one. To be called in `explaining`."""
    y = y.toarray() if sparse.issparse(y) else y
    if y.dtype.kind in "biu":
        return y
    if y.dtype.kind == "V":  # one field would pass for a number
        raise ValueError("y is a structured array.")
    numbers = y if y.dtype.kind == "f" else y.astype(np.float64)
    assert_all_finite(numbers, input_name="y")
    return numbers


def explaining(estimator: Any, X: Any, y: Any = NO_TARGETS, **known: Any) -> AbstractContextManager[None]:
    """Inside, scikit-learn checks what ``estimator`` was given; see `explained`."""
    return explained(
        type(estimator).__name__,
        X,
        y if has_targets(y) else ABSENT,
        targets="numbers" if estimator._numeric_target else "labels",
        **{"dtype": estimator.dtype, **known},
    )


def check_weights(sample_weight: Any, X: Any, dtype: str, name: str = "sample_weight") -> np.ndarray | None:
    """Weights as an array, or None; negative ones and all zeros are refused."""
    if sample_weight is None:
        return None
    sample_weight = without_mask(sample_weight)
    array = np.asarray(sample_weight)
    if array.dtype.kind in "mM":  # they would pass for what stands for them inside
        raise ValueError(why_no_numbers(sample_weight, name))
    if array.dtype.kind in "biuf" and not array.any():
        raise ValueError(
            f"The '{name}' argument is zero for every row, so no row counts. Give at least one row a positive weight."
        )
    with np.errstate(over="ignore"):
        is_too_small = array.dtype.kind == "f" and not array.astype(dtype).any()
    if is_too_small:
        raise ValueError(
            f"The '{name}' argument is too small for dtype={dtype!r}, in which all of it is zero: the largest weight "
            f"is {array.max()!s}. Divide all weights by the largest: only their ratios count."
        )
    try:
        with np.errstate(over="ignore"):  # what is too large is refused
            return check_sample_weight(sample_weight, X, np.dtype(dtype))
    except (TypeError, ValueError) as error:
        sentence, where = why_no_numbers(sample_weight, name), _first_bad_weight(sample_weight, dtype)
        if sentence is None and not where:
            raise
        raise ValueError(sentence or f"{str(error).rstrip('.')}: {where}.") from error


def check_scored(X: Any, y: Any, sample_weight: Any) -> None:
    """Refuse targets and weights that scikit-learn's scores would take for others, or not look at."""
    refuse_broken_sparse(y, "y")
    check_weights(sample_weight, X, "float64")


def _first_bad_weight(sample_weight: Any, dtype: str) -> str:
    """``"row 3 has -1.0"``, or nothing if no row is to blame."""
    if np.iscomplexobj(sample_weight):
        return ""
    try:
        weights = np.asarray(sample_weight, dtype="float64").ravel()
    except (TypeError, ValueError):
        return ""
    bad = np.flatnonzero(~((weights >= 0) & (weights <= np.finfo(dtype).max)))
    return f"row {bad[0]} has {weights[bad[0]]} ({len(bad)} such row(s))" if bad.size else ""


def with_mean_one(weights: np.ndarray | None) -> np.ndarray | None:
    """Weights scaled to mean one.

    Keras divides a batch's loss by its rows, not by its weights; with mean one the learning rate means
    the same whatever the scale of the weights, and a weight of two is the same as the row given twice.
    """
    if weights is None:
        return None
    with np.errstate(over="ignore"):
        mean = weights.mean()
    if not np.isfinite(mean):  # the sum overflows, not the mean
        mean = weights.mean(dtype="float64")
    return (weights / mean).astype(weights.dtype)


def is_single_precision(X: Any) -> bool:
    """Whether X is an array, a sparse matrix or a DataFrame of float32 throughout."""
    dtypes = getattr(X, "dtypes", None)
    found = [getattr(X, "dtype", None)] if dtypes is None else list(dtypes)
    return bool(found) and all(str(dtype).lower() == "float32" for dtype in found)
