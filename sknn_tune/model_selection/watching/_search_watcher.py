"""What watches all fits of a search from the outside: a callback of scikit-learn 1.9 or later.

scikit-learn gives each worker process a copy of the callback, sets it on the estimator of each fit, and calls
its hooks there. What belongs to the search as a whole stays in the process that runs it (`WATCHES`) and is asked
through `_questions`. So a copy carries nothing but an address.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from ..._compat.scikit_learn_searches import silence_about_steps_without_callbacks
from ..results import what_is_measured
from ._fit_of_search import FitOfSearch, fit_of_search, rounds_before, sizes_of_rounds
from ._questions import Address, ask, close_line, open_line
from ._requirements import require_address, require_callbacks, require_search
from ._where_to_listen import where_to_listen


@dataclass(frozen=True)
class FitRecord:
    """What came of one fit of a search.

    Parameters
    ----------
    candidate, fold : int
        Row of ``cv_results_``, and number of the split.
    n_epochs : int
        Epochs run.
    is_pruned : bool
        Whether a pruner stopped it.
    n_parameters : int or None
        Weights and biases of the network; None if the estimator does not say.
    history : dict
        Numbers of each epoch, as in ``history_``.
    """

    candidate: int
    fold: int
    n_epochs: int
    is_pruned: bool
    n_parameters: int | None
    history: Mapping[str, list[float]]


class FitEnded(NamedTuple):
    """A message: this fit is over, having run so many epochs. ``measured``: what decides what its loss measures."""

    fit: FitOfSearch
    n_epochs: int
    n_parameters: int | None
    history: Mapping[str, list[float]]
    measured: Mapping[str, str] = {}


class Watch:
    """What is known of the fits of a search that is running."""

    def __init__(self, search: Any, context: Any):
        self.search = search
        self.context = context
        self.lock = Lock()
        self.ended: dict[FitOfSearch, FitEnded] = {}
        self.seen_elsewhere: list[FitRecord] = []
        #: Of a search whose rows are not in the order of its rounds: the rows of the candidates of each round, None for
        #: one that has become no row.
        self.rows: Sequence[Sequence[int | None]] | None = None
        #: Of a search that others have begun, or share: the numbers of the candidates of each round.
        self.numbers: list[Sequence[int]] = []
        self.speak_again = silence_about_steps_without_callbacks()

    def answer(self, message: Any) -> Any:
        """Take in what a fit reports, from any thread."""
        with self.lock:
            self.ended[message.fit] = message

    def is_pruned(self, fit: FitOfSearch) -> bool:
        """Whether the fit was stopped."""
        return False

    def is_pruned_in(self, round_: tuple[int, ...], task: int) -> bool:
        """Whether any network was stopped in this task of a round."""
        return False

    def records(self, n_rows: int) -> list[FitRecord]:
        """Of all fits that are over; of several networks in a pipeline the last one."""
        found = [
            replace(record, candidate=row)
            for name, rows in self._rows_of_rounds(n_rows).items()
            for record in self.records_of_round(name)
            if (row := rows[record.candidate]) is not None
        ]
        return [*self.seen_elsewhere, *found]

    def records_of_round(self, name: tuple[int, ...]) -> list[FitRecord]:
        """Of the fits of one round, with the number of the candidate in it."""
        n_folds = self.search.n_splits_
        with self.lock:
            ended = sorted(self.ended.items())
        last = {fit.task: message for fit, message in ended if fit.round == name}
        return [
            FitRecord(
                candidate=message.fit.candidate(n_folds),
                fold=message.fit.fold(n_folds),
                n_epochs=message.n_epochs,
                is_pruned=self.is_pruned(message.fit),
                n_parameters=message.n_parameters,
                history=message.history,
            )
            for message in last.values()
        ]

    def rounds(self) -> dict[tuple[int, ...], int]:
        """The rounds so far, and the number of candidates in each."""
        return sizes_of_rounds(self.context, self.search.n_splits_)

    def number_of(self, fit: FitOfSearch) -> int:
        """The number of its candidate in the whole search, which is known while the search runs."""
        n_folds = self.search.n_splits_
        before = rounds_before(self.context, fit, n_folds)
        in_round = fit.candidate(n_folds)
        return self.numbers[len(before)][in_round] if self.numbers else sum(before) + in_round

    def _rows_of_rounds(self, n_rows: int) -> dict[tuple[int, ...], Sequence[int | None]]:
        """Those of one follow each other. What an earlier process has evaluated comes before, without a task."""
        sizes = self.rounds()
        if self.rows is not None:
            return dict(zip(sizes, self.rows, strict=False))  # one that was interrupted may have no fits
        ends = [n_rows - sum(sizes.values()) + end for end in accumulate(sizes.values())]
        return {name: range(end - sizes[name], end) for name, end in zip(sizes, ends, strict=True)}


#: Searches that run in this process, by the number that scikit-learn gives each.
WATCHES: dict[tuple[UUID, int], Watch] = {}


class SearchWatcher:
    """Callback that writes epochs and sizes of the networks of a search into its ``cv_results_``."""

    #: Through any number of pipelines, down to the networks.
    max_propagation_depth = None

    fits_: tuple[FitRecord, ...]

    def __init__(self, address: str | None) -> None:
        require_callbacks(type(self).__name__)
        require_address(address, type(self).__name__)
        self.address = address
        self._addresses: dict[UUID, Address] = {}

    def _watch(self, search: Any, context: Any) -> Watch:
        return Watch(search, context)

    def _columns(self, records: list[FitRecord], n_rows: int, n_folds: int) -> dict[str, np.ndarray]:
        """For ``cv_results_``."""
        n_epochs = table(records, [record.n_epochs for record in records], n_rows, n_folds)
        columns = {f"split{fold}_n_epochs": _whole(n_epochs[:, fold]) for fold in range(n_folds)}
        n_fits = np.sum(~np.isnan(n_epochs), axis=1)
        columns["mean_n_epochs"] = np.nansum(n_epochs, axis=1) / np.where(n_fits, n_fits, np.nan)
        sized = [record for record in records if record.n_parameters is not None]
        if sized:
            sizes = table(sized, [record.n_parameters for record in sized], n_rows, n_folds)
            columns["n_parameters"] = _whole(np.fmax.reduce(sizes, axis=1))
        return columns

    def _ask(self, context: Any, message: Any) -> Any:
        return ask(self._addresses[context.root_uuid], message)

    # --- scikit-learn's hooks ------------------------------------------------------------------------------

    def setup(self, estimator: Any, context: Any) -> None:
        """Open a line to the process of the search.

        Parameters
        ----------
        estimator : estimator
            The search.
        context : sklearn.callback.CallbackContext
            Its task.
        """
        require_search(estimator, type(self).__name__)
        self.__dict__.pop("fits_", None)
        host = where_to_listen(self.address, type(self).__name__)
        watch = self._watch(estimator, context)
        WATCHES[context.root_uuid, id(self)] = watch
        self._addresses[context.root_uuid] = open_line(watch.answer, host)

    def teardown(self, estimator: Any, context: Any) -> None:
        """Close the line.

        Parameters
        ----------
        estimator : estimator
            The search.
        context : sklearn.callback.CallbackContext
            Its task.
        """
        watch = WATCHES.pop((context.root_uuid, id(self)), None)
        if watch is not None:
            watch.speak_again()
        if (address := self._addresses.pop(context.root_uuid, None)) is not None:
            close_line(address)

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Do nothing: nothing is known yet.

        Parameters
        ----------
        estimator : estimator
            The search, or what is being fitted in it.
        context : sklearn.callback.CallbackContext
            Its task.
        """

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        """Hear of an epoch, of a fit, or of the whole search.

        Parameters
        ----------
        estimator : estimator
            The search, or what is being fitted in it.
        context : sklearn.callback.CallbackContext
            Its task.

        Returns
        -------
        stop : bool
            Whether the estimator is to run no further epochs.
        """
        if context.parent is None:
            self._search_ended(estimator, context)
            return False
        is_epoch = context.task_name == "epoch"
        history = getattr(estimator, "history_", None)
        fit = fit_of_search(context.parent if is_epoch else context)
        if fit is None or not isinstance(history, Mapping):
            return False
        if is_epoch:
            return self._epoch_ended(estimator, context, fit)
        if context.source_task_name is None:  # some other task within the fit
            return False
        n_epochs = max(map(len, history.values()), default=0)
        size = getattr(estimator, "n_parameters_", None)
        kept = {name: list(values) for name, values in history.items()}
        self._ask(context, FitEnded(fit, n_epochs, size, kept, what_is_measured(estimator)))
        return False

    def _epoch_ended(self, estimator: Any, context: Any, fit: FitOfSearch) -> bool:
        return False

    def _search_ended(self, search: Any, context: Any) -> None:
        n_rows = len(search.cv_results_["params"])
        records = WATCHES[context.root_uuid, id(self)].records(n_rows)
        self.fits_ = tuple(records)
        for name, column in self._columns(records, n_rows, search.n_splits_).items():
            if column.dtype == bool and name in search.cv_results_:  # another pruner has stopped some, too
                column = column | search.cv_results_[name]
            search.cv_results_[name] = column
        if not records and sizes_of_rounds(context, search.n_splits_):
            warnings.warn(
                f"{type(self).__name__} has seen no epochs in this search: no estimator in it reports them to "
                "scikit-learn's callbacks, or what is around it does not pass callbacks on.",
                UserWarning,
                stacklevel=2,
            )

    def __getstate__(self) -> dict[str, Any]:
        # Pickled by another thread while a search may add an address.
        return {**self.__dict__, "_addresses": dict(self._addresses)}


def table(records: list[FitRecord], values: list, n_rows: int, n_folds: int) -> np.ndarray:
    """Numbers of fits as an array of shape (n_rows, n_folds), NaN where there was no fit or it failed."""
    found = np.full((n_rows, n_folds), np.nan)
    for record, value in zip(records, values, strict=True):
        found[record.candidate, record.fold] = value
    return found


def _whole(numbers: np.ndarray) -> np.ndarray:
    """Integers, if none is missing."""
    return numbers if np.isnan(numbers).any() else numbers.astype(int)
