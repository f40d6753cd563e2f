"""Members that share weights are one network in one fit, and all that a fit can do goes on working."""

import copy
import pickle
import subprocess
import sys
import textwrap
import warnings

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.model_selection import GridSearchCV, GroupShuffleSplit

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.display import TrainingHistoryDisplay
from sknn_tune.exceptions import ConvergenceWarning, DivergedError
from sknn_tune.inspection import activation_statistics, dead_units, diagnose, gradient_norms, learning_rate_sweep

COMMON = {
    **{"hidden_layer_sizes": (6, 5), "epochs": 3, "learning_rate": 0.02, "random_state": 0},
    **{"n_members": 4, "share_weights": True},
}
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


@pytest.fixture(params=["binary", "text", "multiclass", "multilabel", "number", "numbers"])
def problem(request, binary_data, multiclass_data, regression_data):
    """An estimator, and rows: one of each kind of target."""
    (X, y), (X3, y3), (Xr, yr) = binary_data, multiclass_data, regression_data
    yr = yr / np.std(yr)
    return {
        "binary": (classifier, X, y),
        "text": (classifier, X, np.where(y, "yes", "no")),
        "multiclass": (classifier, X3, y3),
        "multilabel": (classifier, X, np.column_stack([y, 1 - y, X[:, 0] > 0])),
        "number": (regressor, Xr, yr),
        "numbers": (regressor, Xr, np.column_stack([yr, -yr])),
    }[request.param]


# --- one network -------------------------------------------------------------------------------------------------


@pytest.mark.few(3)
def test_engines_agree(problem):
    make, X, y = problem
    ours, by_keras = (make(engine=engine, early_stopping=True).fit(X, y) for engine in ("auto", "keras"))
    assert (ours.engine_, by_keras.engine_) == ("numba", "keras")
    for name, values in ours.history_.items():
        np.testing.assert_allclose(values, by_keras.history_[name], rtol=1e-4, atol=1e-6, err_msg=name)
    for one, other in zip(ours._trained.weights, by_keras._trained.weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(predicted(ours, X), predicted(by_keras, X), rtol=1e-4, atol=1e-5)


@pytest.mark.few(4)
@ENGINES
def test_the_keras_model_says_the_same(problem, engine):
    make, X, y = problem
    fitted = make(engine=engine, epochs=1).fit(X, y)
    outputs = fitted.model_.predict(X.astype("float32"), verbose=0)
    ours = predicted(fitted, X).reshape(len(X), -1)
    ours = ours[:, 1:] if outputs.shape[1] < ours.shape[1] else ours
    np.testing.assert_allclose(outputs, ours, rtol=1e-5, atol=1e-6)
    assert not {"members_", "oof_prediction_", "oof_score_"} & set(vars(fitted))
    assert fitted.n_parameters_ == sum(weights.size for weights in fitted.model_.get_weights())


def test_what_is_predicted_is_the_mean_of_what_the_members_say(binary_data):
    X, y = binary_data
    model = classifier().fit(X, y).model_
    before_heads = keras.Sequential(model.layers[:-1])(X.astype("float32"))
    kernel, bias = model.layers[-1].get_weights()
    sums = np.einsum("bki,kio->bko", before_heads, kernel) + bias
    of_members = 1 / (1 + np.exp(-sums))
    assert of_members.shape == (len(X), 4, 1)
    assert of_members.std(axis=1).max() > 0.01
    np.testing.assert_allclose(model.predict(X, verbose=0), of_members.mean(axis=1), rtol=1e-5)


@pytest.mark.few(5)
@ENGINES
def test_the_loss_that_is_watched_is_that_of_the_mean_prediction(problem, engine):
    make, X, y = problem
    watched = np.arange(len(X)) % 4 == 0
    X_val, y_val = X[watched], y[watched]
    fitted = make(epochs=1, engine=engine).fit(X[~watched], y[~watched], X_val=X_val, y_val=y_val)
    found = predicted(fitted, X_val)
    if make is regressor:
        expected = mean_squared_error(y_val, found)
    elif y.ndim == 2:
        expected = -np.mean(np.where(y_val, np.log(found), np.log(1 - found)))
    else:
        expected = log_loss(y_val, found, labels=fitted.classes_)
    assert fitted.history_["val_loss"][0] == pytest.approx(expected, rel=1e-5)
    targets = fitted._target.encode(y_val, fitted._form, "float32")
    by_keras = fitted.model_.evaluate(X_val.astype("float32"), targets, verbose=0, return_dict=True)
    assert by_keras["loss"] == pytest.approx(expected, rel=1e-5)


@ENGINES
def test_the_loss_of_training_is_the_mean_over_the_members(regression_data, engine):
    """With a rate of nothing: the mean of the members' losses is above the loss of their mean by their spread."""
    X, y = regression_data
    y = y / np.std(y)
    fitted = regressor(epochs=1, optimizer="sgd", learning_rate=1e-12, engine=engine).fit(X, y)
    model = fitted.model_
    before_heads = np.asarray(keras.Sequential(model.layers[:-1])(X.astype("float32")))
    kernel, bias = model.layers[-1].get_weights()
    of_members = (np.einsum("bki,kio->bko", before_heads, kernel) + bias)[..., 0]
    assert fitted.history_["loss"][0] == pytest.approx(np.mean((of_members - y[:, None]) ** 2), rel=1e-4)
    spread = of_members.var(axis=1).mean()
    assert spread > 0.1
    assert fitted.history_["loss"][0] - spread == pytest.approx(mean_squared_error(y, fitted.predict(X)), rel=1e-4)


def test_rows_are_held_out_once_as_for_one_member(multiclass_data):
    X, y = multiclass_data
    shared, one = classifier(**STOPPING), classifier(**STOPPING, n_members=1, share_weights=False)
    seen = []
    for network in (shared, one):
        network.fit(X, y)
        seen.append(network.n_steps_ / network.n_iter_)
    assert seen[0] == seen[1] == -(-int(len(y) * 0.9) // 32)
    splitter = GroupShuffleSplit(1, test_size=0.5, random_state=0)
    halves = classifier(validation_split=splitter).fit(X, y, groups=np.arange(len(y)) % 10)
    assert halves.n_steps_ / halves.n_iter_ == -(-len(y) // 2 // 32)
    assert "val_loss" in halves.history_


# --- the same bits -----------------------------------------------------------------------------------------------


@pytest.mark.few(4)
@ENGINES
def test_the_same_seed_gives_the_same_bits(problem, engine):
    make, X, y = problem
    given = {"engine": engine, "dropout": 0.2, "input_dropout": 0.1, "early_stopping": True}
    first, again, other = (make(**given, random_state=seed).fit(X, y) for seed in (0, 0, 1))
    assert_same_weights(first, again)
    assert first.history_ == again.history_
    assert not np.array_equal(predicted(first, X), predicted(other, X))


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_the_same_bits_in_threads_and_processes(binary_data, backend):
    joblib = pytest.importorskip("joblib")
    X, y = binary_data
    with joblib.parallel_config(backend):
        fits = joblib.Parallel(n_jobs=2)(joblib.delayed(classifier(**STOPPING).fit)(X, y) for _ in range(3))
    expected = classifier(**STOPPING).fit(X, y)
    for fitted in fits:
        assert_same_weights(fitted, expected)


@ENGINES
def test_a_prediction_does_not_depend_on_the_rows_beside_it(multiclass_data, engine):
    X, y = multiclass_data
    fitted = classifier(engine=engine).fit(X, y)
    together = fitted.predict_proba(X)
    np.testing.assert_array_equal(
        np.concatenate([fitted.predict_proba(X[i : i + 1]) for i in range(20)]), together[:20]
    )


# --- all that a fit can do ---------------------------------------------------------------------------------------


@ENGINES
def test_two_fits_that_go_on_are_one(regression_data, engine):
    X, y = regression_data
    common = {"engine": engine, "dropout": 0.2 if engine == "numba" else 0.0}
    halves = regressor(epochs=2, warm_start=True, **common).fit(X, y).fit(X, y)
    whole = regressor(epochs=4, **common).fit(X, y)
    assert_same_weights(halves, whole)
    assert halves.history_ == whole.history_
    assert halves.n_steps_ == whole.n_steps_


def test_a_network_goes_on_with_the_other_engine(binary_data):
    X, y = binary_data
    alone = classifier(engine="keras", warm_start=True).fit(X, y).fit(X, y)
    for first, then in (("auto", "keras"), ("keras", "auto")):
        mixed = classifier(engine=first, warm_start=True).fit(X, y).set_params(engine=then).fit(X, y)
        np.testing.assert_allclose(mixed.history_["loss"], alone.history_["loss"], rtol=1e-4)


def test_partial_fit_is_an_epoch(binary_data):
    X, y = binary_data
    fitted = classifier()
    for _ in range(2):
        fitted.partial_fit(X, y, classes=[0, 1])
    whole = classifier(epochs=2).fit(X, y)
    assert_same_weights(fitted, whole)
    assert fitted.history_ == whole.history_


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"n_members": 5}, "a network of another shape"),
        ({}, {"n_members": 1, "share_weights": False}, "a network of another shape"),
        ({}, {"share_weights": False}, r"n_members=4 from 1 trained network\(s\). Keep n_members=1"),
        (
            {"share_weights": False},
            {"share_weights": True},
            r"n_members=4 that share weights from 4 trained network\(s\). Keep n_members and share_weights as they",
        ),
    ],
)
@ENGINES
def test_going_on_with_other_members_is_refused(regression_data, engine, before, after, said):
    X, y = regression_data
    fitted = regressor(warm_start=True, engine=engine, **before).fit(X, y)
    with pytest.raises(ValueError, match=said):
        fitted.set_params(**after).fit(X, y)


@ENGINES
def test_memory_keeps_the_fit(binary_data, tmp_path, engine):
    X, y = binary_data
    first = classifier(memory=tmp_path, engine=engine).fit(X, y)
    stored = list(tmp_path.rglob("output.pkl"))
    assert len(stored) == 1
    assert_same_weights(classifier(memory=tmp_path, engine=engine).fit(X, y), first)
    assert list(tmp_path.rglob("output.pkl")) == stored
    classifier(memory=tmp_path, engine=engine, n_members=3).fit(X, y)
    assert len(list(tmp_path.rglob("output.pkl"))) == 2


@pytest.mark.few(8)
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))], ids=["copy", "pickle"]
)
@ENGINES
def test_copies_predict_the_same(problem, copied, engine):
    make, X, y = problem
    fitted = make(engine=engine).fit(X, y)
    np.testing.assert_array_equal(predicted(copied(fitted), X), predicted(fitted, X))


@pytest.mark.few(1)
@ENGINES
def test_the_keras_model_can_be_saved_and_loaded_in_another_process(binary_data, tmp_path, engine):
    X, y = binary_data
    model = classifier(engine=engine, l2=0.01, dropout=0.1).fit(X, y).model_
    path, rows = tmp_path / "model.keras", tmp_path / "rows.npy"
    model.save(path)
    np.save(rows, X.astype("float32"))
    loaded = keras.saving.load_model(path)
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
    loaded.fit(X, y, epochs=1, verbose=0)  # each member by its own loss
    code = f"""
        import keras, numpy
        from sknn_tune.engine.models import SharedNetwork

        model = keras.saving.load_model({str(path)!r})
        assert isinstance(model, SharedNetwork)
        numpy.save({str(rows)!r}, model.predict(numpy.load({str(rows)!r}), verbose=0))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)
    np.testing.assert_allclose(np.load(rows), model.predict(X, verbose=0), rtol=1e-6)


def test_weights_of_the_keras_model_count(binary_data):
    X, y = binary_data
    fitted = classifier().fit(X, y)
    fitted.predict_proba(X)
    fitted.model_.set_weights([np.zeros_like(weights) for weights in fitted.model_.get_weights()])
    np.testing.assert_allclose(fitted.predict_proba(X), 0.5)


@pytest.mark.few(1)  # engines are compared with weights in test_parity_of_shared_members.py
@ENGINES
def test_class_weights_and_sample_weights(binary_data, engine):
    X, y = binary_data
    plain, weighted = (classifier(class_weight=given, engine=engine).fit(X, y) for given in (None, {0: 1, 1: 20}))
    assert weighted.predict(X).mean() > plain.predict(X).mean()
    whole = {"batch_size": -1, "engine": engine, "shuffle": False}
    twice = np.r_[np.arange(len(y)), np.arange(0, len(y), 2)]
    doubled = classifier(**whole).fit(X, y, sample_weight=1 + (np.arange(len(y)) % 2 == 0))
    repeated = classifier(**whole).fit(X[twice], y[twice])
    np.testing.assert_allclose(doubled.predict_proba(X), repeated.predict_proba(X), rtol=1e-3)


class Halves(keras.callbacks.Callback):
    """Halves all weights after the second epoch, and stops after the third."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            self.model.set_weights([weights / 2 for weights in self.model.get_weights()])
        self.model.stop_training = epoch == 2


def test_keras_callbacks_steer_in_both_engines(binary_data):
    X, y = binary_data
    ours, by_keras = (classifier(callbacks=[Halves], epochs=9, engine=e).fit(X, y) for e in ("numba", "keras"))
    assert ours.n_iter_ == by_keras.n_iter_ == 3
    np.testing.assert_allclose(ours.predict_proba(X), by_keras.predict_proba(X), rtol=1e-3)


@pytest.mark.parametrize(
    "metrics", [["mae"], [keras.metrics.RootMeanSquaredError(name="rmse")]], ids=["name", "object"]
)
def test_metrics_of_keras_agree(regression_data, metrics):
    X, y = regression_data
    ours, by_keras = (
        regressor(metrics=metrics, early_stopping=True, engine=engine).fit(X, y / np.std(y))
        for engine in ("numba", "keras")
    )
    assert ours.history_.keys() == by_keras.history_.keys()
    for name, values in ours.history_.items():
        np.testing.assert_allclose(values, by_keras.history_[name], rtol=1e-4, err_msg=name)


def test_double_precision(regression_data):
    X, y = regression_data
    y = y / np.std(y)
    ours, by_keras = (regressor(dtype="float64", optimizer="sgd", engine=e).fit(X, y) for e in ("numba", "keras"))
    assert ours._trained.weights[1].dtype == "float64"
    np.testing.assert_allclose(ours.predict(X), by_keras.predict(X), atol=1e-6)
    np.testing.assert_allclose(np.asarray(ours.model_(X))[:, 0], ours.predict(X), rtol=1e-10)


def test_streams_and_sparse_rows(binary_data):
    tf = pytest.importorskip("tensorflow")
    sparse = pytest.importorskip("scipy.sparse")
    X, y = binary_data
    batches = tf.data.Dataset.from_tensor_slices((X.astype("float32"), y)).batch(64)
    fitted = classifier(epochs=1).fit(batches)
    np.testing.assert_array_equal(fitted.predict_proba(batches), fitted.predict_proba(X))
    of_sparse = classifier(**STOPPING).fit(sparse.csr_array(X), y)
    np.testing.assert_allclose(of_sparse.predict_proba(X), classifier(**STOPPING).fit(X, y).predict_proba(X), rtol=1e-5)


@pytest.mark.parametrize("hidden", [(), 4, (5, 4, 3)])
def test_any_depth(binary_data, hidden):
    X, y = binary_data
    fitted = classifier(hidden_layer_sizes=hidden).fit(X, y)
    outputs = fitted.model_.predict(X, verbose=0)[:, 0]
    np.testing.assert_allclose(outputs, fitted.predict_proba(X)[:, 1], rtol=1e-5, atol=1e-6)


@ENGINES
def test_a_network_that_diverges_is_said_and_cannot_predict(regression_data, engine):
    X, y = regression_data
    network = regressor(optimizer="sgd", learning_rate=1e20, epochs=5, engine=engine)
    with pytest.warns(ConvergenceWarning, match="Training diverged"):
        network.fit(X, y)
    with pytest.raises(DivergedError, match="cannot predict: its training diverged"):
        network.predict(X)


def test_a_search_over_the_number_of_members(binary_data):
    search = GridSearchCV(classifier(), {"n_members": [2, 5], "dropout": [0.0, 0.2]}, cv=2, scoring="neg_log_loss")
    search.fit(*binary_data)
    assert len(set(search.cv_results_["mean_test_score"])) == 4


def test_a_pruner_sees_the_epochs_of_the_one_network(binary_data):
    pytest.importorskip("sklearn.callback", reason="set_callbacks came with scikit-learn 1.9")
    from sknn_tune.model_selection import MedianPruner

    network = classifier(epochs=8, validation_split=0.3)
    pruner = MedianPruner(n_startup_fits=2, n_warmup_epochs=2)
    rates = [0.03, 0.02, 1e-7, 1e-8]  # two that learn, two that do not
    search = GridSearchCV(network, {"learning_rate": rates}, cv=2).set_callbacks(pruner).fit(*binary_data)
    assert search.cv_results_["pruned"].tolist() == [False, False, True, True]


def test_scoring_monitor_scores_the_mean_of_the_members(binary_data):
    callback = pytest.importorskip("sklearn.callback", reason="set_callbacks came with scikit-learn 1.9")
    monitor = callback.ScoringMonitor(scoring="accuracy")
    X, y = binary_data
    fitted = classifier().set_callbacks(monitor).fit(X, y)
    scores = [row["accuracy"] for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert scores[-1] == fitted.score(X, y)


def test_the_history_can_be_drawn(binary_data):
    pytest.importorskip("matplotlib")
    assert TrainingHistoryDisplay.from_estimator(classifier(early_stopping=True).fit(*binary_data)).figure_


# --- what is refused ---------------------------------------------------------------------------------------------


def test_a_single_member_shares_with_nobody(binary_data):
    with pytest.raises(
        ValueError, match=r"'share_weights' parameter of KerasClassifier is True, but n_members=1 .* Set"
    ):
        classifier(n_members=1).fit(*binary_data)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"batch_norm": True}, r"'batch_norm' parameters .* together: .* Set batch_norm=False, or share_weights=False"),
        ({"batch_norm": "after"}, "'batch_norm' parameters"),
        ({"feature_layers": ["Flatten"]}, r"'feature_layers' parameters .* Set feature_layers=None, or share_weights"),
        ({"model": keras.Sequential}, r"'model' parameters .* Set model=None, or share_weights=False"),
        ({"loss__from_logits": True, "output_activation": "linear"}, r"'loss' takes logits .* Leave from_logits out"),
        ({"loss": keras.losses.BinaryCrossentropy(from_logits=True)}, "'loss' takes logits"),
    ],
)
def test_what_does_not_go_together_is_refused(binary_data, given, said):
    with pytest.raises(ValueError, match=said):
        classifier(**given).fit(*binary_data)


def test_without_sharing_nothing_of_it_is_refused(binary_data):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        classifier(n_members=2, share_weights=False, batch_norm=True, epochs=1).fit(*binary_data)


def test_what_looks_into_one_network_is_refused(binary_data):
    X, y = binary_data
    fitted = classifier().fit(X, y)
    for look in (dead_units, activation_statistics, gradient_norms):
        arguments = (X, y) if look is gradient_norms else (X,)
        with pytest.raises(
            TypeError, match=r"looks into one network, .* share its layers .* Fit it with share_weights=F"
        ):
            look(fitted, *arguments)
    assert "share weights" in diagnose(fitted, X, y).not_checked["dead_units"]


def test_a_sweep_of_learning_rates_trains_the_members(binary_data):
    X, y = binary_data
    rates = [1e-3, 1e-2, 1e-1]
    sweep = learning_rate_sweep(classifier(), X, y, rates, epochs=3)
    alone = learning_rate_sweep(classifier(n_members=1, share_weights=False), X, y, rates, epochs=3)
    assert np.isfinite(sweep.losses).all()
    assert not np.array_equal(sweep.losses, alone.losses)


def test_clones_and_copies_of_parameters(binary_data):
    assert clone(classifier()).get_params()["share_weights"] is True
    assert KerasClassifier().share_weights is False


# --- several networks, each of members that share ------------------------------------------------------


@pytest.fixture
def in_groups(binary_data):
    X, y = binary_data
    settings = {"hidden_layer_sizes": (8,), "epochs": 4, "early_stopping": True, "random_state": 0}
    return KerasClassifier(**settings, n_members=6, share_weights=3).fit(X, y)


def test_each_group_is_a_member_with_a_fold_of_its_own(in_groups, binary_data):
    X, y = binary_data
    assert [(member.n_members, member.share_weights) for member in in_groups.members_] == [(3, True)] * 2
    mean = np.mean([member.predict_proba(X) for member in in_groups.members_], axis=0)
    np.testing.assert_allclose(in_groups.predict_proba(X), mean)
    assert np.isfinite(in_groups.oof_prediction_).all()
    assert in_groups.oof_prediction_.shape == (len(y), 2)


def test_a_group_is_the_network_of_its_own_fit(in_groups, binary_data):
    """Without rows held out, both see the same rows."""
    X, y = binary_data
    together = clone(in_groups).set_params(early_stopping=False).fit(X, y)
    for member in together.members_:
        np.testing.assert_array_equal(clone(member).fit(X, y).predict_proba(X), member.predict_proba(X))


def test_one_group_is_all_members(binary_data):
    X, y = binary_data
    settings = {"hidden_layer_sizes": (8,), "epochs": 3, "n_members": 4, "random_state": 0}
    all_of_them = KerasClassifier(**settings, share_weights=True).fit(X, y)
    one_group = KerasClassifier(**settings, share_weights=4).fit(X, y)
    assert not hasattr(one_group, "members_")
    np.testing.assert_array_equal(one_group.predict_proba(X), all_of_them.predict_proba(X))


@pytest.mark.filterwarnings("ignore:The 'share_weights' parameter of KerasClassifier has no effect:UserWarning")
def test_fewer_members_than_share_are_one_network_and_one_member_shares_with_nobody(binary_data):
    X, y = binary_data
    settings = {"hidden_layer_sizes": (8,), "epochs": 3, "random_state": 0}
    two = KerasClassifier(**settings, n_members=2, share_weights=4).fit(X, y)
    same = KerasClassifier(**settings, n_members=2, share_weights=True).fit(X, y)
    np.testing.assert_array_equal(two.predict_proba(X), same.predict_proba(X))
    one = KerasClassifier(**settings, n_members=1, share_weights=4).fit(X, y)
    plain = KerasClassifier(**settings).fit(X, y)
    np.testing.assert_array_equal(one.predict_proba(X), plain.predict_proba(X))


def test_groups_go_on(in_groups, binary_data):
    X, y = binary_data
    in_groups.set_params(warm_start=True).fit(X, y)
    assert in_groups.n_iter_ > 4
    by_keras = in_groups.model_.predict(X, verbose=0).ravel()
    np.testing.assert_allclose(by_keras, in_groups.predict_proba(X)[:, 1], atol=1e-6)


def test_members_that_cannot_be_grouped_are_refused(binary_data):
    with pytest.raises(ValueError, match="n_members=8 is no multiple"):
        KerasClassifier(n_members=8, share_weights=3).fit(*binary_data)
    with pytest.raises(ValueError, match="'share_weights' parameter of KerasClassifier must be"):
        KerasClassifier(n_members=8, share_weights=1).fit(*binary_data)
