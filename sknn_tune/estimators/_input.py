"""Check what the user gives as X, y and weights; say what to do about what cannot be used."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import validate_data

from .._compat.scikit_learn import check_sample_weight
from ..tables import ABSENT, explained, why_no_numbers, without_mask

#: scikit-learn's way to say that there is no y to look at.
NO_TARGETS = "no_validation"


class FittedOnRows(Protocol):
    """An estimator that remembers the shape of its rows."""

    model: Any
    feature_layers: Any
    dtype: str
    _numeric_target: bool
    _row_shape: tuple[int, ...]


def check_inputs(estimator: FittedOnRows, X: Any, y: Any = NO_TARGETS, *, reset: bool) -> Any:
    """``X`` (and ``y``) as arrays; ``n_features_in_`` and ``feature_names_in_`` are set or compared."""
    takes_nd = estimator.feature_layers is not None or estimator.model is not None
    X, y = without_mask(X), without_mask(y)
    options = {"multi_output": True, "y_numeric": estimator._numeric_target} if has_targets(y) else {}
    with explaining(estimator, X, y), np.errstate(over="ignore", invalid="ignore"):  # not NumPy's warnings, too
        try:
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
            if isinstance(X, np.ndarray) and "Found array with dim" in str(error) and X.ndim > 2 and not takes_nd:
                raise ValueError(
                    f"{error} Rows with more than one axis need 'feature_layers' (such as Conv2D and Flatten) or a "
                    "'model' that takes them."
                ) from error
            raise
        if has_targets(y) and estimator._numeric_target:
            checked = checked[0], as_numbers(checked[1])
    array = checked[0] if isinstance(checked, tuple) else checked
    if reset:
        estimator._row_shape = array.shape[1:]
    elif array.shape[1:] != estimator._row_shape:
        raise ValueError(
            f"X has rows of shape {array.shape[1:]}, but {type(estimator).__name__} was fitted on rows of shape "
            f"{estimator._row_shape}."
        )
    return checked


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
    if array.dtype.kind in "biuf" and not array.any():
        raise ValueError(
            f"The '{name}' argument is zero for every row, so no row counts. Give at least one row a positive weight."
        )
    try:
        return check_sample_weight(sample_weight, X, np.dtype(dtype))
    except (TypeError, ValueError) as error:
        sentence = why_no_numbers(sample_weight, name)
        if sentence is None:
            raise
        raise ValueError(sentence) from error


def with_mean_one(weights: np.ndarray | None) -> np.ndarray | None:
    """Weights scaled to mean one.

    Keras divides a batch's loss by its rows, not by its weights; with mean one the learning rate means
    the same whatever the scale of the weights, and a weight of two is the same as the row given twice.
    """
    return None if weights is None else (weights / weights.mean()).astype(weights.dtype)
