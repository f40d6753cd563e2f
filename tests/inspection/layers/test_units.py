"""Units that do nothing, in networks whose weights are known."""

import keras
import numpy as np
import pytest
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.exceptions import DivergedError, NotFittedError
from sknn_tune.inspection import dead_units, gradient_norms

#: One update, run eagerly: there is nothing to compile.
QUICK = {"epochs": 1, "batch_size": -1, "random_state": 0, "engine": "keras", "compile__run_eagerly": True}
#: Two features: unit k of a first layer can be given any values.
ROWS = np.array([[-3.0, 1.0], [-1.0, 2.0], [0.0, -4.0], [2.0, 0.5]], dtype="float32")
TARGET = np.array([0.0, 1.0, 0.0, 1.0])


@pytest.fixture
def network():
    """``network("relu", kernel, bias)``: a regressor with one hidden layer of these weights."""

    def fitted(activation, kernel, bias):
        kernel = np.asarray(kernel, dtype="float32")
        regressor = KerasRegressor(hidden_layer_sizes=(kernel.shape[1],), activation=activation, **QUICK)
        regressor.fit(ROWS, TARGET)
        regressor.model_.get_layer("hidden_0").set_weights([kernel, np.asarray(bias, dtype="float32")])
        return regressor

    return fitted


def _only_layer(estimator, X=ROWS):
    (layer,) = dead_units(estimator, X).layers
    return layer


def test_a_layer_of_zeros_is_dead(network):
    layer = _only_layer(network("relu", np.zeros((2, 3)), np.zeros(3)))
    assert layer.dead.tolist() == layer.constant.tolist() == [0, 1, 2]
    assert layer.active_fraction.tolist() == [0, 0, 0]
    np.testing.assert_allclose(layer.lacking, 0, atol=1e-15)  # anything above zero would do


def test_an_identity_passes_its_input(network):
    layer = _only_layer(network("linear", np.eye(2), np.zeros(2)))
    assert layer.active_fraction.tolist() == [1, 1]
    assert [len(units) for units in (layer.dead, layer.saturated, layer.constant)] == [0, 0, 0]
    assert layer.saturated_fraction is None


def test_active_fraction_counts_the_rows_above_zero(network):
    layer = _only_layer(network("relu", [[1, -1, 0], [0, 0, 1]], [0, 0, 0]))
    assert layer.active_fraction.tolist() == [1 / 4, 2 / 4, 3 / 4]  # a row at zero activates nothing
    assert len(layer.dead) == 0


def test_dead_unit_comes_with_the_row_that_would_wake_it_and_what_it_lacks(network):
    layer = _only_layer(network("relu", [[1, 1, 1], [0, 0, 0]], [-5, 0, -2.5]))
    assert layer.dead.tolist() == [0, 2]
    assert layer.waking_rows.tolist() == [3, 3]  # its first feature is largest: 2
    np.testing.assert_allclose(layer.lacking, [3, 0.5], rtol=1e-5)


def test_row_that_wakes_a_unit_wakes_it_once_it_has_what_it_lacks(network):
    regressor = network("relu", [[0.3], [-0.7]], [-4])
    layer = _only_layer(regressor)
    regressor.model_.get_layer("hidden_0").set_weights(
        [np.array([[0.3], [-0.7]]), np.array([-4 + layer.lacking[0] * 1.001])]
    )
    woken = _only_layer(regressor)
    assert woken.dead.size == 0 and woken.active_fraction.tolist() == [1 / 4]


@pytest.mark.few(3)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softsign", "hard_sigmoid", "hard_tanh", "sparse_sigmoid"])
def test_squashing_units_with_huge_weights_are_saturated_not_dead(network, activation):
    layer = _only_layer(network(activation, [[500, 0.1], [500, 0.1]], [0, 0]))
    assert layer.saturated.tolist() == [0] and layer.dead.size == 0
    assert layer.saturated_fraction.tolist() == [1, 0]
    assert layer.active_fraction.tolist() == [0, 1]


@pytest.mark.parametrize(("activation", "limit"), [("sigmoid", 5.98), ("tanh", 2.99), ("softsign", 9.0)])
def test_saturation_begins_where_the_slope_is_a_hundredth(network, activation, limit):
    layer = _only_layer(
        network(activation, np.zeros((2, 4)), [limit + 0.05, limit - 0.05, -limit - 0.05, 0.05 - limit])
    )
    assert layer.saturated.tolist() == [0, 2]


@pytest.mark.few(3)
@pytest.mark.parametrize("activation", ["leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "mish"])
def test_units_that_leak_are_never_dead_but_may_be_constant(network, activation):
    layer = _only_layer(network(activation, [[0, 1], [0, 0]], [-2, -3]))
    assert layer.dead.size == 0 and layer.active_fraction.tolist() == [1, 1]
    assert layer.constant.tolist() == [0]


def test_elu_is_dead_where_its_slope_is_zero_in_floating_point_numbers(network):
    layer = _only_layer(network("elu", np.zeros((2, 2)), [-300, -5]))
    assert layer.dead.tolist() == [0]
    assert layer.lacking[0] == pytest.approx(300 - 17, abs=1)


def test_other_flat_parts_count_too(network):
    layer = _only_layer(network("hard_silu", np.zeros((2, 2)), [-4, 0]))
    assert layer.dead.tolist() == [0]
    np.testing.assert_allclose(layer.lacking, 1, rtol=1e-5)


def test_softmax_in_a_hidden_layer_gets_no_verdict(network):
    layer = _only_layer(network("softmax", np.zeros((2, 2)), [0, 0]))
    assert np.isnan(layer.active_fraction).all()
    assert layer.dead.size == layer.saturated.size == 0
    assert layer.constant.tolist() == [0, 1]
    assert "active" not in repr(layer)


def test_function_of_ones_own_is_looked_at_by_its_slope(network):
    def clipped(values):
        return keras.ops.clip(values, 1.0, 2.0)

    layer = _only_layer(network(clipped, np.zeros((2, 2)), [0.5, 1.5]))
    assert layer.activation == "clipped"
    assert layer.dead.tolist() == [0]
    np.testing.assert_allclose(layer.lacking, 0.5, rtol=1e-5)


def test_one_row_alone_makes_no_unit_constant(network):
    layer = _only_layer(network("leaky_relu", np.eye(2), np.zeros(2)), ROWS[:1])
    assert layer.constant.size == 0


# --- kinds of estimators and rows ------------------------------------------------------------------


@pytest.fixture(scope="module")
def scaled_classifier(multiclass_data):
    X, y = multiclass_data
    network = KerasClassifier(hidden_layer_sizes=(12, 6), batch_norm="before", dropout=0.3, epochs=3, random_state=0)
    return make_pipeline(StandardScaler(), network).fit(X, y)


def _equal(one, other):
    assert repr(one) == repr(other)
    for a, b in zip(one.layers, other.layers, strict=True):
        np.testing.assert_allclose(a.active_fraction, b.active_fraction)
        np.testing.assert_array_equal(a.waking_rows, b.waking_rows)
    return True


def test_pipeline_hands_rows_through_its_earlier_steps(scaled_classifier, multiclass_data):
    X, _ = multiclass_data
    scaler, network = scaled_classifier[0], scaled_classifier[-1]
    assert _equal(dead_units(scaled_classifier, X), dead_units(network, scaler.transform(X)))
    nested = make_pipeline(FunctionTransformer(), scaled_classifier)
    assert _equal(dead_units(nested, X), dead_units(scaled_classifier, X))


def test_layers_have_names_sizes_and_activations(scaled_classifier, multiclass_data):
    found = dead_units(scaled_classifier, multiclass_data[0])
    assert [(layer.name, layer.n_units, layer.activation) for layer in found.layers] == [
        ("hidden_0", 12, "relu"),
        ("hidden_1", 6, "relu"),
    ]
    assert found.n_units == 18 and found.n_rows == 120


def test_table_and_text_have_a_line_per_layer(scaled_classifier, multiclass_data):
    found = dead_units(scaled_classifier, multiclass_data[0])
    table = found.to_frame()
    assert table.index.tolist() == ["hidden_0", "hidden_1"] and table.index.name == "layer"
    assert table["n_units"].tolist() == [12, 6]
    assert table["n_dead"].sum() == found.n_dead
    assert max(map(len, table.to_string().splitlines())) <= 80  # of a narrow terminal
    assert table["active"].iloc[0] == pytest.approx(found.layers[0].active_fraction.mean(), abs=5e-5)
    assert len(repr(found).splitlines()) == 3


def test_text_names_the_dead_units(network):
    found = dead_units(network("relu", np.zeros((2, 3)), [-1, 1, -1]), ROWS)
    assert repr(found).splitlines() == [
        "2 of 3 hidden units dead, 0 saturated, on 4 rows",
        "  hidden_0: 3 relu units, active on 33% of the rows; 2 dead (0, 2); 1 more constant (1)",
    ]


def test_sparse_and_pandas_rows_give_what_dense_ones_do(multiclass_data):
    pandas = pytest.importorskip("pandas")
    X, y = multiclass_data
    table = pandas.DataFrame(X, columns=list("abcd"))
    classifier = KerasClassifier(hidden_layer_sizes=(5,), epochs=1, random_state=0).fit(table, y)
    expected = dead_units(classifier, table)
    classifier = KerasClassifier(hidden_layer_sizes=(5,), epochs=1, random_state=0).fit(X, y)
    assert _equal(dead_units(classifier, X), expected)
    assert _equal(dead_units(classifier, sparse.csr_matrix(X)), expected)


def test_blocks_of_rows_give_what_all_at_once_do(network, monkeypatch):
    import sknn_tune.engine.inside._signals as probe

    regressor = network("relu", [[1, 1, -1], [0.5, 0, 0]], [-5, 0, -2.5])
    rows = np.random.default_rng(0).normal(size=(50, 2))
    at_once = dead_units(regressor, rows)
    monkeypatch.setattr(probe, "_MOST_ROWS", 7)
    assert _equal(dead_units(regressor, rows), at_once)


def test_linear_model_has_no_hidden_layers():
    linear = KerasRegressor(hidden_layer_sizes=(), epochs=1).fit(ROWS, TARGET)
    assert dead_units(linear, ROWS).layers == ()


def test_looking_changes_nothing(scaled_classifier, multiclass_data):
    X, _ = multiclass_data
    before = [weights.copy() for weights in scaled_classifier[-1].model_.get_weights()]
    probabilities = scaled_classifier.predict_proba(X)
    dead_units(scaled_classifier, X)
    for old, new in zip(before, scaled_classifier[-1].model_.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(scaled_classifier.predict_proba(X), probabilities)


# --- models of one's own ---------------------------------------------------------------------------


def _fit_own(model, X=ROWS, y=TARGET):
    return KerasRegressor(model, **QUICK).fit(X, y)


def test_channels_of_a_convolution_are_its_units():
    images = np.random.default_rng(0).normal(size=(6, 5, 5, 1)).astype("float32")
    layers = [("Conv2D", {"filters": 3, "kernel_size": 2, "activation": "relu"}), "Flatten"]
    regressor = KerasRegressor(feature_layers=layers, hidden_layer_sizes=(), **QUICK)
    regressor.fit(images, np.arange(6.0))
    kernel = np.zeros((2, 2, 1, 3), dtype="float32")
    kernel[0, 0, 0, 2] = 1  # the third channel is the image, shifted so that one pixel is above zero
    bias = np.array([-1, 1, -images[:, :-1, :-1].max() + 1e-3], dtype="float32")
    regressor.model_.get_layer("feature_0").set_weights([kernel, bias])
    layer = _only_layer(regressor, images)
    assert (layer.name, layer.n_units, layer.dead.tolist()) == ("feature_0", 3, [0])
    assert layer.active_fraction.tolist() == [0, 1, pytest.approx(1 / (6 * 4 * 4))]


def test_functional_model_with_branches_and_a_model_inside():
    inner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.ReLU(name="inner")])
    inputs = keras.Input((2,))
    wide = keras.layers.Dense(4, activation="tanh", name="wide")(inputs)
    both = keras.layers.Concatenate()([wide, inner(inputs)])
    model = keras.Model(inputs, keras.layers.Dense(1)(both))
    found = dead_units(_fit_own(model), ROWS)
    assert sorted((layer.name, layer.activation, layer.n_units) for layer in found.layers) == [
        ("inner", "relu", 3),
        ("wide", "tanh", 4),
    ]


def test_layer_used_twice_is_listed_twice():
    shared = keras.layers.Dense(2, activation="relu", name="shared")
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(shared(shared(inputs))))
    assert [layer.name for layer in dead_units(_fit_own(model), ROWS).layers] == ["shared", "shared (2)"]


def test_names_are_those_of_the_model_that_the_user_sees():
    def build():
        return keras.Sequential([keras.layers.Dense(3, activation="relu"), keras.layers.ReLU(), keras.layers.Dense(1)])

    regressor = _fit_own(build)
    names = [layer.name for layer in regressor.model_.layers]
    for _ in range(2):  # Keras counts the names of layers up whenever some are built
        assert [layer.name for layer in dead_units(regressor, ROWS).layers] == names[:2]
        assert [layer.name for layer in gradient_norms(regressor, ROWS, TARGET).layers] == names[::2]


def test_layers_within_models_stand_in_their_order():
    dense = [keras.layers.Dense(2, activation="relu", name=name) for name in ("first", "second", "third")]
    model = keras.Sequential([keras.Input((2,)), keras.Sequential(dense), keras.layers.Dense(1, name="last")])
    regressor = _fit_own(model)
    assert [layer.name for layer in dead_units(regressor, ROWS).layers] == ["first", "second", "third"]
    names = [layer.name for layer in gradient_norms(regressor, ROWS, TARGET).layers]
    assert names == ["first", "second", "third", "last"]


def test_activation_of_the_output_is_not_a_hidden_one():
    model = keras.Sequential([keras.layers.Dense(3, activation="relu"), keras.layers.Dense(1), keras.layers.ReLU()])
    assert [layer.n_units for layer in dead_units(_fit_own(model), ROWS).layers] == [3]


def test_activation_that_cannot_be_seen_is_refused():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.ops.relu(keras.layers.Dense(3)(inputs))))
    regressor = _fit_own(model)
    with pytest.raises(ValueError, match=r"sees no activation in the hidden layers of the model.*keras\.ops"):
        dead_units(regressor, ROWS)


# --- what is refused -------------------------------------------------------------------------------


def test_unfitted_network_is_refused():
    with pytest.raises(NotFittedError, match="dead_units needs a trained network: call fit of this KerasClassifier"):
        dead_units(KerasClassifier(), ROWS)
    with pytest.raises(NotFittedError, match="call fit of this KerasRegressor first"):
        dead_units(make_pipeline(StandardScaler(), KerasRegressor()), ROWS)


@pytest.mark.parametrize(
    ("estimator", "sentence"),
    [
        (LogisticRegression(), r"or a Pipeline whose last step is one\. Got LogisticRegression instead\."),
        (make_pipeline(StandardScaler(), LogisticRegression()), r"Got LogisticRegression instead\."),
        (KerasClassifier, r"Got the class KerasClassifier instead\. Give an object of it that was fitted\."),
        (None, r"Got NoneType instead\."),
    ],
)
def test_other_estimators_are_refused(estimator, sentence):
    with pytest.raises(TypeError, match=sentence):
        dead_units(estimator, ROWS)


def test_search_is_asked_for_its_best_estimator(multiclass_data):
    X, y = multiclass_data
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2).fit(X, y)
    with pytest.raises(TypeError, match=r"Got GridSearchCV instead\. Give its best_estimator_\."):
        dead_units(search, X)


@pytest.mark.parametrize(
    ("around", "sentence"),
    [
        (TransformedTargetRegressor(Ridge()), "Give its regressor_, and y, where it is asked for, as its transformer_"),
        (CalibratedClassifierCV(LogisticRegression(), cv=2), r"Give calibrated_classifiers_\[0\]\.estimator"),
        (BaggingClassifier(LogisticRegression(), 2), "Give one of its estimators_"),
        (FixedThresholdClassifier(LogisticRegression()), "Give its estimator_"),
    ],
)
def test_meta_estimators_are_asked_for_what_they_have_fitted(around, sentence, binary_data):
    X, y = binary_data
    with pytest.raises(TypeError, match=sentence):
        dead_units(around.fit(X, y), X)


def test_network_that_diverged_is_refused(network):
    regressor = network("relu", np.full((2, 2), np.nan), np.zeros(2))
    with pytest.raises(DivergedError, match="left weights of no use"):
        dead_units(regressor, ROWS)


def test_dataset_is_refused(network):
    tf = pytest.importorskip("tensorflow")
    regressor = network("relu", np.eye(2), np.zeros(2))
    with pytest.raises(TypeError, match=r"X is a tf\.data\.Dataset.*give some of its rows as an array"):
        dead_units(regressor, tf.data.Dataset.from_tensor_slices(ROWS).batch(2))


def test_rows_of_another_width_are_refused(network):
    with pytest.raises(ValueError, match="X has 3 features, but KerasRegressor is expecting 2 features"):
        dead_units(network("relu", np.eye(2), np.zeros(2)), np.ones((4, 3)))
