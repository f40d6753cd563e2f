"""What y is, how a network is taught it, and how its outputs become what the user asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy import sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from ..specs import Accuracy

#: How a network is taught a class: one number in [0, 1], the number of the class, or a row with a single one;
#: a number is taught as it is.
#: "encoded" is what the user's own transformer makes of it.
Form = Literal["binary", "index", "one_hot", "number", "encoded"]


@dataclass(frozen=True, eq=False)
class ClassTarget:
    """Classes of one target, or the labels of a multilabel one.

    Attributes
    ----------
    kind : {"binary", "multiclass", "multilabel-indicator"}
    classes : ndarray of shape (n_classes,)
        Sorted labels; ``0 .. n_labels - 1`` for multilabel.
    label_dtype : dtype
        Of the labels in multilabel predictions: bool for bools, else int64, as of scikit-learn's MLPClassifier.
    """

    kind: str
    classes: np.ndarray = field(repr=False)
    label_dtype: Any = np.int64

    @property
    def is_multilabel(self) -> bool:
        return self.kind == "multilabel-indicator"

    def encode(self, y: np.ndarray, form: str, dtype: str) -> np.ndarray:
        """Labels as the loss wants them."""
        if self.is_multilabel:
            return y.astype(dtype)
        index = self.index(y)
        if form == "binary":
            return index.astype(dtype).reshape(-1, 1)
        if form == "index":
            return index.astype("int32")
        return np.eye(len(self.classes), dtype=dtype)[index]

    def class_index(self, y: np.ndarray) -> np.ndarray | None:
        """The classes by which rows are held out in equal shares; None if a row may have several."""
        return None if self.is_multilabel else self.index(y)

    def check_same(self, y: np.ndarray, classes: Any) -> None:
        """Refuse another target than that of the fits before."""
        if classes is not None and not np.array_equal(np.unique(classes), self.classes):
            raise ValueError(
                f"classes={classes!r} is not the same as in the first call: {self.classes.tolist()}. "
                "Give the same classes, or leave them out."
            )
        if not self.is_multilabel:
            self.index(y)

    def index(self, y: np.ndarray) -> np.ndarray:
        """The number of the class of each row; labels that are no class are refused."""
        position = np.clip(np.searchsorted(self.classes, y), 0, len(self.classes) - 1)
        unknown = self.classes[position] != y
        if np.any(unknown):
            raise ValueError(
                f"y has labels that are not among the classes: {sorted(set(np.asarray(y)[unknown].tolist()))[:5]}. "
                f"The classes are {self.classes.tolist()[:10]}."
            )
        return position

    def probabilities(self, outputs: np.ndarray, *, output_activation: Any, logits: bool) -> np.ndarray:
        """Outputs as probabilities of shape (n_rows, n_classes), in float64 so that rows sum to one."""
        outputs = outputs.astype("float64")
        one_unit = outputs.shape[1] == 1
        if logits:
            outputs = _sigmoid(outputs) if one_unit or self.is_multilabel else _softmax(outputs)
        elif output_activation == "tanh":
            outputs = (outputs + 1) / 2
        outputs = np.clip(outputs, 0.0, 1.0)
        if self.is_multilabel:
            tiny = np.finfo("float64").eps
            return np.clip(outputs, tiny, 1 - tiny)
        if one_unit:
            return np.hstack([1 - outputs, outputs])
        sums = outputs.sum(axis=1, keepdims=True)
        return np.where(sums > 0, outputs / np.where(sums > 0, sums, 1), 1 / outputs.shape[1])

    def said_by(self, outputs: np.ndarray) -> np.ndarray:
        """The labels that probabilities as a network gives them stand for."""
        outputs = outputs.reshape(len(outputs), -1)
        return self.labels(self.probabilities(outputs, output_activation=None, logits=False))

    def labels(self, probabilities: np.ndarray) -> np.ndarray:
        """The most probable class of each row, or the labels that are more likely than not."""
        if self.is_multilabel:
            return (probabilities > 0.5).astype(self.label_dtype)
        return self.classes[np.argmax(probabilities, axis=1)]


@dataclass(frozen=True)
class NumberTarget:
    """One or several numbers per row.

    Attributes
    ----------
    n_outputs : int
    is_flat : bool
        Whether y had one axis.
    """

    n_outputs: int
    is_flat: bool

    @classmethod
    def of(cls, y: np.ndarray) -> NumberTarget:
        return cls(1 if y.ndim == 1 else y.shape[1], y.ndim == 1)

    @property
    def kind(self) -> str:
        return "continuous" if self.is_flat else "continuous-multioutput"

    def encode(self, y: np.ndarray, form: str, dtype: str) -> np.ndarray:
        """Numbers of shape (n_rows, n_outputs)."""
        return y.reshape(len(y), -1).astype(dtype)

    def said_by(self, outputs: np.ndarray) -> np.ndarray:
        """Numbers in the shape of y."""
        return outputs.ravel() if self.is_flat else outputs

    def class_index(self, y: np.ndarray) -> None:
        """Numbers have no classes."""

    def check_same(self, y: np.ndarray, classes: Any) -> None:
        """Refuse another target than that of the fits before."""
        if (1 if y.ndim == 1 else y.shape[1]) != self.n_outputs or (y.ndim == 1) != self.is_flat:
            raise ValueError(
                f"y has shape {y.shape}, but the first call of fit or partial_fit had {self.n_outputs} output(s)."
            )


Target = ClassTarget | NumberTarget


@dataclass(frozen=True)
class Output:
    """The output layer, and what belongs to it.

    Attributes
    ----------
    n_units : int
    activation : str or callable
    form : {"binary", "index", "one_hot", "number", "encoded"}
        How the target is encoded.
    loss : object
    accuracy : {"binary", "index", "one_hot"} or None
        Which accuracy is recorded.
    """

    n_units: int
    activation: str | Callable[..., Any]
    form: Form
    loss: Any
    accuracy: Accuracy | None


def describe_classes(y: np.ndarray, *, classes: Any = None) -> ClassTarget:
    """What kind of classification ``y`` is. ``classes`` (for partial_fit) names them all beforehand."""
    try:
        kind = type_of_target(y, input_name="y")
    except TypeError as error:  # NumPy sorts the labels
        types = sorted({type(label).__name__ for label in np.ravel(y).tolist()})
        raise ValueError(
            f"y has labels of types that cannot be ordered: {', '.join(types)}. Give labels of one type, and drop the "
            "rows whose label is missing."
        ) from error
    if kind in ("continuous", "continuous-multioutput"):
        check_classification_targets(y)  # raises scikit-learn's "Unknown label type"
    if kind == "multiclass-multioutput":
        raise ValueError(
            "y has several columns with more than two classes (multiclass-multioutput), which one network of "
            "KerasClassifier cannot learn. Wrap it: MultiOutputClassifier(KerasClassifier(...))."
        )
    if kind not in ("binary", "multiclass", "multilabel-indicator"):
        raise ValueError(f"Unknown label type: {kind}. y must hold one class label per row, or a 0/1 matrix of labels.")
    if kind == "multilabel-indicator":
        n_labels = y.shape[1]
        return ClassTarget(kind, np.arange(n_labels), bool if y.dtype == bool else np.int64)
    labels = np.unique(y) if classes is None else np.unique(column_or_1d(classes))
    return ClassTarget("binary" if len(labels) <= 2 else "multiclass", labels)


def flat_labels(y: Any) -> np.ndarray:
    """y of shape (n_rows,), or (n_rows, n_labels) for multilabel; a single column is flattened with a warning."""
    if sparse.issparse(y):
        y = y.toarray()
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Change the shape of y to "
            "(n_samples,), for example using ravel().",
            DataConversionWarning,
            stacklevel=7,
        )
        y = y.ravel()
    return y


def require_two_classes(target: ClassTarget, y: np.ndarray, estimator: str) -> None:
    """Refuse a target of one class: there is nothing to tell apart."""
    if not target.is_multilabel and len(np.unique(y)) < 2 and len(target.classes) < 2:
        raise ValueError(
            f"{estimator} needs rows of at least 2 classes, but the rows that have a weight contain only one class: "
            f"{target.classes.tolist()[0]!r}. Look whether a split or a filter has removed the others."
        )


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(values / 2))


def _softmax(values: np.ndarray) -> np.ndarray:
    exponentials = np.exp(values - values.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
