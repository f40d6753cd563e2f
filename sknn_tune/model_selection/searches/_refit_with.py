"""A search that refits its best candidates with more than was searched: one member while it looks, eight at the end.

Problem: what costs time in every fit, and helps every candidate alike, need not be searched with. Choice: an estimator
around any search, which lets it search and then fits the best candidates once more; the search itself stays as it is.
Not taken: a function as ``refit=`` of the search. scikit-learn asks it for the row of the best candidate only, its
halving searches do not ask it at all, ``best_score_`` is gone with it, and a wrong name would show at the very end.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from numbers import Integral
from typing import Any

import joblib
import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.model_selection import check_cv, cross_val_score
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import process_routing

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import HasMethods, Interval, validate_parameter_constraints
from ..._documentation import LinkedToDocumentation
from ..results import deciding_metric, describe_search
from ._folds import SameFolds
from ._unseen import scores_of_unseen_rows


class RefitWith(MetaEstimatorMixin, LinkedToDocumentation, BaseEstimator):
    """Search with cheap settings, then refit the best candidate with better ones.

    Some settings cost time in every fit and help all candidates alike: several networks instead of one, more epochs,
    more trees. A search finds the same best candidate without them, in a fraction of the time, and only the
    model that is kept needs them. ``fit`` lets the search do its work, refit included, and then fits its
    ``best_estimator_`` anew with ``params``.

    What is best without these settings need not be best with them: a candidate with many weights, say, may gain more
    from several networks than one with few. With ``n_candidates=3`` the three best are refit, and so are the settings
    that the estimator had before, if the search began with them, as those of this package do. The one is kept that then
    predicts best.

    After ``fit`` everything that the search has and can do is here as well: ``best_params_``, which are those that were
    searched, ``best_score_``, ``cv_results_``, ``predict``, ``score``. So it can take the place of the search anywhere.
    ``best_score_`` is that of the candidate as it was searched; better settings usually do better. If another candidate
    than the best of the search is kept, ``best_params_``, ``best_index_`` and ``best_score_`` are those of that one.

    Parameters
    ----------
    search : estimator
        A search of scikit-learn or of `sknn_tune.model_selection`, or any other that ends with a
        ``best_estimator_``, over an estimator or a ``Pipeline``. Its callbacks, if it is to have any, are set on it.
    params : dict
        Parameters of the search's ``estimator`` for the last fit, by the names of ``set_params``, such as
        ``{"network__n_members": 8}``. Those that were searched may be among them.
    n_candidates : int, default=1
        How many of the best candidates are refit and compared by the score of the search, and from 2 on the present
        settings beside them. 3 costs three fits more than 1, and is worth them where these take seconds. Networks with
        several members that hold out folds (``early_stopping=True``) are compared by their ``oof_prediction_``, which
        takes no further fit; in a ``Pipeline`` the steps before have seen all rows. Everything else, and classes that
        are more than one column of y, is cross-validated in the folds of the search. Fewer are refit where fewer
        candidates were finished, or got as much as the best of a resource that is a parameter.

    Attributes
    ----------
    search_ : estimator
        The fitted search. Its ``best_estimator_`` and ``refit_time_`` are those of the last fit; everything else is
        as it was found. Where the last fit fails, it is there all the same, with its own ``best_estimator_``.
    refit_scores_ : dict of int to float
        With ``n_candidates`` above 1: the score of each candidate that was refit, on rows that it has not seen, by its
        row of ``cv_results_``.

    See Also
    --------
    one_standard_error : Chooses the candidate that is refit.

    Notes
    -----
    It costs one fit more than the search and the last fits: that with which the search ends by itself.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknn_tune.model_selection import RefitWith
    >>> X, y = load_iris(return_X_y=True)
    >>> forest = RandomForestClassifier(n_estimators=10, random_state=0)
    >>> search = RefitWith(GridSearchCV(forest, {"max_depth": [1, 2]}), {"n_estimators": 100}).fit(X, y)
    >>> search.best_params_, search.best_estimator_.n_estimators
    ({'max_depth': 2}, 100)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "search": [HasMethods(["fit", "get_params"])],
        "params": [dict],
        "n_candidates": [Interval(Integral, 1, None, closed="left")],
    }

    @names_the_nearest
    def __init__(self, search: Any, params: Mapping[str, Any], n_candidates: int = 1) -> None:
        self.search = search
        self.params = params
        self.n_candidates = n_candidates

    def fit(self, X: Any, y: Any = None, **fit_params: Any) -> RefitWith:
        """Search, and fit the best candidates with ``params``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets.
        **fit_params : dict
            As for ``fit`` of the search, such as ``sample_weight`` and ``groups``; all fits get them.

        Returns
        -------
        self : RefitWith
            The estimator, fitted.
        """
        validate_parameter_constraints(self._parameter_constraints, self.get_params(deep=False), "RefitWith")
        self._check_search()
        search = clone(self.search)
        try:
            search.fit(X, y, **fit_params)
        except KeyboardInterrupt:
            if hasattr(search, "cv_results_"):  # those of the candidates that were finished
                self.search_ = search
            raise
        self.search_ = search
        if self.n_candidates == 1:
            search.best_estimator_, search.refit_time_ = self._refit(clone(search.best_estimator_), X, y, fit_params)
        else:
            self._keep_the_best(search, X, y, fit_params)
        return self

    def _refit(self, candidate: Any, X: Any, y: Any, fit_params: dict[str, Any]) -> tuple[Any, float]:
        """A candidate with ``params``, fitted, and the seconds that took."""
        start = time.time()
        candidate.set_params(**clone(self.params, safe=False))
        of_estimator = self._for_estimator(fit_params)
        candidate.fit(X, **of_estimator) if y is None else candidate.fit(X, y, **of_estimator)
        return candidate, time.time() - start

    def _keep_the_best(self, search: Any, X: Any, y: Any, fit_params: dict[str, Any]) -> None:
        """Refit several candidates; that which predicts best what it has not seen is the best of the search."""
        results, metric = search.cv_results_, deciding_metric(search.cv_results_, search.refit)
        scorer = _scorer_of(search, metric)
        refits = {}
        for row in _rows_to_refit(search, self.n_candidates):
            candidate = clone(search.estimator).set_params(**clone(results["params"][row], safe=False))
            refits[row] = self._refit(candidate, X, y, fit_params)

        folds = SameFolds(check_cv(search.cv, y, classifier=is_classifier(search.estimator)))

        def in_folds(fitted: Any) -> float:
            splits = folds.split(X, y, groups=fit_params.get("groups"))
            params = self._for_estimator(fit_params)
            return float(cross_val_score(clone(fitted), X, y, scoring=scorer, cv=splits, params=params).mean())

        scores = scores_of_unseen_rows([fitted for fitted, _ in refits.values()], X, y, scorer, in_folds)
        self.refit_scores_ = dict(zip(refits, scores, strict=True))
        row = max(self.refit_scores_, key=lambda each: np.nan_to_num(self.refit_scores_[each], nan=-np.inf))
        search.best_estimator_, search.refit_time_ = refits[row]
        search.best_index_, search.best_params_ = row, results["params"][row]
        if hasattr(search, "best_score_"):
            search.best_score_ = results[f"mean_test_{metric}"][row]

    def _check_search(self) -> None:
        """What would fail after the search, or be of no use, is refused before it."""
        missing = [name for name in ("estimator", "refit") if name not in self.search.get_params(deep=False)]
        if missing or self.search.refit is False:
            what = f"{type(self.search).__name__} without it" if missing else f"refit={self.search.refit!r}"
            raise ValueError(
                "The 'search' parameter of RefitWith must be a search, such as RandomizedSearchCV, that chooses a best "
                f"candidate: with refit=True, or the name of a metric or a function as 'refit'. Got {what} instead."
            )
        if self.n_candidates > 1 and callable(self.search.refit):
            raise ValueError(
                f"The 'n_candidates' parameter of RefitWith must be 1 where a function, refit={self.search.refit!r}, "
                f"chooses the candidate: several are compared by their scores. Got {self.n_candidates} instead."
            )
        try:
            clone(self.search.estimator).set_params(**clone(self.params, safe=False))
        except ValueError as error:
            raise ValueError(
                f"The 'params' parameter of RefitWith cannot be set on the estimator of the search: {error}"
                f"{self._longer_names()}"
            ) from error

    def _longer_names(self) -> str:
        """The same names with the step before them, if there are any."""
        known = self.search.estimator.get_params(deep=True)
        found = [full for name in self.params if name not in known for full in known if full.endswith(f"__{name}")]
        return f" Did you mean {' or '.join(map(repr, found))}?" if found else ""

    def _for_estimator(self, fit_params: dict[str, Any]) -> dict[str, Any]:
        """What of ``fit_params`` a search hands on to its estimator."""
        if get_config()["enable_metadata_routing"]:
            return process_routing(self.search, "fit", **fit_params).estimator.fit
        return {name: value for name, value in fit_params.items() if name != "groups"}

    def __getattr__(self, name: str) -> Any:
        """All else is the search's: the fitted one's, if there is one."""
        if not name.startswith("_") and name != "set_callbacks":
            for search in ("search_", "search"):
                if search in vars(self):
                    return getattr(vars(self)[search], name)
        hint = ": set them on its search" if name == "set_callbacks" else ""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

    def get_metadata_routing(self) -> Any:
        """Get the metadata routing of the search, which gets all that ``fit`` gets.

        Returns
        -------
        routing : MetadataRouter
            That of the search.
        """
        return self.search.get_metadata_routing()

    def __sklearn_is_fitted__(self) -> bool:
        return "search_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.search)


def _scorer_of(search: Any, metric: str) -> Any:
    """Of the metric that counts."""
    if isinstance(search.scorer_, dict):
        return search.scorer_[metric]
    if getattr(search, "multimetric_", False):  # one function that gives several scores
        return lambda estimator, X, y: search.scorer_(estimator, X, y)[metric]
    return search.scorer_


def _rows_to_refit(search: Any, n_candidates: int) -> list[int]:
    """Rows of ``cv_results_``: of the best candidates, the best first, and of the present settings if it has them."""
    ranking = _ranking(search)
    began_with_present = getattr(search, "not_in_space_", None) == {}
    present = [row for row in ranking[n_candidates:] if row == 0 and began_with_present]
    return ranking[:n_candidates] + present


def _ranking(search: Any) -> list[int]:
    """Rows of candidates that were finished, the best first, each candidate once.

    Of a search that gives good candidates more resources, those that came furthest are better. If the resource is a
    parameter, such as ``n_estimators``, only those count that got as much of it as the best.
    """
    found, params = describe_search(search), search.cv_results_["params"]
    resource = getattr(search, "resource_", getattr(search, "resource", None))
    first_of: dict[str, int] = {}
    for row in found.ranking[found.statuses[found.ranking] == "finished"]:
        if params[row].get(resource) == search.best_params_.get(resource):
            first_of.setdefault(joblib.hash(params[row]), int(row))  # arrays among them have no plain equality
    return list(first_of.values()) or [search.best_index_]
