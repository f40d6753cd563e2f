"""Numbers about the values in each layer, against NumPy's own."""

import weakref

import keras
import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.engine.inside._signals import Signal
from sknn_tune.exceptions import NotFittedError
from sknn_tune.inspection import activation_statistics
from sknn_tune.inspection.layers._statistics import Summary

pytest.importorskip("pandas")

NUMBERS = ["mean", "spread", "row_spread", "min", "q05", "q25", "q50", "q75", "q95", "max", "zeros"]


def _numbers(values):
    quantiles = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
    row_spread = values.std(axis=0).mean()
    return [values.mean(), values.std(), row_spread, values.min(), *quantiles, values.max(), np.mean(values == 0)]


@pytest.fixture(scope="module")
def classifier(multiclass_data):
    X, y = multiclass_data
    return KerasClassifier(hidden_layer_sizes=(7,), dropout=0.5, epochs=2, random_state=0).fit(X, y)


def test_numbers_are_those_of_the_values_in_the_network(classifier, multiclass_data):
    X = multiclass_data[0].astype("float32")
    kernel, bias = classifier.model_.get_layer("hidden_0").get_weights()
    hidden = X @ kernel + bias
    found = activation_statistics(classifier, X)
    assert found["layer"].tolist() == ["inputs", "hidden_0", "hidden_0", "output", "output"]
    assert found["stage"].tolist() == ["inputs", "weighted_sum", "activated", "weighted_sum", "activated"]
    assert found["activation"].tolist() == ["", "", "relu", "", "softmax"]
    assert found["n_units"].tolist() == [4, 7, 7, 3, 3]
    for row, values in enumerate([X, hidden, np.maximum(hidden, 0)]):
        np.testing.assert_allclose(
            found.loc[row, NUMBERS].to_numpy(dtype=float), _numbers(values), rtol=1e-4, atol=1e-6
        )
    np.testing.assert_allclose(found.loc[4, "mean"], 1 / 3, rtol=1e-6)  # probabilities of three classes


@pytest.mark.parametrize(
    ("where", "stages"),
    [
        ("before", ["weighted_sum", "normalized", "activated"]),
        ("after", ["weighted_sum", "activated", "normalized"]),
    ],
)
def test_normalisation_is_seen_before_and_after(binary_data, where, stages):
    X, y = binary_data
    options = {"batch_norm": where, "batch_norm_momentum": 0.0, "batch_size": -1, "epochs": 1}
    network = KerasClassifier(hidden_layer_sizes=(6,), random_state=0, learning_rate=1e-7, **options).fit(X, y)
    found = activation_statistics(network, X).set_index(["layer", "stage"])
    assert found.loc["hidden_0"].index.tolist() == stages
    normalized = found.loc[("hidden_0", "normalized")]
    # With a momentum of zero the moving statistics are those of the last batch, here all rows.
    np.testing.assert_allclose([normalized["mean"], normalized["spread"]], [0, 1], atol=0.01)
    assert abs(found.loc[("hidden_0", stages[stages.index("normalized") - 1]), "spread"] - 1) > 0.1


def test_blocks_of_rows_give_what_all_at_once_do(classifier, multiclass_data, monkeypatch):
    import sknn_tune.engine.inside._signals as probe

    X, _ = multiclass_data
    at_once = activation_statistics(classifier, X)
    monkeypatch.setattr(probe, "_MOST_ROWS", 11)
    in_blocks = activation_statistics(classifier, X)
    np.testing.assert_allclose(in_blocks[NUMBERS], at_once[NUMBERS], rtol=1e-5, atol=1e-6)


def test_quantiles_of_many_values_come_from_evenly_spaced_rows(classifier, multiclass_data, monkeypatch):
    import sknn_tune.engine.inside._signals as probe
    import sknn_tune.inspection.layers._statistics as statistics

    X, _ = multiclass_data
    monkeypatch.setattr(statistics, "_VALUES_KEPT", 160)  # of inputs with 4 columns: 40 rows, every third
    monkeypatch.setattr(probe, "_MOST_ROWS", 11)
    found = activation_statistics(classifier, X).iloc[0]
    np.testing.assert_allclose(found["q25"], np.quantile(X[::3].astype("float32"), 0.25), rtol=1e-6)
    np.testing.assert_allclose([found["mean"], found["min"]], [X.mean(), X.min()], atol=1e-6)


def test_rows_that_are_all_the_same_have_no_spread_between_them(classifier, multiclass_data):
    X = np.repeat(multiclass_data[0][:1], 20, axis=0)
    found = activation_statistics(classifier, X)
    np.testing.assert_allclose(found["row_spread"], 0, atol=1e-6)
    assert (found["spread"] > 0.01).all()


def test_pipeline_sparse_and_pandas_give_the_same(multiclass_data):
    pandas = pytest.importorskip("pandas")
    X, y = multiclass_data
    X = X * [1, 10, 100, 1000]
    network = KerasClassifier(hidden_layer_sizes=(5,), epochs=1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network).fit(X, y)
    expected = activation_statistics(pipeline, X)
    scaled = StandardScaler().fit_transform(X)
    table = pandas.DataFrame(X, columns=list("abcd"))
    for estimator, rows in (
        (pipeline[-1], scaled),
        (pipeline[-1], sparse.csr_matrix(scaled)),
        (make_pipeline(StandardScaler(), network).fit(table, y), table),
    ):
        pandas.testing.assert_frame_equal(activation_statistics(estimator, rows), expected)


def test_many_outputs_of_a_regressor(regression_data):
    X, y = regression_data
    regressor = KerasRegressor(hidden_layer_sizes=(3,), activation="tanh", epochs=1, random_state=0)
    found = activation_statistics(regressor.fit(X, np.column_stack([y, -y])), X)
    assert found["stage"].tolist() == ["inputs", "weighted_sum", "activated", "weighted_sum"]  # a linear output
    assert found["n_units"].tolist() == [6, 3, 3, 2]
    assert found.loc[2, "max"] <= 1


def test_layers_of_other_kinds_are_seen_by_their_output():
    words = np.random.default_rng(0).integers(0, 20, size=(12, 5)).astype("float32")
    layers = [keras.layers.Embedding(20, 4, name="words"), keras.layers.SimpleRNN(3, name="reader")]
    regressor = KerasRegressor(feature_layers=layers, hidden_layer_sizes=(), epochs=1, batch_size=-1, random_state=0)
    regressor.set_params(compile__run_eagerly=True, engine="keras").fit(words, np.arange(12.0))
    found = activation_statistics(regressor, words)
    assert list(zip(found["layer"], found["stage"], found["n_units"], strict=True)) == [
        ("inputs", "inputs", 5),
        ("words", "output", 4),
        ("reader", "output", 3),
        ("output", "weighted_sum", 1),
    ]


def test_model_that_compiles_its_own_layers_is_refused():
    tf = pytest.importorskip("tensorflow")

    class Compiled(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = keras.layers.Dense(3, activation="relu", name="hidden")
            self.last = keras.layers.Dense(1)

        def build(self, input_shape):
            self.hidden.build(input_shape)
            self.last.build((None, 3))

        def call(self, inputs):
            return self.last(tf.function(self.hidden)(inputs))

    X = np.random.default_rng(0).normal(size=(10, 2))
    regressor = KerasRegressor(Compiled, epochs=1, batch_size=-1, compile__run_eagerly=True).fit(X, X[:, 0])
    with pytest.raises(ValueError, match=r"The layer 'hidden' cannot be looked into.*inside a tf\.function"):
        activation_statistics(regressor, X)


def test_unfitted_and_other_estimators_are_refused():
    rows = np.ones((3, 2))
    with pytest.raises(NotFittedError, match="activation_statistics needs a trained network"):
        activation_statistics(KerasRegressor(), rows)
    with pytest.raises(TypeError, match=r"Got LinearRegression instead\."):
        activation_statistics(LinearRegression(), rows)


def test_quantiles_of_wide_rows_do_not_keep_all_of_them():
    values = np.ones((4, 1_000_000), dtype="float32")
    block = weakref.ref(values)
    summary = Summary(Signal("inputs", "inputs", values), n_rows=4)
    assert summary.every == 4
    summary.add(values, 0)
    del values
    assert block() is None
    assert summary.numbers()["q50"] == 1
