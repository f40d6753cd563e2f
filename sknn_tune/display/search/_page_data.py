"""What the page of a search has in it: the columns of its table, and numbers from 0 to 1 that its scripts draw."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...model_selection.results import ParameterScale, SearchDescription
from ._coordinates import coordinate_of, coordinates, height_of, marks_of
from ._course import needs_log_scale
from ._marks import fraction_of_better
from ._summary import score_text
from ._ticks import ticks_of


class Column(NamedTuple):
    """Of the table: what it says, what it is sorted by (what has none comes last), and what a file gets of it."""

    label: str
    texts: list[str]
    keys: Any
    exported: dict[str, list[str]]


def columns_of(description: SearchDescription) -> list[Column]:
    """Return the columns of the table, in their order."""
    n_candidates = description.n_candidates
    places = np.empty(n_candidates)
    places[description.ranking] = np.arange(1, n_candidates + 1)
    parts = description.parts.values() or [description]
    numbers = np.concatenate([np.arange(part.n_candidates) for part in parts])
    scores = np.where(np.isfinite(description.scores), description.scores, np.nan)
    return [
        _numbers("rank", places),
        _numbers("candidate", numbers),
        *[_parameter(scale) for scale in description.compared[: bool(description.parts)]],
        Column(
            description.metric,
            [score_text(description, row) for row in range(n_candidates)],
            scores,
            {
                description.metric: _exact(scores),
                f"{description.metric} (standard deviation)": _exact(description.spreads),
                "status": description.statuses.tolist(),
            },
        ),
        *(_parameter(scale) for scale in description.parameters),
        *([_numbers("round", description.rounds + 1)] if description.n_rounds > 1 else []),
        *(_numbers(name, values) for name, values in description.details.items()),
        _numbers("seconds", description.seconds),
    ]


def _numbers(label: str, values: Any) -> Column:
    return Column(label, [_number(value) for value in values], values, {label: _exact(values)})


def _parameter(scale: ParameterScale) -> Column:
    """A file gets the numbers with all their digits, by the whole name of the parameter."""
    texts = list(scale.texts)
    is_number = scale.kind != "categories" and not any(text.startswith(("(", "[")) for text in texts)
    values = _exact(scale.values_at(scale.positions)) if is_number else texts
    return Column(scale.label, texts, scale.positions, {scale.name: values})


def _number(value: float) -> str:
    if not np.isfinite(value):
        return ""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.4g}"


def _exact(values: Any) -> list[str]:
    """Ten digits: the scale of a parameter has no more."""
    return [f"{value:.10g}" if np.isfinite(value) else "" for value in np.asarray(values, dtype=float)]


def page_data(description: SearchDescription, columns: list[Column]) -> dict[str, Any]:
    """Return what the scripts of the page get."""
    axes = coordinates(description, longest=60)
    if description.n_rounds > 1:
        axes.insert(-1, coordinate_of(_rounds(description)))
    return {
        "best": description.best,
        "statuses": description.statuses.tolist(),
        "better": _finite(fraction_of_better(description)),
        "searches": list(description.parts),
        "origins": description.origins.tolist(),
        "sortKeys": [_finite(column.keys) for column in columns],
        "exported": [
            {"column": place, "name": name, "texts": texts}
            for place, column in enumerate(columns)
            for name, texts in column.exported.items()
        ],
        "coordinates": [
            axis._asdict() | {"heights": _finite(axis.heights), "spread": _finite(axis.spread)} for axis in axes
        ],
        "curves": [_curves(description, name) for name in description.curve_names],
    }


def _rounds(description: SearchDescription) -> ParameterScale:
    texts = tuple(str(number + 1) for number in description.rounds)
    numbers = tuple(str(number + 1) for number in sorted(set(description.rounds.tolist())))
    positions = np.array([numbers.index(text) for text in texts], dtype=float)
    return ParameterScale("round", "round", "categories", positions, texts, numbers)


def _curves(description: SearchDescription, name: str) -> dict[str, Any]:
    """A number of the epochs: where each value is between the lowest and the highest, and the ticks of both axes."""
    curves = [np.asarray(curves.get(name, ()), dtype=float) for curves in description.curves]
    is_log = needs_log_scale(description, name)
    if is_log:
        curves = [np.log10(np.where(values > 0, values, np.nan)) for values in curves]
    whole = np.concatenate(curves)
    finite = whole[np.isfinite(whole)] if np.isfinite(whole).any() else np.zeros(1)
    ticks = ticks_of(ParameterScale(name, name, "log" if is_log else "linear", finite, ()))
    last = max(len(values) for values in curves)
    return {
        "name": name,
        "values": [_finite(height_of(values, ticks)) for values in curves],
        "yTicks": marks_of(ticks),
        "xTicks": _epochs(last),
        "lastEpoch": last,
    }


def _epochs(last: int) -> list[tuple[float, str]]:
    if last < 2:
        return [(0.5, "1")]
    ticks = ticks_of(ParameterScale("epoch", "epoch", "linear", np.arange(1.0, last + 1), ()))
    return [((place - 1) / (last - 1), f"{place:.0f}") for place in ticks.positions if float(place).is_integer()]


def _finite(values: Any) -> list[float | None]:
    """Six digits are more than the eye can see; JSON has no NaN."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in np.asarray(values, dtype=float)]
