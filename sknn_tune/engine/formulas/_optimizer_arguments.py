"""Optimizers by what a user gives: their names and arguments in Keras, and which of these machine code covers."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ...specs import ScheduleSpec, TrainingSpec
from ._optimizers import Optimizer

_OF_ALL = {
    "learning_rate": 0.001,
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
    "name": None,
}
_OF_ADAMS = {**_OF_ALL, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}

#: Optimizer -> arguments of its class in Keras, with their defaults; a test holds them against Keras.
DEFAULTS: dict[str, dict[str, Any]] = {
    "sgd": {**_OF_ALL, "learning_rate": 0.01, "momentum": 0.0, "nesterov": False},
    "adagrad": {**_OF_ALL, "initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "rmsprop": {**_OF_ALL, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    "adam": {**_OF_ADAMS, "amsgrad": False},
    "adamw": {**_OF_ADAMS, "amsgrad": False, "weight_decay": 0.004},
    "nadam": _OF_ADAMS,
}

#: Arguments that change the arithmetic in a way that only Keras' own loop knows.
_KERAS_ONLY = ("clipnorm", "use_ema", "amsgrad", "centered", "loss_scale_factor", "gradient_accumulation_steps")


def optimizer_name(given: Any) -> str | None:
    """The lower-case name of one of the optimizers of this file, or None for any other."""
    if isinstance(given, str):
        return given if given in DEFAULTS else None
    keras = sys.modules.get("keras")  # without it, nobody has a class of Keras
    if keras is None or not isinstance(given, type):
        return None
    name = given.__name__.lower()
    return name if name in DEFAULTS and getattr(keras.optimizers, given.__name__, None) is given else None


def why_optimizer_needs_keras(training: TrainingSpec) -> str | None:
    """Half a sentence if machine code does not cover this optimizer, else None."""
    name = optimizer_name(training.optimizer)
    if name is None:
        return f"the optimizer {training.optimizer!r} is not one of {', '.join(DEFAULTS)}"
    arguments = dict(training.optimizer_arguments)
    for argument in arguments:
        if argument not in DEFAULTS[name]:
            return f"optimizer__{argument} is not an argument of {name}, which Keras explains"
        if argument in _KERAS_ONLY and arguments[argument]:
            return f"optimizer__{argument} is set"
    if training.schedule is not None and not isinstance(training.schedule, ScheduleSpec):
        return "the learning rate follows a Keras schedule object"
    if "learning_rate" in arguments or not isinstance(training.learning_rate, (int, float, np.number)):
        return "optimizer__learning_rate is set" if "learning_rate" in arguments else "the learning rate is no number"
    return None


def resolve_optimizer(training: TrainingSpec) -> Optimizer:
    """The optimizer with all its arguments; only one that needs no Keras."""
    name = optimizer_name(training.optimizer)
    assert name is not None
    arguments = {**DEFAULTS[name], **dict(training.optimizer_arguments)}
    return Optimizer(name, arguments, float(training.learning_rate), training.schedule)
