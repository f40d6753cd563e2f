"""What pruners have in common. Each has a rule of its own for who falls behind."""

from __future__ import annotations

import math
import warnings
from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from ..._compat.scikit_learn import StrOptions, validate_parameter_constraints
from ..._compat.scikit_learn_searches import choose_as_before, choose_by
from ..._nearest import did_you_mean
from ..._optional import import_optional
from ...specs import comparable_name, comparable_values
from ..results import is_loss, what_is_measured
from ._comparison import Comparison, Curve, EpochEnded
from ._fit_of_search import FitOfSearch
from ._history_recorder import HistoryRecorder
from ._search_watcher import WATCHES, FitRecord, Watch, table
from ._whole_before_stopped import WholeBeforeStopped, ahead_of_whole

#: Parts of the names of recorded numbers, by what is better: Keras' losses and metrics.
_LESS = ("loss", "error", "entropy", "hinge", "divergence", "poisson", "logcosh", "log_cosh", "mse", "mae")
_MORE = ("acc", "auc", "precision", "recall", "score", "r2", "sensitivity", "specificity", "iou")

#: Names of numbers that every classifier records.
_ALWAYS_RECORDED = ("accuracy", "loss", "val_accuracy", "val_loss")


class Pruner(HistoryRecorder):
    """Callback that stops fits of a search which fall behind, and records all. A subclass says who does."""

    def __init__(self, monitor: str, mode: str, address: str | None):
        super().__init__(address=address)
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
    def pruned_(self) -> Any:
        """DataFrame with a row per stopped fit: ``candidate``, ``fold``, ``n_epochs``."""
        if not hasattr(self, "fits_"):
            raise AttributeError(
                f"This {type(self).__name__} has not seen a search to its end yet: call its fit first."
            )
        pandas = import_optional("pandas", purpose="pruned_")
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
            f"Is more or less of {self.monitor!r} better? {type(self).__name__} cannot tell from the name"
            f"{did_you_mean(self.monitor, _ALWAYS_RECORDED)}: give mode='min' or mode='max'."
        )

    def _losses(self, history: Mapping) -> list[float]:
        """Of each epoch: less is better, and a number that is none is worst."""
        values = comparable_values(history, self.monitor)
        return [math.inf if math.isnan(value) else self._sign * value for value in values]

    def _measures(self, measured: Mapping[str, str]) -> Mapping[str, str]:
        """A metric measures the same for all; what a loss does depends on what it is."""
        return measured if is_loss(self.monitor) else {}

    def _watch(self, search: Any, context: Any) -> Watch:
        return Comparison(search, context, self._falls_behind, self._losses, self._measures)

    def _epoch_ended(self, estimator: Any, context: Any, fit: FitOfSearch) -> bool:
        history = estimator.history_
        if comparable_name(history, self.monitor) not in history:
            # Of rows that are not held out nothing else is meant.
            nearest = "" if self.monitor.removeprefix("val_") in history else did_you_mean(self.monitor, history)
            raise ValueError(
                f"The 'monitor' parameter of {type(self).__name__} is {self.monitor!r}{nearest}, but the epochs of "
                f"{type(estimator).__name__} record only: {', '.join(history)}. Give the network rows to validate on "
                "(validation_split=0.1 or early_stopping=True), or monitor one of these."
            )
        is_last = context.task_id + 1 == context.parent.max_subtasks
        [loss] = self._losses({name: values[-1:] for name, values in history.items()})
        return self._ask(context, EpochEnded(fit, loss, is_last, self._measures(what_is_measured(estimator))))

    def _search_ended(self, search: Any, context: Any) -> None:
        super()._search_ended(search, context)
        watch = WATCHES[context.root_uuid, id(self)]
        assert isinstance(watch, Comparison)
        if names := watch.not_compared_for():
            warnings.warn(
                f"{type(self).__name__} has compared candidates by {self.monitor!r} only where they have the same "
                f"{' and '.join(map(repr, names))}: losses that are not the same measure different things. To compare "
                "all, monitor a metric, such as monitor='val_accuracy', or metrics=['mse'] of the networks with "
                "monitor='val_mse'.",
                UserWarning,
                stacklevel=2,
            )
        self._warn_if_stopped_score_better(search)

    def _warn_if_stopped_score_better(self, search: Any) -> None:
        """Then what was monitored and what was scored disagree, and the best may be a candidate that was stopped."""
        metric = search.refit if search.multimetric_ else "score"
        if not isinstance(metric, str):  # there is no one score to go by
            return
        scores = np.asarray(search.cv_results_[f"mean_test_{metric}"], dtype=float)
        stopped = {fit.candidate for fit in self.fits_ if fit.is_pruned}
        # One that was stopped may have no row: in a search that was interrupted, it was not over in all folds.
        best, better = ahead_of_whole(scores, sorted(stopped.intersection(range(len(scores)))))
        if best is not None and better:
            named = ", ".join(map(str, better[:5])) + ", ..." * (len(better) > 5)
            warnings.warn(
                f"{type(self).__name__} has stopped fits for their {self.monitor!r} of candidates that score more, as "
                f"they are, than the best that ran to its end ({scores[better].max():.4g} instead of {best:.4g}): "
                f"{named}. They can be the best of the search, by scores of networks that were stopped: the rows that "
                "fits hold out do not rank candidates as the search does. To be sure, search these again without the "
                "pruner. More epochs before it stops any, or more rows to validate on, make it rarer; "
                "HyperbandSearchCV compares by what it scores.",
                UserWarning,
                stacklevel=2,
            )

    def _columns(self, records: list[FitRecord], n_rows: int, n_folds: int) -> dict[str, np.ndarray]:
        is_pruned = table(records, [record.is_pruned for record in records], n_rows, n_folds) == 1
        columns = super()._columns(records, n_rows, n_folds)
        columns |= {f"split{fold}_pruned": is_pruned[:, fold] for fold in range(n_folds)}
        return columns | {"pruned": is_pruned.any(axis=1)}

    def setup(self, estimator: Any, context: Any) -> None:
        super().setup(estimator, context)
        choose_by(estimator, partial(WholeBeforeStopped, watch=(context.root_uuid, id(self))))

    def teardown(self, estimator: Any, context: Any) -> None:
        choose_as_before(estimator)
        super().teardown(estimator, context)
