"""What is given beside a model that its maker compiled, and has no effect on it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any

from ..._compat.keras import arguments_of_compile
from ...specs import SCHEDULE_PARAMETERS, CustomNetworkSpec, TrainingSpec, schedule_has
from .._tensorflow import keras
from ._metric_names import missing_metrics
from ._optimizers import make_optimizer

#: What the settings of an optimizer, or of its schedule, are called in the configurations of Keras.
_IN_KERAS = {"clipnorm": "global_clipnorm", "decay_boundaries": "boundaries"}

#: Parameters that are for a schedule alone.
_OF_SCHEDULE = frozenset(name for names in SCHEDULE_PARAMETERS.values() for name in names)

#: Parameters that become a setting of the optimizer; ``optimizer__*`` are the others.
_SETTINGS = (
    *("learning_rate", "learning_rate_schedule", *sorted(_OF_SCHEDULE), "clipnorm"),
    *("momentum", "nesterov", "beta_1", "beta_2", "rho", "epsilon", "weight_decay"),
)


def warn_of_no_effect(model: keras.Model, spec: CustomNetworkSpec, training: TrainingSpec) -> None:
    """Say which of ``metrics``, ``optimizer`` and its settings were given, but are not what the model has."""
    for name, has in [*_differences_of_optimizer(model, spec, training), *_differences_of_metrics(model, spec)]:
        place = "metrics" if name == "metrics" else "optimizer"
        warnings.warn(
            f"The {name!r} parameter is {spec.parameters[name]!r}, but the model given as 'model' is compiled already, "
            f"with {has}: the parameter has no effect. Compile the model with compile_kwargs[{place!r}], or return it "
            "uncompiled.",
            UserWarning,
            stacklevel=2,
        )


def _differences_of_optimizer(
    model: keras.Model, spec: CustomNetworkSpec, training: TrainingSpec
) -> Iterator[tuple[str, str]]:
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # of one that scales the loss
    own = type(optimizer).__name__
    if "optimizer" in spec.given and _class_name(spec.parameters["optimizer"]) != own.lower():
        yield "optimizer", own
    names = [name for name in spec.given if _is_setting(name, spec)]
    if not names:
        return
    wanted, has = _settings_of(make_optimizer(training)), _settings_of(optimizer)
    for name in names:
        key = _IN_KERAS.get(name, name.removeprefix("optimizer__"))
        if name == "decay_rate" and key not in wanted:
            key = "values"  # of a schedule by pieces
        if not _is_same(has.get(key), wanted.get(key, spec.parameters[name])):
            yield name, _in_words(key, has, own)


def _is_setting(name: str, spec: CustomNetworkSpec) -> bool:
    """Whether it was for the optimizer, and nothing that the function asks for and may use as it likes."""
    if name in _OF_SCHEDULE and not schedule_has(spec.parameters["learning_rate_schedule"], name):
        return False  # said of any network
    return (name in _SETTINGS or name.startswith("optimizer__")) and name not in spec.arguments


def _settings_of(optimizer: keras.optimizers.Optimizer) -> dict[str, Any]:
    """Those of its schedule among them, whose first rate is ``learning_rate``."""
    settings = optimizer.get_config()
    rate = settings["learning_rate"]
    if isinstance(rate, Mapping):
        of_schedule = rate["config"]
        first = of_schedule.get("initial_learning_rate", of_schedule.get("values", [None])[0])
        settings |= {**of_schedule, "learning_rate_schedule": rate["class_name"], "learning_rate": first}
    return settings


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Real) and isinstance(other, Real):
        return math.isclose(one, other, rel_tol=1e-5)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one is other or bool(one == other)


def _in_words(key: str, has: Mapping[str, Any], optimizer: str) -> str:
    if has.get(key) is None:
        return f"{optimizer}, which has no {key}"
    return f"a rate of {has[key]:g}" if key == "learning_rate" else f"{key}={has[key]!r}"


def _differences_of_metrics(model: keras.Model, spec: CustomNetworkSpec) -> Iterator[tuple[str, str]]:
    compiled, parameters = arguments_of_compile(model), spec.parameters
    missing, its = missing_metrics(
        parameters.get("metrics"), [compiled.get("metrics"), compiled.get("weighted_metrics")]
    )
    if missing and its:
        yield "metrics", f"metrics that lack {', '.join(missing)}: {', '.join(its)}"
    elif missing:
        yield "metrics", "no metrics"


def _class_name(optimizer: Any) -> str:
    if isinstance(optimizer, str):
        return optimizer.lower()
    return (optimizer if isinstance(optimizer, type) else type(optimizer)).__name__.lower()
