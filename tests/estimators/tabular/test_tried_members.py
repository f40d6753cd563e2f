"""To choose an encoding, members of the fit are tried; those with the chosen one are not trained a second time."""

import _thread
import threading
import time
from typing import ClassVar

import keras
import numpy as np
import pytest
from sklearn.model_selection import GroupKFold

from sknn_tune import TabularClassifier, TabularRegressor
from sknn_tune.estimators import _run
from sknn_tune.estimators._base import KerasEstimator

SMALL = {"hidden_layer_sizes": (8,), "epochs": 6, "n_members": 6, "share_weights": False}
N_ROWS = 600


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    X = random.normal(size=(N_ROWS, 3))
    return X, np.sin(3 * X[:, 0]) + X[:, 1] + 0.3 * random.normal(size=N_ROWS)


@pytest.fixture
def trained(monkeypatch):
    """The trainings of members, in a list that gets longer."""
    jobs, train = [], _run.train
    monkeypatch.setattr(_run, "train", lambda job, **where: jobs.append(job) or train(job, **where))
    return jobs


def _pair(estimator, X, y, **given):
    """With the encoding chosen, and with the same one given."""
    auto = estimator.fit(X, y, **given)
    chosen = type(estimator)(**{**estimator.get_params(), "encoding": auto.encoding_}).fit(X, y, **given)
    return auto, chosen


@pytest.mark.parametrize("is_class", [False, True], ids=["numbers", "classes"])
def test_none_of_the_chosen_encoding_is_trained_twice(rows, trained, is_class):
    X, y = rows
    estimator = (TabularClassifier if is_class else TabularRegressor)(**SMALL, random_state=0)
    auto = estimator.fit(X, y > 0 if is_class else y)
    other = next(name for name in ("piecewise", "smooth") if name != auto.encoding_)
    tried = min(len(auto.encoding_losses_[other]), 6)
    assert tried > 1
    assert len(trained) == 6 + tried


@pytest.mark.parametrize(
    ("parameters", "given"),
    [
        ({}, {}),
        ({"share_weights": 2}, {}),
        ({"l2": 0.1}, {"sample_weight": np.arange(N_ROWS) % 3}),
        ({"validation_split": GroupKFold(6)}, {"groups": np.arange(N_ROWS) % 12}),
        ({"validation_split": 0.2, "early_stopping": False}, {}),
        ({"n_members": 3}, {}),  # fewer than trials
        ({"verbose": 1}, {}),
    ],
    ids=str,
)
def test_it_is_the_fit_with_the_encoding_that_was_chosen(rows, parameters, given):
    """Bit for bit, with all that it leaves."""
    auto, chosen = _pair(TabularRegressor(**{**SMALL, **parameters}, random_state=3), *rows, **given)
    np.testing.assert_array_equal(auto.predict(rows[0]), chosen.predict(rows[0]))
    np.testing.assert_array_equal(auto.oof_prediction_, chosen.oof_prediction_)
    assert auto.oof_score_ == chosen.oof_score_
    assert auto.history_ == chosen.history_
    assert [each.best_epoch_ for each in auto.members_] == [each.best_epoch_ for each in chosen.members_]
    assert vars(auto).keys() == vars(chosen).keys()


def test_the_losses_are_those_of_the_members(rows):
    fitted = TabularRegressor(**SMALL, random_state=0).fit(*rows)
    losses = fitted.encoding_losses_[fitted.encoding_]
    for member, loss in zip(fitted.members_, losses, strict=False):
        assert loss == member.history_["val_loss"][member.best_epoch_]


def test_each_fit_draws_its_seed_once(rows):
    """Of a generator, another in the next fit; the folds of members tried and others are those of one split."""
    first, again = (TabularRegressor(**SMALL, random_state=np.random.RandomState(5)).fit(*rows) for _ in range(2))
    np.testing.assert_array_equal(first.predict(rows[0]), again.predict(rows[0]))
    assert np.isfinite(first.oof_prediction_).all()  # every row is held out by one member
    generator = np.random.RandomState(5)
    twice = TabularRegressor(**SMALL, random_state=generator)
    assert not np.array_equal(twice.fit(*rows).predict(rows[0]), twice.fit(*rows).predict(rows[0]))


class Counts(keras.callbacks.Callback):
    """Epochs, in a list that all of its copies share."""

    seen: ClassVar[list] = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(epoch)


def test_callbacks_see_the_epochs_of_the_members_and_no_others(rows):
    Counts.seen.clear()
    auto = TabularRegressor(**SMALL, random_state=0, callbacks=[Counts()]).fit(*rows)
    assert len(Counts.seen) == sum(len(member.history_["loss"]) for member in auto.members_)


@pytest.mark.parametrize("given", ["X_val", "one network", "no rows held out"])
def test_other_fits_try_networks_of_their_own(rows, trained, given):
    X, y = rows
    settings = {**SMALL, "n_members": 1} if given == "one network" else SMALL
    settings = {**settings, "early_stopping": given != "no rows held out"}
    watched = {"X_val": X, "y_val": y} if given == "X_val" else {}
    fitted = TabularRegressor(**settings, random_state=0).fit(X, y, **watched)
    assert sum(job.is_member for job in trained) == (0 if given == "one network" else 6)
    assert not all(job.is_member for job in trained)
    assert fitted.encoding_losses_


def test_a_fit_that_failed_leaves_nothing_for_the_next(rows, monkeypatch):
    X, y = rows
    estimator = TabularRegressor(**SMALL, random_state=0)
    with monkeypatch.context() as broken:
        broken.setattr(KerasEstimator, "_store", _fail)
        with pytest.raises(RuntimeError, match="half-way"):
            estimator.fit(X, y)
    assert {"_rows_of_fit", "_seed_of_fit", "_trained_before"}.isdisjoint(vars(estimator))
    fresh = TabularRegressor(**SMALL, random_state=0).fit(X, y)
    np.testing.assert_array_equal(estimator.fit(X, y).predict(X), fresh.predict(X))


def _fail(*_, **__):
    raise RuntimeError("half-way")


def test_ctrl_c_while_members_are_tried_ends_the_fit(rows):
    endless = TabularRegressor(**{**SMALL, "epochs": 10**6}, patience=np.inf, random_state=0)
    TabularRegressor(**SMALL, random_state=0).fit(*rows)  # compiles what is to be interrupted
    keyboard = threading.Thread(target=_interrupt_soon)
    keyboard.start()
    with pytest.raises(KeyboardInterrupt):
        endless.fit(*rows)
    keyboard.join()
    assert not hasattr(endless, "members_")


def _interrupt_soon():
    until = time.process_time() + 0.5
    while time.process_time() < until:
        time.sleep(0.01)
    _thread.interrupt_main()
