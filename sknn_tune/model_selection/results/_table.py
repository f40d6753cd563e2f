"""A finished search as a table: one row per candidate, or per epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..._compat import scikit_learn
from ..._compat.scikit_learn import validate_parameter_constraints
from ..._optional import import_optional
from ...specs import is_loss_without_penalty, with_comparable_losses


def search_results(search: Any, curves: bool = False) -> Any:
    """Return what became of each candidate of a finished search as a DataFrame.

    Parameters
    ----------
    search : estimator
        Fitted search with ``cv_results_``, of any kind, with any estimator.
    curves : bool, default=False
        False: one row per candidate. True: one row per candidate, fold and epoch, with the numbers of
        ``history_`` (``loss``, ``val_loss``, …; where any network has penalties, of all also the losses without them,
        ``val_loss_without_penalty``, which can be compared). They are there if they were recorded:
        ``search.set_callbacks(HistoryRecorder())`` (or a pruner) before ``fit``, with scikit-learn 1.9 or later.

    Returns
    -------
    results : DataFrame
        One row per candidate, in the order of ``cv_results_``, with the index ``candidate``. First the parameters, by
        the shortest name that no other has (``learning_rate`` for ``network__learning_rate``); NaN where a
        candidate does not have one. Then the columns of ``cv_results_`` by their own names: mean and
        standard deviation of each score, rank, scores of each fold, times, and whatever the search itself
        adds (``iter`` and ``n_resources`` of a halving search). `HistoryRecorder` and the pruners add
        ``mean_n_epochs`` and ``split0_n_epochs``, … (epochs run), and ``n_parameters`` (of the network), pruners
        also ``pruned`` and ``split0_pruned``, ….

        With ``curves=True``: ``candidate`` and ``fold`` (from 0), ``epoch`` (from 1), and a column per recorded
        number. Candidates are those of the other table, which can be joined by ``candidate``.

    Raises
    ------
    NotFittedError
        If the search has not been fitted.
    ValueError
        If ``curves=True`` and they were not recorded.
    ImportError
        If pandas is not installed.

    See Also
    --------
    HistoryRecorder : Keep the curves of a search.
    MedianPruner : Stop hopeless fits of a search.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import SGDClassifier
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tune.model_selection import search_results
    >>> X, y = load_iris(return_X_y=True)
    >>> pipeline = make_pipeline(StandardScaler(), SGDClassifier(random_state=0))
    >>> search = GridSearchCV(pipeline, {"sgdclassifier__alpha": [1e-4, 1e3]}, cv=2).fit(X, y)
    >>> search_results(search).columns[:4].tolist()
    ['alpha', 'mean_test_score', 'std_test_score', 'rank_test_score']
    """
    validate_parameter_constraints({"curves": ["boolean"]}, {"curves": curves}, caller_name="search_results")
    check_is_fitted(
        search, "cv_results_", msg="search_results needs a finished search: call fit of this %(name)s first."
    )
    pandas = import_optional("pandas", purpose="search_results")
    return _curves(search, pandas) if curves else _candidates(search.cv_results_, pandas)


def _candidates(results: Mapping[str, Any], pandas: Any) -> Any:
    candidates = results["params"]
    others = [name for name in results if name != "params" and not name.startswith("param_") and not _is_history(name)]
    names = list(dict.fromkeys(name for candidate in candidates for name in candidate))
    columns = {
        short: _column([candidate.get(name, np.nan) for candidate in candidates], pandas)
        for name, short in short_names(names, taken=others).items()
    }
    columns |= {name: np.asarray(results[name]) for name in sorted(others, key=_place)}
    return pandas.DataFrame(columns, index=pandas.RangeIndex(len(candidates), name="candidate"))


def _column(values: list, pandas: Any) -> Any:
    """Numbers and strings in a type of their own; a list or a tuple is one value, not several."""
    column = pandas.Series([None] * len(values), dtype=object)
    for row, value in enumerate(values):
        column.iat[row] = value
    if any(value is None for value in values):
        return column  # None is a choice: a type of its own would turn it into NaN, which says that there was none
    return column.infer_objects()


def _place(column: str) -> int:
    """Scores before times, sums before details, training scores after test scores; what is not known last."""
    is_detail = column.startswith("split")
    for place, part in enumerate(("test_", "train_", "fit_time", "score_time")):
        if part in column:
            return 2 * place + is_detail
    return 8 + is_detail


def short_names(names: Sequence[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """For each name the shortest end of it, in whole parts, that no other name and nothing taken has."""
    ends = [_ends(name) for name in names]
    used = [end for group in ends for end in group] + list(taken)
    return {
        name: next((end for end in group if used.count(end) == 1), name)
        for name, group in zip(names, ends, strict=True)
    }


def _ends(name: str) -> list[str]:
    """``"a__b__c"`` -> ``["c", "b__c", "a__b__c"]``."""
    parts = name.split("__")
    return ["__".join(parts[start:]) for start in reversed(range(len(parts)))]


def _curves(search: Any, pandas: Any) -> Any:
    results = search.cv_results_
    folds = [name for name in results if _is_history(name)]
    if not folds:
        version = (
            ""
            if scikit_learn.HAS_CALLBACKS
            else " With scikit-learn before 1.9, as installed here, that is impossible."
        )
        raise ValueError(
            "The curves of this search were not recorded: scikit-learn drops the networks of a search once they are "
            "scored. Call search.set_callbacks(HistoryRecorder()) before fit, with HistoryRecorder from "
            f"sknn_tune.model_selection.{version}"
        )
    fits = [
        pandas.DataFrame(
            {"candidate": row, "fold": fold, "epoch": np.arange(1, len(next(iter(history.values()))) + 1)} | history
        )
        for row in range(len(results["params"]))
        for fold, name in enumerate(folds)
        if (history := results[name][row])
    ]
    if not fits:
        return pandas.DataFrame(columns=["candidate", "fold", "epoch"])
    if any(is_loss_without_penalty(name) for fit in fits for name in fit):
        fits = [fit.assign(**_losses_without_penalty(fit)) for fit in fits]
    return pandas.concat(fits, ignore_index=True)


def _losses_without_penalty(fit: Any) -> dict[str, Any]:
    """Also of a network that has no penalties, so that the column can be compared."""
    complete = with_comparable_losses({name: fit[name].tolist() for name in fit})
    return {name: values for name, values in complete.items() if is_loss_without_penalty(name)}


def _is_history(column: str) -> bool:
    return column.startswith("split") and column.endswith("_history")
