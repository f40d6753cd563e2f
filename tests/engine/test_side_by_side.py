"""Members of a fit are trained one after the other, in threads or in step, and what comes of each is the same."""

import threading
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import pytest

from sknn_tune.engine import train_members
from sknn_tune.engine._result import TrainingResult
from sknn_tune.specs import TrainingHistory

#: What each of three members records.
LOSSES = [[3.0, 2.0, 1.0], [5.0], [1.0, 0.0]]


class Member:
    """Trains as the loop over epochs does, with numbers that are given."""

    def __init__(self, losses, error=None):
        self.losses, self.error = losses, error
        self.computing = nullcontext

    def __call__(self, observers):
        epochs, interrupted = [], False
        try:
            for epoch, loss in enumerate(self.losses):
                for observer in observers:
                    observer.on_epoch_begin(epoch)
                with self.computing():
                    if self.error is not None and epoch == 1:
                        raise self.error
                epochs.append({"loss": loss})
                answers = [observer.on_epoch_end(epoch, epochs[-1], lambda: self) for observer in observers]
                if any(answers):
                    break
        except KeyboardInterrupt:
            if not epochs:
                raise
            interrupted = True
        history = TrainingHistory(tuple(epochs))
        return TrainingResult(history, len(epochs), 0, None, interrupted, self, "none", "", "")


class Watcher:
    """Looks on a fit; stops it, or fails, after an epoch."""

    def __init__(self, stop_after=None, error=None):
        self.stop_after, self.error = stop_after, error
        self.begun, self.losses, self.networks = [], [], []

    def on_epoch_begin(self, epoch):
        self.begun.append(epoch)

    def on_epoch_end(self, epoch, values, snapshot):
        self.losses.append(values["loss"])
        self.networks.append(len(snapshot().networks))
        if self.error is not None:
            raise self.error
        return len(self.losses) == self.stop_after


def members(**errors):
    return [Member(losses, errors.get(f"of_{number}")) for number, losses in enumerate(LOSSES)]


def losses_of(results):
    return [[epoch["loss"] for epoch in result.history.epochs] for result in results]


WAYS = {
    "in turn": {},
    "in threads": {"n_at_once": 2},
    "in step": {"watch": True},
    "in step, two at once": {"watch": True, "n_at_once": 2},
    "in step, all at once": {"watch": True, "n_at_once": 8},
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request):
    given = dict(request.param)
    watches = given.pop("watch", False)
    return lambda: {**given, "observers": [Watcher()] if watches else []}


def test_the_results_are_those_of_the_members_in_their_order(way):
    assert losses_of(train_members(members(), **way())) == LOSSES


def test_an_error_of_a_member_is_raised_and_ends_all(way):
    n_threads = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        train_members(members(of_2=ZeroDivisionError()), **way())
    assert threading.active_count() == n_threads


@pytest.mark.parametrize("n_at_once", [1, 2, 3])
def test_observers_see_the_mean_of_those_that_train_and_the_networks_of_all(n_at_once):
    one, other = Watcher(), Watcher()
    train_members(members(), observers=[one, other], first_epoch=4, n_at_once=n_at_once)
    assert one.begun == other.begun == [4, 5, 6]
    assert one.losses == other.losses == [3.0, 1.0, 1.0]
    assert one.networks == [3, 3, 3]


def test_one_who_stops_stops_all_and_all_hear_of_it():
    stopping, other = Watcher(stop_after=1), Watcher()
    results = train_members(members(), observers=[stopping, other], n_at_once=2)
    assert losses_of(results) == [[3.0], [5.0], [1.0]]
    assert other.losses == [3.0]


def test_an_error_of_an_observer_is_raised_and_ends_all():
    n_threads = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        train_members(members(), observers=[Watcher(error=ZeroDivisionError())], n_at_once=2)
    assert threading.active_count() == n_threads


def test_an_interruption_leaves_what_was_trained():
    results = train_members(members(), observers=[Watcher(error=KeyboardInterrupt())], n_at_once=2)
    assert losses_of(results) == [[3.0], [5.0], [1.0]]
    assert all(result.interrupted for result in results)


def test_in_turn_an_interruption_leaves_those_before():
    results = train_members(members(of_0=KeyboardInterrupt()))
    assert results[0].interrupted
    assert results[1:] == [None, None]


def test_an_interruption_before_anything_was_trained_is_raised(way):
    with pytest.raises(KeyboardInterrupt):
        train_members([_interrupted_at_once] * 2, **way())


def _interrupted_at_once(observers):
    raise KeyboardInterrupt


def test_members_that_have_nothing_to_train_do_not_hold_up_the_others():
    """As those that are read from a memory."""
    watcher = Watcher()
    results = train_members([Member([]), *members()], observers=[watcher], n_at_once=1)
    assert losses_of(results) == [[], *LOSSES]
    assert watcher.losses == [3.0, 1.0, 1.0]


@pytest.mark.parametrize("n_at_once", [1, 2])
@pytest.mark.parametrize("watches", [True, False])
def test_no_more_compute_at_once_than_there_are_places(n_at_once, watches):
    count = SimpleNamespace(now=0, most=0)
    lock = threading.Lock()

    @contextmanager
    def computing():
        with lock:
            count.now += 1
            count.most = max(count.most, count.now)
        threading.Event().wait(0.002)
        yield
        with lock:
            count.now -= 1

    many = [Member([1.0] * 5) for _ in range(6)]
    for member in many:
        member.computing = computing
    train_members(many, observers=[Watcher()] if watches else [], n_at_once=n_at_once)
    assert count.most == n_at_once
