"""From small to large, as long as it pays."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import pairwise
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import Interval, InvalidParameterError, StrOptions
from ..results import PARAMETER, deciding_metric, good_enough, size_parameters
from ._ladder import LADDER
from ._piecewise import Pieces, PiecewiseSearchCV
from ._space_in_words import look_over


class CapacitySearchCV(PiecewiseSearchCV):
    """Start small and grow while the score improves: the smallest network that is as good as any.

    The sizes are evaluated one after the other. Chosen is the smallest whose mean score is within one
    standard error of the best so far. A size is a gain if it moves that choice on, which means that it improves
    on the chosen one by more than its standard error; after ``patience`` sizes without a gain the search stops.
    So large networks, which cost the most, are trained only if smaller ones are too small.

    Regularise first if you will later: a network that is regularised may be, and often should be, larger.

    Parameters
    ----------
    estimator : estimator
        Any scikit-learn estimator or ``Pipeline``; with ``sizes=None`` one with a network inside.
    sizes : list, default=None
        Values of the parameter, smallest first. None: ``hidden_layer_sizes`` of 8 units up to three
        layers of 512, wider and deeper in turns.
    param_name : str, default=None
        The parameter to grow, such as "max_depth" or "forest__n_estimators". None: ``hidden_layer_sizes``,
        wherever the estimator has it.
    tolerance : "one_standard_error" or float, default="one_standard_error"
        How much worse than the best a size may be and still be chosen. "one_standard_error": that of the
        best size's mean over the folds. A number is a difference of scores; 0 grows for every improvement,
        however small.
    patience : int, default=2
        After how many sizes without a gain to stop. One may be bad luck, or a step that was too short.
    timeout : float, default=None
        Seconds after which no further size is begun. The search then ends with what it has and a warning,
        and refits as usual. One size is always evaluated.
    scoring : str, callable, list, tuple or dict, default=None
        As in ``GridSearchCV``.
    n_jobs : int, default=None
        Fits at the same time: the folds of one size.
    refit : bool, str or callable, default=True
        As in ``GridSearchCV``, except that True chooses as said above, and so does the name of a metric, by
        that metric. A callable chooses among the sizes that were evaluated. If it, or False, stands
        beside several metrics, whether to grow is decided by the first metric of ``scoring``.
    cv : int, cross-validation generator or iterable, default=None
        As in ``GridSearchCV``. All sizes use the same folds. The more folds, the better their standard
        error is known; of a single one there is none, and then only the best is good enough.
    verbose : int, default=0
        1: a line of progress on stderr: sizes, best score so far, time, and about how much is left if all
        sizes are tried. From 2 on, what scikit-learn prints of each fit as well.
    pre_dispatch : int or str, default="2*n_jobs"
        As in ``GridSearchCV``.
    error_score : "raise" or float, default=nan
        Score of a fit that fails. A size without a score is no gain.
    return_train_score : bool, default=False
        Whether ``cv_results_`` has the scores on the training rows too: where they go on to rise while
        the others do not, the network overfits.

    Attributes
    ----------
    cv_results_ : dict of arrays
        As in ``GridSearchCV``, a row per size that was evaluated.
    param_name_ : str
        The parameter that was grown.
    best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, refit_time_, multimetric_ : object
        As in ``GridSearchCV``. ``best_score_`` is the score of the chosen size, not the highest.

    See Also
    --------
    one_standard_error : The same choice at the end of any search.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from sknn_tune.model_selection import CapacitySearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> search = CapacitySearchCV(tree, param_name="max_depth", sizes=range(1, 20)).fit(X, y)
    >>> search.best_params_
    {'max_depth': 3}
    >>> len(search.cv_results_["params"])
    5
    """

    _parameter_constraints: dict = {
        **PiecewiseSearchCV._parameter_constraints,
        "sizes": ["array-like", None],
        "param_name": [str, None],
        "tolerance": [StrOptions({"one_standard_error"}), Interval(Real, 0, None, closed="left")],
        "patience": [Interval(Integral, 1, None, closed="left")],
    }

    @names_the_nearest
    def __init__(
        self,
        estimator: Any,
        *,
        sizes: Sequence | None = None,
        param_name: str | None = None,
        tolerance: str | float = "one_standard_error",
        patience: int = 2,
        timeout: float | None = None,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        error_score: float | str = np.nan,
        return_train_score: bool = False,
    ) -> None:
        self.sizes = sizes
        self.param_name = param_name
        self.tolerance = tolerance
        self.patience = patience
        super().__init__(
            estimator,
            timeout=timeout,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )

    _is_ladder = True

    def _look_over(self) -> None:
        name, sizes = self._name(), self._sizes()
        look_over(self, "param_name", [{name: sizes}])
        if all(isinstance(size, Real) for size in sizes) and _shrink(sizes):
            warnings.warn(
                f"The 'sizes' parameter of CapacitySearchCV falls, {self.sizes!r}, and the search takes the first for "
                f"the smallest. If it is a larger {name!r} that makes a larger model, give it reversed.",
                UserWarning,
                stacklevel=2,
            )

    def _n_planned(self) -> int:
        return len(self._sizes())

    def _n_pieces(self) -> int:
        return self._n_planned()

    def _sizes(self) -> list:
        if self.sizes is None:
            return list(LADDER)
        has_order = not isinstance(self.sizes, Set | Mapping)
        is_number = isinstance(self.sizes, np.ndarray) and not self.sizes.ndim
        sizes = list(self.sizes) if has_order and not is_number else []
        if not sizes:
            raise InvalidParameterError(
                "The 'sizes' parameter of CapacitySearchCV must be a list of at least one size, the smallest first. "
                f"Got {self.sizes!r} instead."
                + ("" if has_order else f" A {type(self.sizes).__name__} has no order of sizes: make it a list.")
            )
        if size_parameters([self._name()]) and _shrink(sizes):
            raise InvalidParameterError(
                "The 'sizes' parameter of CapacitySearchCV must have the smallest size first, since the search begins "
                f"there and ends where larger ones gain nothing. Got {self.sizes!r}: give it reversed."
            )
        return sizes

    def _name(self) -> str:
        """The parameter to grow."""
        if self.param_name is not None:
            if self.sizes is None and not size_parameters([self.param_name]):
                raise InvalidParameterError(
                    f"CapacitySearchCV knows sizes of {PARAMETER} only. Give the values of {self.param_name!r}, the "
                    "smallest first, as 'sizes'."
                )
            return self.param_name
        found = size_parameters(self.estimator.get_params(deep=True))
        if len(found) == 1:
            return found[0]
        has = f"the estimator has {', '.join(found)}" if found else f"{self.estimator!r} has none"
        raise InvalidParameterError(
            f"With param_name=None, CapacitySearchCV grows the {PARAMETER} of the one network inside the estimator, "
            f"but {has}. Give the name of the parameter to grow as 'param_name', and its values as 'sizes'."
        )

    def _search(self, pieces: Pieces) -> None:
        sizes, self.param_name_ = self._sizes(), self._name()
        chosen = None
        n_without_gain = n_done = 0
        for piece in pieces.budget.in_batches(sizes, 1):
            pieces.evaluate([{self.param_name_: size} for size in piece])
            before, chosen = chosen, self._chosen(pieces.results)
            # The choice goes back to a smaller size where the new best has a larger standard error.
            gained = chosen is not None and (before is None or chosen > before)
            n_without_gain = 0 if gained else n_without_gain + 1
            n_done += 1
            if n_without_gain == self.patience:
                break
        pieces.budget.end(0 if n_without_gain == self.patience else len(sizes) - n_done)

    def _chosen(self, results: Mapping | None) -> int | None:
        """The row of the smallest size that is good enough; None if there is no score yet."""
        if results is None:
            return None
        rows = np.flatnonzero(good_enough(results, deciding_metric(results, self.refit), self.tolerance))
        return int(rows[0]) if len(rows) else None

    def _best_row(self, refit: bool | str | Callable, metric: str, results: Mapping[str, Any]) -> int:
        if callable(refit):
            return super()._best_row(refit, metric, results)
        return self._chosen(results) or 0


def _shrink(sizes: list) -> bool:
    """Whether widths of layers go from many units to few."""
    units = [float(np.sum(size)) for size in sizes]
    return units[0] > units[-1] and all(before >= after for before, after in pairwise(units))
