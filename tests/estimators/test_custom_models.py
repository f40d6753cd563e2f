"""A model of one's own: what the build function gets, what is routed where, and code written for SciKeras."""

import functools
import pickle
import random

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from sknn_tune import KerasClassifier, KerasRegressor

#: Arguments that make a fit quick; the build functions below decide the rest.
QUICK = {"epochs": 1, "batch_size": -1, "random_state": 0, "compile__run_eagerly": True}


def network(n_inputs, n_outputs, activation, units=4):
    return keras.Sequential(
        [
            keras.Input((n_inputs,)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(n_outputs, activation=activation),
        ]
    )


def build_binary(meta, units=4):
    return network(meta["n_features_in_"], 1, "sigmoid", units)


def build_multiclass(meta, units=4):
    return network(meta["n_features_in_"], meta["n_classes_"], "softmax", units)


def build_regression(meta, units=4):
    return network(meta["n_features_in_"], meta["n_outputs_"], "linear", units)


def build_compiled(meta, compile_kwargs):
    model = build_multiclass(meta)
    model.compile(loss="categorical_crossentropy", optimizer=compile_kwargs["optimizer"])
    return model


def units_of(fitted) -> int:
    return fitted.model_.layers[0].units


# --- what the build function gets ------------------------------------------------------------------


def test_meta_says_what_the_data_are(multiclass_data):
    X, y = multiclass_data
    seen = {}

    def build(meta):
        seen.update(meta)
        return build_multiclass(meta)

    KerasClassifier(build, **QUICK).fit(X, np.array(["a", "b", "c"])[y])
    assert (seen["n_features_in_"], seen["X_shape_"], seen["n_classes_"]) == (4, (120, 4), 3)
    assert (seen["n_outputs_"], seen["target_type_"], seen["y_ndim_"]) == (1, "multiclass", 1)
    assert seen["classes_"].tolist() == ["a", "b", "c"]


def test_a_build_function_gets_what_its_signature_names(binary_data):
    seen = {}

    def build(hidden_layer_sizes, meta, compile_kwargs, dropout, *, depth=1):
        seen.update(hidden_layer_sizes=hidden_layer_sizes, dropout=dropout, depth=depth, compile_kwargs=compile_kwargs)
        return build_binary(meta, units=hidden_layer_sizes[0])

    given = {"hidden_layer_sizes": (7,), "dropout": 0.3, "model__depth": 2, "learning_rate": 0.02}
    fitted = KerasClassifier(build, **given, **QUICK).fit(*binary_data)
    assert (seen["hidden_layer_sizes"], seen["dropout"], seen["depth"]) == ((7,), 0.3, 2)
    assert float(seen["compile_kwargs"]["optimizer"].learning_rate) == pytest.approx(0.02)
    assert units_of(fitted) == 7


def test_a_build_function_of_any_arguments_gets_the_routed_ones(binary_data):
    seen = {}

    def build(**arguments):
        seen.update(arguments)
        return network(6, 1, "sigmoid")

    KerasClassifier(build, model__units=9, model__name="mine", **QUICK).fit(*binary_data)
    assert {"units": 9, "name": "mine"}.items() <= seen.items()


class Builder:
    """A callable object."""

    def __init__(self, units):
        self.units = units

    def __call__(self, meta):
        return build_binary(meta, self.units)


@pytest.mark.parametrize(
    "model",
    [Builder(6), functools.partial(build_binary, units=6), Builder(6).__call__],
    ids=["object", "partial", "method"],
)
def test_anything_callable_can_build(binary_data, model):
    fitted = KerasClassifier(model, **QUICK).fit(*binary_data)
    assert units_of(fitted) == 6
    assert clone(fitted).fit(*binary_data).predict(binary_data[0]).shape == (200,)


def test_a_model_without_an_input_shape_is_built_from_the_rows(multiclass_data):
    def build():
        return keras.Sequential([keras.layers.Dense(5), keras.layers.Dense(3, activation="softmax")])

    fitted = KerasClassifier(build, **QUICK).fit(*multiclass_data)
    assert fitted.n_parameters_ == 4 * 5 + 5 + 5 * 3 + 3


class Subclassed(keras.Model):
    """A model by subclassing."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        return self.dense(inputs)


@pytest.mark.parametrize("build", [Subclassed, lambda: Subclassed()], ids=["class", "function"])
def test_a_subclassed_model_can_be_built(binary_data, build):
    X, y = binary_data
    fitted = KerasClassifier(build, loss="binary_crossentropy", **QUICK).fit(X, y)
    assert fitted.predict_proba(X).shape == (200, 2)


def test_a_compiled_model_can_be_cloned_for_each_fold_without_warnings(multiclass_data):
    model = network(4, 3, "softmax")
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    scores = cross_val_score(KerasClassifier(model, **QUICK), *multiclass_data, cv=2, error_score="raise")
    assert scores.shape == (2,)


# --- compiled or not -------------------------------------------------------------------------------


def test_the_loss_of_an_uncompiled_model_follows_its_outputs(binary_data, multiclass_data, regression_data):
    labels = np.eye(3, dtype=int)[multiclass_data[1]]
    labels[0] = 1  # of which a row may have several
    for estimator, rows, loss, model in (
        (KerasClassifier, binary_data, "binary_crossentropy", build_binary),
        (KerasClassifier, binary_data, "sparse_categorical_crossentropy", build_multiclass),
        (KerasClassifier, multiclass_data, "sparse_categorical_crossentropy", build_multiclass),
        (KerasClassifier, (multiclass_data[0], labels), "binary_crossentropy", lambda meta: network(4, 3, "sigmoid")),
        (KerasRegressor, regression_data, "mean_squared_error", build_regression),
    ):
        fitted = estimator(model, **QUICK).fit(*rows)
        assert keras.losses.get(fitted.model_.loss).__name__ == loss
        assert fitted.predict(rows[0]).shape == rows[1].shape
        assert fitted.engine_ == "keras"


def test_our_parameters_compile_a_model_that_is_not(multiclass_data):
    fitted = KerasClassifier(
        build_multiclass, loss="categorical_crossentropy", optimizer="sgd", learning_rate=0.3, momentum=0.1, **QUICK
    ).fit(*multiclass_data)
    optimizer = fitted.model_.optimizer
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert (float(optimizer.learning_rate), optimizer.momentum) == (pytest.approx(0.3), 0.1)
    assert set(fitted.history_) == {"loss", "accuracy", "learning_rate"}


def test_a_compiled_model_keeps_its_loss_and_gets_labels_in_its_form(multiclass_data):
    X, y = multiclass_data
    fitted = KerasClassifier(build_compiled, learning_rate=0.1, epochs=6, batch_size=-1, random_state=0).fit(X, y)
    assert fitted.model_.loss == "categorical_crossentropy"
    assert fitted.history_["loss"][-1] < fitted.history_["loss"][0]
    np.testing.assert_allclose(fitted.predict_proba(X).sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_keras_model_is_copied_for_every_fit(multiclass_data, compiled):
    model = network(4, 3, "softmax")
    if compiled:
        model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    before = [weights.copy() for weights in model.get_weights()]
    estimator = KerasClassifier(model, learning_rate=0.1, **QUICK)
    first = estimator.fit(*multiclass_data).model_
    second = estimator.fit(*multiclass_data).model_
    assert model not in (first, second)
    for start, unchanged, one, other in zip(
        before, model.get_weights(), first.get_weights(), second.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(start, unchanged)
        np.testing.assert_array_equal(one, other)
    assert any(not np.array_equal(start, end) for start, end in zip(before, first.get_weights(), strict=True))


def test_accuracy_is_recorded_beside_metrics_of_the_users(multiclass_data):
    for metrics, names in (
        (None, {"accuracy"}),
        (["accuracy"], {"accuracy"}),
        (["mae", "accuracy"], {"mae", "accuracy"}),
    ):
        fitted = KerasClassifier(build_multiclass, loss="categorical_crossentropy", metrics=metrics, **QUICK).fit(
            *multiclass_data
        )
        assert set(fitted.history_) == {"loss", "learning_rate", *names}


# --- routed names ----------------------------------------------------------------------------------

ROUTED = {
    "model__units": 8,
    "optimizer__beta_1": 0.7,
    "loss__label_smoothing": 0.1,
    "callbacks__patience": 3,
    "compile__run_eagerly": True,
    "fit__validation_batch_size": 7,
    "predict__batch_size": 5,
    "metrics__threshold": 0.4,
}


def test_routed_names_are_parameters_like_any_other():
    estimator = KerasClassifier(build_binary, **ROUTED)
    assert ROUTED.items() <= estimator.get_params().items()
    assert clone(estimator).get_params() == estimator.get_params()
    assert pickle.loads(pickle.dumps(estimator)).get_params() == estimator.get_params()
    assert "model__units=8" in repr(estimator)
    estimator.set_params(model__units=9, optimizer__beta_2=0.8)
    assert (estimator.model__units, estimator.get_params()["optimizer__beta_2"]) == (9, 0.8)
    assert not any(name in KerasClassifier(build_binary).get_params() for name in ROUTED)


def test_every_prefix_leads_somewhere(binary_data):
    X, y = binary_data
    fitted = KerasClassifier(
        build_binary,
        loss="binary_crossentropy",
        metrics=keras.metrics.BinaryAccuracy,
        callbacks=keras.callbacks.EarlyStopping,
        callbacks__monitor="loss",
        callbacks__min_delta=1e9,
        epochs=9,
        batch_size=-1,
        random_state=0,
        **{**ROUTED, "callbacks__patience": 2, "metrics__name": "at_40_percent"},
    ).fit(X, y)
    assert units_of(fitted) == 8
    assert fitted.model_.optimizer.beta_1 == 0.7
    assert fitted.model_.loss.get_config()["label_smoothing"] == 0.1
    assert fitted.n_iter_ == 3
    assert fitted.model_.run_eagerly
    assert "at_40_percent" in fitted.history_
    assert fitted.predict_proba(X).shape == (200, 2)


def test_fit_and_compile_prefixes_reach_our_own_parameters(binary_data):
    fitted = KerasClassifier(build_binary, fit__epochs=2, fit__batch_size=100, compile__run_eagerly=True).fit(
        *binary_data
    )
    assert (fitted.n_iter_, fitted.n_steps_) == (2, 4)


def test_validation_batches_and_prediction_batches_have_their_sizes(binary_data):
    X, y = binary_data
    seen = []

    class Witness(keras.layers.Layer):
        def call(self, inputs, training=False):
            if hasattr(inputs, "numpy") and not training:  # not while Keras only asks for shapes
                seen.append(len(inputs))
            return inputs

    def build():
        return keras.Sequential([keras.Input((6,)), Witness(), keras.layers.Dense(1, activation="sigmoid")])

    fitted = KerasClassifier(build, fit__validation_batch_size=30, predict__batch_size=80, **QUICK)
    fitted.fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    assert max(seen) == 30
    seen.clear()
    fitted.predict(X)
    assert max(seen) == 80


def test_routed_names_can_be_searched(binary_data):
    search = GridSearchCV(
        KerasClassifier(build_binary, **QUICK), {"model__units": [2, 3], "optimizer__beta_1": [0.5, 0.9]}, cv=2
    ).fit(*binary_data)
    assert set(search.cv_results_) >= {"param_model__units", "param_optimizer__beta_1"}
    assert units_of(search.best_estimator_) == search.best_params_["model__units"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hiden_layer_sizes", "Did you mean 'hidden_layer_sizes'"),
        ("modle__units", "Routed names begin with one of: model__, optimizer__, loss__, metrics__, callbacks__"),
        ("model__", "Routed names begin with"),
    ],
)
def test_an_unknown_name_is_refused_with_a_hint(name, hint):
    with pytest.raises(TypeError, match=rf"got an unexpected keyword argument '{name}'.*{hint}"):
        KerasClassifier(build_binary, **{name: 1})
    with pytest.raises(ValueError, match=rf"Invalid parameter '{name}' for estimator KerasClassifier"):
        KerasClassifier(build_binary).set_params(**{name: 1})


# --- code written for SciKeras ---------------------------------------------------------------------


def test_scikeras_a_function_with_arguments_of_its_own(binary_data):
    def get_model(hidden_layer_dim, meta):
        model = keras.models.Sequential()
        model.add(keras.layers.Input(shape=(meta["n_features_in_"],)))
        model.add(keras.layers.Dense(meta["X_shape_"][1], activation="relu"))
        model.add(keras.layers.Dense(hidden_layer_dim, activation="relu"))
        model.add(keras.layers.Dense(meta["n_classes_"], activation="softmax"))
        return model

    clf = KerasClassifier(get_model, loss="sparse_categorical_crossentropy", hidden_layer_dim=10, **QUICK)
    assert clf.get_params()["hidden_layer_dim"] == 10
    assert clone(clf).fit(*binary_data).model_.layers[1].units == 10
    assert clf.set_params(hidden_layer_dim=3).fit(*binary_data).model_.layers[1].units == 3
    search = GridSearchCV(clf, {"hidden_layer_dim": [2, 3], "loss": ["sparse_categorical_crossentropy"]}, cv=2)
    assert search.fit(*binary_data).best_params_["hidden_layer_dim"] in (2, 3)


def test_scikeras_a_model_compiled_with_compile_kwargs(regression_data):
    def get_reg(meta, hidden_layer_sizes, dropout, compile_kwargs):
        n_features_in_ = meta["n_features_in_"]
        model = keras.models.Sequential()
        model.add(keras.layers.Input(shape=(n_features_in_,)))
        for hidden_layer_size in hidden_layer_sizes:
            model.add(keras.layers.Dense(hidden_layer_size, activation="relu"))
            model.add(keras.layers.Dropout(dropout))
        model.add(keras.layers.Dense(1))
        model.compile(loss="mae", optimizer=compile_kwargs["optimizer"])
        return model

    reg = KerasRegressor(
        model=get_reg,
        optimizer="adam",
        optimizer__learning_rate=0.02,
        model__hidden_layer_sizes=(6, 5),
        model__dropout=0.1,
        epochs=1,
        random_state=0,
        verbose=False,
    ).fit(*regression_data)
    assert [layer.units for layer in reg.model_.layers[::2]] == [6, 5, 1]
    assert float(reg.model_.optimizer.learning_rate) == pytest.approx(0.02)
    assert reg.model_.loss == "mae"


def test_scikeras_classes_with_routed_arguments(binary_data):
    clf = KerasClassifier(
        model=build_binary,
        loss=keras.losses.BinaryCrossentropy,
        loss__from_logits=False,
        optimizer=keras.optimizers.SGD,
        optimizer__momentum=0.2,
        metrics=[keras.metrics.AUC],
        metrics__num_thresholds=50,
        callbacks={"stop": keras.callbacks.EarlyStopping},
        callbacks__stop__monitor="loss",
        callbacks__stop__patience=0,
        callbacks__stop__min_delta=1e9,
        fit__batch_size=100,
        fit__epochs=5,
    ).fit(*binary_data)
    assert clf.model_.optimizer.momentum == 0.2
    assert clf.n_iter_ == 2
    assert any(name.startswith("auc") for name in clf.history_)


def test_scikeras_several_metrics_and_callbacks_by_number(binary_data):
    clf = KerasClassifier(
        model=build_binary,
        loss="binary_crossentropy",
        metrics=[keras.metrics.AUC, keras.metrics.Precision],
        metrics__0__num_thresholds=50,
        metrics__1__thresholds=0.3,
        **QUICK,
    ).fit(*binary_data)
    assert {name.rstrip("_0123456789") for name in clf.history_} >= {"auc", "precision"}


def test_scikeras_a_schedule_as_the_learning_rate(binary_data):
    clf = KerasClassifier(
        build_binary,
        optimizer="adam",
        optimizer__learning_rate=keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5),
        **{**QUICK, "epochs": 3},
    ).fit(*binary_data)
    np.testing.assert_allclose(clf.history_["learning_rate"], [0.1, 0.05, 0.025], rtol=1e-5)


# --- seeds -----------------------------------------------------------------------------------------


def build_unseeded(meta):
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            keras.layers.GaussianNoise(0.5),
            keras.layers.Dense(4),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def test_layers_without_a_seed_are_reproducible_and_no_global_state_is_touched(binary_data):
    random.seed(5)
    python, numpy = random.getstate(), np.random.get_state()[1].copy()
    X, y = binary_data

    def weights(random_state):
        return KerasClassifier(build_unseeded, **{**QUICK, "random_state": random_state}).fit(X, y).model_.get_weights()

    first, same, other = weights(1), weights(1), weights(2)
    assert random.getstate() == python
    np.testing.assert_array_equal(np.random.get_state()[1], numpy)
    assert all(np.array_equal(one, two) for one, two in zip(first, same, strict=True))
    assert not all(np.array_equal(one, two) for one, two in zip(first, other, strict=True))


# --- going on, and keeping -------------------------------------------------------------------------


def squared_hinge_of_mine(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(keras.ops.maximum(1.0 - y_true * y_pred, 0.0)), axis=-1)


def test_a_model_with_a_loss_of_the_users_own_can_be_pickled_and_goes_on(regression_data):
    X, y = regression_data
    estimator = KerasRegressor(build_regression, loss=squared_hinge_of_mine, warm_start=True, **QUICK).fit(X, y)
    copied = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(copied.predict(X), estimator.predict(X))
    estimator.fit(X, y)
    copied.fit(X, y)
    np.testing.assert_array_equal(copied.predict(X), estimator.predict(X))
    assert copied.n_iter_ == 2


def test_two_fits_with_warm_start_are_one_long_one(binary_data):
    common = {**QUICK, "batch_size": 100}
    halves = KerasClassifier(build_unseeded, warm_start=True, **{**common, "epochs": 2})
    halves.fit(*binary_data).fit(*binary_data)
    whole = KerasClassifier(build_unseeded, **{**common, "epochs": 4}).fit(*binary_data)
    for one, other in zip(halves.model_.get_weights(), whole.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


# --- refused ---------------------------------------------------------------------------------------


class WithoutConfiguration(keras.Model):
    """Which Keras cannot make again: its maker takes nothing of what ``get_config`` tells."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3, activation="softmax")

    def call(self, inputs):
        return self.dense(inputs)


def test_models_that_cannot_be_trained_are_refused(multiclass_data, binary_data):
    def two_outputs(meta):
        inputs = keras.Input((4,))
        return keras.Model(inputs, [keras.layers.Dense(3)(inputs), keras.layers.Dense(2)(inputs)])

    cases = (
        (
            KerasClassifier(lambda: "model", **QUICK),
            TypeError,
            "must return a keras.Model, but it returned str: 'model'",
        ),
        (
            KerasClassifier(keras.layers.Dense(3), **QUICK),
            TypeError,
            "The 'model' parameter is a layer, an object of Dense. Put it into feature_layers, or give a keras.Model",
        ),
        (
            KerasClassifier(WithoutConfiguration(), **QUICK),
            TypeError,
            "'model', an object of WithoutConfiguration, cannot be copied .* Give the class, or a function that makes",
        ),
        (KerasClassifier(two_outputs, loss="mse", **QUICK), ValueError, "has 2 outputs, but y holds one class"),
        (
            KerasClassifier(lambda: network(4, 2, "softmax"), **QUICK),
            ValueError,
            r"has 2 output units, but y has 3 classes\. Give the output layer 3 units with softmax\.",
        ),
        (
            KerasClassifier(network(4, 3, "softmax"), model__units=3, **QUICK),
            ValueError,
            "'model__units' was given, but",
        ),
        (KerasClassifier(model__units=3, **QUICK), ValueError, "'model' parameter is None: there is nothing to route"),
        (
            KerasClassifier(build_multiclass, feature_layers=["Flatten"], **QUICK),
            ValueError,
            "'feature_layers' and 'model' parameters cannot be used together",
        ),
        (KerasClassifier(build_multiclass, fit__workers=3, **QUICK), ValueError, "'fit__workers' cannot be routed to"),
    )
    for estimator, error, message in cases:
        with pytest.raises(error, match=message):
            estimator.fit(*multiclass_data)


def test_the_class_of_a_model_without_configuration_is_taken(multiclass_data):
    assert KerasClassifier(WithoutConfiguration, **QUICK).fit(*multiclass_data).n_classes_ == 3


def with_output(shape, activation=None):
    """A model whose output for one row has this shape."""
    layers = [keras.layers.Dense(int(np.prod(shape)), activation=activation), keras.layers.Reshape(shape)]
    return keras.Sequential([keras.Input((4,)), *layers])


ROWS = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")
NUMBERS, CLASSES, LABELS = ROWS[:, :2], np.arange(30) % 3, (ROWS[:, :3] > 0).astype(int)


@pytest.mark.parametrize(
    ("estimator", "shape", "y", "message"),
    [
        (
            KerasRegressor,
            (3,),
            NUMBERS[:, 0],
            r"has 3 output units, but y has 1 column\. Give the output layer 1 unit, or",
        ),
        (KerasRegressor, (1,), NUMBERS, r"has 1 output unit, but y has 2 columns\. Give the output layer 2 units, or"),
        (KerasRegressor, (5, 1), NUMBERS[:, 0], r"an output of shape \(5, 1\) for each row, but y has 1 column\."),
        (KerasRegressor, (1, 2), NUMBERS, r"an output of shape \(1, 2\) for each row, but y has 2 columns\."),
        (KerasClassifier, (1,), CLASSES, r"has 1 output unit, but y has 3 classes\. Give .* 3 units with softmax\."),
        (KerasClassifier, (1,), np.eye(3)[CLASSES], r"has 1 output unit, but y has 3 classes\."),
        (KerasClassifier, (3,), CLASSES % 2, r"but y has 2 classes\. .* 2 units with softmax or one with sigmoid\."),
        (KerasClassifier, (1, 3), CLASSES, r"an output of shape \(1, 3\) for each row, but y has 3 classes\."),
        (
            KerasClassifier,
            (2,),
            LABELS,
            r"has 2 output units, but y has 3 columns of labels\. .* 3 units with sigmoid\.",
        ),
        (KerasClassifier, (1,), LABELS, r"has 1 output unit, but y has 3 columns of labels\."),
    ],
)
def test_an_output_that_has_not_what_y_has_is_refused(estimator, shape, y, message):
    loss = "categorical_crossentropy" if y.shape == (30, 3) and y.dtype == float else "auto"
    for arguments in ({}, {"n_members": 2}):
        with pytest.raises(ValueError, match=message):
            estimator(lambda: with_output(shape, "sigmoid"), loss=loss, **arguments, **QUICK).fit(ROWS, y)


@pytest.mark.parametrize(
    ("estimator", "shape", "y"),
    [
        (KerasRegressor, (), NUMBERS[:, 0]),
        (KerasRegressor, (1, 1), NUMBERS[:, 0]),
        (KerasRegressor, (2, 1), NUMBERS),
        (KerasClassifier, (1, 1), CLASSES % 2),
        (KerasClassifier, (3,), LABELS),
    ],
)
def test_an_output_that_keras_reads_as_y_is_taken(estimator, shape, y):
    fitted = estimator(lambda: with_output(shape, "sigmoid"), **QUICK).fit(ROWS, y)
    assert fitted.predict(ROWS).shape == y.shape


def test_scikeras_spellings_of_the_constructor_are_understood(binary_data):
    """A call written for scikeras.wrappers, with everything that its constructor takes by another name."""
    X, y = binary_data

    def build(meta, hidden_layer_sizes):
        layers = [keras.layers.Dense(units, activation="relu") for units in hidden_layer_sizes]
        return keras.Sequential(
            [keras.Input((meta["n_features_in_"],)), *layers, keras.layers.Dense(1, activation="sigmoid")]
        )

    network = clone(
        KerasClassifier(
            build,
            loss=None,
            batch_size=None,
            run_eagerly=True,
            validation_batch_size=10,
            hidden_layer_sizes=(3,),
            epochs=1,
        )
    )
    network.fit(X, y)
    assert network.model_.run_eagerly
    assert network.n_steps_ == -(-len(X) // 32)
    assert network._trained.training.fit_arguments == (("validation_batch_size", 10),)


def test_scikeras_spellings_without_a_model_are_refused():
    with pytest.raises(TypeError, match="run_eagerly"):
        KerasClassifier(run_eagerly=True)


# --- outputs and the loss ----------------------------------------------------------------------------


def build_linear(meta):
    return network(meta["n_features_in_"], meta["n_classes_"], "linear")


def test_a_linear_output_beside_a_crossentropy_is_said(multiclass_data):
    """It was trained by clipped numbers, and predicted each class with certainty."""
    with pytest.warns(UserWarning, match=r"ends in a linear layer, 'dense\w*', .* its loss 'sparse_categorical"):
        KerasClassifier(build_linear, **QUICK).fit(*multiclass_data)


@pytest.mark.parametrize("given", [{"loss__from_logits": True}, {"loss": "mse"}], ids=["logits", "mse"])
def test_a_linear_output_is_right_for_logits_and_other_losses(given, multiclass_data):
    given = {"loss": "sparse_categorical_crossentropy", **given}
    X, y = multiclass_data
    probabilities = KerasClassifier(build_linear, **QUICK, **given).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
