"""Faults of columns, as sentences: which column, an example and its row, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._faults import TEXTS, Fault, worst_faults

#: Columns that are named, of many.
_NAMED = 5

#: What to do about what is no number.
_INSTEAD = {
    "date": (
        "Make numbers of them first: days since a date, the month, the weekday"
        "; as they are, their numbers would depend on the unit in which they are stored"
    ),
    "duration": (
        "Say in which unit: .dt.total_seconds() of pandas or polars, values / numpy.timedelta64(1, 's') of NumPy"
    ),
    "time of day": "Make numbers of them first, such as the hour",
    "period": "Make numbers of them first, such as the year and the month, or dates by .dt.to_timestamp()",
    "interval": "Make numbers of them first, such as their midpoints",
    "list": "Give each of their values a column of its own",
    "array": "Give each of their values a column of its own",
    "dict": (
        "Give each of their keys a column of its own, such as with pandas.json_normalize: "
        "an argument must be a string or a number"
    ),
    "complex number": "Give their real and imaginary parts, or absolute values, as columns of their own",
}

_NO_NUMBERS = "Make numbers of them first"


def sentence_about(
    what: str, faults: Sequence[Fault], estimator: str, *, takes_gaps: bool = False, dtype: Any = "float64"
) -> str:
    """What is wrong with these columns of ``what``, ``"X"`` or ``"y"``; all faults are of one kind."""
    kind, where, first = faults[0].kind, _where(what, faults), _first(what, faults)
    if kind == "missing value":
        return f"Input {what} contains NaN{where}.{first} {_about_missing(what, estimator)}"
    if kind == "NA among objects":
        return (
            f"{what} holds {faults[0].example!r} among objects{where}, which NumPy cannot read as a missing number."
            f"{first} Make numbers of the column first: pandas.to_numeric(column)."
            + ("" if takes_gaps else f" {_about_missing(what, estimator)}")
        )
    if kind == "infinite":
        return (
            f"Input {what} contains infinity or a value too large for {np.dtype(dtype)!r}{where}. Clip or drop these "
            f"values.{first}"
        )
    if kind in TEXTS:
        of_y = f" in {what}" if what != "X" and faults[0].name is None else ""
        text = f"could not convert string to float: {faults[0].example!r}{of_y}{where}.{first} "
        return text + (_about_text(faults, estimator) if what == "X" else _about_text_in_targets(estimator, kind))
    advice = _INSTEAD.get(kind, _NO_NUMBERS) + _who_takes_any(what, kind, estimator)
    complex_data = "Complex data not supported: " if kind == "complex number" else ""
    return f"{complex_data}{what} must hold numbers, but holds {_plural(kind)}{where}.{first} {advice}."


def why_no_labels(y: Any) -> str | None:
    """What is wrong with labels, be they text or numbers; None if nothing is."""
    return _sentence_about_labels(worst_faults(y, "float64", ignored=frozenset(TEXTS)))


def sentence_about_odd_labels(y: np.ndarray) -> str:
    """Labels that are neither text nor numbers: of which types they are."""
    found = why_no_labels(y)
    if found is not None:
        return found
    values = y.ravel().tolist()
    types = ", ".join(sorted({type(value).__name__ for value in values}))
    return (
        "Unknown label type: unknown. y must hold one class label per row, or a 0/1 matrix of labels. It holds values "
        f"of type {types}, such as {_short(values[0])} in row 0. Make text of them, such as by y.astype(str), or whole "
        "numbers, by y.astype(int)."
    )


def _sentence_about_labels(faults: Sequence[Fault]) -> str | None:
    """What is wrong with labels; None if they may be text or numbers of any kind."""
    if not faults:
        return None
    kind, where, first = faults[0].kind, _where("y", faults), _first("y", faults)
    if kind in ("missing value", "NA among objects"):
        return (
            f"Input y contains NaN{where}.{first} Rows without a label cannot be learned from: drop them, or give them "
            "a label of their own, such as 'unknown'."
        )
    if kind == "complex number":
        return f"Complex data not supported: y holds complex numbers{where}.{first} Labels are text or whole numbers."
    if kind in ("list", "set", "array"):
        return (
            f"y holds {_plural(kind)}{where}.{first} For several labels per row give a matrix of 0 and 1: "
            "MultiLabelBinarizer().fit_transform(y)."
        )
    return None


def _where(what: str, faults: Sequence[Fault]) -> str:
    """``" in column 'age' (3 rows)"``."""
    if faults[0].name is None:
        return f" ({_rows(faults[0].n_rows)})"
    named = ", ".join(f"{fault.name!r} ({_rows(fault.n_rows)})" for fault in faults[:_NAMED])
    more = f" and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    of_y = " of y" if what == "y" else ""
    return f" in column{'s' if len(faults) > 1 else ''} {named}{more}{of_y}"


def _first(what: str, faults: Sequence[Fault]) -> str:
    """``" The first is 'x' in row 3 of column 'b' (position 1)."``."""
    fault = faults[0]
    value = "" if isinstance(fault.example, float) and np.isnan(fault.example) else f" {_short(fault.example)}"
    if fault.name is None:
        return f" The first is{value} in row {fault.row}."
    place = "" if fault.name == fault.position else f" (position {fault.position})"
    return f" The first is{value} in row {fault.row} of column {fault.name!r}{place}."


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def _plural(kind: str) -> str:
    return {"time of day": "times of day", "infinite": "infinities"}.get(kind, f"{kind}s")


def _about_missing(what: str, estimator: str) -> str:
    if what == "y":
        return "Rows without a target cannot be learned from: drop them."
    if what != "X":
        return "Give each row a number, or drop it."
    return (
        f"{estimator} does not accept missing values encoded as NaN natively: drop these rows, or put an imputer "
        f"before it, such as make_pipeline(SimpleImputer(), StandardScaler(), {estimator}())."
    )


def _about_text(faults: Sequence[Fault], estimator: str) -> str:
    fault = faults[0]
    if fault.kind == "written number":
        return (
            "These are numbers as people write them. Take away what is no digit, such as "
            r"pandas.to_numeric(column.str.replace(r'[^0-9.eE+-]', '', regex=True)), or read the file with "
            "thousands=',' or decimal=','."
        )
    if fault.kind == "sign for a missing value":
        return (
            "It stands for a missing value, it seems. Say so where the file is read, pandas.read_csv(..., "
            f"na_values=[{str(fault.example).strip()!r}]), or by pandas.to_numeric(column, errors='coerce'), and fill "
            "it, such as with SimpleImputer()."
        )
    if fault.kind == "date in text":
        who = _who_takes_any("X", "date", estimator)
        return f"These are dates: pandas.to_datetime(column) reads them. {_INSTEAD['date']}{who}."
    if fault.mostly_numbers:
        return (
            "All others are numbers, or most: correct it, or make missing values of what is none, "
            "pandas.to_numeric(column, errors='coerce')."
        )
    return (
        f"{estimator} takes numbers only: encode text columns before it, such as with "
        "ColumnTransformer([('text', OneHotEncoder(handle_unknown='ignore'), columns)], remainder=StandardScaler())"
        f"{_who_takes_any('X', 'text', estimator)}."
    )


def _about_text_in_targets(estimator: str, kind: str) -> str:
    if kind == "written number":
        return "Make numbers of y first, such as pandas.to_numeric(y.str.replace(r'[^0-9.eE+-]', '', regex=True))."
    if kind == "sign for a missing value":
        return f"It stands for a missing value, it seems. {_about_missing('y', estimator)}"
    if kind == "date in text":
        return "These are dates. Make numbers of them first, such as days since a date."
    if "Regressor" not in estimator:
        return "Give each row a number."
    return f"{estimator} predicts numbers. For classes use {estimator.replace('Regressor', 'Classifier')}."


def _who_takes_any(what: str, kind: str, estimator: str) -> str:
    """Who encodes it by itself."""
    if what != "X" or kind not in ("date", "duration", "text"):
        return ""
    if estimator.startswith("Keras"):
        return f". Or use {estimator.replace('Keras', 'Tabular')}, which encodes such columns itself"
    return ". Or use TableEncoder, which takes such columns"
