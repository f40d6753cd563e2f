"""Kills searches at random moments, lets them go on, and looks at what comes of them. A program: see `test_kills`.

``python killed_searches.py N_KILLS SEED NAME ...`` in an empty folder. Each search runs in a fork of a process that has
imported everything, so that a kill costs no start. The process that is killed writes down what it begins and keeps.
"""

import hashlib
import json
import math
import os
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

import numpy as np
import optuna
from joblib import parallel_config
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV

from sknn_tune import KerasClassifier
from sknn_tune.engine.machine._runner import MachineRunner
from sknn_tune.estimators._fit_memory import _StoredRuns
from sknn_tune.model_selection import BayesianSearchCV, CoarseToFineSearchCV
from sknn_tune.search_space import log_uniform, topology

X = np.random.default_rng(0).normal(size=(90, 4))
y = (X[:, 0] + X[:, 1] ** 2 > 1).astype(int)

EVENTS = Path("events.txt")
SPACE = {"learning_rate": log_uniform(1e-3, 1.0), "hidden_layer_sizes": topology((1, 2), (2, 9))}


def network(memory=None):
    return KerasClassifier(hidden_layer_sizes=(5,), epochs=8, random_state=0, memory=memory)


def bayesian(folder, batch=1):
    storage, options = f"sqlite:///{folder}/search.db", {"n_iter": 9, "cv": 2, "random_state": 0, "n_jobs": batch}
    return BayesianSearchCV(network(), SPACE, storage=storage, n_candidates_per_batch=batch, **options)


def halving(folder):
    space, epochs = {"learning_rate": loguniform(1e-3, 1)}, {"resource": "epochs", "max_resources": 36}
    return HalvingRandomSearchCV(network(folder), space, n_candidates=9, min_resources=4, **epochs, random_state=0)


SEARCHES = {
    "bayesian": bayesian,
    "bayesian in batches": lambda folder: bayesian(folder, batch=3),
    "grid": lambda folder: GridSearchCV(
        network(folder), {"learning_rate": [0.1, 0.03, 0.01, 0.003], "dropout": [0, 0.3]}
    ),
    "coarse to fine": lambda folder: CoarseToFineSearchCV(
        network(folder), SPACE, n_iter=6, n_rounds=2, cv=3, random_state=0
    ),
    "halving": halving,
}


def note(event, job):
    """In one write, so that none is torn."""
    rows = hashlib.sha256(job.data.y.tobytes()).hexdigest()[:8]
    training, network = job.training, job.network
    facts = [training.learning_rate, len(job.data.y), rows, training.epochs, *network.hidden_layer_sizes]
    file = os.open(EVENTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{event} {json.dumps([*facts, network.dropouts])}\n".encode())
    os.close(file)


def note_fits():
    """Have each training that begins, and each result that is kept, noted."""
    original_init, original_keep = MachineRunner.__init__, _StoredRuns.keep

    def init(self, job, *args, **kwargs):
        note("began", job)
        original_init(self, job, *args, **kwargs)

    def keep(self, key, result):
        original_keep(self, key, result)
        note("kept", self._run.job)

    MachineRunner.__init__, _StoredRuns.keep = init, keep


def begun(name, folder):
    """The number of a child that searches, and writes down what it has found."""
    child = os.fork()
    if child:
        return child
    try:
        with parallel_config(backend="threading"):  # no workers that outlive the process
            search = SEARCHES[name](folder).fit(X, y)
        results = search.cv_results_
        found = [repr(results["params"]), results["mean_test_score"].tolist(), int(search.best_index_)]
        Path(folder, "found.json").write_text(json.dumps([*found, search.predict_proba(X).tobytes().hex()]))
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def finished_candidates(folder):
    """Of a storage, in its order."""
    try:
        trials = optuna.load_study(study_name="bayesian_search", storage=f"sqlite:///{folder}/search.db").trials
    except Exception:  # killed before there was a study, or a table
        return []
    return [(trial.number, trial.params, trial.value) for trial in trials if trial.state.name == "COMPLETE"]


def fitted_again(events, finished_before):
    """Trainings that were begun after the same one had been kept, or its candidate had been finished.

    ``finished_before`` has, by the number of events before a kill, the learning rates of finished candidates.
    """
    kept, finished, again = set(), set(), 0
    for number, (what, facts) in enumerate(event.split(" ", 1) for event in events):
        finished |= finished_before.get(number, set())
        rate, n_rows, *_ = json.loads(facts)
        is_refit = n_rows == len(y)
        again += what == "began" and (facts in kept or (not is_refit and rate in finished))
        if what == "kept":
            kept.add(facts)
    return again


def killed_and_gone_on(name, folder, moments):
    """One search that is killed at each of these moments, if it takes so long, until it is whole."""
    before, finished_before, n_kills, n_lost = [], {}, 0, 0
    while True:
        child, moment = begun(name, folder), next(moments)
        deadline = time.monotonic() + moment
        while not (ended := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < deadline:
            time.sleep(0.001)
        if not ended[0]:
            os.kill(child, signal.SIGKILL)
            ended = os.waitpid(child, 0)
        now = finished_candidates(folder)
        n_lost += now[: len(before)] != before
        before = now
        if not os.WIFSIGNALED(ended[1]):
            assert ended[1] == 0
            break
        n_kills += 1
        finished_before[len(events_of())] = {params["learning_rate"] for _, params, _ in now}
    n_repeated = fitted_again(events_of(), finished_before)
    n_repeated += len(now) - len({repr(params) for _, params, _ in now})
    found, expected = (Path(each, "found.json").read_text() for each in (folder, f"{name}/undisturbed"))
    counts = {"kills": n_kills, "lost": n_lost, "repeated": n_repeated, "unequal": found != expected, "searches": 1}
    return Counter(counts)


def events_of():
    return EVENTS.read_text().splitlines() if EVENTS.exists() else []


def killed(name, n_kills, seed):
    """What comes of so many kills: a dict of counts."""
    random, found = np.random.default_rng(seed), Counter(kills=0, searches=0, lost=0, repeated=0, unequal=0)
    os.makedirs(f"{name}/undisturbed")
    start = time.monotonic()
    assert os.waitpid(begun(name, f"{name}/undisturbed"), 0)[1] == 0
    seconds = time.monotonic() - start
    while found["kills"] < n_kills:
        EVENTS.unlink(missing_ok=True)
        folder = f"{name}/search{found['searches']}"
        os.mkdir(folder)
        n_left = n_kills - found["kills"]
        moments = [*random.uniform(0, seconds, n_left), math.inf]
        found.update(killed_and_gone_on(name, folder, iter(moments)))  # keeps counts of zero, as += does not
    return found


if __name__ == "__main__":
    network().set_params(dropout=0.3).fit(X, y).predict_proba(X)  # no child has to load the code
    note_fits()
    for search in sys.argv[3:]:
        print(json.dumps({"search": search, **killed(search, int(sys.argv[1]), int(sys.argv[2]))}), flush=True)
