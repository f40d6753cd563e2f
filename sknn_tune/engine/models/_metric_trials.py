"""Tries a metric on a few rows of the kind that it will see, before anything is trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...specs import Taught
from .._tensorflow import keras
from ._metric_names import first_line


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
                f"The {parameter!r} parameter has the metric {metric.name!r}, which fails for {described(taught)}: "
                f"{first_line(error)}"
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


def described(taught: Taught) -> str:
    """What the targets are, in words."""
    if taught.kind == "numbers":
        return f"a target of {taught.n_outputs} number(s) per row"
    if taught.kind == "labels":
        return f"a target of {taught.n_outputs} labels, of which a row may have several"
    return f"{max(taught.n_outputs or 0, 2)} classes"


def fails_for(metric: Any, taught: Taught) -> bool:
    """Whether a metric cannot be shown targets and outputs of this kind."""
    try:
        metric.update_state(*example(taught), sample_weight=None)  # as Keras does
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
