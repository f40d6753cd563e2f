"""What is recorded, and how a fit is run: metrics, callbacks, going on, seeds, dtype, device, memory, progress."""

import re
from pathlib import Path

import joblib
import keras
import numpy as np
import pytest

from sknn_tune import KerasClassifier, KerasRegressor


def assert_same_weights(one, other):
    for first, second in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


def differ(one, other) -> bool:
    pairs = zip(one.model_.get_weights(), other.model_.get_weights(), strict=True)
    return any(not np.array_equal(first, second) for first, second in pairs)


# --- what is recorded ------------------------------------------------------------------------------


@pytest.mark.parameters("metrics")
def test_a_classifier_records_loss_accuracy_and_rate_and_a_regressor_no_accuracy(
    classifier, regressor, multiclass_data, regression_data
):
    assert set(classifier().fit(*multiclass_data).history_) == {"loss", "accuracy", "learning_rate"}
    assert set(regressor().fit(*regression_data).history_) == {"loss", "learning_rate"}


def _bias(y_true, y_pred):
    return keras.ops.mean(y_pred - y_true, axis=-1)


METRICS = {
    "name": ("mean_absolute_error", "mean_absolute_error"),
    "alias": ("mae", "mae"),
    "object": (keras.metrics.MeanAbsoluteError(name="off_by"), "off_by"),
    "class": (keras.metrics.MeanAbsoluteError, "mean_absolute_error"),
    "function": (_bias, "_bias"),
    "list": (["mae"], "mae"),
}


@pytest.mark.few(4)
@pytest.mark.parameters("metrics")
@pytest.mark.parametrize("kind", METRICS)
def test_metrics_are_recorded_for_training_and_held_out_rows(regressor, regression_data, kind):
    given, name = METRICS[kind]
    X, y = regression_data
    fitted = regressor(metrics=given, epochs=2).fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    assert set(fitted.history_) == {"loss", name, "val_loss", f"val_{name}", "learning_rate"}
    assert {len(values) for values in fitted.history_.values()} == {2}
    errors = fitted.predict(X[100:]) - y[100:]
    expected = np.mean(errors) if given is _bias else np.mean(np.abs(errors))
    assert fitted.history_[f"val_{name}"][-1] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parameters("metrics")
@pytest.mark.parametrize("given", ["accuracy", ["accuracy"], ["accuracy", "AUC"]], ids=repr)
def test_accuracy_is_not_recorded_twice(classifier, binary_data, given):
    history = classifier(metrics=given).fit(*binary_data).history_
    assert sum("acc" in name for name in history) == 1


@pytest.mark.parameters("metrics")
def test_an_accuracy_by_another_name_is_recorded_under_that_name_too(classifier, binary_data):
    history = classifier(metrics=["acc", "Accuracy", "AUC"]).fit(*binary_data).history_
    assert set(history) == {"loss", "accuracy", "acc", "Accuracy", "AUC", "learning_rate"}
    assert history["acc"] == history["Accuracy"] == pytest.approx(history["accuracy"])


@pytest.mark.parameters("metrics")
def test_a_metric_object_of_the_users_is_not_used_itself(regressor, regression_data):
    given = keras.metrics.MeanAbsoluteError()
    one = regressor(metrics=[given], epochs=2).fit(*regression_data).history_
    assert float(given.result()) == 0.0
    assert regressor(metrics=[given], epochs=2).fit(*regression_data).history_ == one


@pytest.mark.parameters("metrics")
def test_metrics_do_not_change_what_is_learned(regressor, regression_data):
    assert_same_weights(regressor().fit(*regression_data), regressor(metrics="mae").fit(*regression_data))


@pytest.mark.parametrize("target", ["binary_data", "multiclass_data"])
def test_recorded_accuracy_is_that_of_predict(classifier, target, request):
    X, y = request.getfixturevalue(target)
    history = classifier().fit(X, y, X_val=X, y_val=y)
    assert history.history_["val_accuracy"][0] == pytest.approx(history.score(X, y), abs=1e-6)


def test_the_keras_model_predicts_the_same(classifier, binary_data):
    X, y = binary_data
    fitted = classifier().fit(X, y)
    probability = fitted.model_.predict(X.astype("float32"), verbose=0)
    np.testing.assert_allclose(fitted.predict_proba(X)[:, 1:], probability, rtol=1e-5)


# --- callbacks -------------------------------------------------------------------------------------


class CountEpochs(keras.callbacks.Callback):
    """Counts the epochs of every fit."""

    epochs = 0

    def on_epoch_end(self, epoch, logs=None):
        type(self).epochs += 1


@pytest.fixture(autouse=True)
def _start_counting_anew():
    CountEpochs.epochs = 0


@pytest.mark.parameters("callbacks")
@pytest.mark.parametrize(
    "given",
    [CountEpochs, CountEpochs(), [CountEpochs], (CountEpochs(),), {"counter": CountEpochs}],
    ids=["class", "object", "list", "tuple", "dict"],
)
def test_callbacks_see_every_epoch(regressor, regression_data, given):
    regressor(callbacks=given, epochs=3).fit(*regression_data)
    assert CountEpochs.epochs == 3


@pytest.mark.parameters("callbacks")
def test_a_class_gets_its_routed_arguments(regressor, regression_data):
    fitted = regressor(
        callbacks=keras.callbacks.EarlyStopping,
        callbacks__monitor="loss",
        callbacks__min_delta=1e9,
        callbacks__patience=2,
        epochs=9,
    ).fit(*regression_data)
    assert fitted.n_iter_ == 3


@pytest.mark.parameters("callbacks")
def test_an_object_is_itself_in_a_fit_and_begins_anew_in_the_next(regressor, regression_data):
    given = keras.callbacks.EarlyStopping(monitor="loss", min_delta=1e9, patience=2)
    estimator = regressor(callbacks=[given], epochs=9)
    assert [estimator.fit(*regression_data).n_iter_ for _ in range(2)] == [3, 3]
    assert given.stopped_epoch == 2
    assert estimator.callbacks[0] is given


@pytest.mark.parameters("callbacks")
def test_an_object_that_has_seen_a_model_elsewhere_can_be_given(regressor, regression_data):
    given = keras.callbacks.LambdaCallback()
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    given.set_model(model)
    regressor(callbacks=given).fit(*regression_data)
    assert given.model is not model


@pytest.mark.parameters("callbacks")
def test_a_callback_may_change_the_training(regressor, regression_data):
    halving = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.1 / 2**epoch)
    fitted = regressor(callbacks=halving, epochs=3).fit(*regression_data)
    np.testing.assert_allclose(fitted.history_["learning_rate"], [0.1, 0.05, 0.025], rtol=1e-5)


# --- several networks ------------------------------------------------------------------------------


@pytest.mark.parameters("n_members")
def test_so_many_networks_are_trained_and_averaged(regressor, regression_data):
    X, y = regression_data
    fitted = regressor(n_members=2).fit(X, y)
    assert fitted.n_parameters_ == 2 * regressor().fit(X, y).n_parameters_
    one, other = fitted.members_
    assert differ(one, other)
    np.testing.assert_array_equal(fitted.predict(X), (one.predict(X) + other.predict(X)) / 2)


@pytest.mark.parameters("n_members")
@pytest.mark.parametrize("given", [0, -1, 2.0, None])
def test_a_number_of_networks_is_a_positive_int(regressor, regression_data, given):
    with pytest.raises(ValueError, match=r"The 'n_members' parameter of KerasRegressor must be an int in the range"):
        regressor(n_members=given).fit(*regression_data)


@pytest.mark.parameters("share_weights")
def test_members_that_share_weights_have_few_of_their_own(regressor, regression_data):
    X, y = regression_data
    one, unshared, shared = (
        regressor(n_members=n, share_weights=share).fit(X, y) for n, share in ((1, False), (3, False), (3, True))
    )
    n_inputs, n_units = one._trained.weights[0].shape
    own = n_inputs + n_units + n_units + n_units + 1  # scales, biases, output layer
    assert shared.n_parameters_ == n_inputs * n_units + 3 * own
    assert one.n_parameters_ < shared.n_parameters_ < unshared.n_parameters_
    assert differ(shared, one)


# --- going on --------------------------------------------------------------------------------------


@pytest.mark.few(2)
@pytest.mark.parameters("warm_start", "random_state")
@pytest.mark.parametrize(
    "given", [{}, {"dropout": 0.3, "input_dropout": 0.1}, {"batch_norm": True, "optimizer": "sgd"}], ids=repr
)
def test_two_fits_of_five_epochs_are_one_of_ten(regressor, regression_data, given):
    common = {"batch_size": 100, **given}
    halves = regressor(epochs=5, warm_start=True, **common).fit(*regression_data).fit(*regression_data)
    whole = regressor(epochs=10, **common).fit(*regression_data)
    assert_same_weights(halves, whole)
    assert halves.history_ == whole.history_
    assert (halves.n_iter_, halves.n_steps_) == (whole.n_iter_, whole.n_steps_) == (10, 20)


@pytest.mark.parameters("warm_start")
def test_without_warm_start_a_fit_begins_anew(regressor, regression_data):
    estimator = regressor()
    first = estimator.fit(*regression_data).history_
    assert estimator.fit(*regression_data).history_ == first


@pytest.mark.parameters("warm_start", "learning_rate")
def test_a_changed_rate_takes_effect_when_going_on(regressor, regression_data):
    fitted = regressor(warm_start=True).fit(*regression_data)
    before = fitted.model_.get_weights()
    fitted.set_params(learning_rate=1e-30).fit(*regression_data)
    for start, end in zip(before, fitted.model_.get_weights(), strict=True):
        np.testing.assert_allclose(start, end, atol=1e-12)
    assert fitted.history_["learning_rate"] == pytest.approx([1e-3, 1e-30])


@pytest.mark.parameters("warm_start", "dropout", "l2")
def test_a_change_that_keeps_the_shapes_keeps_the_weights(regressor, regression_data):
    fitted = regressor(warm_start=True, learning_rate=1e-30).fit(*regression_data)
    before = fitted.model_.get_weights()
    fitted.set_params(dropout=0.2, l2=0.1, activation="tanh").fit(*regression_data)
    assert "hidden_0_dropout" in [layer.name for layer in fitted.model_.layers]
    for start, end in zip(before, fitted.model_.get_weights(), strict=True):
        np.testing.assert_allclose(start, end, atol=1e-12)


@pytest.mark.parameters("warm_start", "hidden_layer_sizes")
def test_a_network_of_another_shape_cannot_go_on(regressor, regression_data):
    fitted = regressor(warm_start=True).fit(*regression_data)
    with pytest.raises(ValueError, match=r"warm_start cannot go on from the present weights: .* of another shape"):
        fitted.set_params(hidden_layer_sizes=(6,)).fit(*regression_data)


@pytest.mark.parameters("warm_start")
def test_the_best_epoch_is_counted_from_the_first_fit(regressor, regression_data):
    estimator = regressor(warm_start=True, epochs=2, early_stopping=True, learning_rate=1e-4)
    fitted = estimator.fit(*regression_data).fit(*regression_data)
    assert fitted.best_epoch_ == 2 + int(np.argmin(fitted.history_["val_loss"][2:]))


def test_partial_fit_is_one_epoch_and_goes_on(classifier, multiclass_data):
    estimator = classifier(epochs=7, batch_size=40)
    for n_calls in (1, 2):
        estimator.partial_fit(*multiclass_data)
        assert (estimator.n_iter_, estimator.n_steps_) == (n_calls, 3 * n_calls)
    assert_same_weights(estimator, classifier(epochs=2, batch_size=40).fit(*multiclass_data))


def test_partial_fit_learns_classes_that_come_later(classifier, multiclass_data):
    X, y = multiclass_data
    estimator = classifier().partial_fit(X[y < 2], y[y < 2], classes=[0, 1, 2])
    assert estimator.predict_proba(X).shape == (120, 3)
    estimator.partial_fit(X[y == 2], y[y == 2])
    assert estimator.n_iter_ == 2


# --- seeds, dtype, device, engine ------------------------------------------------------------------


@pytest.mark.parameters("random_state")
def test_the_seed_decides_everything_that_is_random(regressor, regression_data):
    def fit(random_state):
        given = {"dropout": 0.2, "early_stopping": True, "batch_size": 100}
        return regressor(random_state=random_state, **given).fit(*regression_data)

    one = fit(3)
    assert_same_weights(one, fit(3))
    assert_same_weights(fit(np.random.RandomState(3)), fit(np.random.RandomState(3)))
    assert differ(one, fit(4))
    assert differ(fit(None), fit(None))


@pytest.mark.parameters("random_state")
def test_a_random_state_object_goes_on_drawing(regressor, regression_data):
    estimator = regressor(random_state=np.random.RandomState(0))
    first = estimator.fit(*regression_data).history_
    assert estimator.fit(*regression_data).history_ != first


@pytest.mark.parameters("dtype")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_and_arithmetic_have_the_dtype(classifier, binary_data, dtype):
    given = {"batch_norm": True, "dropout": 0.1, "l2": 0.1, "activity_l1": 0.1, "feature_layers": ["Flatten"]}
    fitted = classifier(dtype=dtype, activation="leaky_relu", **given).fit(*binary_data)
    assert {weight.dtype.name for weight in fitted.model_.get_weights()} == {dtype}
    assert {layer.compute_dtype for layer in fitted.model_.layers} == {dtype}
    assert fitted.predict_proba(binary_data[0]).dtype == np.float64


@pytest.mark.parameters("dtype")
def test_float64_is_exact_to_the_last_digits(regressor, regression_data):
    X, y = regression_data
    rows = np.random.default_rng(0).permutation(len(X))
    for dtype, agrees in (("float64", True), ("float32", False)):
        one, other = (
            regressor(dtype=dtype, optimizer="sgd", epochs=3, shuffle=False).fit(X[order], y[order])
            for order in (slice(None), rows)
        )
        assert np.allclose(one.predict(X), other.predict(X), rtol=1e-10, atol=0) == agrees


@pytest.mark.parameters("device")
@pytest.mark.parametrize("device", [None, "CPU:0", "/CPU:0", "cpu", ["CPU:0"], ("CPU:0",)], ids=repr)
def test_the_device_is_named_after_the_fit(regressor, regression_data, device):
    fitted = regressor(device=device).fit(*regression_data)
    if device is not None:
        assert fitted.device_ == "CPU:0"
    assert re.fullmatch(r"(CPU|GPU):\d+", fitted.device_)


@pytest.mark.parameters("device")
def test_a_device_that_is_not_there_is_refused_by_fit(regressor, regression_data):
    with pytest.raises(ValueError, match="asks for GPU:7, but TensorFlow sees only: CPU:0"):
        regressor(device="GPU:7").fit(*regression_data)


@pytest.mark.parameters("device")
def test_an_estimator_fitted_elsewhere_predicts_here(regressor, regression_data):
    fitted = regressor().fit(*regression_data)
    np.testing.assert_array_equal(
        fitted.set_params(device="GPU:7").predict(regression_data[0]),
        fitted.set_params(device=None).predict(regression_data[0]),
    )


@pytest.mark.parameters("engine")
def test_the_engine_is_named_after_the_fit_with_its_reason(regressor, regression_data):
    asked = regressor().fit(*regression_data)
    assert asked.engine_ == "keras"
    assert asked.engine_reason_ == (
        "engine='keras' was asked for. The updates run in keras.Model.fit because the model is run eagerly."
    )
    automatic = regressor(engine="auto").fit(*regression_data)
    assert automatic.engine_ == "keras"  # it is compiled with run_eagerly, which Keras alone does
    assert automatic.engine_reason_.endswith(".")
    assert automatic.engine_reason_ != asked.engine_reason_


# --- memory ----------------------------------------------------------------------------------------


@pytest.fixture
def remembered(tmp_path, regressor, regression_data):
    """``remembered(dropout=0.5)`` fits with a memory and says whether epochs had to be run for it."""

    def fit(X=regression_data[0], y=regression_data[1], sample_weight=None, **given):
        CountEpochs.epochs = 0
        given = {"memory": tmp_path, "callbacks": CountEpochs, "epochs": 2, **given}
        fitted = regressor(**given).fit(X, y, sample_weight=sample_weight)
        assert CountEpochs.epochs in (0, fitted.n_iter_)
        return fitted, CountEpochs.epochs > 0

    return fit


@pytest.mark.parameters("memory")
def test_an_equal_fit_is_read_back(remembered, regression_data):
    first, ran = remembered()
    assert ran
    second, ran = remembered()
    assert not ran
    assert_same_weights(first, second)
    np.testing.assert_array_equal(first.predict(regression_data[0]), second.predict(regression_data[0]))
    for name in ("history_", "n_iter_", "n_steps_", "best_epoch_", "n_parameters_", "engine_"):
        assert getattr(first, name) == getattr(second, name)


@pytest.mark.few(4)
@pytest.mark.parameters("memory")
@pytest.mark.parametrize(
    "changed",
    [
        {"random_state": 1},
        {"learning_rate": 0.02},
        {"dropout": 0.1},
        {"epochs": 3},
        {"batch_size": 100},
        {"loss": "huber"},
        {"metrics": "mae"},
        {"optimizer__amsgrad": True},
        {"early_stopping": True},
    ],
    ids=repr,
)
def test_a_fit_with_another_parameter_is_run(remembered, changed):
    assert remembered()[1]
    assert remembered(**changed)[1]
    assert not remembered(**changed)[1]


@pytest.mark.parameters("memory")
def test_a_fit_on_other_rows_targets_or_weights_is_run(remembered, regression_data):
    X, y = regression_data
    assert remembered()[1]
    assert remembered(X=X + 1e-3)[1]
    assert remembered(y=y + 1e-3)[1]
    assert remembered(sample_weight=np.linspace(1, 2, 200))[1]
    assert remembered(X=X[:150], y=y[:150])[1]
    assert not remembered()[1]
    assert not remembered(sample_weight=np.linspace(1, 2, 200))[1]


@pytest.mark.parameters("memory", "verbose", "device")
def test_what_only_watches_or_places_a_fit_does_not_run_it_again(remembered, capsys):
    assert remembered()[1]
    assert not remembered(verbose=1)[1]
    assert not remembered(device="CPU:0")[1]


@pytest.mark.parameters("memory")
@pytest.mark.parametrize(
    "make", [str, Path, lambda folder: joblib.Memory(str(folder), verbose=0)], ids=["str", "path", "memory"]
)
def test_memory_may_be_a_folder_or_a_joblib_memory(remembered, tmp_path, make):
    assert remembered()[1]
    assert not remembered(memory=make(tmp_path))[1]


class InterruptOnce(keras.callbacks.Callback):
    """Ctrl-C in the second epoch of the first fit."""

    times = 0

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            type(self).times += 1
            if type(self).times == 1:
                raise KeyboardInterrupt


@pytest.mark.parameters("memory")
def test_an_interrupted_fit_is_not_kept(remembered):
    InterruptOnce.times = 0
    with pytest.raises(KeyboardInterrupt):
        remembered(callbacks=[CountEpochs, InterruptOnce])
    fitted, ran = remembered(callbacks=[CountEpochs, InterruptOnce])
    assert ran
    assert fitted.n_iter_ == 2


@pytest.mark.parameters("memory")
def test_going_on_is_remembered_by_where_it_started(remembered, regression_data):
    for ran in (True, False):
        CountEpochs.epochs = 0
        estimator, _ = remembered(warm_start=True)
        histories = [estimator.fit(*regression_data).history_["loss"] for _ in range(2)]
        assert CountEpochs.epochs == (6 if ran else 0)
        assert [len(losses) for losses in histories] == [4, 6]
        assert len(set(histories[-1])) == 6


@pytest.mark.parameters("memory")
def test_a_fit_that_cannot_be_named_is_run_with_a_warning(remembered):
    given = {"loss": lambda y_true, y_pred: (y_true - y_pred) ** 2}
    with pytest.warns(UserWarning, match="The fit is not kept in 'memory', because a parameter cannot be pickled"):
        assert remembered(**given)[1]


@pytest.mark.parameters("memory")
def test_a_remembered_fit_can_go_on(remembered, regression_data, regressor):
    remembered()
    fitted, ran = remembered()
    assert not ran
    fitted.set_params(warm_start=True, memory=None).fit(*regression_data)
    assert_same_weights(fitted, regressor(epochs=4).fit(*regression_data))


# --- progress --------------------------------------------------------------------------------------


@pytest.mark.parameters("verbose")
def test_silent_by_default(classifier, binary_data, capsys):
    classifier().fit(*binary_data).predict(binary_data[0])
    assert capsys.readouterr().out == ""


@pytest.mark.parameters("verbose")
def test_two_is_a_line_per_epoch(classifier, binary_data, capsys):
    classifier(verbose=2, epochs=3, warm_start=True).fit(*binary_data).fit(*binary_data)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        *(f"epoch {i}/3" for i in (1, 2, 3)),
        *(f"epoch {i}/6" for i in (4, 5, 6)),
    ]
    assert all(re.search(r"accuracy 0\.\d+  loss \d\.\d+  learning_rate 0\.001", line) for line in lines)


@pytest.mark.parameters("verbose")
@pytest.mark.parametrize("verbose", [1, True])
def test_one_is_a_line_that_is_written_over(classifier, binary_data, capsys, verbose):
    classifier(verbose=verbose, epochs=3).fit(*binary_data)
    written = capsys.readouterr().out
    assert written.count("\n") == 1
    assert written.endswith("\n")
    assert [part.split("  ")[0] for part in written.split("\r")[1:]] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]


# --- signatures ------------------------------------------------------------------------------------


def test_both_estimators_have_the_same_parameters_but_those_of_classes():
    classifier, regressor = KerasClassifier().get_params(), KerasRegressor().get_params()
    assert classifier.pop("class_weight") is None
    assert classifier.pop("label_smoothing") == 0.0
    assert classifier == regressor
