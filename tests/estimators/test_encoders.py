"""What code written for SciKeras brings along: several inputs and outputs, encoders, a method that makes the model."""

import keras
import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import FunctionTransformer

from sknn_tune import KerasClassifier, KerasRegressor

QUICK = {"epochs": 2, "batch_size": -1, "random_state": 0}


def heads(n_inputs, widths, activation=None, by_name=False):
    inputs = keras.Input((n_inputs,))
    outputs = {
        f"head_{i}": keras.layers.Dense(width, activation=activation, name=f"head_{i}")(inputs)
        for i, width in enumerate(widths)
    }
    return keras.Model(inputs, outputs if by_name else list(outputs.values()))


@pytest.mark.filterwarnings("error::UserWarning")
def test_one_input_and_one_output_in_lists(binary_data):
    def build(meta):
        inputs = keras.Input((meta["n_features_in_"],))
        return keras.Model(inputs=[inputs], outputs=[keras.layers.Dense(1, activation="sigmoid")(inputs)])

    X, y = binary_data
    listed = KerasClassifier(build, **QUICK).fit(X, y)
    assert listed.predict_proba(X[:1]).shape == (1, 2) and "accuracy" in listed.history_


@pytest.mark.few(2)
@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_columns_of_numbers_are_shared_out_over_outputs(by_name, early_stopping, regression_data):
    X, _ = regression_data
    y = X @ np.arange(18.0).reshape(6, 3) / 10
    losses = {"head_0": "mse", "head_1": "mae"} if by_name else ["mse", "mae"]
    regressor = KerasRegressor(
        lambda: heads(6, (1, 2), by_name=by_name),
        loss=losses,
        early_stopping=early_stopping,
        learning_rate=0.1,
        **{**QUICK, "epochs": 150},
    )
    regressor.fit(X, y, sample_weight=np.ones(len(y)))
    assert regressor.predict(X).shape == y.shape
    assert regressor.score(X, y) > 0.8
    assert regressor.predict(X[:1]).shape == (1, 3)
    assert {"head_0_loss", "head_1_loss"} <= set(regressor.history_)


@pytest.mark.few(2)
@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("compiled", [False, True])
def test_labels_are_shared_out_over_outputs(by_name, compiled, multiclass_data):
    X, _ = multiclass_data
    y = (X[:, :3] > 0).astype(int)

    def build(compile_kwargs):
        model = heads(4, (2, 1), "sigmoid", by_name)
        if compiled:
            model.compile(**compile_kwargs)
        return model

    classifier = KerasClassifier(build, loss="binary_crossentropy", **QUICK).fit(X, y)
    assert classifier.predict_proba(X).shape == y.shape
    assert classifier.predict(X).dtype == np.int64


def test_metrics_by_output(regression_data):
    X, _ = regression_data
    for metrics in ({"head_0": ["mae"]}, [["mae"], ["mse"]], {"head_1": keras.metrics.MeanAbsoluteError(name="mine")}):
        regressor = KerasRegressor(lambda: heads(6, (1, 1)), loss="mse", metrics=metrics, **QUICK)
        assert any(key.startswith("head_") and "loss" not in key for key in regressor.fit(X, X[:, :2]).history_)


def test_losses_that_fit_no_network_are_refused(regression_data, binary_data):
    X, y = regression_data
    cases = (
        (KerasRegressor(loss=["mse"]), y, "is a list of 1 losses, one for each output of a 'model' of your own"),
        (KerasRegressor(lambda: heads(6, (1, 1)), loss=[None, None]), X[:, :2], "provide a loss for an output"),
        (
            KerasRegressor(lambda: heads(6, (1, 1)), loss="mse"),
            y,
            r"2 outputs with \[1, 1\] units, 2 together, but y has 1",
        ),
        (
            KerasClassifier(lambda: heads(6, (1, 1))),
            binary_data[1],
            "has 2 outputs, but y holds one class for each row",
        ),
    )
    for estimator, target, message in cases:
        with pytest.raises(ValueError, match=message):
            estimator.fit(X, target)


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (
            {"head_0": "mse"},
            "has losses for the outputs 'head_0', but .* has 2 outputs, 'head_0', 'head_1'. Give a loss",
        ),
        ({"head_0": "mse", "z": "mae"}, "for the outputs 'head_0', 'z', but .* has 2 outputs, 'head_0', 'head_1'"),
        (["mse"], "has 1 loss, but .* has 2 outputs, 'head_0', 'head_1'. Give one for each, in this order"),
        (["mse"] * 3, "has 3 losses, but .* has 2 outputs"),
        (["mse", "msee"], r"must be 'auto', .* \(did you mean 'mse'"),
    ],
)
def test_losses_for_other_outputs_are_refused(by_name, loss, message, regression_data):
    X, _ = regression_data
    with pytest.raises(ValueError, match="The 'loss' parameter " + ".*" + message):
        KerasRegressor(lambda: heads(6, (1, 1), by_name=by_name), loss=loss, **QUICK).fit(X, X[:, :2])


@pytest.mark.parametrize("loss", [{"z": "mse"}, {"head_0": "mse", "z": "mse"}, ["mse", "mae"]])
def test_losses_by_output_for_one_output_are_refused(loss, regression_data):
    X, y = regression_data
    with pytest.raises(
        ValueError, match=r"The 'loss' parameter has .*, but .* has 1 output, 'head_0'\. Give (one|the)"
    ):
        KerasRegressor(lambda: heads(6, (1,)), loss=loss, **QUICK).fit(X, y)
    with pytest.raises(ValueError, match=r"has 1 output\. Give (one|the loss itself)\."):
        KerasRegressor(keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)]), loss=loss, **QUICK).fit(X, y)
    KerasRegressor(lambda: heads(6, (1,)), loss={"head_0": "mse"}, **QUICK).fit(X, y)


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("metrics", "arguments", "keys"),
    [
        ({"head_0": "mae", "head_1": ["mse"]}, {}, {"head_0_mae", "head_1_mse"}),
        (["mae", "mae"], {}, {"head_0_mae", "head_1_mae"}),
        ([["mae"], None], {}, {"head_0_mae"}),
        ({"head_1": keras.metrics.MeanSquaredError}, {}, {"head_1_mean_squared_error"}),
        (
            {"head_0": "MeanAbsoluteError", "head_1": keras.metrics.MeanSquaredError},
            {"metrics__head_1__name": "mine"},
            {"head_0_mean_absolute_error", "head_1_mine"},
        ),
    ],
    ids=["dict", "list", "lists", "class", "arguments"],
)
def test_metrics_by_output_have_the_names_that_they_are_given_by(metrics, arguments, keys, regression_data):
    X, _ = regression_data
    for _ in range(2):  # Keras counts what it makes
        fitted = KerasRegressor(lambda: heads(6, (1, 1)), loss="mse", metrics=metrics, **arguments, **QUICK)
        recorded = set(fitted.fit(X, X[:, :2]).history_)
        assert recorded == {"loss", "learning_rate", "head_0_loss", "head_1_loss", *keys}


def test_early_stopping_watches_a_metric_of_an_output(regression_data):
    X, _ = regression_data
    stopping = {"early_stopping": True, "monitor": "val_head_1_mae", "patience": 1}
    metrics = {"head_1": "mae"}
    fitted = KerasRegressor(lambda: heads(6, (1, 1)), loss="mse", metrics=metrics, **stopping, **QUICK).fit(X, X[:, :2])
    assert fitted.best_epoch_ == np.argmin(fitted.history_["val_head_1_mae"])


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (["mae"], "The 'metrics' parameter has 1 metric, but .* has 2 outputs, 'head_0', 'head_1'. Give one for each"),
        ("mae", "has 1 metric for all, but .* has 2 outputs.*Give a list with an entry for each, or a dict"),
        ({"z": "mae"}, "has metrics for the outputs 'z', but .* has 2 outputs, 'head_0', 'head_1'"),
    ],
    ids=["list", "one", "dict"],
)
def test_metrics_for_other_outputs_are_refused(metrics, message, regression_data):
    X, _ = regression_data
    with pytest.raises(ValueError, match=message):
        KerasRegressor(lambda: heads(6, (1, 1)), loss="mse", metrics=metrics, **QUICK).fit(X, X[:, :2])


class Columns(BaseEstimator, TransformerMixin):
    """Each column of y is the class of an output."""

    def fit(self, y):
        self.n_ = [int(column.max()) + 1 for column in y.T]
        return self

    def transform(self, y):
        return [column.reshape(-1, 1).astype("float32") for column in y.T]

    def inverse_transform(self, outputs, return_proba=False):
        return outputs if return_proba else np.column_stack([output.argmax(axis=1) for output in outputs])

    def get_metadata(self):
        return {"n_classes_": self.n_, "n_outputs_expected_": len(self.n_)}


class OfColumns(KerasClassifier):
    @property
    def target_encoder(self):
        return Columns()

    @property
    def feature_encoder(self):
        return FunctionTransformer(_in_two)

    def _keras_build_fn(self, meta, units=5):
        left, right = keras.Input((1,)), keras.Input((3,))
        hidden = keras.layers.Dense(units, activation="relu")(keras.layers.Concatenate()([left, right]))
        return keras.Model(
            [left, right], [keras.layers.Dense(n, activation="softmax")(hidden) for n in meta["n_classes_"]]
        )


def _in_two(X):
    return [X[:, :1], X[:, 1:]]


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_encoders_of_a_subclass(run_eagerly, multiclass_data):
    X, y = multiclass_data
    y = np.column_stack([y, y == 1])
    arguments = {"compile__run_eagerly": True} if run_eagerly else {}
    estimator = OfColumns(
        loss="sparse_categorical_crossentropy",
        units=7,
        learning_rate=0.1,
        validation_split=0.2,
        **arguments,
        **{**QUICK, "epochs": 60},
    )
    estimator.fit(X, y)
    assert (estimator.predict(X) == y).all(axis=1).mean() > 0.8
    assert [part.shape for part in estimator.predict_proba(X)] == [(120, 3), (120, 2)]
    assert estimator.n_classes_ == [3, 2] and estimator.target_type_ == "multiclass-multioutput"
    assert estimator.get_params()["units"] == 7
    assert isinstance(estimator.target_encoder_, Columns)
    assert estimator.partial_fit(X, y).n_iter_ == 61
    with pytest.raises(ValueError, match="y has 1 dimensions, but had 2 in the first call of fit"):
        estimator.partial_fit(X, y[:, 0])


def test_an_encoder_needs_a_model_and_one_member(multiclass_data):
    class Alone(KerasClassifier):
        target_encoder = OfColumns.target_encoder

    X, y = multiclass_data
    with pytest.raises(ValueError, match="has a 'target_encoder', which needs a 'model' of your own"):
        Alone().fit(X, y)
    with pytest.raises(ValueError, match="has a 'target_encoder', which needs n_members=1"):
        OfColumns(n_members=2).fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="cannot implement ``_keras_build_fn``, which makes its model"):
        OfColumns(lambda: None).fit(X, y)


def test_what_the_estimator_does_with_y_is_there_to_be_used(multiclass_data):
    X, y = multiclass_data
    names = np.array(["a", "b", "c"])[y]

    def build(meta):
        assert meta["target_encoder_"].transform(names[:2]).shape == (2,)
        return heads(4, (3,), "softmax")

    fitted = KerasClassifier(build, **QUICK).fit(X, names)
    assert fitted.target_encoder_.inverse_transform(np.eye(3)).tolist() == ["a", "b", "c"]


# --- initialize ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_a_fit_goes_on_from_an_initialized_network(engine, regression_data):
    X, y = regression_data
    parameters = {"hidden_layer_sizes": (4,), "engine": engine, **QUICK}
    started = KerasRegressor(warm_start=True, **parameters).initialize(X, y)
    assert started.initialized_ and started.current_epoch == 0 and started.history_ == {}
    assert started.predict(X).shape == y.shape
    np.testing.assert_array_equal(started.fit(X, y).predict(X), KerasRegressor(**parameters).fit(X, y).predict(X))
    assert started.current_epoch == 2


def test_a_model_that_is_trained_already_predicts_once_initialized(regression_data):
    X, y = regression_data
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    regressor = KerasRegressor(model, loss="mse")
    with pytest.raises(NotFittedError):
        regressor.predict(X)
    assert not regressor.initialized_ and regressor.current_epoch == 0
    predicted = regressor.initialize(X, y).predict(X)
    np.testing.assert_allclose(predicted, model.predict(X, verbose=0).ravel(), rtol=1e-5, atol=1e-6)
    assert predicted.dtype == np.float32
    with pytest.raises(ValueError, match=r"initialize builds one network, but n_members=3 are several\."):
        KerasRegressor(n_members=3).initialize(X, y)


def test_build_fn_is_the_old_name_of_model(regression_data):
    regressor = KerasRegressor(build_fn=lambda: heads(6, (1,)), loss="mse", **QUICK)
    with pytest.warns(UserWarning, match="``build_fn`` will be renamed to ``model``"):
        assert regressor.fit(*regression_data).model is not None


def test_a_loss_beside_a_compiled_model_is_refused_unless_it_is_the_same(regression_data):
    def build():
        model = heads(6, (1,))
        model.compile(loss="mae", optimizer="adam")
        return model

    X, y = regression_data
    for same in ("auto", "mae", "mean_absolute_error", keras.losses.MeanAbsoluteError()):
        KerasRegressor(build, loss=same, **QUICK).fit(X, y)
    for other in ("mse", keras.losses.Huber(), keras.losses.CosineSimilarity):
        with pytest.raises(
            ValueError, match=r"The 'loss' parameter is .*, but model compiled with 'mae' came from 'model'"
        ):
            KerasRegressor(build, loss=other, **QUICK).fit(X, y)
