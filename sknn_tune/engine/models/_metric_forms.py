"""Shows a metric targets and outputs in the form that it is made for, whatever the network is taught.

Problem: Keras shows a metric what it shows the loss. Classes are taught as numbers, rows or one column by what the loss
wants, so that ``CategoricalAccuracy`` of class numbers is 0, ``AUC`` of them an error, and an accuracy of logits looks
at 0.5 instead of 0. Choice: a metric of Keras' is known by its name, and where what it is made for is not what the loss
gets, a metric around it translates. A function or class of the user's gets what the loss gets, as in Keras; where that
ends in an error, the other form of classes, which is found out by trying.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np

from ..._compat.keras import arguments_of_metric, function_of_metric, takes_logits
from ...specs import Meaning, Taught, canonical_name
from .._tensorflow import keras
from ._metric_of_classes import MetricOfClasses
from ._metric_trials import fails_for


class Form(NamedTuple):
    """What a metric is made for.

    Attributes
    ----------
    targets : {"index", "rows", "positive"}
        Numbers of classes, rows with a single one, or for two classes a column that is 1 for the second: for more,
        rows.
    outputs : {"rows", "positive", "index"}
        Probabilities of all classes, or of the second; or the most probable class.
    needs : {"probabilities", "values", "outputs"}
        Whether it thresholds probabilities, measures what is predicted, or takes what the network gives.
    of_second : bool
        Whether of an array of two results the second is meant.
    """

    targets: str
    outputs: str
    needs: str = "values"
    of_second: bool = False


_BY_INDEX = Form("index", "rows")
_BY_ROWS = Form("rows", "rows")
_OF_LABELS = Form("index", "index", "probabilities")

#: Functions of Keras', and what is not of one column for two classes. All others are measured column by column.
_FORMS = {
    "accuracy": _OF_LABELS,
    "categorical_accuracy": Form("rows", "rows", "probabilities"),
    "categorical_crossentropy": _BY_ROWS,
    "categorical_focal_crossentropy": _BY_ROWS,
    "categorical_hinge": Form("rows", "rows", "outputs"),
    "cosine_similarity": _BY_ROWS,
    "hinge": Form("positive", "positive", "outputs"),
    "kl_divergence": _BY_ROWS,
    "sparse_categorical_accuracy": Form("index", "rows", "probabilities"),
    "sparse_categorical_crossentropy": _BY_INDEX,
    "sparse_top_k_categorical_accuracy": Form("index", "rows", "probabilities"),
    "squared_hinge": Form("positive", "positive", "outputs"),
    "top_k_categorical_accuracy": Form("rows", "rows", "probabilities"),
}

#: Of one column, Keras warns at every batch, and the sum of its probabilities is 1 whatever they are.
_OF_DISTRIBUTIONS = {"categorical_crossentropy", "categorical_focal_crossentropy"}


def in_its_form(metric: Any, name: str, taught: Taught | None, parameter: str = "metrics") -> Any:
    """The metric as an object of this name that can be shown what the loss is shown.

    ``metric`` is an object, which may be changed, or a function; ``parameter`` is how the user gave it.
    """
    if not isinstance(metric, keras.metrics.Metric):
        if not callable(metric):
            raise ValueError(
                f"The {parameter!r} parameter has {name!r}, which is {metric!r}: no metric. Give names, objects or "
                "classes of keras.metrics, or functions of targets and outputs."
            )
        # Keras looks functions up in a set of its own.
        is_hashable = isinstance(metric, Hashable)
        metric = keras.metrics.MeanMetricWrapper(metric if is_hashable else functools.partial(metric))
    metric.name = name
    if taught is None:
        return metric
    form = _form_of(metric)
    if taught.kind != "classes":
        _check_columns(metric, form, name, taught, parameter)
        may_need = taught.kind == "labels" or taught.outputs == "logits"
        needs = may_need and form is not None and _needs_translation(form, taught.outputs)
        exclusive = taught.exclusive
        return MetricOfClasses(metric, "taught", "taught", taught.outputs, exclusive=exclusive) if needs else metric
    if form is None:
        form = _form_by_trial(metric, taught)
        return metric if form is None else MetricOfClasses(metric, form.targets, form.outputs)
    meaning = taught.outputs if _needs_translation(form, taught.outputs) else "probabilities"
    if meaning == "probabilities" and _is_taught_so(form, taught):
        return metric
    return MetricOfClasses(metric, form.targets, form.outputs, meaning, of_second=form.of_second)


def _needs_translation(form: Form, outputs: Meaning) -> bool:
    """Whether outputs must become probabilities first."""
    if outputs == "probabilities" or form.needs == "outputs":
        return False
    return outputs != "numbers" or form.needs == "probabilities"


def _is_taught_so(form: Form, taught: Taught) -> bool:
    if form.of_second:
        return False
    if taught.n_outputs == 1:
        return form[:2] == ("positive", "positive")
    if form[:2] == ("positive", "positive") and taught.n_outputs is not None and taught.n_outputs > 2:
        return taught.form == "one_hot"
    return (taught.form, form.outputs) == ("index" if form.targets == "index" else "one_hot", "rows") and (
        form.targets in ("index", "rows")
    )


def _check_columns(metric: Any, form: Form | None, name: str, taught: Taught, parameter: str) -> None:
    """There is no one class where a row has several labels, or numbers; rows of these may be probabilities."""
    if form is None:
        return
    if taught.kind == "numbers" and form.needs == "probabilities" and taught.outputs == "numbers":
        raise ValueError(
            f"In the {parameter!r} parameter: The metric {name!r} is for classes or probabilities, but the network "
            "predicts numbers without bounds. Use one that compares numbers, such as 'mean_absolute_error'."
        )
    function = canonical_name(getattr(_innermost(function_of_metric(metric)), "__name__", ""))
    if taught.n_outputs == 1 and function in _OF_DISTRIBUTIONS:
        raise ValueError(
            f"In the {parameter!r} parameter: The metric {name!r} compares rows of probabilities, but a row of y has "
            "one number. Use 'binary_crossentropy' for probabilities, or 'mean_absolute_error'."
        )
    of_one_class = "index" in (form.targets, form.outputs)
    if taught.kind == "labels":
        of_one_class |= form.targets == "rows" and form.needs == "probabilities"
    if of_one_class:
        what, instead = (
            ("several labels", "'binary_accuracy' or keras.metrics.F1Score('macro', threshold=0.5)")
            if taught.kind == "labels"
            else ("numbers", "'mean_absolute_error'")
        )
        raise ValueError(
            f"In the {parameter!r} parameter: The metric {name!r} is for classes of which each row has one, but a row "
            f"of y has {what}. Use a metric that compares columns, such as {instead}."
        )


def _form_of(metric: Any) -> Form | None:
    """The form of a metric of Keras'; None of the user's own."""
    function = function_of_metric(metric)
    own = type(metric).update_state if function is None else _innermost(function)
    if not str(getattr(own, "__module__", None) or type(own).__module__).startswith("keras."):
        return None
    form = _form_of_scores(metric) or _form_of_intersections(metric)
    if form is not None:
        return form
    form = Form("positive", "positive", "probabilities" if _thresholds(metric) else "values")
    if function is not None:
        name = getattr(own, "__name__", None) or type(own).__name__
        form = _FORMS.get(canonical_name(name), form)
    return form._replace(needs="outputs") if _takes_outputs(metric) else form


def _innermost(function: Any) -> Any:
    return _innermost(function.func) if isinstance(function, functools.partial) else function


def _form_of_scores(metric: Any) -> Form | None:
    """F scores: without a threshold they compare columns, of which a network for two classes has one."""
    if not isinstance(metric, keras.metrics.FBetaScore):
        return None
    if metric.threshold is not None:
        return Form("positive", "positive", "probabilities")
    return Form("rows", "rows", "probabilities", of_second=metric.average is None)


def _form_of_intersections(metric: Any) -> Form | None:
    if isinstance(metric, keras.metrics.BinaryIoU) or not hasattr(metric, "sparse_y_pred"):
        return None
    targets, outputs = ("index" if sparse else "rows" for sparse in (metric.sparse_y_true, metric.sparse_y_pred))
    return Form(targets, outputs, "probabilities")


def _thresholds(metric: Any) -> list[float] | None:
    """From which probability on it counts a row as positive; None if it does not."""
    given = getattr(metric, "threshold", getattr(metric, "thresholds", arguments_of_metric(metric).get("threshold")))
    return None if given is None else np.ravel(given).tolist()


def _takes_outputs(metric: Any) -> bool:
    """Whether the user says that it is for logits, as by a threshold of 0."""
    return takes_logits(metric) or takes_logits(function_of_metric(metric)) or _thresholds(metric) == [0.0]


def _form_by_trial(metric: Any, taught: Taught) -> Form | None:
    """None if what the loss gets will do, or if nothing does."""
    if taught.form is None or not fails_for(metric, taught):
        return None
    for form in (_BY_ROWS, _BY_INDEX):
        if not fails_for(MetricOfClasses(metric, form.targets, form.outputs), taught):
            return form
    return None
