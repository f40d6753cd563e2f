"""What there is to see of a finished search: facts for tables and pictures, without pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..._compat.scikit_learn import StrOptions, validate_parameter_constraints
from ...specs import comparable_name, is_loss_without_penalty, with_comparable_losses
from ._metrics import deciding_metric, metric_name, metrics_of
from ._parameter_scales import ParameterScale, parameter_scales
from ._what_is_measured import decides_what_a_loss_measures, is_loss

#: What became of a candidate, and in this order they are ranked.
STATUSES = ("finished", "pruned", "failed")


@dataclass(frozen=True, eq=False)
class SearchDescription:
    """What became of the candidates of a finished search.

    Parameters
    ----------
    search, estimator : str
        Names of the classes.
    metric : str
        Name of the score that counts; higher is better.
    n_folds : int
        Folds of each candidate.
    scores, spreads : ndarray of shape (n_candidates,)
        Mean and standard deviation of the score over the folds; NaN where fits failed.
    statuses : ndarray of str of shape (n_candidates,)
        "finished"; "pruned", if a pruner stopped it in any fold; "failed", if its score is not finite.
    best : int or None
        Row of the candidate that the search chose; if it chose none, or by another metric, that with the highest
        score. None if all have failed.
    ranking : ndarray of int of shape (n_candidates,)
        Rows from the best to the worst: the best, then by score, those that were stopped, those that failed. Of a
        halving search, those with most resources first, since the scores of different amounts cannot be compared.
    rounds : ndarray of int of shape (n_candidates,)
        Round of each candidate, from 0, in searches with rounds; else zeros.
    resources : ndarray of shape (n_candidates,) or None
        Of a halving search: what each candidate was given.
    seconds : ndarray of shape (n_candidates,)
        For fitting and scoring in all folds, one after the other.
    parameters : tuple of ParameterScale
        The parameters, each on its own scale.
    best_params : dict
        Name to value, as text, of what the best candidate uses.
    details : dict
        Further numbers of each candidate as arrays by name: other metrics, training score, epochs, size.
    curves : tuple of dict
        For each candidate the numbers of its epochs by name, as far as they were recorded: means over the folds,
        up to the epoch that all have reached; of a stopped candidate, over those folds in which it came as far as in
        any that was stopped.
    parts : dict of str to SearchDescription
        Of several searches that are compared: each by its name, in the order of the candidates. Empty for one.
    """

    search: str
    estimator: str
    metric: str
    n_folds: int
    scores: np.ndarray
    spreads: np.ndarray
    statuses: np.ndarray
    best: int | None
    ranking: np.ndarray
    rounds: np.ndarray
    resources: np.ndarray | None
    seconds: np.ndarray
    parameters: tuple[ParameterScale, ...]
    best_params: Mapping[str, str]
    details: Mapping[str, np.ndarray]
    curves: tuple[Mapping[str, np.ndarray], ...]
    parts: Mapping[str, SearchDescription]

    @property
    def n_candidates(self) -> int:
        """Rows of ``cv_results_``."""
        return len(self.scores)

    @property
    def n_rounds(self) -> int:
        """1 for a search without rounds."""
        return len(set(self.rounds.tolist()))

    @property
    def varied(self) -> tuple[ParameterScale, ...]:
        """The parameters in which candidates differ."""
        return tuple(scale for scale in self.parameters if scale.varies)

    @property
    def origins(self) -> np.ndarray:
        """Of which search each candidate is, as its place in ``parts``; zeros for a single one."""
        counts = [part.n_candidates for part in self.parts.values()] or [self.n_candidates]
        return np.repeat(np.arange(len(counts)), counts)

    @property
    def compared(self) -> tuple[ParameterScale, ...]:
        """What a picture compares: of several searches first which of them, then the parameters that vary."""
        if not self.parts:
            return self.varied
        names, origins = tuple(self.parts), self.origins
        texts = tuple(names[place] for place in origins)
        return ParameterScale("search", "search", "categories", origins.astype(float), texts, names), *self.varied

    @property
    def curve_names(self) -> list[str]:
        """Recorded numbers of epochs, in the order in which they show how candidates compare.

        Losses on validation rows come first, if candidates have the same loss, and before them those without penalties;
        then other numbers of these rows.
        """
        names = dict.fromkeys(name for curves in self.curves for name in curves)
        first = [] if self.different_losses else [comparable_name(names, "val_loss"), "val_loss"]
        return sorted(
            names,
            key=lambda name: (
                first.index(name) if name in first else len(first),
                not name.startswith("val_"),
                bool(self.different_losses) and is_loss(name),
            ),
        )

    @property
    def different_losses(self) -> list[str]:
        """The parameters in which candidates differ and because of which their losses measure different things."""
        return [scale.name for scale in self.varied if decides_what_a_loss_measures(scale.name)]


def describe_search(search: Any, metric: str | None = None) -> SearchDescription:
    """Return what there is to see of a finished search, on which its pictures and its page are based.

    Parameters
    ----------
    search : estimator
        Fitted search with ``cv_results_``, of any kind, with any estimator.
    metric : str, default=None
        Name of the metric to go by, for a search with several. None: the one that `refit` names, else the first.

    Returns
    -------
    description : SearchDescription
        Scores, what became of each candidate, and each parameter on its own scale.

    Raises
    ------
    NotFittedError
        If the search has not been fitted.
    InvalidParameterError
        If the search has no such metric.

    See Also
    --------
    search_results : The same as one table.
    parameter_importance : Which parameters mattered.
    sknn_tune.display.SearchResultsDisplay : Pictures of it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import SGDClassifier
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknn_tune.model_selection import describe_search
    >>> X, y = load_iris(return_X_y=True)
    >>> grid = {"alpha": [1e-4, 1e-2, 1], "penalty": ["l1", "l2"]}
    >>> description = describe_search(GridSearchCV(SGDClassifier(random_state=0), grid).fit(X, y))
    >>> description.n_candidates, description.n_folds
    (6, 5)
    >>> [(scale.label, scale.kind) for scale in description.parameters]
    [('alpha', 'log'), ('penalty', 'categories')]
    """
    check_is_fitted(
        search, "cv_results_", msg="describe_search needs a finished search: call fit of this %(name)s first."
    )
    results = search.cv_results_
    validate_parameter_constraints(
        {"metric": [StrOptions(set(metrics_of(results))), None]}, {"metric": metric}, caller_name="describe_search"
    )
    deciding = deciding_metric(results, getattr(search, "refit", None))
    metric = metric or deciding
    scores = np.asarray(results[f"mean_test_{metric}"], dtype=float)
    statuses = _statuses(results, scores)
    best, ranking = _best_and_ranking(search, metric == deciding, scores, statuses)
    folds = _n_folds(results, metric)
    times = np.asarray(results["mean_fit_time"]) + np.asarray(results["mean_score_time"])
    parameters = parameter_scales(search)
    return SearchDescription(
        search=type(search).__name__,
        estimator=_name(search.estimator),
        metric=metric_name(search, metric),
        n_folds=folds,
        scores=scores,
        spreads=np.asarray(results[f"std_test_{metric}"], dtype=float),
        statuses=statuses,
        best=best,
        ranking=ranking,
        rounds=_rounds(results, len(scores)),
        resources=np.asarray(results["n_resources"]) if "n_resources" in results else None,
        seconds=times * folds,
        parameters=parameters,
        best_params=best_params(parameters, best),
        details=_details(results, metric),
        curves=comparable_curves([_mean_curves(results, row) for row in range(len(scores))]),
        parts={},
    )


def _statuses(results: Mapping, scores: np.ndarray) -> np.ndarray:
    pruned = np.asarray(results.get("pruned", np.zeros(len(scores), dtype=bool)), dtype=bool)
    return np.where(~np.isfinite(scores), "failed", np.where(pruned, "pruned", "finished"))


def _best_and_ranking(
    search: Any, decides: bool, scores: np.ndarray, statuses: np.ndarray
) -> tuple[int | None, np.ndarray]:
    """Row of the best, and all rows from the best to the worst."""
    results = search.cv_results_
    resources = np.asarray(results.get("n_resources", np.zeros(len(scores))))
    places = np.array([STATUSES.index(status) for status in statuses])
    ranking = np.lexsort((-np.nan_to_num(scores, nan=-np.inf), -resources, places))
    chosen = getattr(search, "best_index_", ranking[0]) if decides else ranking[0]
    best = next((int(row) for row in (chosen, ranking[0]) if np.isfinite(scores[row])), None)
    return best, ranking if best is None else np.concatenate([[best], ranking[ranking != best]])


def best_params(scales: tuple[ParameterScale, ...], best: int | None) -> dict[str, str]:
    """Name to value, as text, of what the best candidate uses."""
    if best is None:
        return {}
    return {
        scale.name: scale.texts[best] for scale in scales if scale.texts[best] or np.isfinite(scale.positions[best])
    }


def _n_folds(results: Mapping, metric: str) -> int:
    ending = f"_test_{metric}"
    return sum(name.startswith("split") and name.endswith(ending) for name in results)


def _name(estimator: Any) -> str:
    steps = getattr(estimator, "steps", None)
    if steps is None:
        return type(estimator).__name__
    return f"{type(estimator).__name__} of {', '.join(_name(step) for _, step in steps if hasattr(step, 'get_params'))}"


def _details(results: Mapping, metric: str) -> dict[str, np.ndarray]:
    others = {f"mean_test_{name}": name for name in metrics_of(results) if name != metric}
    known = {
        **others,
        f"mean_train_{metric}": "training score",
        "n_resources": "resources",
        "mean_n_epochs": "epochs",
        "n_parameters": "weights",
    }
    return {label: np.asarray(results[name], dtype=float) for name, label in known.items() if name in results}


def _rounds(results: Mapping, n_candidates: int) -> np.ndarray:
    return np.asarray(results.get("round", results.get("iter", np.zeros(n_candidates, dtype=int))))


def comparable_curves(curves: Sequence[dict[str, np.ndarray]]) -> tuple[Mapping[str, np.ndarray], ...]:
    """With the losses without penalties of all, where any candidate has penalties."""
    if not any(is_loss_without_penalty(name) for each in curves for name in each):
        return tuple(curves)
    complete = [with_comparable_losses({name: values.tolist() for name, values in each.items()}) for each in curves]
    return tuple({name: np.asarray(values, dtype=float) for name, values in each.items()} for each in complete)


def _mean_curves(results: Mapping, row: int) -> dict[str, np.ndarray]:
    folds = [name.removesuffix("_history") for name in results if name.endswith("_history")]
    histories = {fold: history for fold in folds if (history := results[f"{fold}_history"][row])}
    # Once stopped in one fold, a candidate stops in the others at once: the longest of these shows why.
    stopped = [fold for fold in histories if f"{fold}_pruned" in results and results[f"{fold}_pruned"][row]]
    least = max((_n_epochs(histories[fold]) for fold in stopped), default=0)
    return _means([history for history in histories.values() if _n_epochs(history) >= least])


def _n_epochs(history: Mapping) -> int:
    return max(map(len, history.values()))


def _means(histories: Sequence[Mapping]) -> dict[str, np.ndarray]:
    names = [name for name in histories[0] if all(name in history for history in histories)] if histories else []
    curves = {}
    for name in names:
        n_epochs = min(len(history[name]) for history in histories)
        curves[name] = np.mean([np.asarray(history[name][:n_epochs], dtype=float) for history in histories], axis=0)
    return curves
