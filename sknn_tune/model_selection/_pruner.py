"""What pruners have in common: the curves of all fits in one place, and who may be stopped when.

A fit is compared with the fits of other candidates in the same fold, since folds differ in difficulty. A
candidate that was stopped in one fold is lost, and its fits in the other folds stop after their next
epoch.

Stopped networks are scored as they are, so the scores in ``cv_results_`` are honest; an exception in their place
would make scikit-learn warn of failed fits, or fail. But their scores are of other networks than a refit would
give, and on an easy table one of them may be highest. So a candidate that was stopped is passed over
when the search chooses the best (`_AmongWhole`), as long as another ran to its end.
"""

from __future__ import annotations

import math
import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_parameter_constraints

from .._optional import import_optional
from ._fit_of_search import FitOfSearch
from ._search_watcher import WATCHES, FitEnded, FitRecord, SearchWatcher, Watch, table

#: Parts of the names of recorded numbers, by what is better: Keras' losses and metrics.
_LESS = ("loss", "error", "entropy", "hinge", "divergence", "poisson", "logcosh", "log_cosh", "mse", "mae")
_MORE = ("acc", "auc", "precision", "recall", "score", "r2", "sensitivity", "specificity", "iou")


class EpochEnded(NamedTuple):
    """A message: the monitored number of an epoch. The answer is True if the fit is to stop."""

    fit: FitOfSearch
    value: float
    is_last: bool


@dataclass
class Curve:
    """The best that a fit has reached up to each of its epochs; less is better.

    Attributes
    ----------
    best : list of float
        One value per epoch run.
    is_over : bool
        Whether the fit has ended, by itself or because it was stopped.
    is_pruned : bool
        Whether it was stopped.
    """

    best: list[float] = field(default_factory=list)
    is_over: bool = False
    is_pruned: bool = False

    def at(self, n_epochs: int) -> float:
        """Best of the first ``n_epochs``, or of fewer if it ended before."""
        return self.best[min(n_epochs, len(self.best)) - 1]


class _Comparison(Watch):
    """The curves of all fits of a running search."""

    def __init__(self, search: Any, context: Any, pruner: Pruner):
        super().__init__(search, context)
        self.pruner = pruner
        self.curves: dict[FitOfSearch, Curve] = {}
        self.pruned: set[FitOfSearch] = set()

    def answer(self, message: Any) -> Any:
        if isinstance(message, FitEnded):
            self._ended(message)
            return super().answer(message)
        with self.lock:
            return self._stops(message)

    def is_pruned(self, fit: FitOfSearch) -> bool:
        return fit in self.pruned

    def _stops(self, message: EpochEnded) -> bool:
        fit, n_folds = message.fit, self.search.n_splits_
        own = self.curves.setdefault(fit, Curve())
        own.best.append(min([*own.best[-1:], self.pruner._loss(message.value)]))
        if message.is_last:
            return False
        candidate, fold = fit.candidate(n_folds), fit.fold(n_folds)
        rivals = [
            curve
            for other, curve in self.curves.items()
            if (other.round, other.step, other.fold(n_folds)) == (fit.round, fit.step, fold) and other != fit
        ]
        is_lost = any((other.round, other.candidate(n_folds)) == (fit.round, candidate) for other in self.pruned)
        if is_lost or self.pruner._falls_behind(own, rivals):
            self.pruned.add(fit)
            return True
        return False

    def _ended(self, message: FitEnded) -> None:
        """Also of a fit that was read back from ``memory``, and so had no epochs to report."""
        with self.lock:
            values = message.history.get(self.pruner.monitor)
            if values:
                best = list(accumulate(map(self.pruner._loss, values), min))
                self.curves[message.fit] = Curve(best, is_over=True, is_pruned=self.is_pruned(message.fit))


class Pruner(SearchWatcher):
    """Callback that stops fits of a search which fall behind. A subclass says when that is."""

    def __init__(self, monitor: str, mode: str):
        super().__init__()
        validate_parameter_constraints(
            {"monitor": [str], "mode": [StrOptions({"auto", "min", "max"})]},
            {"monitor": monitor, "mode": mode},
            caller_name=type(self).__name__,
        )
        self.monitor = monitor
        self.mode = mode
        self._sign = -1.0 if self._is_more_better() else 1.0

    @abstractmethod
    def _falls_behind(self, own: Curve, rivals: list[Curve]) -> bool:
        """Whether a fit is to stop after the epochs it has run; rivals are of the same fold, running or over."""

    @property
    def pruned_(self):
        """DataFrame with a row per stopped fit: ``candidate``, ``fold``, ``n_epochs``."""
        if not hasattr(self, "fits_"):
            raise AttributeError(
                f"This {type(self).__name__} has not seen a search to its end yet: call its fit first."
            )
        pandas = import_optional("pandas", extra="examples", purpose="pruned_")
        names = ["candidate", "fold", "n_epochs"]
        rows = [[getattr(record, name) for name in names] for record in self.fits_ if record.is_pruned]
        return pandas.DataFrame(rows, columns=names)

    def _is_more_better(self) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.lower()
        for parts, answer in ((_LESS, False), (_MORE, True)):
            if any(part in name for part in parts):
                return answer
        raise ValueError(
            f"Is more or less of {self.monitor!r} better? {type(self).__name__} cannot tell from the name: give "
            "mode='min' or mode='max'."
        )

    def _loss(self, value: float) -> float:
        """Less is better, and a number that is none is worst."""
        return math.inf if math.isnan(value) else self._sign * value

    def _watch(self, search: Any, context: Any) -> Watch:
        return _Comparison(search, context, self)

    def _monitored(self, history: Mapping) -> dict:
        return {name: list(values) for name, values in history.items() if name == self.monitor}

    def _epoch_ended(self, estimator: Any, context: Any, fit: FitOfSearch) -> bool:
        history = estimator.history_
        if self.monitor not in history:
            raise ValueError(
                f"The 'monitor' parameter of {type(self).__name__} is {self.monitor!r}, but the epochs of "
                f"{type(estimator).__name__} record only: {', '.join(history)}. Give the network rows to validate on "
                "(validation_split=0.1 or early_stopping=True), or monitor one of these."
            )
        is_last = context.task_id + 1 == context.parent.max_subtasks
        return self._ask(context, EpochEnded(fit, float(history[self.monitor][-1]), is_last))

    def _columns(self, records: list[FitRecord], n_rows: int, n_folds: int) -> dict[str, np.ndarray]:
        is_pruned = table(records, [record.is_pruned for record in records], n_rows, n_folds) == 1
        columns = super()._columns(records, n_rows, n_folds)
        columns |= {f"split{fold}_pruned": is_pruned[:, fold] for fold in range(n_folds)}
        return columns | {"pruned": is_pruned.any(axis=1)}

    def setup(self, estimator, context):
        super().setup(estimator, context)
        estimator._select_best_index = _AmongWhole(estimator._select_best_index, (context.root_uuid, id(self)))

    def teardown(self, estimator, context):
        vars(estimator).pop("_select_best_index", None)
        super().teardown(estimator, context)

    def _search_ended(self, search: Any, context: Any) -> None:
        super()._search_ended(search, context)
        if not self.fits_:
            warnings.warn(
                f"{type(self).__name__} has seen no epochs in this search, so nothing could be stopped: no estimator "
                "in it reports them to scikit-learn's callbacks, or what is around it does not pass callbacks on.",
                UserWarning,
                stacklevel=2,
            )


class _AmongWhole:
    """Stands before a search's own choice of the best candidate while it runs.

    There is no public way: the choice comes before any hook that sees the results, and ``refit`` as a function
    would take ``best_score_`` from the user. It is pickled with the search, so it has the name of a `Watch` only.
    """

    def __init__(self, choose: Callable, watch: tuple[UUID, int]):
        self.choose = choose
        self.watch = watch

    def __call__(self, refit: Any, refit_metric: str, results: Mapping[str, Any]) -> int:
        pruned = {
            record.candidate for record in WATCHES[self.watch].records(len(results["params"])) if record.is_pruned
        }
        return self.choose(refit, refit_metric, _ranked_last(results, sorted(pruned)))


def _ranked_last(results: Mapping[str, Any], rows: list[int]) -> dict[str, Any]:
    """The results with some rows behind all others, unless those have no score."""
    ranked = dict(results)
    for name in results:
        if name.startswith("mean_test_"):
            scores = np.array(results[name], dtype=float)
            if np.isfinite(np.delete(scores, rows)).any():
                rank = "rank_" + name.removeprefix("mean_")
                scores[rows] = -np.inf
                ranks = np.array(results[rank])
                ranks[rows] += len(ranks)
                ranked |= {name: scores, rank: ranks}
    return ranked
