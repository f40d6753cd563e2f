"""What the fits of a search report to its live view: one message before, one after."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ....specs import comparable_name, comparable_values
from ...results import value_text

#: Points of a curve that are sent: more could not be told apart in a picture of one line.
_MOST_POINTS = 60

#: Fitted parts within parts that are looked into for a history: a network in a pipeline in a target transformer.
_DEEPEST = 5


class FitBegan(NamedTuple):
    """A message: this fit has begun. ``round`` and ``task`` are the numbers of its place in scikit-learn's tree."""

    round: tuple[int, ...]
    task: int


class FitOver(NamedTuple):
    """A message: this fit is over and scored.

    Attributes
    ----------
    round, task
        As for `FitBegan`.
    parameters : dict of str
        Of the candidate, in words.
    scores : dict of float
        By the names of the metrics, "score" if there is one only; empty if scikit-learn does not show them.
    error : str or None
        What ended it.
    curve_name : str
        Which recorded number ``curve`` is; empty without one.
    curve : tuple of float
        Of the epochs, thinned.
    least : float
        Lowest of all epochs; NaN without a curve.
    n_epochs : int
        Epochs run.
    """

    round: tuple[int, ...]
    task: int
    parameters: Mapping[str, str]
    scores: Mapping[str, float]
    error: str | None
    curve_name: str = ""
    curve: tuple[float, ...] = ()
    least: float = math.nan
    n_epochs: int = 0


def fit_over(round_: tuple[int, ...], task: int, evaluation: Any) -> FitOver:
    """The message about an evaluation, made where the fit was, of which only numbers and words travel."""
    if evaluation is None:
        return FitOver(round_, task, {}, {}, None)
    parameters = {name: value_text(value) for name, value in evaluation.parameters.items()}
    name, values = curve_of(evaluation.estimator)
    finite = [value for value in values if math.isfinite(value)]
    return FitOver(
        round_,
        task,
        parameters,
        _by_name(evaluation.scores),
        evaluation.error,
        name,
        _thinned(values),
        min(finite, default=math.nan),
        len(values),
    )


def curve_of(estimator: Any) -> tuple[str, list[float]]:
    """The loss of each epoch on rows that were held out; on training rows if none were; nothing without epochs."""
    history = _history(estimator)
    if history is None:
        return "", []
    names = [comparable_name(history, "val_loss"), comparable_name(history, "loss"), *history]
    name = next((each for each in names if each in history), None)
    if name is None:
        return "", []
    shown = next((each for each in ("val_loss", "loss") if name == comparable_name(history, each)), name)
    return shown, [float(value) for value in comparable_values(history, shown)]


def _history(estimator: Any, depth: int = 0) -> Mapping[str, list] | None:
    history = getattr(estimator, "history_", None)
    if isinstance(history, Mapping):
        return history
    if depth > _DEEPEST:
        return None
    found = (_history(part, depth + 1) for part in _fitted_parts(estimator))
    return next((each for each in found if each is not None), None)


def _fitted_parts(estimator: Any) -> Iterable[Any]:
    """The steps of a pipeline from the last on, and what ``fit`` has made of other estimators."""
    steps = getattr(estimator, "steps", None)
    if isinstance(steps, list):
        return [step for _, step in reversed(steps) if hasattr(step, "get_params")]
    own = getattr(estimator, "__dict__", {})
    return [part for name, part in own.items() if name.endswith("_") and hasattr(part, "get_params")]


def _by_name(scores: Any) -> dict[str, float]:
    named = scores if isinstance(scores, Mapping) else {"score": scores}
    return {name: float(score) for name, score in named.items() if isinstance(score, Real)}


def _thinned(values: list[float]) -> tuple[float, ...]:
    """The first, the last, and as many between as can be seen."""
    if len(values) <= _MOST_POINTS:
        return tuple(values)
    places = np.linspace(0, len(values) - 1, _MOST_POINTS).round().astype(int)
    return tuple(values[place] for place in places)
