"""Who may share a study with whom, and what its trials mean: in one process, without servers."""

import threading
import time
import warnings

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState, create_trial
from sklearn.naive_bayes import GaussianNB

from sknn_tune._compat.optuna import take_from_holder
from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.model_selection.searches._lease import ENDED, Lease, Observer
from sknn_tune.model_selection.searches._places import AGAIN, OUTCOME, PRESENT, is_finished, places_of
from sknn_tune.model_selection.searches._shared_study import SharedStudy
from sknn_tune.search_space import log_uniform

SPACE = {"var_smoothing": log_uniform(1e-9, 1e2), "priors": [None, (0.5, 0.5)]}


@pytest.fixture
def journal(tmp_path):
    """Opens the same journal anew, as another worker would."""
    path = str(tmp_path / "journal.log")
    return lambda: optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))


def new_search(storage, n_iter=4, estimator=None, **options):
    options = {"cv": 2, "random_state": 0, "shared": True, "refit": False, **options}
    return BayesianSearchCV(estimator or GaussianNB(), SPACE, n_iter=n_iter, storage=storage, **options)


# --- which storage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("storage", "shown"),
    [
        ("sqlite:///search.db", "'sqlite:///search.db': SQLite may"),
        (lambda: optuna.storages.RDBStorage("sqlite:///:memory:"), "RDBStorage: SQLite may"),
        (None, "None: None is the memory"),
        (optuna.storages.InMemoryStorage, "InMemoryStorage: InMemoryStorage is the memory"),
    ],
    ids=["URL", "object", "none", "memory"],
)
def test_what_cannot_be_shared_is_refused(storage, shown, binary_data):
    with pytest.raises(ValueError, match=rf"PostgreSQL .*, Redis .*, or a journal .*\. Got {shown}"):
        new_search(storage() if callable(storage) else storage).fit(*binary_data)


def test_a_grid_cannot_be_shared(journal, binary_data):
    with pytest.raises(ValueError, match=r"must not be a GridSampler.* Take optuna\.samplers\.BruteForceSampler"):
        new_search(journal(), sampler=optuna.samplers.GridSampler({"priors": [0, 1]})).fit(*binary_data)


def test_a_server_that_does_not_answer(binary_data):
    with pytest.raises(ValueError, match=r"cannot open its storage 'redis://:\*\*\*@127\.0\.0\.1:1/0': .*refused"):
        new_search("redis://:secret@127.0.0.1:1/0").fit(*binary_data)


# --- one worker ------------------------------------------------------------------------------------------


def test_one_worker_alone_proposes_what_a_search_that_is_not_shared_does(journal, binary_data):
    alone = new_search(None, 13, shared=False).fit(*binary_data)
    search = new_search(journal(), 13).fit(*binary_data)
    assert search.cv_results_["params"] == alone.cv_results_["params"]
    latecomer = new_search(journal(), 13).fit(*binary_data)
    for name, column in search.cv_results_.items():
        np.testing.assert_array_equal(column, latecomer.cv_results_[name])
    longer = new_search(journal(), 15).fit(*binary_data)
    assert longer.cv_results_["params"][:13] == search.cv_results_["params"]
    assert len(longer.cv_results_["params"]) == 15


def test_timeout_ends_with_what_all_have_finished(journal, binary_data):
    new_search(journal(), 2).fit(*binary_data)
    with pytest.warns(UserWarning, match="2 of 4 candidates left out"):
        search = new_search(journal(), 4, timeout=1e-9).fit(*binary_data)
    assert len(search.cv_results_["params"]) == 2


def test_finite_spaces_of_a_sampler_come_to_an_end(journal, binary_data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.BruteForceSampler(seed=0)
    search = BayesianSearchCV(
        GaussianNB(),
        {"priors": [None, (0.5, 0.5)]},
        n_iter=9,
        sampler=sampler,
        storage=journal(),
        shared=True,
        cv=2,
    ).fit(*binary_data)
    assert len(search.cv_results_["params"]) == 2


def test_other_data_are_another_study_and_said_so(journal, binary_data):
    X, y = binary_data
    new_search(journal(), 1).fit(X, y)
    with pytest.warns(UserWarning, match=r"'bayesian_search' is of other data .* works on 'bayesian_search \["):
        new_search(journal(), 1).fit(X[1:], y[1:])


def test_another_space_is_refused(journal, binary_data):
    new_search(journal(), 1).fit(*binary_data)
    other = new_search(journal(), 1).set_params(param_distributions={"var_smoothing": log_uniform(1e-9, 1e3)})
    with pytest.raises(ValueError, match="belongs to another search: param_distributions was"):
        other.fit(*binary_data)


class Interrupted(GaussianNB):
    """Ctrl-C comes in the fit of the second candidate."""

    n_fits = 0

    def fit(self, X, y, sample_weight=None):
        Interrupted.n_fits += 1
        if Interrupted.n_fits == 3:
            raise KeyboardInterrupt
        return super().fit(X, y, sample_weight)


def test_what_ctrl_c_interrupts_is_given_back(journal, binary_data):
    Interrupted.n_fits = 0
    search = new_search(journal(), 3, Interrupted(), lease=1000)
    with pytest.raises(KeyboardInterrupt):
        search.fit(*binary_data)
    assert len(search.cv_results_["params"]) == 1
    start = time.monotonic()
    whole = new_search(journal(), 3, Interrupted(), lease=1000).fit(*binary_data)
    assert time.monotonic() - start < 100  # it does not wait for the lease
    assert len(whole.cv_results_["params"]) == 3
    assert len({params["var_smoothing"] for params in whole.cv_results_["params"]}) == 3


# --- who was first ---------------------------------------------------------------------------------------


class Waits(GaussianNB):
    """Waits in its first fit until it may go on."""

    begun, may_end = threading.Event(), threading.Event()

    def fit(self, X, y, sample_weight=None):
        Waits.begun.set()
        assert Waits.may_end.wait(60)
        return super().fit(X, y, sample_weight)


@pytest.mark.parametrize(("first", "second"), [(False, False), (False, True), (True, False)])
def test_a_second_search_that_does_not_share_is_refused(first, second, journal, binary_data):
    Waits.begun.clear()
    Waits.may_end.clear()
    search = new_search(journal(), 2, Waits(), shared=first)
    running = threading.Thread(target=search.fit, args=binary_data)
    running.start()
    try:
        assert Waits.begun.wait(60)
        with pytest.raises(
            RuntimeError, match=r"'bayesian_search' .* is being searched by process \d+ on .* shared=True"
        ):
            new_search(journal(), 2, Waits(), shared=second).fit(*binary_data)
    finally:
        Waits.may_end.set()
        running.join()
    assert len(search.cv_results_["params"]) == 2
    again = new_search(journal(), 2, Waits(), shared=second).fit(*binary_data)
    assert again.cv_results_["params"] == search.cv_results_["params"]


# --- a lease ---------------------------------------------------------------------------------------------

ELSEWHERE = {"holder": "ada", "renewal": 0, "seconds": 10.0, "machine": "another", "process": 1, "host": "far"}


def test_a_lease_is_over_once_it_was_read_unchanged_for_its_seconds():
    observer, start = Observer(5.0), time.monotonic()
    renewed = {**ELSEWHERE, "renewal": 1}
    assert not observer.is_over("trial", ELSEWHERE, start)
    assert not observer.is_over("trial", ELSEWHERE, start + 9)
    assert not observer.is_over("trial", renewed, start + 1000)  # a sign of life, however late
    assert not observer.is_over("trial", renewed, start + 9)
    assert observer.is_over("trial", renewed, time.monotonic() + 10.1)
    assert not observer.is_over("another", None, start)
    assert not observer.is_over("another", None, start + 4)
    assert observer.is_over("another", None, time.monotonic() + 5.1)
    assert Observer(5.0).is_over("ended", ENDED, start)


def test_a_lease_is_renewed_until_it_is_ended_or_lost():
    written = []

    def write(value):
        written.append(value)
        return len(written) < 4

    lease = Lease(write, seconds=0.04)
    lease.begin()
    deadline = time.monotonic() + 60
    while not lease.is_lost and time.monotonic() < deadline:
        time.sleep(0.01)
    lease.end()
    assert [value["renewal"] for value in written] == [0, 1, 2, 3]
    assert Observer(1).is_over("here", written[0], time.monotonic())  # its holder is seen to have let it go


# --- what trials mean ------------------------------------------------------------------------------------


def places(*trials):
    """Places and superfluous trials, by number; each trial is a state and its attributes."""
    study = optuna.create_study()
    for state, attributes in trials:
        study.add_trial(create_trial(state=TrialState.WAITING, user_attrs=attributes))
        number = len(study.trials) - 1
        if state != "waiting":
            study.ask()
        if state == "taken":
            take_from_holder(optuna, study, study.trials[number])
        elif state == "failed":
            study.tell(number, state=TrialState.FAIL)
        elif state == "complete":
            study.tell(number, 1.0)
    found = places_of(optuna, study.trials)
    finished = [trial.number for trial in study.trials if is_finished(optuna, trial)]
    return [trial.number for trial in found.trials], [trial.number for trial in found.superfluous], finished


DONE = {OUTCOME: {}}


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ([("complete", DONE), ("failed", DONE), ("running", {})], ([0, 1, 2], [], [0, 1])),
        ([("failed", {}), ("complete", DONE)], ([1], [], [1])),  # dropped by a search that was alone
        ([("taken", {}), ("running", {})], ([0, 1], [], [])),  # to be begun again
        ([("taken", DONE), ("running", {AGAIN: 0})], ([1], [], [])),  # its worker was too late
        ([("taken", {}), ("complete", DONE), ("waiting", {AGAIN: 0}), ("waiting", {AGAIN: 0})], ([2, 1], [3], [1])),
        ([("taken", {}), ("taken", {AGAIN: 0}), ("complete", {**DONE, AGAIN: 1})], ([2], [], [2])),
        ([("running", {PRESENT: True}), ("waiting", {PRESENT: True}), ("waiting", {})], ([0, 2], [1], [])),
    ],
    ids=["finished", "dropped", "taken", "too late", "taken twice", "taken again", "begun twice"],
)
def test_what_trials_stand_for(trials, expected):
    order = [trial for trial in trials if trial[0] != "waiting"] + [trial for trial in trials if trial[0] == "waiting"]
    assert order == trials  # `ask` takes the first that waits
    assert places(*trials) == expected


def shared(storage, lease=60.0):
    options = {"study_name": "s", "facts": {"X": "the same"}, "sampler": None, "seed": 0}
    return SharedStudy(optuna, SPACE, lease=lease, storage=storage, **options)


def test_two_takers_of_what_a_dead_worker_has_left(journal):
    """One of them gets it, and what the dead one hands in after all is dropped."""
    for n_before in range(8):
        dead = shared(journal())
        left = dead.claim(n_before + 1)
        left.lease.end(say=False)  # as if its process were gone
        takers, claimed = [shared(journal()), shared(journal())], []
        together = threading.Barrier(2)

        def take(taker, together=together, claimed=claimed, n_iter=n_before + 1):
            together.wait()
            claimed.append((taker, taker.claim(n_iter)))

        threads = [threading.Thread(target=take, args=(taker,)) for taker in takers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [(taker, got)] = [pair for pair in claimed if pair[1] is not None]
        assert (got.place, got.params) == (left.place, left.params)
        assert not dead.hand_in(left, 1.0, [{"score_time": 1.0}], [])
        assert taker.hand_in(got, 2.0, [{"score_time": 2.0}], [])
        finished = taker.finished()
        assert list(finished) == list(range(n_before + 1))
        assert finished[n_before].fits == [{"score_time": 2.0}]


def test_workers_create_no_more_places_than_there_are(journal):
    """Five at once want one of two."""
    workers, claimed = [shared(journal()) for _ in range(5)], []
    together = threading.Barrier(5)

    def claim(worker):
        together.wait()
        claimed.append(worker.claim(2))

    threads = [threading.Thread(target=claim, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [each for each in claimed if each is not None]
    assert sorted(each.place for each in got) == [0, 1]
    assert got[0].params != got[1].params
    for each in got:
        each.lease.end(say=False)
