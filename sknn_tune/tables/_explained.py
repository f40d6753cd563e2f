"""What scikit-learn and NumPy refuse, said with the column, a row, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from ._containers import why_no_table, why_not_of_others
from ._faults import Fault, unseen_faults, worst_faults
from ._sentences import sentence_about, why_no_labels
from ._sparse import refuse_broken_sparse

#: What y may hold: numbers; labels of any kind; or whatever its owner makes of it.
Targets = Literal["numbers", "labels"]


class _Absent:
    """Stands for what is not there to be looked at: None is something that a user may give."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


@contextmanager
def explained(
    estimator: str,
    X: Any = ABSENT,
    y: Any = ABSENT,
    *,
    targets: Targets = "numbers",
    may_be_missing: bool = False,
    takes_any_column: bool = False,
    dtype: Any = "float64",
) -> Iterator[None]:
    """Inside, ``X`` and ``y`` are checked by scikit-learn; what it refuses is raised again as a sentence of ours.

    Before that, what would be taken for something else is refused: dates as numbers of an unknown unit.

    Parameters
    ----------
    estimator : str
        Name of who takes them.
    X, y : object, default=ABSENT
        As they were given.
    targets : {"numbers", "labels"}, default="numbers"
        What ``y`` is to hold.
    may_be_missing : bool, default=False
        Whether values of ``X`` may be missing.
    takes_any_column : bool, default=False
        Whether ``X`` may hold text, dates, ...
    dtype : dtype, default="float64"
        Of the numbers that are made of ``X``: what is larger counts as infinite.
    """
    for what, given in (("X", X), ("y", y)):
        if why_not_of_others(given, what):
            raise TypeError(why_no_table(given, what, estimator))
        refuse_broken_sparse(given, what)  # before anybody, we included, looks at its columns
    if X is not ABSENT and not takes_any_column:
        _refuse("X", unseen_faults(X, dtype), estimator)
    if y is not ABSENT and targets == "numbers":
        _refuse("y", unseen_faults(y, "float64"), estimator)
    try:
        yield
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        sentence = None
        if X is not ABSENT:
            look = {"may_be_missing": may_be_missing, "takes_any_column": takes_any_column, "dtype": dtype}
            sentence = _about_rows(error, X, y, estimator, **look)
        if sentence is None and y is not ABSENT:
            sentence = _about_targets(y, targets, estimator)
        if sentence is None:
            raise
        raise (TypeError if isinstance(error, TypeError) else ValueError)(sentence) from error


def why_no_numbers(given: Any, what: str) -> str | None:
    """What is wrong with numbers of which there is one per row, such as weights; None if nothing is."""
    refuse_broken_sparse(given, what)
    found = why_no_table(given, what, "fit")
    if found is not None:
        return found
    faults = worst_faults(given, "float64")
    return sentence_about(what, faults, "fit") if faults else None


def _refuse(what: str, faults: list[Fault], estimator: str) -> None:
    if faults:
        raise TypeError(sentence_about(what, faults, estimator))


def _about_rows(
    error: Exception, X: Any, y: Any, estimator: str, *, may_be_missing: bool, takes_any_column: bool, dtype: Any
) -> str | None:
    found = why_no_table(X, "X", estimator) or _why_not_two_axes(X, y, estimator) or _about_names(error, X)
    if found is None and hasattr(X, "sparse") and "Sparse data was passed" in str(error):
        return f"{estimator} takes no sparse columns, since what it gives is dense. Give X.sparse.to_dense()."
    if found is not None or takes_any_column:
        return found
    faults = worst_faults(X, dtype, ignored=frozenset({"missing value"}) if may_be_missing else frozenset())
    return sentence_about("X", faults, estimator, takes_gaps=may_be_missing, dtype=dtype) if faults else None


def _about_targets(y: Any, targets: Targets, estimator: str) -> str | None:
    if y is None:  # scikit-learn's own sentence names the estimator
        return None
    found = why_no_table(y, "y", estimator)
    if found is not None:
        return found
    if targets == "labels":
        return why_no_labels(y)
    faults = worst_faults(y, "float64")
    return sentence_about("y", faults, estimator) if faults else None


def _why_not_two_axes(X: Any, y: Any, estimator: str) -> str | None:
    shape: Any = getattr(X, "shape", None) if hasattr(X, "shape") else np.shape(np.asarray(X, dtype=object))
    if shape is None or len(shape) != 1:
        return None
    begin = f"X has one axis, of length {shape[0]}, but {estimator} takes rows of shape (n_samples, n_features). "
    of_y: Any = np.shape(y) if y is not ABSENT and y is not None else ()
    if len(of_y) == 2 and of_y[1] > 1:
        return f"{begin}And y has shape {of_y}: were they given in the wrong order? It is {estimator}.fit(X, y)."
    if any(isinstance(value, str) for value in list(X)[:1]):
        return f"{begin}Make columns of these texts first, such as with TfidfVectorizer()."
    if hasattr(X, "to_frame"):
        return f"{begin}Reshape your data: X.to_frame(), if X is one column, X.to_frame().T, if it is one row."
    return (
        f"{begin}Reshape your data: numpy.reshape(X, (-1, 1)) if X is one column, numpy.reshape(X, (1, -1)) if it is "
        "one row."
    )


def _about_names(error: Exception, X: Any) -> str | None:
    """scikit-learn 1.9 and later take no name twice."""
    if "unique column names" not in str(error):
        return None
    names = list(X.columns)
    twice = next(name for name in names if names.count(name) > 1)
    places = " and ".join(str(place) for place, name in enumerate(names) if name == twice)
    return f"X has columns of the same name: {twice!r} at positions {places}. Give each a name of its own."
