"""The same spaces for Optuna, which asks for one value after another: ``trial.suggest_float(name, ...)``.

Optuna's distributions are ranges of numbers and choices between plain values, so three things need a way:

- Momentum is uniform in the logarithm of its distance from one: Optuna sees that distance.
- A topology is a number of layers, and then one width per layer that is there. For a funnel the widths
  are suggested freely and sorted: ranges that depend on earlier layers would be new in each trial, and
  most samplers learn nothing from those.
- A choice may be anything, but a study in a database keeps numbers, strings, booleans and None only:
  everything else goes by a label. Indices would do as well until a list is reordered between two runs
  of a study, which Optuna could then not notice.

A stored trial suggests what it has stored, so the same functions read values back from a study. Nothing
of Optuna is imported: all it takes is the trial.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..spaces import arrange, int_log_uniform, int_uniform, log_uniform, one_minus_log_uniform, steps, topology, uniform
from ._membership import same
from ._scipy import as_space

#: What Optuna's storages keep as it is.
_STORABLE = (bool, int, float, str, type(None))
#: Which of several dicts. No parameter of an estimator can have a name with a blank in it.
_WHICH_SPACE = "which space"


def suggest_params(trial: Any, param_distributions: Mapping | Sequence[Mapping]) -> dict[str, Any]:
    """Let a trial choose parameters from what a scikit-learn search calls ``param_distributions``.

    Parameters
    ----------
    trial : optuna.trial.Trial, FrozenTrial or FixedTrial
        Running, or stored: then its parameters are read back.
    param_distributions : dict or list of dict
        Spaces by name. Of several dicts the trial first chooses one, as scikit-learn does; a parameter
        that has different spaces in them is a parameter of its own in each.

    Returns
    -------
    params : dict
        One value per name.
    """
    if isinstance(param_distributions, Mapping):
        param_distributions = [param_distributions]
    chosen = 0
    if len(param_distributions) > 1:
        chosen = trial.suggest_categorical(_WHICH_SPACE, tuple(range(len(param_distributions))))
    return {
        name: suggest(trial, _name_in_study(name, chosen, param_distributions), space)
        for name, space in param_distributions[chosen].items()
    }


def stored_params(params: Mapping[str, Any], chosen: int, param_distributions: Mapping | Sequence[Mapping]) -> dict:
    """What a trial has stored that was given these parameters: for ``Study.enqueue_trial``.

    Parameters
    ----------
    params : dict
        Values by name, each in its space. Names may be missing: Optuna then draws them.
    chosen : int
        Which of the dicts they are from.
    param_distributions : dict or list of dict
        As for `suggest_params`.

    Returns
    -------
    stored : dict
        In Optuna's names: of a trial that is given it, `suggest_params` reads ``params``.
    """
    if isinstance(param_distributions, Mapping):
        param_distributions = [param_distributions]
    stored: dict[str, Any] = {_WHICH_SPACE: chosen} if len(param_distributions) > 1 else {}
    for name, value in params.items():
        known_as = _name_in_study(name, chosen, param_distributions)
        stored |= _stored(known_as, as_space(param_distributions[chosen][name]), value)
    return stored


def _stored(name: str, space: Any, value: Any) -> dict[str, Any]:
    match space:
        case one_minus_log_uniform(low, high):
            return {f"1 - {name}": min(max(1 - float(value), 1 - high), 1 - low)}
        case topology(shape=shape):
            widths = value[:1] if shape == "constant" else value
            units = {f"{name}.units_{layer}": int(width) for layer, width in enumerate(widths)}
            return {f"{name}.n_layers": len(value), **units}
        case [*choices]:
            equal = [index for index, choice in enumerate(choices) if same(choice, value)]
            place = next((index for index in equal if choices[index] is value), equal[0])  # 1 is not 1.0
            return {name: _labels(choices)[place]}
        case int_uniform() | int_log_uniform():
            return {name: int(value)}
        case steps(low):
            return {name: type(low)(value)}
    return {name: float(value)}


def _name_in_study(name: str, chosen: int, spaces: Sequence[Mapping]) -> str:
    different = {repr(as_space(space[name])) for space in spaces if name in space}
    return name if len(different) == 1 else f"{name} [{chosen}]"


def suggest(trial: Any, name: str, space: Any) -> Any:
    """Let a trial choose one value.

    Parameters
    ----------
    trial : optuna.trial.Trial, FrozenTrial or FixedTrial
        Running, or stored: then the value is read back.
    name : str
        What the study calls it. Values that Optuna cannot draw directly are kept as ``"1 - name"``,
        ``"name.n_layers"``, ``"name.units_0"``.
    space : Space, list, distribution of Optuna, or scipy's uniform, loguniform or randint
        What to choose from.

    Returns
    -------
    value : object
        A value of the space.
    """
    match as_space(space):
        case uniform(low, high):
            return trial.suggest_float(name, low, high)
        case log_uniform(low, high):
            return trial.suggest_float(name, low, high, log=True)
        case one_minus_log_uniform(low, high):
            distance = trial.suggest_float(f"1 - {name}", 1 - high, 1 - low, log=True)
            return min(max(1 - distance, low), high)  # 1 - (1 - low) may miss low by its last digit
        case int_uniform(low, high):
            return trial.suggest_int(name, low, high)
        case int_log_uniform(low, high):
            return trial.suggest_int(name, low, high, log=True)
        case steps(int(low), int(high), int(step)):
            return trial.suggest_int(name, low, high, step=step)
        case steps(low, high, step):
            return trial.suggest_float(name, low, high, step=step)
        case topology() as layers:
            return _suggest_topology(trial, name, layers)
        case [_, *_] as choices:
            labels = _labels(choices)
            return choices[labels.index(trial.suggest_categorical(name, labels))]
    raise ValueError(
        f"Optuna cannot draw {name!r} from {_describe(space)}. Give a list of values with at least one in it, a space "
        "of sknn_tune.search_space, a distribution of Optuna, or scipy's uniform, loguniform (without loc) or randint."
    )


def _suggest_topology(trial: Any, name: str, space: topology) -> tuple[int, ...]:
    depth = trial.suggest_int(f"{name}.n_layers", *space.n_layers)
    n_widths = min(depth, 1) if space.shape == "constant" else depth
    widths = [trial.suggest_int(f"{name}.units_{layer}", *space.units, log=True) for layer in range(n_widths)]
    return arrange(widths * depth if space.shape == "constant" else widths, space.shape)


def _labels(choices: list) -> tuple:
    """One storable value for each choice, all different and the same in the next process."""
    plain = [choice.item() if isinstance(choice, np.generic) else choice for choice in choices]
    labels = [value if isinstance(value, _STORABLE) else _printed(value) for value in plain]
    # 1 == True == 1.0: to Optuna, these would be one choice.
    if len(set(labels)) < len(labels):
        labels = [f"{_printed(value)} #{index}" for index, value in enumerate(plain)]
    return tuple(labels)


def _printed(value: Any) -> str:
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))  # an address is another one in the next process


def _describe(space: Any) -> str:
    return f"scipy's {space.dist.name}" if hasattr(space, "dist") else repr(space)
