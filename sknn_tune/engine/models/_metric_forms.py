"""Shows a metric targets and outputs in the form that it is made for, whatever the network is taught.

Problem: Keras shows a metric what it shows the loss. Classes are taught as numbers, rows or one column by what the loss
wants, so that ``CategoricalAccuracy`` of class numbers is 0, ``AUC`` of them an error, and an accuracy of logits looks
at 0.5 instead of 0. Choice: a metric of Keras' is known by its name, and where what it is made for is not what the loss
gets, a metric around it translates. A function or class of the user's gets what the loss gets, as in Keras; where that
ends in an error, the other form of classes, which is found out by trying.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..._compat.keras import arguments_of_metric, function_of_metric, take_direction, takes_logits
from ...specs import Meaning, Taught, canonical_name
from .._tensorflow import keras


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


def in_its_form(metric: Any, name: str, taught: Taught | None) -> Any:
    """The metric as an object of this name that can be shown what the loss is shown.

    ``metric`` is an object, which may be changed, or a function.
    """
    if not isinstance(metric, keras.metrics.Metric):
        metric = keras.metrics.MeanMetricWrapper(metric)
    metric.name = name
    if taught is None:
        return metric
    form = _form_of(metric)
    if taught.kind != "classes":
        _check_columns(form, name, taught)
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


def _check_columns(form: Form | None, name: str, taught: Taught) -> None:
    """There is no one class where a row has several labels, or numbers; rows of these may be probabilities."""
    if form is None:
        return
    if taught.kind == "numbers" and form.needs == "probabilities" and taught.outputs == "numbers":
        raise ValueError(
            f"The metric {name!r} is for classes or probabilities, but the network predicts numbers without bounds. "
            "Use one that compares numbers, such as 'mean_absolute_error'."
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
            f"The metric {name!r} is for classes of which each row has one, but a row of y has {what}. Use a metric "
            f"that compares columns, such as {instead}."
        )


# --- what Keras' metrics are made for ----------------------------------------------------------------------


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


# --- functions and classes of the user's -------------------------------------------------------------------


def _form_by_trial(metric: Any, taught: Taught) -> Form | None:
    """None if what the loss gets will do, or if nothing does."""
    if taught.form is None or not _fails(metric, *example(taught)):
        return None
    for form in (_BY_ROWS, _BY_INDEX):
        if not _fails(MetricOfClasses(metric, form.targets, form.outputs), *example(taught)):
            return form
    return None


def _fails(metric: Any, y: np.ndarray, outputs: np.ndarray) -> bool:
    try:
        metric.update_state(y, outputs, sample_weight=None)  # as Keras does
        metric.result()
    except Exception:  # whatever the user's own may raise
        return True
    finally:
        metric.reset_state()
    return False


def example(taught: Taught) -> tuple[np.ndarray, np.ndarray]:
    """A few rows of targets and outputs of the kind that a metric will see."""
    assert taught.n_outputs is not None
    n_columns = taught.n_outputs
    n_rows = 7 if n_columns != 7 else 8  # not as many as columns, or some errors would not show
    index = np.arange(n_rows) % max(n_columns, 2)
    outputs = np.full((n_rows, n_columns), 1 / max(n_columns, 2), "float32")
    if taught.outputs not in ("probabilities", "logits"):
        outputs = np.resize(np.linspace(-2, 2, 5, dtype="float32"), outputs.shape)
    if taught.kind != "classes":
        return np.resize(np.array([0, 1, 1], "float32"), outputs.shape), outputs
    if taught.form == "index":
        return index.astype("int32"), outputs
    if n_columns == 1:
        return index.astype("float32")[:, None], outputs
    return np.eye(n_columns, dtype="float32")[index], outputs


# --- the translation -------------------------------------------------------------------------------------------


@keras.saving.register_keras_serializable("sknn_tune")
class MetricOfClasses(keras.metrics.Metric):
    """A metric that is shown classes in its own form.

    Parameters
    ----------
    metric : keras.metrics.Metric
        Its name is the name of this one.
    targets, outputs : str
        As in `Form`; "taught" leaves them as they come.
    meaning : str, default="probabilities"
        What outputs are; they become probabilities.
    exclusive : bool, default=True
        Whether a row has one class.
    of_second : bool, default=False
        As in `Form`.
    """

    def __init__(
        self,
        metric: Any,
        targets: str,
        outputs: str,
        meaning: str = "probabilities",
        exclusive: bool = True,
        of_second: bool = False,
        **arguments: Any,
    ) -> None:
        if isinstance(metric, dict):
            metric = keras.metrics.deserialize(metric)
        super().__init__(**{"name": metric.name, **arguments})
        self.metric = metric
        self.targets, self.outputs, self.meaning = targets, outputs, meaning
        self.exclusive, self.of_second = exclusive, of_second
        self._n_outputs: int | None = None
        take_direction(self, metric)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add some rows."""
        y, outputs = keras.ops.convert_to_tensor(y_true), keras.ops.convert_to_tensor(y_pred)
        self._n_outputs = outputs.shape[-1]
        outputs = self._probabilities(outputs)
        if self.targets != "taught":
            n_classes = max(self._n_outputs, 2)
            y, outputs = _targets_as(self.targets, y, n_classes, outputs.dtype), _outputs_as(self.outputs, outputs)
        self.metric.update_state(y, outputs, sample_weight=sample_weight)

    def result(self) -> Any:
        """What it is over all rows added."""
        found = self.metric.result()
        is_of_two = self.of_second and self._n_outputs in (1, 2) and getattr(found, "shape", None) == (2,)
        return found[1] if is_of_two else found

    def reset_state(self) -> None:
        """Begin anew."""
        self.metric.reset_state()

    def get_config(self) -> dict[str, Any]:
        """What it was made of."""
        own = {name: getattr(self, name) for name in ("targets", "outputs", "meaning", "exclusive", "of_second")}
        return {**super().get_config(), "metric": keras.metrics.serialize(self.metric), **own}

    def _probabilities(self, outputs: Any) -> Any:
        """As `predict_proba` gives them, but for two classes of one unit, which stay one column."""
        ops = keras.ops
        if self.meaning == "probabilities":
            return outputs
        together = self.exclusive and outputs.shape[-1] > 1
        if self.meaning == "logits":
            return ops.softmax(outputs) if together else ops.sigmoid(outputs)
        outputs = ops.clip((outputs + 1) / 2 if self.meaning == "signs" else outputs, 0, 1)
        if not together:
            return outputs
        sums = ops.sum(outputs, axis=-1, keepdims=True)
        return ops.where(sums > 0, outputs / ops.where(sums > 0, sums, 1), 1 / outputs.shape[-1])


def _targets_as(form: str, y: Any, n_classes: int, dtype: Any) -> Any:
    ops = keras.ops
    is_rows = len(y.shape) == 2 and y.shape[-1] == n_classes
    index = ops.argmax(y, axis=-1) if is_rows else ops.reshape(y, (-1,))
    index = ops.cast(index, "int32")
    if form == "index":
        return ops.expand_dims(index, -1)
    if form == "positive" and n_classes == 2:
        return ops.expand_dims(ops.cast(index, dtype), -1)
    return ops.one_hot(index, n_classes, dtype=dtype)


def _outputs_as(form: str, outputs: Any) -> Any:
    ops = keras.ops
    if form == "positive" and outputs.shape[-1] <= 2:
        return outputs[:, -1:]
    if outputs.shape[-1] == 1:
        outputs = ops.concatenate([1 - outputs, outputs], axis=-1)
    return ops.expand_dims(ops.argmax(outputs, axis=-1), -1) if form == "index" else outputs


def check_metrics(metrics: list[Any], taught: Taught, parameter: str = "metrics") -> None:
    """Refuse metrics that cannot be worked out, or are not numbers, before anything is trained."""
    for metric in metrics:
        if isinstance(metric, str):  # an accuracy, which Keras makes for the targets
            continue
        try:
            metric.update_state(*example(taught), sample_weight=None)
            found = metric.result()
        except Exception as error:  # of TensorFlow's many kinds, or the user's own
            raise ValueError(
                f"The {parameter!r} parameter has the metric {metric.name!r}, which fails for {_described(taught)}: "
                f"{_first_line(error)}"
            ) from error
        for name, size in _sizes(metric.name, found):
            if size != 1:
                raise ValueError(
                    f"The {parameter!r} parameter has the metric {name!r}, which gives an array of {size} numbers, but "
                    "history_ has one number for each epoch. Give one that averages, such as "
                    "keras.metrics.F1Score(average='macro'), or an object for each number."
                )


def _sizes(name: str, found: Any) -> Iterator[tuple[str, int]]:
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _sizes(key, value)
    else:
        yield name, int(np.size(keras.ops.convert_to_numpy(found)))


def _described(taught: Taught) -> str:
    if taught.kind == "numbers":
        return f"a target of {taught.n_outputs} number(s) per row"
    if taught.kind == "labels":
        return f"a target of {taught.n_outputs} labels, of which a row may have several"
    return f"{max(taught.n_outputs or 0, 2)} classes"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
