"""Workers of a shared search, each a process of its own, that can be killed and stopped. Run as a script."""

import itertools
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import optuna
import sqlalchemy
from killed_at_writes import SPACE as WHOLE_SPACE
from killed_at_writes import Hill, X, begin, end, search_in, y

SPACE = {name: WHOLE_SPACE[name] for name in "ac"}
FITS = "fits.txt"


def storage_of(text):
    """A URL as it is; the path of a file as a journal in it."""
    if "://" in text:
        return text
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(text))


def work(number, text, name, n_iter, lease=60, stops=False):
    """What a worker does, and what it leaves: its results, in a file."""
    Hill.notes, Hill.stops, Hill.n_fits = FITS, stops, 0
    search = search_in(storage_of(text), n_iter, SPACE, study_name=name, shared=True, lease=lease).fit(X, y)
    results = {key: np.asarray(column, dtype=object).tolist() for key, column in search.cv_results_.items()}
    Path(f"results-{number}.json").write_text(json.dumps([results, search.best_params_, search.best_score_]))


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
    workers = [begin(work, number, text, "together", n_iter) for number in range(n_workers)]
    assert [end(worker) for worker in workers] == [0] * n_workers
    told(n_workers, n_iter)


def killed(text, lease=1.0):
    """At every write: two others finish what it has begun, with the candidates that it would have evaluated."""
    n_iter = 1 if "://" in text else 2  # the second one differs by what the sampler writes, which is the same anywhere
    reference = None
    for n_writes in itertools.count(1):
        name = f"killed at {n_writes}"
        status = end(begin(work, 0, text, name, n_iter, lease, kills_at=n_writes))
        assert status in (0, -signal.SIGKILL), status
        survivors = [begin(work, number, text, name, n_iter, lease) for number in range(2)]
        assert [end(survivor) for survivor in survivors] == [0, 0]
        params = told(2, n_iter, n_more_fits=2)
        if status == 0:
            assert n_writes > 8 * n_iter  # place, claim, lease, parameters, outcome and state of each
            return
        reference = reference or params
        assert params == reference, n_writes


def stopped(text, n_iter=4, lease=1.0):
    """For longer than its lease: another evaluates its candidate; what it has when it wakes up does not count."""
    sleeper = begin(work, 0, text, "stopped", n_iter, lease=lease, stops=True)
    os.waitpid(sleeper, os.WUNTRACED)
    others = [begin(work, number, text, "stopped", n_iter, lease=lease) for number in (1, 2)]
    assert [end(other) for other in others] == [0, 0]
    os.kill(sleeper, signal.SIGCONT)
    assert end(sleeper) == 0
    told(3, n_iter, n_more_fits=2)


def load_all(text):
    """Whatever is loaded when it is first needed, so that not every worker does it anew."""
    search_in("sqlite:///warm.db", 1, SPACE).fit(X, y)
    if text.startswith("postgresql"):
        sqlalchemy.create_engine(text)


if __name__ == "__main__":
    load_all(sys.argv[1])
    for scenario in (together, killed, stopped):
        scenario(sys.argv[1])
