"""Where a search begins: the settings that its estimator has now.

So a search does not lose to none, by the scores that it goes by. A space is what its user wants to see tried, so a
present value outside of it is not: defaults are often ``None`` or 0 where a range of numbers is searched, and the step
of a pipeline may be a placeholder that cannot be fitted. Such a parameter is drawn, the others keep their present
values, and the search says in ``not_in_space_`` which it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterSampler

from ...search_space.translations import find


@dataclass(frozen=True)
class PresentSettings:
    """What an estimator has now of the parameters that are searched.

    Attributes
    ----------
    chosen : int
        Of several dicts of spaces the one meant: the first of those that fit best.
    held : dict
        Values that lie in their space, as the space has them.
    not_in_space : dict
        Values outside of it.
    """

    chosen: int
    held: dict[str, Any]
    not_in_space: dict[str, Any]


def present_settings(estimator: Any, param_distributions: Mapping | Sequence[Mapping]) -> PresentSettings:
    """Look up in ``estimator`` what is searched; a name that it does not have is left aside."""
    spaces = [param_distributions] if isinstance(param_distributions, Mapping) else param_distributions
    params = estimator.get_params(deep=True)
    fitting = [_settings_in(space, index, params) for index, space in enumerate(spaces)]
    return min(fitting, key=lambda each: len(each.not_in_space), default=PresentSettings(0, {}, {}))


def _settings_in(space: Mapping, index: int, params: dict[str, Any]) -> PresentSettings:
    known = [name for name in space if name in params]
    found = {name: find(space[name], params[name]) for name in known}
    held = {name: values[0] for name, values in found.items() if values}
    return PresentSettings(index, held, {name: params[name] for name in known if name not in held})


def first_candidate(
    present: PresentSettings, param_distributions: Any, random_state: np.random.RandomState
) -> dict[str, Any] | None:
    """The present settings, and draws for what is not in the space; None if nothing of them is.

    The draws are made with a copy of ``random_state``: those that follow are the ones that they would be without.
    """
    if not present.held:
        return None
    space = param_distributions if isinstance(param_distributions, Mapping) else param_distributions[present.chosen]
    (drawn,) = ParameterSampler(space, 1, random_state=deepcopy(random_state))
    return {**drawn, **present.held}
