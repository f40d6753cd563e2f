"""Parameters of a space that change nothing, since another parameter has not switched them on.

It is no error: the other parameter may be searched, too. But where none of its values makes use of a parameter, all
candidates that differ in it only are one, and time goes into telling them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from ...search_space.translations import as_space
from ...specs import OPTIMIZERS, canonical_name, optimizer_has, schedule_has

#: An estimator with these speaks the language of `sknn_tune.specs`; others may mean something else by the names.
_OURS = {"optimizer", "learning_rate_schedule", "hidden_layer_sizes", "momentum", "early_stopping"}
_OF_OPTIMIZERS = frozenset(name for names in OPTIMIZERS.values() for name in names)


class _Switch(NamedTuple):
    """The parameter that decides, the values with which the other one counts, and how to say them."""

    name: str
    is_on: Callable[[Any], bool]
    advice: str


def _of_optimizer(name: str) -> _Switch:
    users = [f"'{optimizer}'" for optimizer, names in OPTIMIZERS.items() if name in names]
    return _Switch("optimizer", partial(optimizer_has, name=name), f"It counts with {' or '.join(users)}")


def _of_schedule(name: str, advice: str = "It counts with a learning_rate_schedule") -> _Switch:
    return _Switch("learning_rate_schedule", partial(schedule_has, name=name), advice)


_STOPPING = _Switch("early_stopping", bool, "It counts with early_stopping=True")
_NORMALISED = _Switch("batch_norm", bool, "It counts with batch_norm=True")

_SWITCHES: dict[str, _Switch] = {
    **{name: _of_optimizer(name) for name in _OF_OPTIMIZERS},
    "negative_slope": _Switch(
        "activation",
        lambda given: not isinstance(given, str) or canonical_name(given) == "leaky_relu",
        "It counts with 'leaky_relu'",
    ),
    "batch_norm_momentum": _NORMALISED,
    "batch_norm_epsilon": _NORMALISED,
    "decay_rate": _of_schedule("decay_rate"),
    "decay_steps": _of_schedule("decay_steps"),
    "decay_boundaries": _of_schedule("decay_boundaries", "It counts with 'piecewise'"),
    "patience": _STOPPING,
    "min_delta": _STOPPING,
    "restore_best_weights": _STOPPING,
}


def looked_over(spaces: Iterable[Mapping[str, Any]]) -> set[str]:
    """The names, without their prefixes, that `without_effect` speaks of where they have none."""
    return {name.rpartition("__")[2] for space in spaces for name in space} & _SWITCHES.keys()


def without_effect(estimator: Any, space: Mapping[str, Any]) -> list[str]:
    """One sentence, without its subject, for each name of the space that no value of its switch makes use of."""
    params = estimator.get_params(deep=True)
    found = []
    for name in space:
        owner, separator, last = name.rpartition("__")
        switch = _SWITCHES.get(last)
        if switch is None or not {f"{owner}{separator}{each}" for each in _OURS} <= params.keys():
            continue
        given = params[f"{owner}{separator}{switch.name}"]
        values = as_space(space.get(f"{owner}{separator}{switch.name}", [given]))
        if owner in space or not isinstance(values, list) or any(switch.is_on(value) for value in values):
            continue
        has = " or ".join(f"{switch.name}={value!r}" for value in values)
        found.append(
            f"varies {name!r}, which has no effect with {has}. {switch.advice}; else leave it out of the space."
        )
    return found
