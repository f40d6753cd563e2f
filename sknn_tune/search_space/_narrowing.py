"""From coarse to fine: the space around the best candidates of a finished search."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from numbers import Real
from typing import Any

import joblib
import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._compat.scikit_learn import Interval, validate_parameter_constraints
from .spaces import Space, kept_around
from .translations import as_space, same

#: Margin around the best values, at least, as a fraction of the old width: scores are noisy, and the
#: best value of many is rarely the best that there is.
_SMALLEST_MARGIN = 0.05


def narrow(
    space: Mapping[str, Any] | Sequence[Mapping[str, Any]], search: Any, top: float = 0.2, metric: str | None = None
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the space around the best candidates of a finished search.

    Search a wide space with few candidates first, narrow it, and search again: coarse to fine.

    - A range shrinks to the values of the best candidates and a margin on either side: a twentieth of its
      old width (on its own scale), or the mean distance between the values tried, if that is more.
      So a single best value leaves a range around it, not a point, and integers keep their neighbours.
      A range never reaches beyond its old ends. Parameters without influence hardly shrink, since their
      values among the best are spread like all others.
    - A list of choices keeps those seen among the best, in their old order; of numbers and of topologies also those
      between the best, and neighbours on either side (one, or as many as are within the margin of a range) unless
      the best candidates were tried with these, too. What was not tried may be better than what lies around it.
    - scipy's ``uniform``, ``loguniform`` and ``randint`` and the distributions of Optuna become ours and shrink
      likewise. Other
      distributions, and parameters that the search did not vary, stay as they are.
    - Of a list of dicts, those stay that had a candidate among the best.

    Parameters
    ----------
    space : dict or list of dict
        What the search drew from (``param_distributions``, or a ``param_grid`` of lists). Candidates from
        outside of it are left aside.
    search : estimator
        Fitted search with ``cv_results_``: ``RandomizedSearchCV``, ``GridSearchCV``, a halving search (the
        candidates that lasted longest are the best), ...
    top : float, default=0.2
        Fraction of the candidates to go by, above 0 and at most 1; at least one candidate. Smaller values
        narrow faster, and are misled by noise more easily.
    metric : str, default=None
        Name of the metric to go by, for a search with several. None: its ``refit``, if that is a name.

    Returns
    -------
    space : dict or list of dict
        The narrower space, of the same form. Names keep their order.

    Raises
    ------
    NotFittedError
        If the search has not been fitted.
    ValueError
        If no candidate has a score that is a number, if none lies in the space, or if it is not clear
        which metric counts.

    See Also
    --------
    default_space : A space to begin with.

    References
    ----------
    .. [1] Bengio (2012), "Practical Recommendations for Gradient-Based Training of Deep Architectures",
       section 3.3, https://arxiv.org/abs/1206.5533

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import SGDClassifier
    >>> from sklearn.model_selection import RandomizedSearchCV
    >>> from sknn_tune.search_space import log_uniform, narrow
    >>> X, y = load_iris(return_X_y=True)
    >>> coarse = {"alpha": log_uniform(1e-6, 1e3), "penalty": ["l1", "l2"]}
    >>> network = SGDClassifier(random_state=0)
    >>> search = RandomizedSearchCV(network, coarse, n_iter=20, random_state=0).fit(X, y)
    >>> fine = narrow(coarse, search)
    >>> search.best_params_["alpha"] in fine["alpha"]
    True
    >>> fine["alpha"].high < 1e3
    True
    """
    validate_parameter_constraints(
        {"top": [Interval(Real, 0, 1, closed="right")], "space": [Mapping, list, tuple], "metric": [str, None]},
        {"top": top, "space": space, "metric": metric},
        caller_name="narrow",
    )
    check_is_fitted(search, "cv_results_", msg="narrow needs a finished search: call fit of this %(name)s first.")
    spaces = [space] if isinstance(space, Mapping) else list(space)
    best, tried = _best_and_all(search, top, metric, {name for one in spaces for name in one})
    homes = [_home(candidate, spaces) for candidate in best]
    if not any(home is not None for home in homes):
        raise ValueError(
            "None of the best candidates lies in the space to be narrowed. Give the space that the search drew from. "
            f"The best candidate is {best[0]}, the space {space}."
        )
    narrowed = [
        _narrow_around([candidate for candidate, home in zip(best, homes, strict=True) if home == index], tried, old)
        for index, old in enumerate(spaces)
        if index in homes
    ]
    return narrowed[0] if isinstance(space, Mapping) else narrowed


def _best_and_all(search: Any, top: float, metric: str | None, names: set[str]) -> tuple[list[dict], list[dict]]:
    """The best candidates, best first, and all that were tried. Candidates without a score count as not tried."""
    results = search.cv_results_
    scores = np.asarray(results[_score_column(search, metric)], dtype=float)
    candidates = results["params"]
    # The rounds of a halving search have scores on different amounts of data or epochs, which cannot be
    # compared. Those of a round that were seen again in a later one count once, where they lasted longest.
    rounds = np.asarray(results["iter"] if "n_resources" in results else [0] * len(candidates))
    ranking: list[int] = []
    seen: set[str] = set()
    for number in sorted(set(rounds), reverse=True):
        rows = np.flatnonzero((rounds == number) & ~np.isnan(scores))
        best_first = rows[np.argsort(-scores[rows], kind="stable")]
        for row in best_first:
            known_by = joblib.hash({name: value for name, value in candidates[row].items() if name in names})
            if "n_resources" not in results or known_by not in seen:
                ranking.append(row)
                seen.add(known_by)
    if not ranking:
        raise ValueError(
            "The search has no candidate whose score is a number, so there is nothing to narrow to. Run it with "
            "error_score='raise' to see why its fits fail."
        )
    ranked = [candidates[row] for row in ranking]
    # 0.07 * 100 is 7.000000000000001.
    return ranked[: max(1, math.ceil(top * len(ranked) - 1e-9))], ranked


def _score_column(search: Any, metric: str | None) -> str:
    known = [name.removeprefix("mean_test_") for name in search.cv_results_ if name.startswith("mean_test_")]
    refit = getattr(search, "refit", None)
    wanted = metric or ("score" if "score" in known else refit)
    if wanted not in known:
        raise ValueError(
            f"Which metric counts? The search has {', '.join(known)}. Give narrow one of these as 'metric'. "
            f"Got metric={metric!r}, and the search has refit={refit!r}."
        )
    return f"mean_test_{wanted}"


def _home(candidate: Mapping, spaces: Sequence[Mapping]) -> int | None:
    """Which space the candidate is from: of those that hold all its values, the one with most of its names."""
    shared = [[name for name in space if name in candidate] for space in spaces]
    homes = [
        index
        for index, names in enumerate(shared)
        if (names or not (spaces[index] or candidate))
        and all(_holds(spaces[index][name], candidate[name]) for name in names)
    ]
    return max(homes, key=lambda index: len(shared[index]), default=None)


def _narrow_around(best: list[dict], tried: list[dict], space: Mapping) -> dict:
    narrowed: dict[str, Any] = {}
    for name, old in space.items():
        values = [candidate[name] for candidate in best if name in candidate]
        match as_space(old) if values else None:
            case Space() as region:
                n_tried = len({candidate[name] for candidate in tried if candidate.get(name) in region})
                narrowed[name] = region.narrow(values, margin=_margin(n_tried))
            case list(choices):
                around = [candidate for candidate in best if name in candidate]
                narrowed[name] = _choices_around(name, choices, around, tried)
            case _:
                narrowed[name] = old
    return narrowed


def _margin(n_tried: int) -> float:
    """Values drawn at random leave gaps of 1 / (n + 1) of the width on average."""
    return max(_SMALLEST_MARGIN, 1 / (n_tried + 1))


def _choices_around(name: str, choices: list, best: list[dict], tried: list[dict]) -> list:
    """The choices seen among the best, those between them, and neighbours that are worth a trial."""
    seen = [_among([candidate[name] for candidate in best], choice) for choice in choices]
    n_tried = sum(_among([c[name] for c in tried if name in c], choice) for choice in choices)
    of_best = [choice for choice, was_seen in zip(choices, seen, strict=True) if was_seen]
    between, around = (kept_around(choices, of_best, margin) for margin in (0.0, _margin(n_tried)))
    known = {_key(candidate) for candidate in tried}
    return [
        choice
        for choice, *is_kept, is_neighbour in zip(choices, seen, between, around, strict=True)
        if any(is_kept) or (is_neighbour and not known.issuperset(_key({**each, name: choice}) for each in best))
    ]


def _key(candidate: Mapping[str, Any]) -> frozenset:
    """Of a candidate; lists and the like by what they print."""
    return frozenset(
        (name, isinstance(value, bool), value if isinstance(value, Hashable) else repr(value))
        for name, value in candidate.items()
    )


def _holds(old: Any, value: Any) -> bool:
    region = as_space(old)
    if isinstance(region, list):
        return _among(region, value)
    return value in region if isinstance(region, Space) else True


def _among(choices: list, value: Any) -> bool:
    return any(same(choice, value) for choice in choices)
