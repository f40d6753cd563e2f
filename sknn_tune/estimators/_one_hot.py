"""Matrices with a single one in each row: classes, of which each row has one, or labels, of which it may have several.

The matrix alone does not say which. A loss for exclusive classes does, as does a softmax; without either it is what it
is for scikit-learn, a matrix of labels, and a warning says what to write.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..specs import INDEX_LOSSES, name_of_activation, name_of_loss

#: Losses of classes of which each row has one.
EXCLUSIVE_LOSSES = INDEX_LOSSES | {
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "kl_divergence",
}

#: Losses that take each label for itself, by which a user says that these are labels.
_LOSSES_OF_LABELS = frozenset({"binary_crossentropy", "binary_focal_crossentropy"})


def is_one_hot(y: np.ndarray) -> bool:
    """Whether every row has one 1, and zeros."""
    return y.ndim == 2 and y.shape[1] > 1 and len(y) > 0 and not np.any(_not_one_hot(y))


def first_row_of_another_kind(y: np.ndarray) -> int:
    """The first row that has no 1, or several."""
    return int(np.argmax(_not_one_hot(y)))


def _not_one_hot(y: np.ndarray) -> np.ndarray:
    """Which rows have no 1, or several, or other numbers."""
    return (np.count_nonzero(y, axis=1) != 1) | (np.max(y, axis=1) != 1)


def are_probabilities(y: np.ndarray) -> bool:
    """Whether every row is a distribution over columns."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind != "f":
        return False
    return bool(np.all(y >= 0) and np.allclose(y.sum(axis=1), 1, atol=1e-3))


def is_for_exclusive_classes(loss: Any) -> bool:
    """Whether a loss, by name, class, object or function, is for classes of which each row has one."""
    return name_of_loss(loss) in EXCLUSIVE_LOSSES


def matrix_of_classes(y: np.ndarray, loss: Any, output_activation: Any) -> bool:
    """Whether the columns of a 0/1 matrix are exclusive classes, by the loss and the output activation."""
    told = is_for_exclusive_classes(loss)
    if is_one_hot(y):
        return told or name_of_activation(output_activation) == "softmax"
    automatic = isinstance(output_activation, str) and output_activation == "auto"
    if told and (automatic or name_of_loss(loss) in INDEX_LOSSES):
        row = first_row_of_another_kind(y)
        raise ValueError(
            f"The loss {_shown(loss)} is for classes of which each row has one, but row {row} of y has "
            f"{int(np.count_nonzero(y[row]))} of the {y.shape[1]} columns set. Use loss='binary_crossentropy' if a row "
            "may have several labels, or none; else give each row one 1."
        )
    return False


def _shown(loss: Any) -> str:
    return repr(loss) if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)


def warn_of_labels(y: np.ndarray, loss: Any, estimator: str) -> None:
    """Say how a matrix with one 1 in each row is read, unless the loss says that it is meant so."""
    if is_one_hot(y) and name_of_loss(loss) not in _LOSSES_OF_LABELS:
        warnings.warn(
            f"Every row of y has one 1 in its {y.shape[1]} columns. {estimator} takes these for labels of which a row "
            "may have several, as scikit-learn does. If each row has one class, write loss='categorical_crossentropy' "
            "(or output_activation='softmax' with a loss of your own), or give the classes themselves, "
            "y.argmax(axis=1). If labels are meant, loss='binary_crossentropy' says so.",
            UserWarning,
            stacklevel=6,
        )


def column_names(y: Any) -> np.ndarray | None:
    """The names of the columns of a table, in their order, if all are different strings."""
    columns = getattr(y, "columns", None)
    if columns is None or len(set(columns)) != len(columns) or not all(isinstance(name, str) for name in columns):
        return None
    return np.asarray([str(name) for name in columns])


def check_order_of_columns(y: Any, columns: tuple[str, ...] | None) -> None:
    """Refuse a table of targets with the columns of fit in another order: each would be taken for another one."""
    names = None if columns is None else column_names(y)
    if names is None or columns is None or tuple(names) == columns or sorted(names) != sorted(columns):
        return
    raise ValueError(
        f"y has the columns {names.tolist()}, but {list(columns)} in fit. Give them in that order: y[{list(columns)}]."
    )
