"""Which fit of a search is this? Read from scikit-learn's tree of callback contexts.

The tree of a search has a task for each candidate in each fold, numbered through all candidates of
one round (a search that calls ``evaluate_candidates`` again has several). Below it are the steps of a
pipeline, if there is one, then the fit of the network, then its epochs. It does not name candidate and
fold, but with the number of folds the number of a task says both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..._compat.scikit_learn import EVALUATION_TASK


class FitOfSearch(NamedTuple):
    """One fit of one network in a search.

    Attributes
    ----------
    round : tuple of int
        The tasks above.
    task : int
        Candidate times number of folds, plus fold.
    step : tuple of int
        The tasks below, down to the network: which step of a pipeline it is.
    """

    round: tuple[int, ...]
    task: int
    step: tuple[int, ...]

    def candidate(self, n_folds: int) -> int:
        """Position among the candidates of the round."""
        return self.task // n_folds

    def fold(self, n_folds: int) -> int:
        """Position among the folds."""
        return self.task % n_folds


def fit_of_search(context: Any) -> FitOfSearch | None:
    """The fit with this context; None if it is not one that a search compares, such as the refit.

    A search within a search is none of the outer one's: its fits have a comparison of their own.
    """
    path = [context]
    while path[0].parent is not None:
        path.insert(0, path[0].parent)
    places = [place for place, task in enumerate(path) if _is_evaluation(task)]
    if len(places) != 1:
        return None
    numbers = tuple(task.task_id for task in path)
    return FitOfSearch(numbers[: places[0]], numbers[places[0]], numbers[places[0] + 1 :])


def sizes_of_rounds(search_context: Any, n_folds: int) -> dict[tuple[int, ...], int]:
    """Number of candidates in each round of a search, in the order of the rounds."""
    n_tasks: dict[tuple[int, ...], int] = {}
    for context in search_context:
        fit = fit_of_search(context) if _is_evaluation(context) else None
        if fit is not None:
            n_tasks[fit.round] = n_tasks.get(fit.round, 0) + 1
    return {name: count // n_folds for name, count in n_tasks.items()}


def rounds_before(search_context: Any, fit: FitOfSearch, n_folds: int) -> list[int]:
    """Number of candidates in each round before that of ``fit``.

    It looks no further, so it may be asked while other threads add tasks to the present round.
    """
    n_tasks: dict[tuple[int, ...], int] = {}
    for context in search_context:
        other = fit_of_search(context) if _is_evaluation(context) else None
        if other is not None and other.round == fit.round:
            break
        if other is not None:
            n_tasks[other.round] = n_tasks.get(other.round, 0) + 1
    return [count // n_folds for count in n_tasks.values()]


def _is_evaluation(context: Any) -> bool:
    """Also where an estimator's own first task has taken the place of the search's."""
    return EVALUATION_TASK in (context.task_name, context.source_task_name)
