"""Logs of every fit of a search, in files of their own that grow while the search runs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import StrOptions, validate_parameter_constraints
from ._fit_of_search import FitOfSearch
from ._history_recorder import HistoryRecorder
from ._log_files import LOGS
from ._search_watcher import WATCHES, FitEnded, Watch


class EpochLogged(NamedTuple):
    """A message: the numbers of an epoch, counted from one."""

    fit: FitOfSearch
    epoch: int
    numbers: Mapping[str, float]


class FitLogs(HistoryRecorder):
    """Callback that writes a log of every fit of a search: CSV files, or what TensorBoard shows.

    A callback of Keras in a search (``callbacks=[CSVLogger("log.csv")]``) is copied for each fit, and all copies write
    to the same file. Set on the search, this callback (of scikit-learn 1.9 or later) gives each fit a file of its own,
    with a line for each epoch as soon as it is over, also of fits in other processes (``n_jobs``). It needs neither
    Keras nor TensorFlow, changes no fit, and records what `HistoryRecorder` records.

    Parameters
    ----------
    folder : str or path-like
        Where the files go, from the process that runs the search: of candidate 3 (row 3 of ``cv_results_``) in fold 1
        ``folder/candidate-003/fold-1.csv``, or the folder ``folder/candidate-003/fold-1`` for TensorBoard. It is made
        if it is not there; files of an earlier search with the same names are overwritten, so take a folder for each
        search. A search that goes on (``storage``) goes on in its folder.
    format : {"csv", "tensorboard"}, default="csv"
        - "csv": tables with the columns ``epoch`` (from 1) and those of ``history_``.
        - "tensorboard": a run for each fit, for ``tensorboard --logdir folder``: its curves, and at the end of the
          search parameters and test scores for the page HParams, where the folds of a candidate are one row.
    address : str, default=None
        Where workers on other machines ask, as for `HistoryRecorder`.

    Attributes
    ----------
    fits_ : tuple of FitRecord
        For each fit of the latest search: ``candidate``, ``fold``, ``n_epochs``, ``is_pruned``, ``n_parameters``,
        ``history``.

    See Also
    --------
    HistoryRecorder : Keeps the same numbers in memory.
    search_results : The curves as a DataFrame, once the search is over.

    Notes
    -----
    The numbers are those of ``history_`` of any estimator that reports its epochs to scikit-learn's callbacks. Those of
    a fit that was read back from ``memory`` are written at once; the refit on all rows has no log, its curves are
    ``best_estimator_.history_``. Where a file cannot be written, the search goes on, and a warning says so at its end.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.model_selection import FitLogs
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(8,), epochs=3, random_state=0)
    >>> search = GridSearchCV(network, {"learning_rate": [0.01, 0.1]}, cv=2)
    >>> with TemporaryDirectory() as folder:
    ...     _ = search.set_callbacks(FitLogs(folder)).fit(X, y)  # scikit-learn >= 1.9
    ...     names = sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*.csv"))
    ...     table = Path(folder, names[0]).read_text()
    >>> names[:2]
    ['candidate-000/fold-0.csv', 'candidate-000/fold-1.csv']
    >>> table.splitlines()[0]
    'epoch,loss,accuracy,learning_rate'
    """

    @names_the_nearest
    def __init__(self, folder: str | os.PathLike[str], *, format: str = "csv", address: str | None = None) -> None:
        super().__init__(address=address)
        validate_parameter_constraints(
            {"folder": [str, os.PathLike], "format": [StrOptions(set(LOGS))]},
            {"folder": folder, "format": format},
            caller_name=type(self).__name__,
        )
        self.folder = folder
        self.format = format

    def _watch(self, search: Any, context: Any) -> Watch:
        folder = Path(self.folder).absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                f"The 'folder' parameter of {type(self).__name__} must be a folder, or a place where one can be made. "
                f"Got {str(self.folder)!r}: {error}."
            ) from error
        return LoggingWatch(search, context, folder, LOGS[self.format])

    def _epoch_ended(self, estimator: Any, context: Any, fit: FitOfSearch) -> bool:
        history = estimator.history_
        numbers = {name: float(values[-1]) for name, values in history.items() if len(values)}
        self._ask(context, EpochLogged(fit, max(map(len, history.values()), default=0), numbers))
        return False

    def _search_ended(self, search: Any, context: Any) -> None:
        super()._search_ended(search, context)
        watch = WATCHES[context.root_uuid, id(self)]
        assert isinstance(watch, LoggingWatch)
        watch.end(search.cv_results_)
        if watch.failure is not None:
            warnings.warn(
                f"{type(self).__name__} could not write all logs of this search to {str(self.folder)!r}: "
                f"{watch.failure}. The curves are in cv_results_ all the same.",
                UserWarning,
                stacklevel=2,
            )


class LoggingWatch(Watch):
    """A search whose fits have logs.

    Parameters
    ----------
    search : estimator
    context : sklearn.callback.CallbackContext
        Its task.
    folder : Path
    open_log : callable
        ``open_log(place)``: a log in this place.
    """

    def __init__(self, search: Any, context: Any, folder: Path, open_log: Any):
        super().__init__(search, context)
        self.folder = folder
        self.open_log = open_log
        self.logs: dict[FitOfSearch, Any] = {}
        self.n_written: dict[FitOfSearch, int] = {}
        self.failure: OSError | None = None

    def answer(self, message: Any) -> Any:
        if isinstance(message, FitEnded):
            super().answer(message)
            first = self.n_written.get(message.fit, 0)
            for place in range(first, message.n_epochs):  # one that was read back from memory had no epochs
                numbers = {name: values[place] for name, values in message.history.items() if place < len(values)}
                self._write(message.fit, place + 1, numbers)
        else:
            self._write(*message)

    def _write(self, fit: FitOfSearch, epoch: int, numbers: Mapping[str, float]) -> None:
        with self.lock:
            self.n_written[fit] = epoch
            try:
                if fit not in self.logs:
                    self.logs[fit] = self.open_log(self._place_of(fit))
                self.logs[fit].write(epoch, numbers)
            except OSError as error:  # a full disk is no reason to lose the fit
                self.failure = error

    def _place_of(self, fit: FitOfSearch) -> Path:
        """Of several networks in one pipeline, those after the first have a number."""
        before = sum((other.round, other.task) == (fit.round, fit.task) for other in self.logs)
        name = f"fold-{fit.fold(self.search.n_splits_)}" + (f"-network-{before}" if before else "")
        return self.folder / f"candidate-{self.number_of(fit):03d}" / name

    def end(self, results: Mapping[str, Any]) -> None:
        """Write what is known at the end: parameters and scores of each fit."""
        rows = self._rows_of_rounds(len(results["params"]))
        for fit, log in self.logs.items():
            row = rows[fit.round][fit.candidate(self.search.n_splits_)] if fit.round in rows else None
            if row is None:
                continue
            split = f"split{fit.fold(self.search.n_splits_)}_"
            scores = {
                name.removeprefix(split): float(column[row])
                for name, column in results.items()
                if name.startswith(f"{split}test_") and np.isfinite(column[row])
            }
            try:
                log.end(f"candidate-{self.number_of(fit):03d}", results["params"][row], scores)
            except OSError as error:
                self.failure = error
