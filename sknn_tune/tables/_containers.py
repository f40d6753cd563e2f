"""What is no table at all: text, generators, dicts, plans of a query, several inputs, …, and what to give instead."""

from __future__ import annotations

import os
from collections.abc import Iterator, MappingView
from typing import Any

import numpy as np

#: Types of other libraries, by module and name: they need not be installed.
_OF_OTHERS = {
    ("polars", "LazyFrame"): "a LazyFrame, which says how to get rows and has none yet. Give {what}.collect()",
    ("xarray", "Dataset"): "an xarray Dataset of several variables. Give {what}.to_dataframe(), or one DataArray",
    ("tensorflow", "RaggedTensor"): "a RaggedTensor, whose rows differ in length. Give {what}.to_tensor(), padded",
    ("tensorflow", "SparseTensor"): (
        "a SparseTensor. Give a matrix of SciPy: "
        "scipy.sparse.coo_array(({what}.values, {what}.indices.numpy().T), {what}.shape).tocsr()"
    ),
    ("torch", "DataLoader"): "a DataLoader of torch, which gives batches. Give the arrays of its dataset",
    ("torch", "Dataset"): "a Dataset of torch. Give its arrays",
    ("pandas", "DataFrameGroupBy"): "a DataFrame in groups. Give the DataFrame itself, or an aggregate of the groups",
}


def why_no_table(given: Any, what: str, estimator: str) -> str | None:
    """A sentence about what can be no rows at all; None if it may be a table."""
    found = why_not_of_others(given, what) or _why_not_by_type(given, what)
    if found is None and isinstance(given, list | tuple):
        found = _why_not_by_items(given, what)
    if found is None and getattr(getattr(given, "dtype", None), "names", None):
        fields = ", ".join(map(repr, given.dtype.names[:5]))
        found = f"is a structured array with the fields {fields}. Give pandas.DataFrame({what}), or plain columns"
    return None if found is None else f"{what} {found}. {estimator} takes {_WANTED.get(what, _NUMBERS)}."


def why_not_of_others(given: Any, what: str) -> str | None:
    """What another library made and is no table, by its type alone: to ask it anything may take long, or warn."""
    of_module = (type(given).__module__.split(".")[0], type(given).__name__)
    return f"is {_OF_OTHERS[of_module].format(what=what)}" if of_module in _OF_OTHERS else None


_WANTED = {
    "X": "rows of shape (n_samples, n_features), such as an array or a DataFrame",
    "y": "one target per row: an array, a list or a Series of shape (n_samples,), or (n_samples, n_outputs)",
}


#: Of what is no X and no y.
_NUMBERS = "one number per row, as an array, a list or a Series"


def _why_not_by_type(given: Any, what: str) -> str | None:
    if given is None:
        return "is None"
    if isinstance(given, str | os.PathLike):
        instead = "Read the file first, such as with pandas.read_csv" if what == "X" else "Give the values themselves"
        if given == "balanced":
            instead = "For weights of classes use the 'class_weight' parameter"
        return f"is the text {str(given)!r}. {instead}"
    if isinstance(given, bytes | bool | int | float | complex | np.generic) or _is_array_without_axes(given):
        return f"is the single value {given!r}"
    if isinstance(given, np.matrix):
        return f"is a numpy.matrix, which scikit-learn does not take. Give numpy.asarray({what})"
    if isinstance(given, set | frozenset):
        return "is a set, which has no order. Give a list or an array"
    if isinstance(given, MappingView):
        return f"is a {type(given).__name__}, which shows what is in a dict. Give list({what})"
    if isinstance(given, Iterator):
        return f"is a {type(given).__name__}, which can be read only once. Give list({what})"
    if isinstance(given, dict):
        keys = ", ".join(map(repr, list(given)[:5]))
        instead = (
            f"Give pandas.DataFrame({what})"
            if what == "X"
            else f"Give one of its values, such as {what}[{next(iter(given), 'key')!r}], or, for a 'model' of several "
            f"outputs, all side by side in their order: numpy.column_stack(list({what}.values()))"
        )
        return f"is a dict with the keys {keys}. {instead}"
    if isinstance(given, type) or callable(given) or not _can_be_read(given):
        return f"is {'the class ' + given.__name__ if isinstance(given, type) else 'a ' + type(given).__name__}"
    return None


def _is_array_without_axes(given: Any) -> bool:
    return isinstance(given, np.ndarray) and given.ndim == 0 and given.dtype != object


def _can_be_read(given: Any) -> bool:
    """Whether NumPy would find rows in it, instead of taking all of it as one object."""
    return any(
        hasattr(given, name) for name in ("__len__", "__array__", "__array_interface__", "__dataframe__", "toarray")
    )


def _why_not_by_items(given: Any, what: str) -> str | None:
    if not given:
        return "is empty"
    if all(isinstance(row, dict) for row in given):
        return f"is a list of dicts. Give pandas.DataFrame({what}), in which each key is a column"
    shapes = [getattr(part, "shape", ()) for part in given]
    if what == "X" and any(len(shape) > 1 for shape in shapes):
        return (
            f"is a {type(given).__name__} of {len(given)} arrays, of shapes {', '.join(map(str, shapes[:3]))}, as a "
            "Keras model of several inputs takes them. Put their columns side by side, numpy.hstack(X), and let the "
            "'model' function cut them apart again; targets go into an argument of their own"
        )
    return _why_rows_differ(given, what)


def _why_rows_differ(given: Any, what: str) -> str | None:
    lengths = [len(row) if hasattr(row, "__len__") and not isinstance(row, str | bytes) else None for row in given]
    if len(set(lengths)) < 2:
        return None
    other = next(row for row, length in enumerate(lengths) if length != lengths[0])
    instead = (
        "Fill them up to one length"
        if what == "X"
        else "For several labels per row give MultiLabelBinarizer().fit_transform(y)"
    )
    differ = f"{_values(lengths[0])} in row 0, {_values(lengths[other])} in row {other}"
    return f"has rows of different lengths: {differ}. {instead}"


def _values(length: int | None) -> str:
    return "a single value" if length is None else f"{length} value{'' if length == 1 else 's'}"
