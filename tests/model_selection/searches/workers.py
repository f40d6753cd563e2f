"""Workers of a shared search, each a process of its own, that can be killed and stopped. Run as a script."""

import itertools
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import optuna
import sqlalchemy
from sklearn.base import BaseEstimator, ClassifierMixin

from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.search_space import topology, uniform

X, y = np.zeros((20, 1)), np.arange(20) % 2
SPACE = {"a": uniform(0, 1), "c": topology((1, 2), (2, 9))}
FITS = "fits.txt"


class Hill(ClassifierMixin, BaseEstimator):
    """Scored by its parameters. Each fit is noted; in the worker that is to be stopped, the second one stops it."""

    stops = False
    n_fits = 0

    def __init__(self, a=0.0, c=(3,)):
        self.a, self.c = a, c

    def fit(self, X, y):
        note(FITS, f"{self.a!r} {self.c!r}")
        Hill.n_fits += 1
        if Hill.stops and Hill.n_fits == 2:
            os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(0.005)
        self.classes_ = np.unique(y)
        return self

    def score(self, X, y):
        return -abs(self.a - 0.3) - len(self.c) / 10


def note(file, line):
    with open(file, "a") as notes:
        notes.write(line + "\n")


def storage_of(text):
    """A URL as it is; the path of a file as a journal in it."""
    if "://" in text:
        return text
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(text))


def search_in(storage, name, n_iter, shared=True, lease=60):
    return BayesianSearchCV(
        Hill(),
        SPACE,
        n_iter=n_iter,
        cv=2,
        refit=False,
        random_state=0,
        storage=storage,
        study_name=name,
        shared=shared,
        lease=lease,
    )


def kill_at_write(last_write):
    """From now on, let this process be killed right after this write into any storage."""
    n_writes, is_written = itertools.count(1), [False]

    def written():
        if next(n_writes) == last_write:
            os.kill(os.getpid(), signal.SIGKILL)

    def executed(connection, cursor, statement, *more):
        is_written[0] |= statement.lstrip()[:6] in {"INSERT", "UPDATE", "DELETE"}

    def committed(connection):
        # Right before the commit of the next one, the last is in the database.
        if is_written[0]:
            written()
        is_written[0] = False

    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "before_cursor_execute", executed)
    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "commit", committed)
    for backend in (optuna.storages.journal.JournalFileBackend, optuna.storages.journal.JournalRedisBackend):

        def append_logs(self, logs, append=backend.append_logs):
            append(self, logs)
            written()

        backend.append_logs = append_logs


def work(number, text, name, n_iter, lease=60, kills_at=None, stops=False):
    """What a worker does, and what it leaves: its results, in a file."""
    if kills_at is not None:
        kill_at_write(kills_at)
    Hill.stops, Hill.n_fits = stops, 0
    search = search_in(storage_of(text), name, n_iter, lease=lease).fit(X, y)
    results = {key: np.asarray(column, dtype=object).tolist() for key, column in search.cv_results_.items()}
    Path(f"results-{number}.json").write_text(json.dumps([results, search.best_params_, search.best_score_]))


def begin(*arguments, **keywords):
    """Start a worker as a copy of this process, which has imported all."""
    child = os.fork()
    if child:
        return child
    try:
        work(*arguments, **keywords)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def end(child):
    """How it has ended: 0, or the negative number of the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def told(n_workers, n_iter, n_more_fits=0):
    """Check what workers have left, and clear it away."""
    left = [Path(f"results-{number}.json").read_text() for number in range(n_workers)]
    assert len(set(left)) == 1, left
    results = json.loads(left[0])[0]
    params = [json.dumps(params) for params in results["params"]]
    assert len(params) == n_iter and len(set(params)) == n_iter, params
    fits = Path(FITS).read_text().splitlines()
    assert len(set(fits)) == n_iter  # nothing but what is listed was ever fitted
    assert len(fits) <= 2 * n_iter + n_more_fits, fits
    for file in [FITS, *(f"results-{number}.json" for number in range(n_workers))]:
        os.remove(file)
    return params


def together(text, n_workers=3, n_iter=24):
    """The tables of a database are made by all three at once; each ends with the same 24 candidates, none twice."""
    workers = [begin(number, text, "together", n_iter) for number in range(n_workers)]
    assert [end(worker) for worker in workers] == [0] * n_workers
    told(n_workers, n_iter)


def killed(text, lease=1.0):
    """At every write: two others finish what it has begun, with the candidates that it would have evaluated."""
    n_iter = 1 if "://" in text else 2  # the second one differs by what the sampler writes, which is the same anywhere
    reference = None
    for n_writes in itertools.count(1):
        name = f"killed at {n_writes}"
        status = end(begin(0, text, name, n_iter, lease, kills_at=n_writes))
        assert status in (0, -signal.SIGKILL), status
        survivors = [begin(number, text, name, n_iter, lease) for number in range(2)]
        assert [end(survivor) for survivor in survivors] == [0, 0]
        params = told(2, n_iter, n_more_fits=2)
        if status == 0:
            assert n_writes > 8 * n_iter  # place, claim, lease, parameters, outcome and state of each
            return
        reference = reference or params
        assert params == reference, n_writes


def stopped(text, n_iter=4, lease=1.0):
    """For longer than its lease: another evaluates its candidate; what it has when it wakes up does not count."""
    sleeper = begin(0, text, "stopped", n_iter, lease=lease, stops=True)
    os.waitpid(sleeper, os.WUNTRACED)
    others = [begin(number, text, "stopped", n_iter, lease=lease) for number in (1, 2)]
    assert [end(other) for other in others] == [0, 0]
    os.kill(sleeper, signal.SIGCONT)
    assert end(sleeper) == 0
    told(3, n_iter, n_more_fits=2)


def load_all(text):
    """Whatever is loaded when it is first needed, so that not every worker does it anew."""
    search_in("sqlite:///warm.db", None, 1, shared=False).fit(X, y)
    os.remove(FITS)
    if text.startswith("postgresql"):
        sqlalchemy.create_engine(text)


if __name__ == "__main__":
    load_all(sys.argv[1])
    for scenario in (together, killed, stopped):
        scenario(sys.argv[1])
