"""Parameters that do nothing beside others: said, instead of being ignored without a word."""

from __future__ import annotations

import warnings
from collections.abc import Container, Iterator

from ...specs import SCHEDULE_PARAMETERS, name_of_activation, schedule_has
from .._routing import signature_names
from ._network import NETWORK_PARAMETERS
from ._parameters import Parameters
from ._training import OPTIMIZER_PARAMETERS, optimizer_parameters
from ._unused_beside import Unused, unused_beside

#: What was said in this process. Python's own memory of warnings is lost whenever anything in a fit catches warnings.
SAID: set[str] = set()


def warn_of_unused(
    parameters: Parameters, searched: Container[str], *, watches: bool = False, streams: bool = False
) -> None:
    """Warn of parameters that the optimizer, the schedule, a model of the user's own or another one leaves unused.

    Once in a process, be it in a loop over their values. Nothing is said of what was decided by ``set_params``, as
    searches call it: there, each candidate uses some parameters of a common space. ``watches`` says whether `fit` got
    ``X_val``, ``streams`` whether X is a dataset.
    """
    unused = [
        *_unused_by_optimizer(parameters),
        *_unused_by_schedule(parameters),
        *unused_beside(parameters, watches=watches, streams=streams),
    ]
    said = [(name, reason) for name, reason, decided_by in unused if not any(each in searched for each in decided_by)]
    for name, reason in [*said, *_unused_by_model(parameters, searched)]:
        sentence = f"The {name!r} parameter of {parameters.estimator} has no effect: {reason}."
        if parameters.is_given(name) and sentence not in SAID:
            SAID.add(sentence)
            warnings.warn(sentence, UserWarning, stacklevel=6)


def _unused_by_optimizer(parameters: Parameters) -> Iterator[Unused]:
    optimizer = parameters["optimizer"]
    if parameters["model"] is not None or not isinstance(optimizer, str | type):
        return  # a model may be compiled with an optimizer of its own
    used = optimizer_parameters(optimizer)
    has = f"which has {', '.join(used)}" if used else "which has none of these"
    shown = repr(optimizer) if isinstance(optimizer, str) else optimizer.__name__
    reason = f"it is not one of the optimizer {shown}, {has}; what else Keras has for it is given as optimizer__…"
    for name in OPTIMIZER_PARAMETERS:
        if name not in used:
            yield Unused(name, reason, ("optimizer",))


def _unused_by_schedule(parameters: Parameters) -> Iterator[Unused]:
    schedule = parameters["learning_rate_schedule"]
    reason = f"learning_rate_schedule={schedule!r} does not use it"
    for name in sorted({each for names in SCHEDULE_PARAMETERS.values() for each in names}):
        if not schedule_has(schedule, name):
            yield Unused(name, reason, ("learning_rate_schedule",))


def _unused_by_model(parameters: Parameters, searched: Container[str]) -> list[tuple[str, str]]:
    model = parameters["model"]
    if model is None or hasattr(getattr(model, "__self__", None), "get_params"):
        return []  # a method of an estimator may read what it likes
    is_function = not hasattr(model, "get_weights") or isinstance(model, type)
    names, takes_any = signature_names(model) if is_function else (set(), False)
    if takes_any or "params" in names:
        return []
    why = "the function given as 'model' does not ask for it" if is_function else "'model' is a finished Keras model"
    says_softmax = name_of_activation(parameters["output_activation"]) == "softmax"
    return [
        (name, why)
        for name in NETWORK_PARAMETERS
        if name not in names
        and not ("model" in searched and name in searched)  # another candidate may have another model, or none
        and not (name == "output_activation" and says_softmax)  # that columns of y are classes
    ]
