"""A search that refits its best candidate with more than was searched: one member while it looks, eight at the end.

Problem: what costs time in every fit, and helps every candidate alike, need not be searched with. Choice: an estimator
around any search, which lets it search and then fits the best candidate once more; the search itself stays as it is.
Not taken: a function as ``refit=`` of the search. scikit-learn asks it for the row of the best candidate only, its
halving searches do not ask it at all, ``best_score_`` is gone with it, and a wrong name would show at the very end.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sklearn import get_config
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import process_routing

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import HasMethods, validate_parameter_constraints
from ..._documentation import LinkedToDocumentation


class RefitWith(MetaEstimatorMixin, LinkedToDocumentation, BaseEstimator):
    """Search with cheap settings, then refit the best candidate with better ones.

    Some settings cost time in every fit and help all candidates alike: several networks instead of one, more epochs,
    more trees. A search finds the same best candidate without them, in a fraction of the time, and only the
    model that is kept needs them. ``fit`` lets the search do its work, refit included, and then fits its
    ``best_estimator_`` anew with ``params``.

    After ``fit`` everything that the search has and can do is here as well: ``best_params_``, which are those that were
    searched, ``best_score_``, ``cv_results_``, ``predict``, ``score``. So it can take the place of the search anywhere.
    ``best_score_`` is that of the candidate as it was searched; better settings usually do better.

    Parameters
    ----------
    search : estimator
        A search of scikit-learn or of `sknn_tune.model_selection`, or any other that ends with a
        ``best_estimator_``, over an estimator or a ``Pipeline``. Its callbacks, if it is to have any, are set on it.
    params : dict
        Parameters of the search's ``estimator`` for the last fit, by the names of ``set_params``, such as
        ``{"network__n_members": 8}``. Those that were searched may be among them.

    Attributes
    ----------
    search_ : estimator
        The fitted search. Its ``best_estimator_`` and ``refit_time_`` are those of the last fit; everything else is
        as it was found. Where the last fit fails, it is there all the same, with its own ``best_estimator_``.

    See Also
    --------
    one_standard_error : Chooses the candidate that is refit.

    Notes
    -----
    It costs one fit more than the search and the last fit: that with which the search ends by itself.

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

    _parameter_constraints: dict[str, list[Any]] = {"search": [HasMethods(["fit", "get_params"])], "params": [dict]}

    @names_the_nearest
    def __init__(self, search: Any, params: Mapping[str, Any]) -> None:
        self.search = search
        self.params = params

    def fit(self, X: Any, y: Any = None, **fit_params: Any) -> RefitWith:
        """Search, and fit the best candidate with ``params``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets.
        **fit_params : dict
            As for ``fit`` of the search, such as ``sample_weight`` and ``groups``; both fits get them.

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
        best, start = clone(search.best_estimator_).set_params(**clone(self.params, safe=False)), time.time()
        of_estimator = self._for_estimator(fit_params)
        best.fit(X, **of_estimator) if y is None else best.fit(X, y, **of_estimator)
        search.best_estimator_, search.refit_time_ = best, time.time() - start
        return self

    def _check_search(self) -> None:
        """What would fail after the search is refused before it."""
        missing = [name for name in ("estimator", "refit") if name not in self.search.get_params(deep=False)]
        if missing or self.search.refit is False:
            what = f"{type(self.search).__name__} without it" if missing else f"refit={self.search.refit!r}"
            raise ValueError(
                "The 'search' parameter of RefitWith must be a search, such as RandomizedSearchCV, that chooses a best "
                f"candidate: with refit=True, or the name of a metric or a function as 'refit'. Got {what} instead."
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
