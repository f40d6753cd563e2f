"""What y is, how a network is taught it, and how its outputs become what the user asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from scipy import sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.validation import column_or_1d

from .._compat.scikit_learn import check_classification_targets, type_of_target
from ..specs import Accuracy, Meaning, TargetKind, Taught
from ..tables import sentence_about_odd_labels, why_no_labels, why_no_table
from ._one_hot import are_probabilities, check_order_of_columns, column_names, first_row_of_another_kind, is_one_hot
from ._target_numbers import cast_targets

#: How a network is taught a class: one number in [0, 1], the number of the class, or a row with a single one;
#: a number is taught as it is.
#: "encoded" is what the user's own transformer makes of it.
Form = Literal["binary", "index", "one_hot", "number", "encoded"]


#: Labels that are looked up together, for which several numbers of eight bytes are needed each.
_ROWS_AT_ONCE = 2**20


@dataclass(frozen=True, eq=False)
class ClassTarget:
    """Classes of one target, or the labels of a multilabel one.

    Attributes
    ----------
    kind : {"binary", "multiclass", "multilabel-indicator"}
    classes : ndarray of shape (n_classes,)
        Sorted labels; for the columns of a matrix their names, or ``0 .. n_columns - 1``.
    label_dtype : dtype
        Of predictions that are a matrix: int64, as of scikit-learn's MLPClassifier, or bool if y has bools.
    is_one_hot : bool
        Whether y is a matrix with a column for each class, and one 1 in each row.
    columns : tuple of str or None
        Names of the columns of y, if it is a table of labels.
    """

    kind: str
    classes: np.ndarray = field(repr=False)
    label_dtype: Any = np.int64
    is_one_hot: bool = False
    columns: tuple[str, ...] | None = None

    @property
    def n_columns(self) -> int:
        """Of targets that are rows."""
        return len(self.classes)

    @property
    def taught_kind(self) -> TargetKind:
        """What a row has: one class, or labels."""
        return "labels" if self.is_multilabel else "classes"

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
        return np.eye(max(len(self.classes), 2), dtype=dtype)[index]

    def class_index(self, y: np.ndarray) -> np.ndarray | None:
        """The classes by which rows are held out in equal shares; None if a row may have several."""
        return None if self.is_multilabel else self.index(y)

    def check_same(self, y: np.ndarray, classes: Any) -> None:
        """Refuse another target than that of the fits before."""
        if classes is not None and not np.array_equal(np.unique(classes), np.unique(self.classes)):
            raise ValueError(
                f"classes={classes!r} is not the same as in the first call: {self.classes.tolist()}. "
                "Give the same classes, or leave them out."
            )
        if not self.is_multilabel:
            self.index(y)
        elif y.ndim != 2 or y.shape[1] != len(self.classes) or not np.isin(y, (0, 1)).all():
            raise ValueError(
                f"y has shape {y.shape}, but {len(self.classes)} columns of 0 and 1 are expected, as in the first call "
                "of fit or partial_fit."
            )

    def index(self, y: np.ndarray) -> np.ndarray:
        """The number of the class of each row; labels that are no class are refused."""
        if len(y) <= _ROWS_AT_ONCE:
            return self._index(y)
        small = np.min_scalar_type(len(self.classes))
        parts = (y[start : start + _ROWS_AT_ONCE] for start in range(0, len(y), _ROWS_AT_ONCE))
        return np.concatenate([self._index(part).astype(small) for part in parts])

    def _index(self, y: np.ndarray) -> np.ndarray:
        if self.is_one_hot:
            return self._index_of_rows(y)
        if y.ndim != 1:
            raise ValueError(
                f"y has shape {y.shape}, but one label per row is expected, as in the first call of fit or partial_fit."
            )
        position = np.clip(np.searchsorted(self.classes, y), 0, len(self.classes) - 1)
        unknown = self.classes[position] != y
        if np.any(unknown):
            raise ValueError(
                f"y has labels that are not among the classes: {sorted(set(np.asarray(y)[unknown].tolist()))[:5]}. "
                f"The classes are {self.classes.tolist()[:10]}."
            )
        return position

    def _index_of_rows(self, y: np.ndarray) -> np.ndarray:
        n_classes = len(self.classes)
        if y.ndim != 2 or y.shape[1] != n_classes:
            raise ValueError(
                f"y has shape {y.shape}, but {n_classes} columns with one 1 in each row are expected, as in the first "
                "call of fit or partial_fit."
            )
        if not is_one_hot(y) and len(y):
            row = first_row_of_another_kind(y)
            raise ValueError(
                f"Each row of y must have one 1, in the column of its class, but row {row} is {y[row].tolist()}."
            )
        return y.argmax(axis=1)

    def with_names_of(self, y: Any) -> ClassTarget:
        """The same with the names of the columns of ``y``; of a table with a column for each class they are classes."""
        names = column_names(y)
        if names is None or not (self.is_one_hot or self.is_multilabel):
            return self
        return replace(self, classes=names) if self.is_one_hot else replace(self, columns=tuple(names.tolist()))

    def check_names_of(self, y: Any) -> None:
        """Refuse columns in another order than that of the fits before."""
        check_order_of_columns(y, self.columns)
        names = column_names(y) if self.is_one_hot else None
        if names is not None and self.classes.dtype.kind == "U" and not np.array_equal(names, self.classes):
            raise ValueError(
                f"y has the columns {names.tolist()}, but {self.classes.tolist()} in the first call of fit or "
                "partial_fit. Give them in that order."
            )

    def probabilities(self, outputs: np.ndarray, meaning: Meaning) -> np.ndarray:
        """Outputs as probabilities of shape (n_rows, n_classes), in float64 so that rows sum to one."""
        outputs = outputs.astype("float64")
        if len(self.classes) == 1 and not self.is_multilabel:
            return np.ones((len(outputs), 1))
        one_unit = outputs.shape[1] == 1
        if meaning == "logits":
            outputs = _sigmoid(outputs) if one_unit or self.is_multilabel else _softmax(outputs)
        elif meaning == "signs":
            outputs = (outputs + 1) / 2
        outputs = np.clip(outputs, 0.0, 1.0)
        if self.is_multilabel:
            tiny = np.finfo("float64").eps
            return np.clip(outputs, tiny, 1 - tiny)
        if one_unit:
            return np.hstack([1 - outputs, outputs])
        sums = outputs.sum(axis=1, keepdims=True)
        nothing = sums == 0  # what is not a number stays so
        return np.where(nothing, 1 / outputs.shape[1], outputs / np.where(nothing, 1, sums))

    def said_by(self, outputs: np.ndarray) -> np.ndarray:
        """The labels that probabilities as a network gives them stand for."""
        outputs = outputs.reshape(len(outputs), -1)
        return self.labels(self.probabilities(outputs, "probabilities"))

    def labels(self, probabilities: np.ndarray) -> np.ndarray:
        """The most probable class of each row, or the labels that are more likely than not."""
        if self.is_multilabel:
            return (probabilities > 0.5).astype(self.label_dtype)
        if self.is_one_hot:
            return np.eye(len(self.classes), dtype=self.label_dtype)[np.argmax(probabilities, axis=1)]
        return self.classes[np.argmax(probabilities, axis=1)]


@dataclass(frozen=True)
class NumberTarget:
    """One or several numbers per row.

    Attributes
    ----------
    n_outputs : int
    is_flat : bool
        Whether y had one axis.
    columns : tuple of str or None
        Names of the columns of y, if it is a table.
    """

    n_outputs: int
    is_flat: bool
    columns: tuple[str, ...] | None = field(default=None, kw_only=True)

    @classmethod
    def of(cls, y: np.ndarray) -> NumberTarget:
        return cls(1 if y.ndim == 1 else y.shape[1], y.ndim == 1)

    @property
    def n_columns(self) -> int:
        """Of targets that are rows."""
        return self.n_outputs

    @property
    def taught_kind(self) -> TargetKind:
        """What a row has."""
        return "numbers"

    def with_names_of(self, y: Any) -> NumberTarget:
        """The same with the names of the columns of ``y``."""
        names = column_names(y)
        return self if names is None else replace(self, columns=tuple(names.tolist()))

    def check_names_of(self, y: Any) -> None:
        """Refuse columns in another order than that of the fits before."""
        check_order_of_columns(y, self.columns)

    @property
    def kind(self) -> str:
        return "continuous" if self.is_flat else "continuous-multioutput"

    def encode(self, y: np.ndarray, form: str, dtype: str) -> np.ndarray:
        """Numbers of shape (n_rows, n_outputs)."""
        return cast_targets(y.reshape(len(y), -1), dtype)

    def said_by(self, outputs: np.ndarray) -> np.ndarray:
        """Numbers in the shape of y."""
        return outputs.ravel() if self.is_flat else outputs

    def numbers(self, outputs: np.ndarray, taught: Taught) -> np.ndarray:
        """Outputs as numbers like those of y: of logits their probabilities."""
        if taught.outputs != "logits":
            return outputs
        return _softmax(outputs) if taught.exclusive and outputs.shape[1] > 1 else _sigmoid(outputs)

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
    meaning : {"probabilities", "logits", "signs", "numbers"}
        What the outputs say.
    exclusive : bool
        Of numbers that are probabilities: whether those of a row are of classes of which it has one.
    """

    n_units: int
    activation: str | Callable[..., Any]
    form: Form
    loss: Any
    accuracy: Accuracy | None
    meaning: Meaning
    exclusive: bool = False


def describe_classes(y: np.ndarray, *, classes: Any = None) -> ClassTarget:
    """What kind of classification ``y`` is. ``classes`` (for partial_fit) names them all beforehand."""
    if y.dtype.kind in "mM" and np.isnat(y).any():  # scikit-learn looks for missing numbers and objects only
        raise ValueError(
            why_no_labels(np.array([None if missing else "" for missing in np.isnat(y).ravel()], dtype=object))
        )
    if y.dtype.names:
        raise ValueError(why_no_table(y, "y", "KerasClassifier"))
    try:
        kind = type_of_target(y, input_name="y")
    except TypeError as error:  # NumPy sorts the labels
        types = sorted({type(label).__name__ for label in np.ravel(y).tolist()})
        if types == ["bytes"]:
            raise ValueError(
                "y has labels of type bytes. Make text of them: numpy.char.decode(y.astype(bytes))."
            ) from error
        raise ValueError(
            f"y has labels of types that cannot be ordered: {', '.join(types)}. Give labels of one type, and drop the "
            "rows whose label is missing."
        ) from error
    except ValueError as error:
        raise ValueError(why_no_labels(y) or str(error)) from error
    if kind == "continuous-multioutput" and are_probabilities(y):
        raise ValueError(
            "Unknown label type: y has probabilities of classes, but KerasClassifier learns one class per row. Use "
            "KerasRegressor(loss='categorical_crossentropy', output_activation='softmax'), whose predictions are "
            "probabilities, or give the most probable classes, y.argmax(axis=1)."
        )
    if kind in ("continuous", "continuous-multioutput"):
        check_classification_targets(y)  # raises scikit-learn's "Unknown label type"
    if kind == "multiclass-multioutput":
        raise ValueError(
            "y has several columns with more than two classes (multiclass-multioutput), which one network of "
            "KerasClassifier cannot learn. Wrap it: MultiOutputClassifier(KerasClassifier(...))."
        )
    if kind not in ("binary", "multiclass", "multilabel-indicator"):
        raise ValueError(sentence_about_odd_labels(y))
    if kind == "multilabel-indicator":
        if not np.isin(y, (0, 1)).all():
            raise ValueError(
                f"y is a matrix of the two values {np.unique(y).tolist()}, but a matrix of labels has 1 where a row "
                "has the label of the column, and 0 elsewhere. Give (y == ...).astype(int)."
            )
        n_labels = y.shape[1]
        return ClassTarget(kind, np.arange(n_labels), bool if y.dtype == bool else np.int64)
    labels = np.unique(y) if classes is None else np.unique(column_or_1d(classes))
    return ClassTarget("binary" if len(labels) <= 2 else "multiclass", labels)


def check_classes(classes: Any) -> None:
    """Refuse ``classes`` (of partial_fit) that are no list of labels."""
    start = "The 'classes' argument of partial_fit must be a list of all labels that will ever come, but"
    if isinstance(classes, Set):
        raise ValueError(f"{start} {classes!r} is a set, which has no order. Make it a list.")
    labels = np.asarray(classes)
    if labels.ndim != 1 and (labels.ndim != 2 or labels.shape[1] != 1):
        raise ValueError(f"{start} {classes!r:.100} is of shape {labels.shape}. Give one label after the other.")
    if any(label is None or (isinstance(label, float) and label != label) for label in labels.ravel().tolist()):
        raise ValueError(f"{start} {classes!r:.100} has a missing value. Leave it out: no row may lack its label.")


def one_hot_target(labels: ClassTarget, classes: Any) -> ClassTarget:
    """The columns of a matrix as exclusive classes; ``classes`` (of partial_fit) may name them, in their order."""
    names, n_columns = labels.classes, len(labels.classes)
    if classes is not None:
        names = column_or_1d(classes)
        if len(np.unique(names)) != n_columns or len(names) != n_columns:
            raise ValueError(
                f"classes={classes!r} must name each of the {n_columns} columns of y once, in their order. Or leave "
                "it out: the columns of y are the classes."
            )
    return ClassTarget("multiclass", names, labels.label_dtype, is_one_hot=True)


def check_labels_are_columns(target: ClassTarget, classes: Any) -> None:
    """Of a matrix of labels ``classes`` (of partial_fit) can name nothing but its columns."""
    if classes is not None and not np.array_equal(np.unique(classes), target.classes):
        raise ValueError(
            f"classes={classes!r}, but y is a matrix of labels, whose {len(target.classes)} columns are the classes: "
            f"{target.classes.tolist()}. Leave 'classes' out."
        )


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


def check_several_classes(target: Target, estimator: str, *, may_come: bool, counted: np.ndarray | None) -> None:
    """Say that there is nothing to tell apart; refuse it where rows of other classes may come, which none can be.

    ``counted`` are the rows that have a weight, None if all have.
    """
    if not isinstance(target, ClassTarget) or target.is_multilabel or len(target.classes) > 1:
        return
    who = "y contains" if counted is None else "the rows that have a weight contain"
    only = f"{who} only one class: {target.classes.tolist()[0]!r}"
    if may_come:
        raise ValueError(
            f"{estimator} needs rows of at least 2 classes in the first call of partial_fit, or their names as "
            f"'classes', but {only}."
        )
    warnings.warn(
        f"{only[0].upper() if counted is not None else only[0]}{only[1:]}, which {estimator} will predict for every "
        "row. Look whether a split or a filter has removed the others.",
        UserWarning,
        stacklevel=6,
    )


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(values / 2))


def _softmax(values: np.ndarray) -> np.ndarray:
    exponentials = np.exp(values - values.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
