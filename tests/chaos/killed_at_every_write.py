"""Kills a search at every write into its database, and lets it go on. A program: see `test_killed_at_every_write`.

``python killed_at_every_write.py N_BEFORE N_ITER BATCH`` in an empty folder: so many candidates are there already, so
many are wanted, so many are evaluated together.
"""

import itertools
import os
import shutil
import signal
import sys

import numpy as np
import optuna
import sqlalchemy
from killed_at_writes import X, begin, end, search_in, y


def same_way(search, reference):
    """Whether both have tried the same, with the same scores."""
    results, expected = search.cv_results_, reference.cv_results_
    return results["params"] == expected["params"] and np.array_equal(
        results["mean_test_score"], expected["mean_test_score"]
    )


def searched(n_iter, batch):
    return search_in("sqlite:///killed.db", n_iter, n_candidates_per_batch=batch).fit(X, y)


def gone_on(n_iter, batch, reference):
    search = searched(n_iter, batch)
    assert same_way(search, reference), (search.cv_results_["params"], reference.cv_results_["params"])


def killed_at_every_write(n_before, n_iter, batch):
    """How many kills there were."""
    optuna.storages.RDBStorage("sqlite:///before.db")
    if n_before:
        search_in("sqlite:///before.db", n_before, n_candidates_per_batch=batch).fit(X, y)
    reference = search_in(None, n_iter, n_candidates_per_batch=batch).fit(X, y)
    for number in itertools.count(1):
        shutil.copy("before.db", "killed.db")
        status = end(begin(searched, n_iter, batch, kills_at=number))
        if status != -signal.SIGKILL:
            assert status == 0
            os.remove("before.db")
            return number - 1
        assert end(begin(gone_on, n_iter, batch, reference)) == 0, f"after a kill at write {number}"


def not_to_the_disk(connection, record):
    """It is not the machine that dies."""
    connection.execute("PRAGMA synchronous=OFF")


if __name__ == "__main__":
    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "connect", not_to_the_disk)
    print(killed_at_every_write(*map(int, sys.argv[1:])), "kills")
