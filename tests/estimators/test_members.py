"""Several networks in one fit: each is what a fit alone would be, and their mean is what is predicted."""

import _thread
import copy
import pickle
import threading
import time
import warnings

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, ShuffleSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.exceptions import ConvergenceWarning, DivergedError
from sknn_tune.inspection import activation_statistics, dead_units, gradient_norms, learning_rate_sweep

COMMON = {"hidden_layer_sizes": (6,), "epochs": 3, "learning_rate": 0.02, "n_members": 3, "random_state": 0}
STOPPING = {"early_stopping": True, "epochs": 20, "patience": 2, "learning_rate": 0.05}
ENGINES = pytest.mark.parametrize("engine", ["numba", "keras"])


def classifier(**given):
    return KerasClassifier(**{**COMMON, **given})


def regressor(**given):
    return KerasRegressor(**{**COMMON, **given})


def predicted(estimator, X):
    return estimator.predict_proba(X) if hasattr(estimator, "predict_proba") else estimator.predict(X)


def assert_same_weights(one, other):
    for first, second in zip(one._trained.weights, other._trained.weights, strict=True):
        np.testing.assert_array_equal(first, second)


def targets(binary_data, multiclass_data, regression_data):
    (X, y), (X3, y3), (Xr, yr) = binary_data, multiclass_data, regression_data
    return {
        "binary": (classifier, X, y),
        "text": (classifier, X, np.where(y, "yes", "no")),
        "multiclass": (classifier, X3, y3),
        "multilabel": (classifier, X, np.column_stack([y, 1 - y, X[:, 0] > 0])),
        "number": (regressor, Xr, yr),
        "numbers": (regressor, Xr, np.column_stack([yr, -yr])),
    }


@pytest.fixture(params=["binary", "text", "multiclass", "multilabel", "number", "numbers"])
def problem(request, binary_data, multiclass_data, regression_data):
    """An estimator with members, and rows: one of each kind of target."""
    return targets(binary_data, multiclass_data, regression_data)[request.param]


# --- the mean of the members -------------------------------------------------------------------------------------


def test_what_is_predicted_is_the_mean_of_what_the_members_predict(problem):
    make, X, y = problem
    fitted = make(**STOPPING).fit(X, y)
    alone = [predicted(member, X) for member in fitted.members_]
    np.testing.assert_array_equal(predicted(fitted, X), np.mean(alone, axis=0))
    assert not np.array_equal(alone[0], alone[1])


@pytest.mark.few(5)
@ENGINES
def test_the_keras_model_averages_too(problem, engine):
    make, X, y = problem
    fitted = make(engine=engine, epochs=1).fit(X, y)
    outputs = fitted.model_.predict(X.astype("float32"), verbose=0)
    ours = predicted(fitted, X).reshape(len(X), -1)
    ours = ours[:, 1:] if outputs.shape[1] < ours.shape[1] else ours
    np.testing.assert_allclose(outputs, ours, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("target", ["binary_data", "multiclass_data"])
def test_of_logits_the_probabilities_are_averaged(target, request):
    X, y = request.getfixturevalue(target)
    fitted = classifier(output_activation="linear", loss__from_logits=True).fit(X, y)
    alone = [member.predict_proba(X) for member in fitted.members_]
    np.testing.assert_array_equal(fitted.predict_proba(X), np.mean(alone, axis=0))
    logits = fitted.model_.predict(X.astype("float32"), verbose=0)
    probabilities = 1 / (1 + np.exp(-logits)) if logits.shape[1] == 1 else keras.ops.softmax(logits)
    np.testing.assert_allclose(fitted.predict_proba(X)[:, -1], np.asarray(probabilities)[:, -1], rtol=1e-4)


def test_the_keras_model_shares_its_weights_with_the_members_and_evaluates(binary_data):
    X, y = binary_data
    fitted = classifier().fit(X, y)
    _, accuracy = fitted.model_.evaluate(X, y, verbose=0)
    assert accuracy == pytest.approx(fitted.score(X, y), abs=1e-6)
    before = fitted.predict_proba(X)
    fitted.members_[0].model_.set_weights([weights * 2 for weights in fitted.members_[0].model_.get_weights()])
    assert not np.array_equal(fitted.predict_proba(X), before)
    np.testing.assert_allclose(
        fitted.model_.predict(X.astype("float32"), verbose=0)[:, 0], fitted.predict_proba(X)[:, 1], rtol=1e-5
    )


def test_attributes_of_a_fit_are_those_of_all_members(binary_data):
    fitted = classifier(**STOPPING).fit(*binary_data)
    members = fitted.members_
    assert fitted.n_iter_ == max(member.n_iter_ for member in members) == len(fitted.history_["loss"])
    assert fitted.n_steps_ == sum(member.n_steps_ for member in members)
    assert fitted.n_parameters_ == 3 * members[0].n_parameters_
    assert fitted.best_epoch_ == int(np.argmin(fitted.history_["val_loss"]))
    assert fitted.engine_ == members[0].engine_
    assert fitted.classes_.tolist() == members[0].classes_.tolist()
    assert all(type(member) is KerasClassifier and member.n_members == 1 for member in members)


def test_the_history_is_the_mean_over_those_that_train(binary_data):
    fitted = classifier(**STOPPING).fit(*binary_data)
    assert len({member.n_iter_ for member in fitted.members_}) > 1
    for name, values in fitted.history_.items():
        for epoch, value in enumerate(values):
            training = [m.history_[name][epoch] for m in fitted.members_ if epoch < m.n_iter_]
            assert value == pytest.approx(np.mean(training), rel=1e-12)


# --- a member is a fit -------------------------------------------------------------------------------------------


@pytest.mark.few(4)
@ENGINES
def test_one_member_has_the_bits_of_a_fit_that_knows_nothing_of_members(problem, engine):
    """The members' own fits have ``n_members=1``; one of them alone, with that seed, is the same."""
    make, X, y = problem
    fitted = make(engine=engine, epochs=2, dropout=0.2).fit(X, y)
    alone = clone(fitted.members_[1]).fit(X, y)
    assert_same_weights(alone, fitted.members_[1])
    assert alone.history_ == fitted.members_[1].history_


def test_a_fit_of_one_member_has_no_members(binary_data):
    fitted = classifier(n_members=1, **STOPPING).fit(*binary_data)
    assert not {"members_", "oof_prediction_", "oof_score_"} & set(vars(fitted))


def test_member_k_of_eight_is_member_k_of_four(binary_data):
    eight, four = (classifier(n_members=n, dropout=0.1).fit(*binary_data) for n in (8, 4))
    for one, other in zip(four.members_, eight.members_[:4], strict=True):
        assert_same_weights(one, other)


def test_the_same_seed_gives_the_same_bits_and_another_other_ones(problem):
    make, X, y = problem
    first, again, other = (make(**STOPPING, random_state=seed).fit(X, y) for seed in (0, 0, 1))
    assert_same_weights(first, again)
    assert first.history_ == again.history_
    np.testing.assert_array_equal(first.oof_prediction_, again.oof_prediction_)
    assert not np.array_equal(first.oof_prediction_, other.oof_prediction_)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_the_same_bits_in_threads_and_processes(binary_data, backend):
    joblib = pytest.importorskip("joblib")
    X, y = binary_data
    with joblib.parallel_config(backend):
        fits = joblib.Parallel(n_jobs=2)(joblib.delayed(classifier(**STOPPING).fit)(X, y) for _ in range(3))
    expected = classifier(**STOPPING).fit(X, y)
    for fitted in fits:
        assert_same_weights(fitted, expected)


# --- rows held out -----------------------------------------------------------------------------------------------


@pytest.mark.few(4)
@ENGINES
def test_each_row_is_predicted_by_a_member_that_has_not_seen_it(problem, engine):
    """Trained alone on the other folds and stopped on its own, a member is the same."""
    make, X, y = problem
    fitted = make(**{**STOPPING, "epochs": 4}, engine=engine).fit(X, y)
    seen = np.zeros(len(X), int)
    for member in fitted.members_:
        own = np.isclose(predicted(member, X).reshape(len(X), -1), fitted.oof_prediction_.reshape(len(X), -1), 1e-12, 0)
        held_out = own.all(axis=1)
        seen += held_out
        assert held_out.sum() in (len(X) // 3, len(X) // 3 + 1)
        alone = clone(member).fit(X[~held_out], y[~held_out], X_val=X[held_out], y_val=y[held_out])
        assert_same_weights(alone, member)
    assert (seen == 1).all()


def test_a_member_is_a_fit_on_the_rows_of_the_other_folds(regression_data):
    X, y = regression_data
    splits = [(np.arange(50, 200), np.arange(50)), (np.arange(150), np.arange(150, 200))]

    class Splits:
        def split(self, X, y=None, groups=None):
            return iter(splits)

        def get_n_splits(self, X=None, y=None, groups=None):
            return len(splits)

    fitted = regressor(n_members=2, validation_split=Splits(), **STOPPING).fit(X, y)
    for member, (train, held_out) in zip(fitted.members_, splits, strict=True):
        alone = clone(member).set_params(validation_split=None)  # X_val is in its place
        alone.fit(X[train], y[train], X_val=X[held_out], y_val=y[held_out])
        assert_same_weights(alone, member)
        np.testing.assert_array_equal(fitted.oof_prediction_[held_out], member.predict(X[held_out]))
    assert np.isnan(fitted.oof_prediction_[50:150]).all()
    held_out = np.r_[:50, 150:200]
    assert fitted.oof_score_ == r2_score(y[held_out], fitted.oof_prediction_[held_out])


def test_folds_of_a_classifier_are_stratified(multiclass_data):
    X, y = multiclass_data
    fitted = classifier(**STOPPING).fit(X, y)
    for member in fitted.members_:
        held_out = np.isclose(member.predict_proba(X), fitted.oof_prediction_, rtol=1e-12, atol=0).all(axis=1)
        assert np.bincount(y[held_out]).max() - np.bincount(y[held_out]).min() <= 1


@pytest.mark.parametrize("given", [{"early_stopping": True}, {"validation_split": 0.3}], ids=repr)
def test_the_score_of_what_was_held_out_is_that_of_score(binary_data, given):
    X, y = binary_data
    fitted = classifier(**given).fit(X, y)
    assert fitted.oof_prediction_.shape == (len(X), 2)
    np.testing.assert_allclose(fitted.oof_prediction_.sum(axis=1), 1)
    assert fitted.oof_score_ == accuracy_score(y, fitted.classes_[np.argmax(fitted.oof_prediction_, axis=1)])


def test_the_score_of_what_was_held_out_counts_weights(regression_data):
    X, y = regression_data
    weights = np.linspace(0, 2, len(y))  # the first row has none
    fitted = regressor(**STOPPING).fit(X, y, sample_weight=weights)
    assert np.flatnonzero(np.isnan(fitted.oof_prediction_)).tolist() == [0]
    expected = r2_score(y[1:], fitted.oof_prediction_[1:], sample_weight=weights[1:].astype("float32"))
    assert fitted.oof_score_ == pytest.approx(expected, rel=1e-6)


def test_what_was_held_out_several_times_has_the_mean(regression_data):
    X, y = regression_data
    splitter = ShuffleSplit(5, test_size=0.5, random_state=0)
    fitted = regressor(n_members=3, validation_split=splitter).fit(X, y)
    held_out = np.zeros((3, len(X)), bool)
    for number, (_, rows) in zip(range(3), splitter.split(X), strict=False):
        held_out[number, rows] = True
    assert np.array_equal(np.isnan(fitted.oof_prediction_), ~held_out.any(axis=0))
    thrice = np.flatnonzero(held_out.all(axis=0))
    expected = np.mean([member.predict(X[thrice]) for member in fitted.members_], axis=0)
    np.testing.assert_allclose(fitted.oof_prediction_[thrice], expected, rtol=1e-12)


def test_groups_go_to_the_splitter(regression_data):
    X, y = regression_data
    groups = np.arange(len(X)) % 4
    fitted = regressor(n_members=4, validation_split=GroupKFold(4)).fit(X, y, groups=groups)
    for group in range(4):
        rows = groups == group
        assert any(np.array_equal(m.predict(X)[rows], fitted.oof_prediction_[rows]) for m in fitted.members_)


def test_a_splitter_with_too_few_splits_is_refused(regression_data):
    with pytest.raises(
        ValueError, match=r"'validation_split' .* gives 2 split\(s\), but each of n_members=3 needs one"
    ):
        regressor(validation_split=KFold(2)).fit(*regression_data)


def test_more_folds_than_rows_are_refused(binary_data, regression_data):
    for make, (X, y) in ((classifier, binary_data), (regressor, regression_data)):
        with pytest.raises(ValueError, match=r"n_members=9 holds out another fold of the rows, but 8 rows"):
            make(n_members=9, **STOPPING).fit(X[:8], y[:8])


def test_a_class_of_a_single_row_is_always_trained_on(multiclass_data):
    X, y = multiclass_data
    y = np.where(np.arange(len(y)) == 7, 3, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = classifier(**STOPPING).fit(X, y)
    assert [member.n_classes_ for member in fitted.members_] == [4, 4, 4]
    assert np.flatnonzero(np.isnan(fitted.oof_prediction_).any(axis=1)).tolist() == [7]


def test_a_class_that_a_member_has_not_seen_is_a_class_of_it(multiclass_data):
    X, y = multiclass_data
    order = np.argsort(y, kind="stable")
    with pytest.warns(UserWarning, match="leaves no row of class 0 to train on for one of the members"):
        fitted = classifier(validation_split=KFold(3)).fit(X[order], y[order])
    assert fitted.predict_proba(X).shape == (len(X), 3)
    assert [member.classes_.tolist() for member in fitted.members_] == [[0, 1, 2]] * 3


def test_rows_to_watch_are_watched_by_all_and_all_see_all_rows(binary_data):
    X, y = binary_data
    fitted = classifier(**STOPPING).fit(X[:150], y[:150], X_val=X[150:], y_val=y[150:])
    assert not hasattr(fitted, "oof_prediction_")
    alone = clone(fitted.members_[2]).fit(X[:150], y[:150], X_val=X[150:], y_val=y[150:])
    assert_same_weights(alone, fitted.members_[2])


def test_an_honest_estimate_is_like_that_of_cross_validation(binary_data):
    X, y = binary_data
    fitted = classifier(n_members=5, epochs=20, early_stopping=True).fit(X, y)
    by_hand = cross_val_predict(classifier(n_members=1, epochs=20), X, y, cv=5)
    assert fitted.oof_score_ == pytest.approx(accuracy_score(y, by_hand), abs=0.05)


# --- all that a fit can do ---------------------------------------------------------------------------------------


@ENGINES
def test_two_fits_that_go_on_are_one(regression_data, engine):
    X, y = regression_data
    common = {"engine": engine, "batch_size": 100, "n_members": 2}
    halves = regressor(epochs=2, warm_start=True, **common).fit(X, y).fit(X, y)
    whole = regressor(epochs=4, **common).fit(X, y)
    assert_same_weights(halves, whole)
    assert halves.history_ == whole.history_
    assert (halves.n_iter_, halves.n_steps_) == (whole.n_iter_, whole.n_steps_) == (4, 2 * 8)


def test_going_on_with_another_number_of_members_is_refused(regression_data):
    X, y = regression_data
    for before, after in ((1, 3), (3, 1), (3, 4)):
        fitted = regressor(warm_start=True, n_members=before).fit(X, y)
        with pytest.raises(ValueError, match=rf"cannot go on with n_members={after} from {before} trained network"):
            fitted.set_params(n_members=after).fit(X, y)
        assert fitted.set_params(warm_start=False).fit(X, y).n_iter_ == 3


def test_partial_fit_is_an_epoch_of_each(binary_data):
    X, y = binary_data
    fitted = classifier()
    for _ in range(2):
        fitted.partial_fit(X, y, classes=[0, 1])
    assert [member.n_iter_ for member in fitted.members_] == [2, 2, 2]
    whole = classifier(epochs=2).fit(X, y)
    assert_same_weights(fitted, whole)
    assert fitted.history_ == whole.history_


def test_what_was_held_out_is_forgotten_by_an_epoch_on_all_rows(binary_data):
    X, y = binary_data
    fitted = classifier(**STOPPING).fit(X, y).partial_fit(X, y)
    assert not hasattr(fitted, "oof_prediction_")


def test_memory_keeps_each_member(binary_data, tmp_path):
    X, y = binary_data
    four = classifier(n_members=4, memory=tmp_path).fit(X, y)
    stored = list(tmp_path.rglob("output.pkl"))
    assert len(stored) == 4
    again = classifier(n_members=3, memory=tmp_path).fit(X, y)
    assert list(tmp_path.rglob("output.pkl")) == stored
    for one, other in zip(again.members_, four.members_[:3], strict=True):
        assert_same_weights(one, other)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))], ids=["copy", "pickle"]
)
def test_copies_predict_the_same(problem, copied):
    make, X, y = problem
    fitted = make(**STOPPING).fit(X, y)
    other = copied(fitted)
    np.testing.assert_array_equal(predicted(other, X), predicted(fitted, X))
    np.testing.assert_array_equal(predicted(other.members_[1], X), predicted(fitted.members_[1], X))
    assert other._trained.networks[1] is other.members_[1]._trained


@pytest.mark.parametrize("given", [{}, {"output_activation": "linear", "loss__from_logits": True}], ids=repr)
def test_the_keras_model_can_be_saved(binary_data, tmp_path, given):
    X, _ = binary_data
    model = classifier(**given).fit(*binary_data).model_
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_copy_is_made_without_the_keras_model(binary_data):
    X, y = binary_data
    fitted = classifier().fit(X, y)
    assert fitted.model_ is fitted.model_
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict_proba(X), fitted.predict_proba(X))


def test_class_weights_and_sample_weights(binary_data):
    X, y = binary_data
    plain, weighted = (classifier(class_weight=given).fit(X, y) for given in (None, {0: 1, 1: 20}))
    assert weighted.predict(X).mean() > plain.predict(X).mean()
    doubled = classifier(batch_size=-1).fit(X, y, sample_weight=np.full(len(X), 2.0))
    np.testing.assert_allclose(
        doubled.predict_proba(X), classifier(batch_size=-1).fit(X, y).predict_proba(X), rtol=1e-4
    )
    balanced = classifier(class_weight="balanced", **STOPPING).fit(X, y)
    assert balanced.oof_score_ > 0.8


class Stop(keras.callbacks.Callback):
    """Stops after two epochs, and counts its fits in itself."""

    n_epochs = 0

    def on_epoch_end(self, epoch, logs=None):
        self.n_epochs += 1
        self.model.stop_training = self.n_epochs == 2


@ENGINES
def test_each_member_has_callbacks_of_its_own(binary_data, engine):
    X, y = binary_data
    given = Stop()
    fitted = classifier(callbacks=[given], engine=engine).fit(X, y)
    assert [member.n_iter_ for member in fitted.members_] == [2, 2, 2]
    assert given.n_epochs == 0


def test_metrics_of_keras(regression_data):
    fitted = regressor(metrics=["mae"], monitor="val_mae", **STOPPING).fit(*regression_data)
    assert fitted.best_epoch_ == int(np.argmin(fitted.history_["val_mae"]))


def build(meta, units=4):
    inputs = keras.Input((meta["n_features_in_"],))
    hidden = keras.layers.Dense(units, activation="tanh")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))


@pytest.mark.parametrize("how", ["function", "model"])
def test_models_of_ones_own(binary_data, how):
    X, y = binary_data
    model = build if how == "function" else build({"n_features_in_": X.shape[1]})
    fitted = KerasClassifier(model, n_members=2, random_state=0, **{**STOPPING, "epochs": 3}).fit(X, y)
    alone = [member.predict_proba(X) for member in fitted.members_]
    np.testing.assert_array_equal(fitted.predict_proba(X), np.mean(alone, axis=0))
    outputs = fitted.model_.predict(X.astype("float32"), verbose=0)
    np.testing.assert_allclose(outputs[:, 0], fitted.predict_proba(X)[:, 1], rtol=1e-5)


def test_layers_before_the_hidden_ones(binary_data):
    X, y = binary_data
    fitted = classifier(feature_layers=[("Dense", {"units": 3})], n_members=2, epochs=1).fit(X, y)
    np.testing.assert_allclose(
        fitted.model_.predict(X.astype("float32"), verbose=0)[:, 0], fitted.predict_proba(X)[:, 1], rtol=1e-5
    )


def test_streams(binary_data):
    tf = pytest.importorskip("tensorflow")
    X, y = binary_data
    batches = tf.data.Dataset.from_tensor_slices((X.astype("float32"), y)).batch(64)
    fitted = classifier(n_members=2, epochs=1).fit(batches)
    np.testing.assert_array_equal(fitted.predict_proba(batches), fitted.predict_proba(X))


def test_tables_and_their_columns(binary_data):
    pandas = pytest.importorskip("pandas")
    X, y = binary_data
    table = pandas.DataFrame(X, columns=[f"column {number}" for number in range(X.shape[1])])
    fitted = classifier(**STOPPING).fit(table, y)
    assert fitted.members_[0].feature_names_in_.tolist() == table.columns.tolist()
    alone = [member.predict_proba(table) for member in fitted.members_]  # without a warning about names
    np.testing.assert_array_equal(fitted.predict_proba(table), np.mean(alone, axis=0))


def test_sparse_rows(binary_data):
    sparse = pytest.importorskip("scipy.sparse")
    X, y = binary_data
    fitted = classifier(**STOPPING).fit(sparse.csr_array(X), y)
    np.testing.assert_allclose(fitted.predict_proba(X), classifier(**STOPPING).fit(X, y).predict_proba(X), rtol=1e-5)


def test_double_precision(regression_data):
    X, y = regression_data
    fitted = regressor(dtype="float64").fit(X, y)
    np.testing.assert_allclose(np.asarray(fitted.model_(X))[:, 0], fitted.predict(X), rtol=1e-12)


def test_no_random_state_gives_members_that_can_be_made_again(binary_data):
    X, y = binary_data
    fitted = classifier(random_state=None).fit(X, y)
    assert_same_weights(clone(fitted.members_[1]).fit(X, y), fitted.members_[1])


def test_a_search_over_the_number_of_members(binary_data):
    pipeline = make_pipeline(StandardScaler(), classifier())
    search = GridSearchCV(pipeline, {"kerasclassifier__n_members": [1, 3]}, cv=2, scoring="neg_log_loss")
    search.fit(*binary_data)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    one, three = search.cv_results_["mean_test_score"]
    assert one != three


class OnBatches(keras.callbacks.Callback):
    """Acts on batches, so that only ``keras.Model.fit`` can train with it."""

    def on_train_batch_end(self, batch, logs=None):
        pass


@pytest.mark.few(1)
@pytest.mark.parametrize("given", [{"early_stopping": True, "patience": 1}, {}], ids=repr)
def test_in_step_through_keras_model_fit(binary_data, given):
    X, y = binary_data
    common = {"callbacks": OnBatches, "n_members": 2, **given}
    alone, watched = (classifier(**common, verbose=verbose).fit(X, y) for verbose in (0, 2))
    assert "keras.Model.fit" in watched.engine_reason_
    assert_same_weights(watched, alone)
    assert watched.history_ == alone.history_


@pytest.mark.parametrize("verbose", [1, 2])
def test_progress_is_that_of_the_mean(binary_data, verbose, capsys):
    X, y = binary_data
    fitted = classifier(verbose=verbose).fit(X, y)
    shown = capsys.readouterr().out
    assert shown.count("epoch 3/3") == 1
    assert f"loss {fitted.history_['loss'][-1]:.4g}" in shown
    assert_same_weights(fitted, classifier().fit(X, y))


@ENGINES
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_network_that_diverges_is_said_once_and_cannot_predict(regression_data, engine, early_stopping):
    X, y = regression_data
    network = regressor(optimizer="sgd", learning_rate=1e20, epochs=5, engine=engine, early_stopping=early_stopping)
    with pytest.warns(ConvergenceWarning, match="Training diverged") as said:
        fitted = network.fit(X, y)
    assert [issubclass(each.category, ConvergenceWarning) for each in said].count(True) == 1
    assert np.isnan(getattr(fitted, "oof_score_", np.nan))
    with pytest.raises(DivergedError, match="cannot predict: its training diverged"):
        fitted.predict(X)


def test_what_looks_into_one_network_says_where_the_networks_are(binary_data):
    X, y = binary_data
    fitted = classifier().fit(X, y)
    for look in (gradient_norms, dead_units, activation_statistics):
        arguments = (X, y) if look is gradient_norms else (X,)
        with pytest.raises(TypeError, match=r"looks into one network, .* has 3 members. Give one of its members_"):
            look(fitted, *arguments)
    assert dead_units(fitted.members_[0], X) is not None


def test_a_sweep_of_learning_rates_trains_one_network(binary_data):
    X, y = binary_data
    sweep = learning_rate_sweep(classifier(), X, y, [1e-3, 1e-2, 1e-1], epochs=3)
    alone = learning_rate_sweep(classifier(n_members=1), X, y, [1e-3, 1e-2, 1e-1], epochs=3)
    np.testing.assert_array_equal(sweep.losses, alone.losses)


# --- Ctrl-C ------------------------------------------------------------------------------------------------------


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in the second epoch of the second network."""

    n_networks = 0

    def on_train_begin(self, logs=None):
        type(self).n_networks += 1

    def on_epoch_end(self, epoch, logs=None):
        if self.n_networks == 2 and epoch == 1:
            raise KeyboardInterrupt


def test_what_was_trained_before_an_interruption_is_kept(binary_data):
    X, y = binary_data
    Interrupt.n_networks = 0
    fitted = classifier(callbacks=Interrupt, early_stopping=True)
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(X, y)
    assert [member.n_iter_ for member in fitted.members_] == [3, 2]
    alone = [member.predict_proba(X) for member in fitted.members_]
    np.testing.assert_array_equal(fitted.predict_proba(X), np.mean(alone, axis=0))
    assert np.isnan(fitted.oof_prediction_).any()


@pytest.mark.parametrize("verbose", [0, 1], ids=["unwatched", "in step"])
def test_ctrl_c_from_the_keyboard(regression_data, verbose):
    X, y = regression_data
    endless = regressor(epochs=10**6, verbose=verbose)
    clone(endless).set_params(epochs=1).fit(X, y)  # compiles what is to be interrupted
    keyboard = threading.Thread(target=_interrupt_after_processor_seconds, args=(0.5,))
    keyboard.start()
    with pytest.raises(KeyboardInterrupt):
        endless.fit(X, y)
    keyboard.join()
    assert 1 <= len(endless.members_) <= 3
    np.testing.assert_array_equal(endless.predict(X), np.mean([m.predict(X) for m in endless.members_], axis=0))
    assert all(np.isfinite(member.history_["loss"]).all() for member in endless.members_)


def _interrupt_after_processor_seconds(seconds):
    """On a busy machine, half a second may pass before the first epoch."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        time.sleep(0.01)
    _thread.interrupt_main()


# --- who looks on ------------------------------------------------------------------------------------------------


@pytest.fixture
def watched():
    """``watched(estimator)`` has a recorder among its callbacks, which is returned with it."""
    pytest.importorskip("sklearn.callback", reason="set_callbacks came with scikit-learn 1.9")

    def watch(estimator, **given):
        recorder = Recorder(**given)
        return estimator.set_callbacks(recorder), recorder

    return watch


class Recorder:
    """A callback of scikit-learn's that writes down each epoch, and stops or fails where it is asked to."""

    def __init__(self, stop_after=None, error_after=None, error=RuntimeError):
        self.stop_after, self.error_after, self.error = stop_after, error_after, error
        self.losses, self.scores, self.networks = [], [], []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        if context.task_name != "epoch":
            return False
        self.losses.append(estimator.history_["loss"][-1])
        self.scores.append(fitted_estimator.score(X, y))
        self.networks.append(len(fitted_estimator._trained.networks))
        if len(self.losses) == self.error_after:
            raise self.error("the callback has failed")
        return len(self.losses) == self.stop_after


@pytest.mark.few(2)
@pytest.mark.parametrize("given", [{}, STOPPING], ids=["all epochs", "stopping"])
@ENGINES
def test_callbacks_of_scikit_learn_see_the_mean_of_each_epoch_and_change_nothing(binary_data, watched, given, engine):
    X, y = binary_data
    given = {**given, "engine": engine}
    fitted, recorder = watched(classifier(**given))
    fitted.fit(X, y)
    assert recorder.losses == fitted.history_["loss"]
    assert set(recorder.networks) == {3}
    alone = classifier(**given).fit(X, y)
    assert_same_weights(fitted, alone)
    assert fitted.history_ == alone.history_
    if not given.get("early_stopping"):
        assert recorder.scores[-1] == fitted.score(X, y)


def test_scoring_monitor_scores_the_mean_of_the_members(binary_data):
    callback = pytest.importorskip("sklearn.callback", reason="set_callbacks came with scikit-learn 1.9")
    monitor = callback.ScoringMonitor(scoring="roc_auc")
    X, y = binary_data
    fitted = classifier().set_callbacks(monitor).fit(X, y)
    scores = [row["roc_auc"] for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert len(scores) == 3
    assert scores[-1] == roc_auc_score(y, fitted.predict_proba(X)[:, 1])


def test_going_on_they_see_the_epochs_before(binary_data, watched):
    fitted, recorder = watched(classifier(warm_start=True))
    fitted.fit(*binary_data).fit(*binary_data)
    assert recorder.losses == fitted.history_["loss"]
    assert fitted.n_iter_ == 6


def test_a_callback_that_stops_a_fit_stops_all_members(binary_data, watched):
    fitted, recorder = watched(classifier(epochs=9), stop_after=2)
    fitted.fit(*binary_data)
    assert [member.n_iter_ for member in fitted.members_] == [2, 2, 2]
    assert fitted.n_iter_ == len(recorder.losses) == 2


def test_a_stopped_fit_is_not_kept_in_memory(binary_data, watched, tmp_path):
    fitted, _ = watched(classifier(epochs=9, memory=tmp_path), stop_after=2)
    fitted.fit(*binary_data)
    assert not list(tmp_path.rglob("output.pkl"))


def test_an_error_of_a_callback_ends_the_fit(binary_data, watched):
    fitted, _ = watched(classifier(epochs=9), error_after=2)
    with pytest.raises(RuntimeError, match="the callback has failed"):
        fitted.fit(*binary_data)
    assert not hasattr(fitted, "members_")


def test_ctrl_c_leaves_what_was_trained(binary_data, watched):
    fitted, _ = watched(classifier(epochs=9), error_after=2, error=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(*binary_data)
    assert [member.n_iter_ for member in fitted.members_] == [2, 2, 2]
    assert fitted.predict_proba(binary_data[0]).shape == (200, 2)


def test_an_error_of_one_member_ends_the_fit(binary_data, watched):
    fitted, _ = watched(classifier(callbacks=FailInSecondNetwork, epochs=5))
    FailInSecondNetwork.n_networks = 0
    with pytest.raises(RuntimeError, match="the second has failed"):
        fitted.fit(*binary_data)
    assert not hasattr(fitted, "members_")


class FailInSecondNetwork(keras.callbacks.Callback):
    """Fails in the second network that is trained."""

    n_networks = 0

    def on_train_begin(self, logs=None):
        type(self).n_networks += 1
        self.number = self.n_networks

    def on_epoch_end(self, epoch, logs=None):
        if self.number == 2 and epoch == 1:
            raise RuntimeError("the second has failed")


def test_a_pruner_stops_candidates_by_the_mean_of_their_members(binary_data):
    pytest.importorskip("sklearn.callback", reason="set_callbacks came with scikit-learn 1.9")
    from sknn_tune.model_selection import MedianPruner

    network = classifier(epochs=8, validation_split=0.3)
    pruner = MedianPruner(n_startup_fits=2, n_warmup_epochs=2)
    rates = [0.03, 0.02, 1e-7, 1e-8]  # two that learn, two that do not
    search = GridSearchCV(network, {"learning_rate": rates}, cv=2).set_callbacks(pruner).fit(*binary_data)
    assert search.cv_results_["pruned"].tolist() == [False, False, True, True]
    assert set(pruner.pruned_["n_epochs"]) <= {1, 2, 3}
