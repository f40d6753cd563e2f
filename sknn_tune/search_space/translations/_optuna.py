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

from ..spaces import arrange, int_log_uniform, int_uniform, log_uniform, one_minus_log_uniform, topology, uniform
from ._scipy import as_space

#: What Optuna's storages keep as it is.
_STORABLE = (bool, int, float, str, type(None))


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
        # No parameter of an estimator can have a name with a blank in it.
        chosen = trial.suggest_categorical("which space", tuple(range(len(param_distributions))))
    params = {}
    for name, space in param_distributions[chosen].items():
        spaces = {repr(as_space(other[name])) for other in param_distributions if name in other}
        params[name] = suggest(trial, name if len(spaces) == 1 else f"{name} [{chosen}]", space)
    return params


def suggest(trial: Any, name: str, space: Any) -> Any:
    """Let a trial choose one value.

    Parameters
    ----------
    trial : optuna.trial.Trial, FrozenTrial or FixedTrial
        Running, or stored: then the value is read back.
    name : str
        What the study calls it. Values that Optuna cannot draw directly are kept as ``"1 - name"``,
        ``"name.n_layers"``, ``"name.units_0"``.
    space : Space, list, or scipy's uniform, loguniform or randint
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
        case topology() as layers:
            return _suggest_topology(trial, name, layers)
        case [_, *_] as choices:
            labels = _labels(choices)
            return choices[labels.index(trial.suggest_categorical(name, labels))]
    raise ValueError(
        f"Optuna cannot draw {name!r} from {_describe(space)}. Give a list of values with at least one in it, a space "
        "of sknn_tune.search_space, or scipy's uniform, loguniform (without loc) or randint."
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
