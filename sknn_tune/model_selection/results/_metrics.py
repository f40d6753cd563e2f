"""Which of the metrics of a search counts when it decides where to go on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import ClassifierMixin, RegressorMixin, is_classifier, is_regressor
from sklearn.pipeline import Pipeline

_PREFIX = "mean_test_"


def metrics_of(results: Mapping[str, Any]) -> list[str]:
    """The names in ``cv_results_``, in the order of ``scoring``: ``["score"]`` if there is only one metric."""
    return [name.removeprefix(_PREFIX) for name in results if name.startswith(_PREFIX)]


def deciding_metric(results: Mapping[str, Any], refit: Any) -> str:
    """The one of ``cv_results_`` that counts."""
    return deciding(metrics_of(results), refit)


def deciding(metrics: Sequence[str], refit: Any) -> str:
    """The only one; of several the one that ``refit`` names; if it names none, the first."""
    return refit if isinstance(refit, str) and refit in metrics else metrics[0]


def metric_name(search: Any, metric: str) -> str:
    """What a metric of a search is called by people, where ``cv_results_`` only says "score"."""
    scoring = getattr(search, "scoring", None)
    if metric != "score":
        return metric
    if scoring is None:
        return _default_score(search.estimator)
    if isinstance(scoring, str):
        return scoring
    made = re.match(r"make_scorer\((\w+)", repr(scoring))  # as scikit-learn writes what make_scorer has made
    return made[1] if made else getattr(scoring, "__name__", metric)


def _default_score(estimator: Any) -> str:
    """What the ``score`` method of an estimator is, where that is known."""
    if isinstance(estimator, Pipeline):
        return _default_score(estimator[-1])
    owner = next((each for each in type(estimator).__mro__ if "score" in vars(each)), object)
    is_ours = owner.__module__.startswith("sknn_tune.estimators.")  # whose score does the same, for more kinds of rows
    if owner is ClassifierMixin or (is_ours and is_classifier(estimator)):
        return "accuracy"
    return "r2" if owner is RegressorMixin or (is_ours and is_regressor(estimator)) else "score"
