"""A search is killed at every single write into its storage, and goes on as if nothing had happened."""

import os
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from killed_at_every_write import same_way
from killed_at_writes import X, search_in, y
from sklearn.model_selection import ParameterGrid

PROGRAM = Path(__file__).with_name("killed_at_every_write.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that begin as copies of this one")
@pytest.mark.parametrize(
    ("n_before", "n_iter", "batch"),
    [pytest.param(0, 3, 2, id="random", marks=pytest.mark.thorough), pytest.param(11, 12, 1, id="proposed")],
)
def test_killed_at_every_write(tmp_path, report, n_before, n_iter, batch):
    folders = Path(sys.modules["sknn_tune"].__file__).parents[1], PROGRAM.parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), "OMP_NUM_THREADS": "1"}  # no threads
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *map(str, (n_before, n_iter, batch))],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    n_kills = int(done.stdout.split()[0])
    report(f"{n_kills} kills, one at every write of a Bayesian search: it goes on as if there had been none")
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


@pytest.mark.few(3)
@pytest.mark.parametrize("n_more", [(), (1,), (3,), (2, 4)], ids=str)
@pytest.mark.parametrize(("n_before", "n_iter", "batch"), [(0, 3, 1), (0, 4, 2), (12, 15, 2)])
def test_stopped_again_and_again(n_before, n_iter, batch, n_more):
    def storage_before():
        storage = KillsAt()
        if n_before:
            search_in(storage, n_before, n_candidates_per_batch=batch).fit(X, y)
        return storage

    def search_again(storage):
        return search_in(storage, n_iter, n_candidates_per_batch=batch).fit(X, y)

    reference, n_kills = search_in(None, n_iter, n_candidates_per_batch=batch).fit(X, y), 0
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
        return search_in(storage, 6, space, n_candidates_per_batch=batch, sampler=grid).fit(X, y)

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
    search = search_in(None, 9, values, sampler=sampler).fit(X, y)
    tried = [tuple(params.values()) for params in search.cv_results_["params"]]
    assert len(set(tried)) == len(tried) == len(ParameterGrid(values))


@pytest.mark.parametrize("queued", [{"a": 0.7, "b": 1.0, "c.n_layers": 1, "c.units_0": 4, "d": "y"}, {"a": 0.7}])
def test_what_the_user_has_queued_is_not_lost(queued):
    def storage_before():
        storage = KillsAt()
        optuna.create_study(study_name="bayesian_search", storage=storage, direction="maximize").enqueue_trial(queued)
        return storage

    def search_again(storage):
        return search_in(storage, 3).fit(X, y)

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
