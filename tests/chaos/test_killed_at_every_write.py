"""A search is killed at every single write into its storage, and goes on as if nothing had happened."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import optuna
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import ParameterGrid

from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.search_space import log_uniform, topology, uniform

X, y = np.zeros((20, 1)), np.arange(20) % 2


class Hill(ClassifierMixin, BaseEstimator):
    """Scored by its parameters, in no time. The value of ``b`` is not in the space: it is drawn from the beginning."""

    def __init__(self, a=0.0, b=5.0, c=(3,), d="x"):
        self.a, self.b, self.c, self.d = a, b, c, d

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def score(self, X, y):
        return -abs(self.a - 0.3) - abs(np.log(self.b)) - len(self.c) / 10 + (self.d == "x")


SPACE = {"a": uniform(0, 1), "b": log_uniform(0.1, 2), "c": topology((1, 3), (2, 9)), "d": ["x", "y"]}


def search_in(storage, n_iter, batch, sampler=None, space=SPACE):
    return BayesianSearchCV(
        Hill(),
        space,
        n_iter=n_iter,
        n_candidates_per_batch=batch,
        cv=2,
        refit=False,
        random_state=0,
        storage=storage,
        sampler=sampler,
    )


def same_way(search, reference):
    results, expected = search.cv_results_, reference.cv_results_
    return results["params"] == expected["params"] and np.array_equal(
        results["mean_test_score"], expected["mean_test_score"]
    )


# Real processes that are killed

SCRIPT = """
import os
import shutil
import signal
import sys
import traceback

import optuna
import sqlalchemy

sys.path.insert(0, sys.argv[1])
from test_killed_at_every_write import X, same_way, search_in, y

#: Number of the write of this process that is its last; none for a process that is left alone.
last_write, n_writes, is_written = None, 0, False


def connected(connection, record):
    connection.execute("PRAGMA synchronous=OFF")  # it is not the machine that dies


def executed(connection, cursor, statement, *more):
    global is_written
    is_written |= statement.lstrip()[:6] in {"INSERT", "UPDATE", "DELETE"}


def committed(connection):
    global is_written, n_writes
    n_writes += is_written
    if is_written and n_writes == last_write:
        os.kill(os.getpid(), signal.SIGKILL)
    is_written = False


for event, listener in (("connect", connected), ("before_cursor_execute", executed), ("commit", committed)):
    sqlalchemy.event.listen(sqlalchemy.engine.Engine, event, listener)


def in_child(function):
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        function()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def kill_at_every_write(n_before, n_iter, batch):
    optuna.storages.RDBStorage("sqlite:///before.db")
    if n_before:
        search_in("sqlite:///before.db", n_before, batch).fit(X, y)
    reference = search_in(None, n_iter, batch).fit(X, y)

    def killed():
        global last_write, n_writes
        last_write, n_writes = number, 0
        search_in("sqlite:///killed.db", n_iter, batch).fit(X, y)

    def gone_on():
        search = search_in("sqlite:///killed.db", n_iter, batch).fit(X, y)
        assert same_way(search, reference), (search.cv_results_["params"], reference.cv_results_["params"])

    number = 1
    while True:
        shutil.copy("before.db", "killed.db")
        status = in_child(killed)
        if not os.WIFSIGNALED(status):
            assert status == 0
            break
        assert in_child(gone_on) == 0, f"after a kill at write {number}"
        number += 1
    os.remove("before.db")
    print(number - 1, "kills")


kill_at_every_write(*map(int, sys.argv[2:]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that begin as copies of this one")
@pytest.mark.parametrize(("n_before", "n_iter", "batch"), [(0, 3, 2), (11, 12, 1)], ids=["random", "proposed"])
def test_killed_at_every_write(tmp_path, n_before, n_iter, batch):
    package = str(Path(sys.modules["sknn_tune"].__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": package, "OMP_NUM_THREADS": "1"}  # a copy has no threads
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), *map(str, (n_before, n_iter, batch))],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    n_kills = int(done.stdout.split()[0])
    assert n_kills > 8 * (n_iter - n_before)  # parameters, state and outcome of each candidate


# Every write, without processes

WRITES = (
    "create_new_study",
    "create_new_trial",
    "set_study_user_attr",
    "set_trial_param",
    "set_trial_state_values",
    "set_trial_system_attr",
    "set_trial_user_attr",
)


class Killed(BaseException):
    """Nobody may catch it."""


class KillsAt(optuna.storages.InMemoryStorage):
    """A storage that from a certain write on accepts no more."""

    def __init__(self):
        super().__init__()
        self.n_left = None

    def kill_after(self, n_writes):
        self.n_left = n_writes


def _counted(name):
    def write(self, *arguments, **keywords):
        if self.n_left is not None:
            if self.n_left == 0:
                raise Killed
            self.n_left -= 1
        return getattr(optuna.storages.InMemoryStorage, name)(self, *arguments, **keywords)

    return write


for _name in WRITES:
    setattr(KillsAt, _name, _counted(_name))


def kills(search_again, storage_before, n_more=()):
    """Storages of searches that were killed after 0, 1, 2, ... writes, and then, going on, after each of ``n_more``."""
    for n_writes in range(10_000):
        storage = storage_before()
        try:
            storage.kill_after(n_writes)
            search_again(storage)
            return
        except Killed:
            pass
        for n_further in n_more:
            storage.kill_after(n_further)
            with pytest.raises(Killed):
                search_again(storage)
        storage.kill_after(None)
        yield storage


@pytest.mark.few(5)
@pytest.mark.parametrize("n_more", [(), (1,), (3,), (2, 4)], ids=str)
@pytest.mark.parametrize(("n_before", "n_iter", "batch"), [(0, 3, 1), (0, 4, 2), (12, 15, 2)])
def test_stopped_again_and_again(n_before, n_iter, batch, n_more):
    def storage_before():
        storage = KillsAt()
        if n_before:
            search_in(storage, n_before, batch).fit(X, y)
        return storage

    def search_again(storage):
        return search_in(storage, n_iter, batch).fit(X, y)

    reference, n_kills = search_in(None, n_iter, batch).fit(X, y), 0
    try:
        for storage in kills(search_again, storage_before, n_more):
            assert same_way(search_again(storage), reference)
            n_kills += 1
    except pytest.fail.Exception:  # near the end, a second kill finds nothing more to kill
        assert n_more
    assert n_kills > 8 * (n_iter - n_before) - 10


@pytest.mark.parametrize("batch", [1, 2])
def test_a_grid_of_the_users_own_loses_no_point(batch):
    """Its sampler counts what it has proposed, so half a candidate is not dropped."""
    space = {"a": [0.0, 0.5], "d": ["x", "y"]}

    def search_again(storage):
        grid = optuna.samplers.GridSampler({name: list(values) for name, values in space.items()}, seed=0)
        return search_in(storage, 6, batch, grid, space).fit(X, y)

    n_kills = 0
    for storage in kills(search_again, KillsAt):
        tried = {tuple(params.values()) for params in search_again(storage).cv_results_["params"]}
        assert tried == {(0.0, "x"), (0.0, "y"), (0.5, "x"), (0.5, "y")}
        n_kills += 1
    assert n_kills > 20


@pytest.mark.parametrize("values", [{"a": [0.0]}, {"a": [0.0, 0.5]}, {"a": [0.1, 0.5], "d": ["x", "y"]}], ids=str)
def test_a_grid_of_the_users_own_is_tried_once(values):
    """The present settings (0.0, and "x") are no reason to try a point twice, or to ask for half a point."""
    sampler = optuna.samplers.GridSampler(values)
    search = search_in(None, 9, 1, sampler, values).fit(X, y)
    tried = [tuple(params.values()) for params in search.cv_results_["params"]]
    assert len(set(tried)) == len(tried) == len(ParameterGrid(values))


@pytest.mark.parametrize("queued", [{"a": 0.7, "b": 1.0, "c.n_layers": 1, "c.units_0": 4, "d": "y"}, {"a": 0.7}])
def test_what_the_user_has_queued_is_not_lost(queued):
    def storage_before():
        storage = KillsAt()
        optuna.create_study(study_name="bayesian_search", storage=storage, direction="maximize").enqueue_trial(queued)
        return storage

    def search_again(storage):
        return search_in(storage, 3, 1).fit(X, y)

    reference = search_again(storage_before())
    assert reference.cv_results_["params"][0]["a"] == 0.7
    n_other_ways = 0
    for storage in kills(search_again, storage_before):
        search = search_again(storage)
        assert [params["a"] for params in search.cv_results_["params"]].count(0.7) == 1
        n_other_ways += not same_way(search, reference)
    # Killed while the rest of what was queued in part was drawn, it comes behind the others.
    n_drawn = len(reference.study_.trials[0].params) - len(queued)
    assert n_other_ways <= max(0, n_drawn - 1)
