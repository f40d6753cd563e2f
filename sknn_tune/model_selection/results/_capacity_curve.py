"""What each size of a finished search was worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ._metrics import deciding_metric, metric_name
from ._network_sizes import count_parameters, size_parameters
from ._one_standard_error import fold_scores, margin_below, standard_error


@dataclass(frozen=True, eq=False)
class CapacityCurve:
    """Scores against sizes. All arrays are of shape (n_sizes,), in the order in which they were evaluated.

    Parameters
    ----------
    param_name : str
        The parameter that was varied.
    metric : str
        The score by which the sizes are compared.
    sizes : list
        Its values.
    n_parameters : ndarray of int or None
        Weights and biases of each network; None if they are not known.
    test_scores, test_errors : ndarray of float
        Mean score over the folds and the standard error of that mean, 0 if there is one fold only.
    train_scores, train_errors : ndarray of float or None
        The same on the training rows; None if the search has no training scores.
    chosen : int or None
        Index of the size that the search chose.
    best : int or None
        Index of the highest mean score; None if no size has a score.
    margin : float
        How far below that a score may be and still be as good as the best.
    """

    param_name: str
    metric: str
    sizes: list
    n_parameters: np.ndarray | None
    test_scores: np.ndarray
    test_errors: np.ndarray
    train_scores: np.ndarray | None
    train_errors: np.ndarray | None
    chosen: int | None
    best: int | None
    margin: float


def capacity_curve(search: Any) -> CapacityCurve:
    """Read from a finished search what each size was worth.

    Parameters
    ----------
    search : CapacitySearchCV
        Fitted. Another search will do if it varied one parameter only, such as a ``GridSearchCV`` over
        ``hidden_layer_sizes``; its sizes keep their order. Of several metrics the one counts that decides.

    Returns
    -------
    curve : CapacityCurve
        Mean scores and their standard errors, the size that was chosen, and the highest score.

    Raises
    ------
    NotFittedError
        If the search has not been fitted.
    ValueError
        If it varied several parameters.

    See Also
    --------
    sknn_tune.display.CapacityCurveDisplay : Draws it.
    CapacitySearchCV : Grows a network as long as it pays.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from sknn_tune.model_selection import CapacitySearchCV, capacity_curve
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> search = CapacitySearchCV(tree, param_name="max_depth", sizes=range(1, 20)).fit(X, y)
    >>> curve = capacity_curve(search)
    >>> curve.sizes, curve.chosen
    ([1, 2, 3, 4, 5], 2)
    """
    check_is_fitted(search, "cv_results_", msg="This %(name)s has no results yet: call its fit first.")
    results, name = search.cv_results_, _varied_parameter(search)
    metric = deciding_metric(results, search.refit)
    sizes = [candidate[name] for candidate in results["params"]]
    test_scores, test_errors = _means_and_errors(results, metric, "test")
    train_scores, train_errors = (None, None)
    if f"mean_train_{metric}" in results:
        train_scores, train_errors = _means_and_errors(results, metric, "train")
    best = None if np.isnan(test_scores).all() else int(np.nanargmax(test_scores))
    tolerance = getattr(search, "tolerance", "one_standard_error")
    return CapacityCurve(
        param_name=name,
        metric=metric_name(search, metric),
        sizes=sizes,
        n_parameters=_n_parameters(search, name, sizes),
        test_scores=test_scores,
        test_errors=test_errors,
        train_scores=train_scores,
        train_errors=train_errors,
        chosen=getattr(search, "best_index_", None),
        best=best,
        margin=0.0 if best is None else margin_below(results, metric, best, tolerance),
    )


def _varied_parameter(search: Any) -> str:
    if hasattr(search, "param_name_"):
        return search.param_name_
    names = {name for candidate in search.cv_results_["params"] for name in candidate}
    if len(names) == 1:
        return names.pop()
    raise ValueError(
        f"A capacity curve is drawn of a CapacitySearchCV, or of a search that varied one parameter only. This "
        f"{type(search).__name__} varied {', '.join(sorted(names)) or 'none'}."
    )


def _means_and_errors(results: dict, metric: str, rows: str) -> tuple[np.ndarray, np.ndarray]:
    means = np.asarray(results[f"mean_{rows}_{metric}"], dtype=float)
    errors = [standard_error(fold_scores(results, metric, row, rows)) for row in range(len(means))]
    return means, np.asarray(errors, dtype=float)


def _n_parameters(search: Any, name: str, sizes: list) -> np.ndarray | None:
    """As recorded; or counted, if the count is right for the one network that is there to compare with."""
    recorded = search.cv_results_.get("n_parameters")
    if recorded is not None and np.isfinite(np.asarray(recorded, dtype=float)).all():
        return np.asarray(recorded, dtype=int)
    best: Any = getattr(search, "best_estimator_", None)
    network = best[-1] if isinstance(best, Pipeline) else best
    if not size_parameters([name]) or not hasattr(network, "n_parameters_"):
        return None
    for n_outputs in {getattr(network, "n_outputs_", 1), getattr(network, "n_classes_", 1)}:
        counts = [count_parameters(size, network.n_features_in_, n_outputs) for size in sizes]
        if counts[search.best_index_] == network.n_parameters_:
            return np.asarray(counts)
    return None
