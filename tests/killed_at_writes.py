"""Searches in processes that are killed at a write into their storage: what the programs that do so have in common.

Each process begins as a copy of one that has imported everything.
"""

import itertools
import os
import signal
import time
import traceback

import numpy as np
import optuna
import sqlalchemy
from sklearn.base import BaseEstimator, ClassifierMixin

from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.search_space import log_uniform, topology, uniform

X, y = np.zeros((20, 1)), np.arange(20) % 2
SPACE = {"a": uniform(0, 1), "b": log_uniform(0.1, 2), "c": topology((1, 3), (2, 9)), "d": ["x", "y"]}


class Hill(ClassifierMixin, BaseEstimator):
    """Scored by its parameters. The value of ``b`` is not in `SPACE`: it is drawn from the beginning.

    In a process that sets ``notes``, each fit is written there and takes a moment; in one that sets ``stops``, the
    second fit stops the process.
    """

    notes, stops, n_fits = None, False, 0

    def __init__(self, a=0.0, b=5.0, c=(3,), d="x"):
        self.a, self.b, self.c, self.d = a, b, c, d

    def fit(self, X, y):
        Hill.n_fits += 1
        if Hill.notes is not None:
            with open(Hill.notes, "a") as notes:
                notes.write(f"{self.a!r} {self.b!r} {self.c!r} {self.d!r}\n")
            time.sleep(0.005)
        if Hill.stops and Hill.n_fits == 2:
            os.kill(os.getpid(), signal.SIGSTOP)
        self.classes_ = np.unique(y)
        return self

    def score(self, X, y):
        return -abs(self.a - 0.3) - abs(np.log(self.b)) - len(self.c) / 10 + (self.d == "x")


def search_in(storage, n_iter, space=SPACE, **options):
    """A search of this storage."""
    return BayesianSearchCV(Hill(), space, n_iter=n_iter, cv=2, refit=False, random_state=0, storage=storage, **options)


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


def begin(work, *arguments, kills_at=None, **keywords):
    """Start a copy of this process that does this, and is killed at a write if its number is given; its own number."""
    child = os.fork()
    if child:
        return child
    try:
        if kills_at is not None:
            kill_at_write(kills_at)
        work(*arguments, **keywords)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def end(child):
    """How it has ended: 0, or the negative number of the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
