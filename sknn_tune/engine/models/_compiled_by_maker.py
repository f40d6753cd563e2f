"""What is given beside a model that its maker compiled, and has no effect on it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any

from ..._compat.keras import arguments_of_compile
from ...specs import CustomNetworkSpec
from .._tensorflow import keras
from ._metric_names import missing_metrics


def warn_of_no_effect(model: keras.Model, spec: CustomNetworkSpec) -> None:
    """Say which of ``optimizer``, ``learning_rate`` and ``metrics`` were given, but are not what the model has."""
    for name, given, has in _differences(model, spec.parameters):
        warnings.warn(
            f"The {name!r} parameter is {given!r}, but the model given as 'model' is compiled already, with {has}: the "
            f"parameter has no effect. Compile the model with compile_kwargs[{_PLACES[name]!r}], or return it "
            "uncompiled.",
            UserWarning,
            stacklevel=2,
        )


#: Where a function for a model finds each, made of the parameters.
_PLACES = {"optimizer": "optimizer", "learning_rate": "optimizer", "metrics": "metrics"}


def _differences(model: keras.Model, parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # of one that scales the loss
    given = parameters.get("optimizer", "adam")
    own = type(optimizer).__name__
    if given != "adam" and _class_name(given) != own.lower():
        yield "optimizer", given, own
    rate, its_rate = parameters.get("learning_rate", 0.001), optimizer.get_config().get("learning_rate")
    if (
        rate != 0.001
        and isinstance(rate, Real)
        and isinstance(its_rate, Real)
        and not math.isclose(rate, its_rate, rel_tol=1e-5)
    ):
        yield "learning_rate", rate, f"a rate of {its_rate:g}"
    compiled = arguments_of_compile(model)
    missing, its = missing_metrics(
        parameters.get("metrics"), [compiled.get("metrics"), compiled.get("weighted_metrics")]
    )
    if missing and its:
        yield "metrics", parameters["metrics"], f"metrics that lack {', '.join(missing)}: {', '.join(its)}"
    elif missing:
        yield "metrics", parameters["metrics"], "no metrics"


def _class_name(optimizer: Any) -> str:
    if isinstance(optimizer, str):
        return optimizer.lower()
    return (optimizer if isinstance(optimizer, type) else type(optimizer)).__name__.lower()
