"""TabularClassifier: classes of the rows of any table."""

from __future__ import annotations

from typing import Any

from .._classifier import KerasClassifier
from .._extending import also_takes, completes_docstring_of
from ._base import TABULAR_CONSTRAINTS, TabularEstimator


@completes_docstring_of(KerasClassifier)
@completes_docstring_of(TabularEstimator)
class TabularClassifier(TabularEstimator, KerasClassifier):
    """Classify the rows of any table, without a line of preparation.

    A `KerasClassifier` with a `TableEncoder` before it and settings that do well on most tables: numbers are encoded so
    that the network can bend at thresholds, as trees do, and eight networks (of many rows five) that each hold out
    another fold are averaged, each of two members that share weights. Numbers, strings, categories, dates, booleans and
    missing values go in as they are. Every part is a parameter that a search tunes; `default_space` with
    ``size="tabular"`` says how far. Begin with the defaults, which seldom lose to a search of other estimators.

    See Also
    --------
    TabularRegressor : The same for numbers.
    KerasClassifier : The network alone.

    Notes
    -----
    `model_`, and functions that look into the network, get rows as ``encoder_.transform`` encodes them; functions of
    `sknn_tune.inspection` take the table itself and encode it.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tune import TabularClassifier
    >>> table = load_iris(as_frame=True).frame
    >>> table["grown"] = pd.date_range("2026-01-01", periods=150).where(table.index % 7 > 0)
    >>> X, y = table.drop(columns="target"), table["target"]
    >>> classifier = TabularClassifier(n_members=6, epochs=30, random_state=0).fit(X, y)
    >>> classifier.score(X, y) > 0.9
    True
    >>> classifier.encoder_.transformer_.kinds_["grown"]
    'date'
    """

    _parameter_constraints: dict[str, list[Any]] = {**KerasClassifier._parameter_constraints, **TABULAR_CONSTRAINTS}
    _network_alone = KerasClassifier
    _target_type = "classes"

    @also_takes(KerasClassifier.__init__, TabularEstimator.__init__)
    def __init__(self, model: Any = None, **parameters: Any) -> None:
        super().__init__(model, **parameters)
