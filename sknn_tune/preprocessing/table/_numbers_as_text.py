"""Columns of numbers that a few texts turned into categories, or that were written for people."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ...tables import kind_of, values_of


def text_among_numbers(column: Any) -> str | None:
    """A text that keeps a column from being one of numbers; None if the column is one of names.

    Numbers written as plain text are names, such as postcodes: whoever gives them as text says so. But more than half
    of the column are numbers, and beside them are a sign for a missing value, numbers with separators or units, or
    any text among numbers that are no text.
    """
    counts = Counter(values_of(column))
    kinds = {value: kind_of(value) for value in counts}
    total: Counter[str] = Counter()
    for value, count in counts.items():
        total[kinds[value]] += count
    has_numbers = any(kind in ("number", "infinite") and not isinstance(value, str) for value, kind in kinds.items())
    odd_kinds = {"written number", "sign for a missing value"} | ({"text", "date in text"} if has_numbers else set())
    n_present = counts.total() - total["missing value"]
    if total["number"] + total["infinite"] + total["written number"] <= n_present / 2:
        return None
    return next((str(value) for value, kind in kinds.items() if kind in odd_kinds), None)
