"""A table goes in as it is; everything that the estimators of networks can do goes on working."""

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.inspection import permutation_importance
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, KFold, RandomizedSearchCV, cross_val_score

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier, TabularRegressor
from sknn_tune.estimators.tabular import _base
from sknn_tune.inspection import dead_units, diagnose
from sknn_tune.preprocessing import TableEncoder

SMALL = {"hidden_layer_sizes": (8,), "epochs": 5, "n_members": 4, "batch_size": 32, "random_state": 0}
N_ROWS = 200


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    size = rng.normal(size=N_ROWS)
    size[::10] = np.nan
    return pd.DataFrame(
        {
            "size": size,
            "count": rng.integers(0, 40, N_ROWS),
            "sold": rng.random(N_ROWS) < 0.5,
            "colour": rng.choice(["red", "green", "blue"], N_ROWS),
            "day": pd.Timestamp("2026-01-31") + pd.to_timedelta(rng.integers(0, 400, N_ROWS), unit="D"),
        }
    )


@pytest.fixture(scope="module")
def price(table):
    """Far from 0 and 1, as amounts of money are; a threshold in "count" and a category decide it."""
    noise = np.random.default_rng(1).normal(size=N_ROWS)
    return 5000 + 1000 * (table["count"] > 20) + 500 * (table["colour"] == "red") + 50 * noise


@pytest.fixture(scope="module")
def bought(price):
    return np.where(price > price.median(), "yes", "no")


def test_classes_of_a_table(table, bought):
    classifier = TabularClassifier(**{**SMALL, "epochs": 60}, learning_rate=0.01).fit(table, bought)
    assert classifier.score(table, bought) > 0.95
    assert classifier.predict_proba(table).shape == (N_ROWS, 2)
    assert classifier.n_features_in_ == 5
    assert classifier.feature_names_in_.tolist() == list(table)
    assert classifier.oof_prediction_.shape == (N_ROWS, 2)
    assert classifier.oof_score_ > 0.85
    assert [type(member) for member in classifier.members_] == [TabularClassifier] * 2
    mean = np.mean([member.predict_proba(table) for member in classifier.members_], axis=0)
    np.testing.assert_allclose(classifier.predict_proba(table), mean)


def test_numbers_of_a_table(table, price):
    regressor = TabularRegressor(**{**SMALL, "epochs": 60}, learning_rate=0.01).fit(table, price)
    assert regressor.score(table, price) > 0.9
    assert regressor.oof_score_ > 0.8
    assert regressor.oof_prediction_.mean() == pytest.approx(price.mean(), rel=0.02)
    # Losses are those of standardised numbers.
    assert regressor.history_["loss"][0] < 10


def test_predictions_stay_within_the_targets_of_fit(table, price):
    regressor = TabularRegressor(**{**SMALL, "epochs": 30}).fit(table, price)
    predicted = regressor.predict(table.assign(size=1e9, count=10**6))
    assert price.min() <= predicted.min()
    assert predicted.max() <= price.max()


def test_targets_taught_as_they_are(table, price):
    """The network alone, on what the encoder gives it, is the same to the last bit."""
    regressor = TabularRegressor(**SMALL, standardize_target=False, encoding="smooth").fit(table, price / 1000)
    alone = KerasRegressor(
        **{**SMALL, "share_weights": 2, "optimizer": "adamw", "learning_rate": 2e-3, "weight_decay": 0.01},
        **{"dropout": 0.1, "early_stopping": True, "activation": "gelu"},
    ).fit(regressor.encoder_.transform(table), price / 1000)
    np.testing.assert_array_equal(
        regressor.predict(table), alone.predict(np.asarray(regressor.encoder_.transform(table), dtype="float64"))
    )


def test_a_loss_of_the_numbers_themselves_needs_them(table, price):
    with pytest.raises(ValueError, match="standardize_target=False"):
        TabularRegressor(**SMALL, loss="poisson").fit(table, price)
    TabularRegressor(**SMALL, loss="poisson", output_activation="softplus", standardize_target=False).fit(
        table, price / 1000
    )


def test_several_outputs(table, price):
    both = np.c_[price, -10 * price]
    regressor = TabularRegressor(**{**SMALL, "epochs": 60}, learning_rate=0.01).fit(table, both)
    predicted = regressor.predict(table)
    assert predicted.shape == (N_ROWS, 2)
    np.testing.assert_allclose(predicted.mean(axis=0), both.mean(axis=0), rtol=0.02)


def test_labels_and_three_classes(table, price, bought):
    three = pd.qcut(price, 3, labels=False).to_numpy()
    assert TabularClassifier(**SMALL).fit(table, three).predict_proba(table).shape == (N_ROWS, 3)
    labels = np.c_[bought == "yes", table["sold"]].astype(int)
    assert TabularClassifier(**SMALL).fit(table, labels).predict(table).shape == (N_ROWS, 2)


# --- the encoding --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_encoding_is_chosen_by_held_out_loss(seed):
    """Steps ask for pieces; a straight line in few rows for one smooth column each."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(400, 4))
    steps = np.sign(np.sin(8 * X)).sum(axis=1)
    settings = {**SMALL, "epochs": 60, "learning_rate": 0.01, "random_state": seed}
    assert TabularRegressor(**settings).fit(X, steps).encoding_ == "piecewise"
    wide = rng.normal(size=(300, 30))
    line = wide @ rng.normal(size=30)
    assert TabularRegressor(**settings).fit(wide, line).encoding_ == "smooth"


def test_the_encoding_is_chosen_without_penalties(table, bought):
    """One of more columns has more weights to be penalised."""
    classifier = TabularClassifier(**{**SMALL, "l2": 10.0, "epochs": 1, "learning_rate": 1e-9, "n_members": 2})
    losses = classifier.fit(table, bought).encoding_losses_
    assert len(losses) == 2 and max(map(max, losses.values())) < 5  # penalties are above a hundred
    assert classifier.history_["loss"][-1] > 50


@pytest.mark.parametrize("n_members", [1, 2, 4])
@pytest.mark.parametrize(
    "held_out", [{"early_stopping": False}, {"validation_split": 0.2}, {"validation_split": KFold(3)}]
)
def test_the_encoding_is_chosen_whatever_rows_a_fit_holds_out(table, bought, held_out, n_members):
    classifier = TabularClassifier(**{**SMALL, **held_out, "n_members": n_members}).fit(table, bought)
    assert classifier.encoding_ in ("piecewise", "smooth")
    held_out_in_fit = held_out != {"early_stopping": False}
    assert ("val_loss" in classifier.history_) == held_out_in_fit


@pytest.mark.parametrize("encoding", ["piecewise", "smooth"])
def test_auto_ends_as_the_encoding_that_it_chose(table, bought, encoding):
    auto = TabularClassifier(**SMALL).fit(table, bought)
    given = TabularClassifier(**SMALL, encoding=encoding).fit(table, bought)
    same = np.array_equal(auto.predict_proba(table), given.predict_proba(table))
    assert same == (auto.encoding_ == encoding)
    leads = np.subtract(auto.encoding_losses_["piecewise"], auto.encoding_losses_["smooth"])
    error = np.std(leads, ddof=1) / np.sqrt(len(leads))
    assert auto.encoding_ == ("smooth" if leads.mean() > error else "piecewise")
    assert len(leads) == 8 or leads.mean() <= 0 or leads.mean() > 2 * error  # no more than it takes to know
    assert given.encoding_losses_ == {}


@pytest.fixture(scope="module")
def passengers():
    """Eight years of days: few people travel on holidays, which have no weekday or month of their own."""
    days = pd.date_range("2019-01-01", "2026-12-31")
    holidays = days.strftime("%m-%d").isin(["01-01", "03-08", "05-01", "07-14", "10-03", "12-25"])
    weekend = days.day_of_week > 4
    noise = np.random.default_rng(0).normal(size=len(days))
    return pd.DataFrame({"day": days}), 100.0 - 20 * weekend - 60 * holidays + noise


OF_DAYS = {**SMALL, "epochs": 40, "learning_rate": 0.01, "encoding": "piecewise"}


def test_days_of_the_year_are_taken_where_they_say_more(passengers):
    X, travelled = passengers
    regressor = TabularRegressor(**OF_DAYS).fit(X[:-365], travelled[:-365])
    assert regressor.calendar_days_
    losses = regressor.encoding_losses_
    assert sorted(losses) == ["piecewise", "piecewise with calendar days"]
    assert max(losses["piecewise with calendar days"]) < 0.5 * min(losses["piecewise"])
    holiday, day_after = regressor.predict(pd.DataFrame({"day": pd.to_datetime(["2026-12-25", "2026-12-28"])}))
    assert holiday == pytest.approx(40, abs=10)
    assert day_after == pytest.approx(100, abs=10)
    without = TabularRegressor(**OF_DAYS, calendar_days=False).fit(X[:-365], travelled[:-365])
    assert not without.calendar_days_ and without.encoding_losses_ == {}
    assert regressor.score(X[-365:], travelled[-365:]) > without.score(X[-365:], travelled[-365:]) + 0.2


def test_days_of_the_year_are_not_taken_where_they_say_nothing(passengers):
    X, travelled = passengers
    weekend = np.where(X["day"].dt.day_of_week > 4, 80.0, 100.0) + np.random.default_rng(1).normal(size=len(X))
    regressor = TabularRegressor(**OF_DAYS).fit(X, weekend)
    assert not regressor.calendar_days_
    assert len(regressor.encoding_losses_) == 2
    one_year = TabularRegressor(**OF_DAYS).fit(X[:365], travelled[:365])
    assert not one_year.calendar_days_ and one_year.encoding_losses_ == {}  # no day comes again


def test_days_of_the_year_are_taken_where_that_is_asked_for(table, price):
    regressor = TabularRegressor(**SMALL, calendar_days=True).fit(table, price)
    assert regressor.calendar_days_
    assert "day_12-25" in regressor.encoder_.get_feature_names_out()
    with pytest.raises(ValueError, match="'calendar_days' parameter of TabularRegressor must be"):
        TabularRegressor(calendar_days="always").fit(table, price)


@pytest.fixture(scope="module")
def answers():
    """Ten answers of each of 120 persons, more than have an input of their own, of whom each is near another number."""
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(120), 10)
    X = pd.DataFrame({"person": person.astype(str), "hour": rng.random(len(person))})
    return X, 10 * rng.normal(size=120)[person] + rng.normal(size=len(person))


OF_PERSONS = {**SMALL, "epochs": 40, "learning_rate": 0.01, "encoding": "piecewise"}


def test_target_means_are_taken_where_they_tell_rows_apart(answers):
    X, said = answers
    regressor = TabularRegressor(**OF_PERSONS).fit(X[::2], said[::2])
    assert regressor.target_encoding_
    losses = regressor.encoding_losses_
    assert sorted(losses) == ["piecewise", "piecewise with target means"]
    assert max(losses["piecewise with target means"]) < min(losses["piecewise"])
    without = TabularRegressor(**OF_PERSONS, target_encoding=False).fit(X[::2], said[::2])
    assert not without.target_encoding_ and without.encoding_losses_ == {}
    assert regressor.score(X[1::2], said[1::2]) > without.score(X[1::2], said[1::2]) + 0.2
    given = TabularRegressor(**OF_PERSONS, target_encoding=True).fit(X[::2], said[::2])
    np.testing.assert_array_equal(given.predict(X), regressor.predict(X))


def test_target_means_are_not_taken_where_they_say_nothing(answers):
    X, _ = answers
    rng = np.random.default_rng(1)
    regressor = TabularRegressor(**OF_PERSONS).fit(X, 10 * X["hour"] + rng.normal(size=len(X)))
    assert not regressor.target_encoding_ and len(regressor.encoding_losses_) == 2
    few = X.assign(person=X["person"].str[-1:].replace("9", "8"))  # nine categories
    assert TabularRegressor(**OF_PERSONS).fit(few, X["hour"]).encoding_losses_ == {}
    begun = TabularRegressor(**OF_PERSONS).partial_fit(X, X["hour"])
    assert not begun.target_encoding_ and begun.encoding_losses_ == {}


def test_nothing_is_tried_where_there_are_no_numbers(table, bought, monkeypatch):
    monkeypatch.setattr(TabularClassifier, "_network_alone", lambda **_: pytest.fail("a network was tried"))
    assert TabularClassifier(**SMALL).fit(table[["colour"]], bought).encoding_ == "piecewise"


def test_each_fold_is_encoded_once_in_a_search(table, bought, monkeypatch):
    calls, original = [], TableEncoder.fit_transform
    monkeypatch.setattr(TableEncoder, "fit_transform", lambda self, *given: calls.append(1) or original(self, *given))
    network = TabularClassifier(**SMALL, encoding="smooth")
    search = RandomizedSearchCV(network, {"learning_rate": [0.001, 0.002, 0.01]}, n_iter=3, cv=2, random_state=0)
    search.fit(table.assign(size=table["size"] * 1.25), bought)  # contents that no other test has encoded
    assert len(calls) == 3  # two folds and all rows


# --- as any estimator ----------------------------------------------------------------------------------


def test_plain_parameters(table, bought):
    parameters = TabularClassifier().get_params()
    assert (parameters["n_members"], parameters["share_weights"]) == ("auto", 2)
    assert parameters["optimizer"] == "adamw"
    assert parameters["encoding"] == "auto"
    assert set(KerasClassifier().get_params()) < set(parameters)
    copy = clone(TabularClassifier(dropout=0.3, n_bins=7, optimizer__beta_1=0.8))
    assert (copy.dropout, copy.n_bins, copy.optimizer__beta_1) == (0.3, 7, 0.8)
    with pytest.raises(ValueError, match="'encoding' parameter of TabularClassifier must be a str among"):
        TabularClassifier(encoding="none").fit(table, bought)
    with pytest.raises(TypeError, match="Did you mean 'encoding'"):
        TabularClassifier(encodings="smooth")


def test_same_seed_same_bits_in_another_process_and_copy(table, bought):
    first = TabularClassifier(**SMALL).fit(table, bought)
    again = clone(first).fit(table, bought)
    np.testing.assert_array_equal(first.predict_proba(table), again.predict_proba(table))
    read = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(first.predict_proba(table), read.predict_proba(table))
    scores = [cross_val_score(clone(first), table, bought, cv=2, n_jobs=n_jobs) for n_jobs in (1, 2)]
    np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize(
    ("many_rows", "share_weights", "n_members", "n_networks"),
    [
        (N_ROWS + 1, 2, 16, 8),
        (N_ROWS + 1, 4, 32, 8),
        (N_ROWS + 1, False, 8, 8),
        (N_ROWS, 2, 10, 5),
        (N_ROWS, False, 5, 5),
        (N_ROWS, True, 10, 1),
    ],
)
def test_number_of_members_follows_from_the_rows(
    table, bought, monkeypatch, many_rows, share_weights, n_members, n_networks
):
    monkeypatch.setattr(_base, "_MANY_ROWS", many_rows)
    settings = {"epochs": 1, "hidden_layer_sizes": 4, "random_state": 0, "share_weights": share_weights}
    found = TabularClassifier(**settings).fit(table, bought)
    same = TabularClassifier(**settings, n_members=n_members).fit(table, bought)
    np.testing.assert_array_equal(found.predict_proba(table), same.predict_proba(table))
    assert len(getattr(found, "members_", [found])) == n_networks
    assert found.n_members == "auto"
    found.partial_fit(table[:40], bought[:40])  # goes on with those that there are


@pytest.mark.parametrize("estimator", [TabularClassifier, TabularRegressor])
def test_a_network_that_is_only_built_encodes_the_table(table, bought, price, estimator):
    y = bought if estimator is TabularClassifier else price
    settings = {"hidden_layer_sizes": 4, "epochs": 2, "random_state": 0, "encoding": "smooth"}
    built = estimator(**settings, n_members=1, warm_start=True).initialize(table, y)
    assert built.predict(table).shape == (N_ROWS,)
    assert built.encoding_ == "smooth"
    went_on = built.fit(table, y).model_.get_weights()
    alone = estimator(**settings, n_members=1).fit(table, y).model_.get_weights()
    for one, other in zip(went_on, alone, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="initialize builds one network"):
        estimator(**settings).initialize(table, y)


def test_rows_without_weight_do_not_count_for_the_number_of_members(table, bought, monkeypatch):
    monkeypatch.setattr(_base, "_MANY_ROWS", N_ROWS)
    weights = np.r_[0, np.ones(N_ROWS - 1)]
    few = TabularClassifier(epochs=1, hidden_layer_sizes=4, random_state=0).fit(table, bought, weights)
    assert len(few.members_) == 8
    with pytest.raises(ValueError, match="'n_members' parameter of KerasClassifier must be an int"):
        KerasClassifier(n_members="auto").fit(np.zeros((9, 1)), np.arange(9) % 2)


def test_rows_without_weight_are_left_out(table, bought):
    weights = np.r_[np.zeros(50), np.ones(N_ROWS - 50)]
    weighted = TabularClassifier(**SMALL).fit(table, bought, sample_weight=weights)
    left_out = TabularClassifier(**SMALL).fit(table[50:], bought[50:], sample_weight=weights[50:])
    np.testing.assert_array_equal(weighted.predict_proba(table), left_out.predict_proba(table))
    assert np.isnan(weighted.oof_prediction_[:50]).all()


def test_rows_to_watch(table, bought):
    classifier = TabularClassifier(**SMALL).fit(table, bought, X_val=table[:40], y_val=bought[:40])
    assert len(classifier.history_["val_loss"]) == classifier.n_iter_


def test_warm_start_and_partial_fit_keep_the_encoder(table, bought):
    classifier = TabularClassifier(**SMALL, warm_start=True).fit(table, bought)
    encoder = classifier.encoder_
    classifier.fit(table, bought)
    assert classifier.encoder_ is encoder
    assert classifier.n_iter_ == 10
    learner = TabularClassifier(**SMALL).partial_fit(table, bought)
    assert learner.encoding_ == "piecewise"
    encoder = learner.encoder_
    learner.partial_fit(table[:50], bought[:50])
    assert learner.encoder_ is encoder


def test_memory_gives_the_same(table, bought, tmp_path):
    expected = TabularClassifier(**SMALL).fit(table, bought).predict_proba(table)
    for _ in range(2):
        kept = TabularClassifier(**SMALL, memory=tmp_path).fit(table, bought)
        np.testing.assert_array_equal(kept.predict_proba(table), expected)


def test_one_member(table, bought):
    classifier = TabularClassifier(**{**SMALL, "n_members": 1}).fit(table, bought)
    assert not hasattr(classifier, "members_")
    assert classifier.encoding_ in ("piecewise", "smooth")
    assert log_loss(bought, classifier.predict_proba(table)) < 1


def test_keras_model_of_encoded_rows(table, bought):
    classifier = TabularClassifier(**SMALL).fit(table, bought)
    encoded = classifier.encoder_.transform(table)
    by_keras = classifier.model_.predict(encoded, verbose=0).ravel()
    np.testing.assert_allclose(by_keras, classifier.predict_proba(table)[:, 1], atol=1e-6)


def test_importances_are_of_the_columns_given(table, price):
    regressor = TabularRegressor(**{**SMALL, "epochs": 40}, learning_rate=0.01).fit(table, price)
    importances = permutation_importance(regressor, table, price, n_repeats=2, random_state=0).importances_mean
    assert table.columns[np.argmax(importances)] == "count"
    assert importances.shape == (5,)


def test_the_network_inside_can_be_looked_into(table, bought):
    classifier = TabularClassifier(**{**SMALL, "n_members": 1}).fit(table, bought)
    assert "dead_units" in diagnose(classifier, table, bought).checked
    assert dead_units(classifier, table).layers[0].n_units == 8
    members = TabularClassifier(**SMALL).fit(table, bought)
    found = diagnose(members, table, bought)
    assert found.n_members == 2
    assert "share weights" in found.not_checked["dead_units"]
    with pytest.raises(TypeError, match="share_weights=False"):
        dead_units(members.members_[0], table)


def test_other_tables_and_arrays(table, price):
    as_polars = pl.DataFrame(
        {name: table[name].astype(object).where(table[name].notna(), None).to_list() for name in table}
    )
    expected = TabularRegressor(**SMALL).fit(table, price).predict(table)
    np.testing.assert_array_equal(TabularRegressor(**SMALL).fit(as_polars, price).predict(as_polars), expected)
    as_array = table.to_numpy(dtype=object)
    np.testing.assert_array_equal(TabularRegressor(**SMALL).fit(as_array, price).predict(as_array), expected)


def test_what_is_no_table_is_refused(table, bought):
    with pytest.raises(TypeError, match="dense data is required"):
        TabularClassifier(**SMALL).fit(sparse.csr_matrix(np.eye(N_ROWS)), bought)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        TabularClassifier(**SMALL).fit(table, bought[:-1])


def test_columns_are_compared_with_those_of_fit(table, bought):
    classifier = TabularClassifier(**SMALL).fit(table, bought)
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(table.rename(columns={"size": "width"}))
    with pytest.raises(ValueError, match="Column 'size' held numbers in fit"):
        classifier.predict(table.assign(size="large"))


def test_nothing_given_is_changed(table, price):
    before = table.copy()
    TabularRegressor(**SMALL).fit(table, price)
    pd.testing.assert_frame_equal(table, before)


# --- what a fit is told, and goes on from ----------------------------------------------------------------


def test_rows_to_watch_are_encoded_as_new_ones_are_whatever_object_they_are(table, price):
    """Means of the target of rows of the fit are those of other rows, and rows without weight are not encoded."""
    towns = table.assign(town=np.random.default_rng(3).integers(0, 30, N_ROWS).astype(str))
    weights = np.arange(N_ROWS) % 4.0
    regressor = TabularRegressor(**{**SMALL, "n_members": 1, "encoding": "smooth"}, target_encoding=True)
    of_same, of_copy = (
        regressor.fit(towns, price, sample_weight=weights, X_val=X_val, y_val=price).history_["val_loss"]
        for X_val in (towns, towns.copy())
    )
    assert of_same == of_copy


@pytest.mark.parametrize("way", ["warm_start", "partial_fit"])
def test_the_range_of_predictions_widens_with_what_comes(way):
    X = np.linspace(-1, 1, 200)[:, None]
    y = 10 * X.ravel()
    regressor = TabularRegressor(**{**SMALL, "epochs": 40, "n_members": 1}, learning_rate=0.01, dropout=0.0)
    if way == "warm_start":
        regressor.set_params(warm_start=True).fit(X[:100], y[:100]).fit(X, y)
    else:
        for _ in range(60):
            regressor.partial_fit(X[:100], y[:100]).partial_fit(X[100:], y[100:])
    assert regressor.predict(X).max() > 5 > y[:100].max()
    assert regressor.predict(100 * X).max() <= y.max()


@pytest.mark.parametrize(
    "changed",
    [
        {"encoding": "piecewise"},
        {"n_bins": 3},
        {"calendar_days": True},
        {"target_encoding": True},
        {"max_categories": 3},
    ],
    ids=str,
)
def test_rows_cannot_be_encoded_otherwise_where_a_fit_goes_on(table, price, changed):
    regressor = TabularRegressor(**SMALL, encoding="smooth", warm_start=True).fit(table, price)
    name = next(iter(changed))
    with pytest.raises(ValueError, match=f"warm_start and partial_fit cannot go on with {name}="):
        regressor.set_params(**changed).fit(table, price)
    with pytest.raises(ValueError, match=f"cannot go on with {name}="):
        regressor.partial_fit(table, price)


def test_targets_cannot_be_taught_otherwise_where_a_fit_goes_on(table, price):
    regressor = TabularRegressor(**SMALL, encoding="smooth", warm_start=True).fit(table, price)
    with pytest.raises(ValueError, match="cannot go on with standardize_target=False"):
        regressor.set_params(standardize_target=False).fit(table, price)


class ByPrice:
    """Splits by the targets that it is given, and remembers them."""

    def __init__(self):
        self.seen = []

    def split(self, X, y=None, groups=None):
        self.seen.append(float(np.mean(y)))
        cheap = np.asarray(y) < np.median(y)
        yield np.flatnonzero(cheap), np.flatnonzero(~cheap)

    def get_n_splits(self, X=None, y=None, groups=None):
        return 1


def test_a_splitter_sees_the_targets_that_were_given(table, price):
    splitter = ByPrice()
    TabularRegressor(**{**SMALL, "n_members": 1}, validation_split=splitter).fit(table, price)
    assert len(splitter.seen) > 2  # the trials of encodings among them
    np.testing.assert_allclose(splitter.seen, price.mean())


@pytest.mark.parametrize("groups", [np.arange(5), "g", 3, [None] * N_ROWS])
@pytest.mark.parametrize("estimator", [KerasRegressor, TabularRegressor])
def test_groups_are_one_for_each_row(table, price, groups, estimator):
    numbers = table[["count"]].astype(float)
    with pytest.raises(ValueError, match="The 'groups' argument"):
        estimator(epochs=1, validation_split=GroupKFold(2)).fit(numbers, price, groups=groups)


@pytest.mark.parametrize(
    "wrong", [{"hidden_layer_sizes": (8, -1)}, {"loss": "nonsense"}, {"validation_split": GroupKFold(4)}], ids=str
)
def test_trials_speak_in_the_name_of_the_estimator(table, bought, wrong):
    with pytest.raises(ValueError, match="TabularClassifier") as caught:
        TabularClassifier(**{**SMALL, **wrong}).fit(table, bought)
    assert "KerasClassifier" not in str(caught.value)


def test_what_there_is_to_say_is_said_once(table, price):
    named = table.assign(name=[f"n{row}" for row in range(N_ROWS)])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        TabularRegressor(**SMALL, monitor="loss").fit(named, price.to_numpy()[:, None])
    texts = [str(each.message) for each in said]
    assert len(texts) == len(set(texts))
    assert any("leaves out 'name'" in text for text in texts)
