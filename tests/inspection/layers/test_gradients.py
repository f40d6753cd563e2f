"""Gradients and updates against what a hand works out, and verdicts on networks made to have them."""

import keras
import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.engine._scope import averages_activity_penalties
from sknn_tune.exceptions import NotFittedError
from sknn_tune.inspection import gradient_norms

LINEAR = {"hidden_layer_sizes": (), "epochs": 1, "random_state": 0, "dtype": "float64"}


def _least_squares_gradient(regressor, X, y, sample_weight=None):
    """Of the weighted mean of squared errors of a linear model, by kernel and bias."""
    kernel, bias = (weights.astype("float64") for weights in regressor.model_.get_weights())
    weights = np.ones(len(y)) if sample_weight is None else sample_weight / np.mean(sample_weight)
    residual = weights * (X @ kernel.ravel() + bias - y)
    return np.append(2 * X.T @ residual / len(y), 2 * residual.mean())


@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_of_a_linear_model_is_that_of_least_squares(regression_data, weighted):
    X, y = regression_data
    sample_weight = np.linspace(0.5, 3, len(y)) if weighted else None
    regressor = KerasRegressor(**LINEAR).fit(X, y)
    (layer,) = gradient_norms(regressor, X, y, sample_weight).layers
    expected = np.linalg.norm(_least_squares_gradient(regressor, X, y, sample_weight))
    assert layer.gradient_norm == pytest.approx(expected, rel=1e-10)
    assert layer.gradient_rms == pytest.approx(expected / np.sqrt(7), rel=1e-10)
    assert (layer.name, layer.n_weights, layer.relative_gradient) == ("output", 7, 1.0)


def test_loss_is_that_of_the_training_penalties_included(regression_data):
    X, y = regression_data
    regressor = KerasRegressor(**LINEAR, l2=0.5).fit(X, y)
    kernel = regressor.model_.get_weights()[0]
    expected = np.mean((regressor.predict(X) - y) ** 2) + 0.5 * np.sum(kernel**2)
    assert gradient_norms(regressor, X, y).loss == pytest.approx(expected, rel=1e-10)


def test_blocks_of_rows_give_the_gradient_of_all_at_once(regression_data, monkeypatch):
    import sknn_tune.engine.inside._signals as probe

    X, y = regression_data
    options = {"l2": 0.1, "hidden_layer_sizes": (4,)}
    if averages_activity_penalties():  # else blocks of other sizes have other penalties
        options["activity_l2"] = 0.1
    regressor = KerasRegressor(**LINEAR | options).fit(X, y)
    weights = np.linspace(0, 1, len(y))
    at_once = gradient_norms(regressor, X, y, weights)
    monkeypatch.setattr(probe, "_MOST_ROWS", 64)
    in_blocks = gradient_norms(regressor, X, y, weights)
    assert in_blocks.loss == pytest.approx(at_once.loss, rel=1e-10)
    for one, other in zip(at_once.layers, in_blocks.layers, strict=True):
        assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-10)


def test_update_of_plain_sgd_is_rate_times_gradient(regression_data):
    X, y = regression_data
    regressor = KerasRegressor(**LINEAR, optimizer="sgd", momentum=0.0, learning_rate=0.25).fit(X, y)
    found = gradient_norms(regressor, X, y)
    (layer,) = found.layers
    weights = np.concatenate([part.ravel() for part in regressor.model_.get_weights()])
    assert layer.update_norm == pytest.approx(0.25 * layer.gradient_norm, rel=1e-10)
    assert layer.weight_norm == pytest.approx(np.linalg.norm(weights), rel=1e-10)
    assert layer.update_ratio == pytest.approx(layer.update_norm / layer.weight_norm)
    assert (found.optimizer, found.learning_rate) == ("SGD", pytest.approx(0.25))


@pytest.mark.few(4)
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_update_is_the_one_that_training_on_makes(regression_data, optimizer, engine):
    """With the momentum and moments of the training so far, which warm_start goes on with."""
    X, y = regression_data
    parameters = {**LINEAR, "hidden_layer_sizes": (3,), "batch_size": -1, "shuffle": False, "epochs": 3}
    regressor = KerasRegressor(**parameters, optimizer=optimizer, clipnorm=0.1, engine=engine).fit(X, y)
    found = gradient_norms(regressor, X, y)
    before = regressor.model_.get_weights()
    after = regressor.set_params(warm_start=True, epochs=1).fit(X, y).model_.get_weights()
    changes = [
        np.concatenate([(new - old).ravel() for old, new in zip(before, after, strict=True)][i : i + 2]) for i in (0, 2)
    ]
    for layer, change in zip(found.layers, changes, strict=True):
        assert layer.update_norm == pytest.approx(np.linalg.norm(change), rel=1e-4)


def test_schedule_has_arrived_where_training_left_it(regression_data):
    X, y = regression_data
    parameters = {**LINEAR, "optimizer": "sgd", "learning_rate": 0.1, "epochs": 2}
    regressor = KerasRegressor(**parameters, learning_rate_schedule="exponential", decay_rate=0.5).fit(X, y)
    assert gradient_norms(regressor, X, y).learning_rate == pytest.approx(0.025)


def test_class_weights_count(binary_data):
    X, y = binary_data
    one = KerasClassifier(**LINEAR).fit(X, y)
    weighted = KerasClassifier(**LINEAR, class_weight={0: 1.0, 1: 3.0}).fit(X, y)
    weighted.model_.set_weights(one.model_.get_weights())
    found = gradient_norms(weighted, X, y).layers[0].gradient_norm
    by_hand = gradient_norms(one, X, y, sample_weight=np.where(y == 1, 3.0, 1.0)).layers[0].gradient_norm
    assert found == pytest.approx(by_hand, rel=1e-10)
    assert found != pytest.approx(gradient_norms(one, X, y).layers[0].gradient_norm, rel=1e-3)


def test_gradient_of_a_multiclass_network_with_labels_of_text(multiclass_data):
    X, y = multiclass_data
    labels = np.array(["red", "green", "blue"])[y]
    classifier = KerasClassifier(**LINEAR).fit(X, labels)
    probabilities = classifier.predict_proba(X)
    error = probabilities - (labels[:, None] == classifier.classes_)
    by_hand = np.vstack([X.T @ error, error.sum(axis=0)]) / len(y)
    assert gradient_norms(classifier, X, labels).layers[0].gradient_norm == pytest.approx(
        np.linalg.norm(by_hand), rel=1e-6
    )


# --- verdicts --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deep_sigmoid(multiclass_data):
    X, y = multiclass_data
    return KerasClassifier(hidden_layer_sizes=(8,) * 8, activation="sigmoid", epochs=1, random_state=0).fit(X, y)


@pytest.fixture(scope="module")
def vanishing(deep_sigmoid, multiclass_data):
    return gradient_norms(deep_sigmoid, *multiclass_data)


def test_deep_sigmoid_network_vanishes(vanishing):
    found = vanishing
    assert found.verdict == found.layers[0].verdict == "vanishing"
    assert found.layers[-1].verdict == "healthy"
    by_layer = [layer.gradient_rms for layer in found.layers]
    assert by_layer[0] < 1e-3 * by_layer[-1]


def test_thresholds_decide(deep_sigmoid, multiclass_data):
    found = gradient_norms(deep_sigmoid, *multiclass_data, vanishing=1e-30)
    assert found.verdict == "healthy" and found.vanishing == 1e-30
    assert gradient_norms(deep_sigmoid, *multiclass_data, largest_update=1e-9).verdict == "exploding"


def test_same_depth_with_relu_is_healthy(multiclass_data):
    X, y = multiclass_data
    classifier = KerasClassifier(hidden_layer_sizes=(8,) * 8, epochs=1, random_state=0).fit(X, y)
    assert {layer.verdict for layer in gradient_norms(classifier, X, y).layers} == {"healthy"}


def test_network_whose_last_kernel_is_huge_and_rates_too_large_explodes(regression_data):
    X, y = regression_data
    regressor = KerasRegressor(hidden_layer_sizes=(4,), optimizer="sgd", learning_rate=1e-9, epochs=1, random_state=0)
    regressor.fit(X, y)
    output = regressor.model_.get_layer("output")
    output.set_weights([output.get_weights()[0] * 1e5, output.get_weights()[1]])
    found = gradient_norms(regressor, X, y)
    assert (found.layers[0].verdict, found.layers[-1].verdict) == ("exploding", "healthy")
    assert found.layers[0].relative_gradient > 1e3
    assert found.verdict == "exploding"


def test_update_as_large_as_the_weights_is_exploding(regression_data):
    X, y = regression_data
    regressor = KerasRegressor(**LINEAR, optimizer="sgd", learning_rate=1e-3).fit(X, y * 1e3)
    assert gradient_norms(regressor, X, y * 1e3).verdict == "healthy"
    regressor.model_.optimizer.learning_rate = 10.0
    assert gradient_norms(regressor, X, y * 1e3).layers[0].update_ratio > 1
    assert gradient_norms(regressor, X, y * 1e3).verdict == "exploding"


def test_layer_of_zeros_has_no_ratio_and_the_one_before_it_no_gradient(regression_data):
    X, y = regression_data
    regressor = KerasRegressor(hidden_layer_sizes=(4,), epochs=1, random_state=0).fit(X, y)
    output = regressor.model_.get_layer("output")
    output.set_weights([np.zeros((4, 1)), np.zeros(1)])
    hidden, last = gradient_norms(regressor, X, y).layers
    assert np.isnan(last.update_ratio) and last.verdict == "healthy"
    assert hidden.gradient_norm == 0 and hidden.verdict == "vanishing"


# --- kinds of estimators and rows ------------------------------------------------------------------


def test_pipeline_sparse_and_pandas_give_the_same(multiclass_data):
    pandas = pytest.importorskip("pandas")
    X, y = multiclass_data
    X = X * [1, 10, 100, 1000]
    network = KerasClassifier(hidden_layer_sizes=(5,), epochs=1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network).fit(X, y)
    expected = gradient_norms(pipeline, X, y)
    scaled = StandardScaler().fit_transform(X)
    for rows in (scaled, sparse.csr_matrix(scaled)):
        assert repr(gradient_norms(pipeline[-1], rows, y)) == repr(expected)
    table = pandas.DataFrame(X, columns=list("abcd"))
    assert repr(gradient_norms(pipeline.fit(table, y), table, y)) == repr(expected)


def test_layers_of_normalisation_have_their_own_line(multiclass_data):
    X, y = multiclass_data
    classifier = KerasClassifier(hidden_layer_sizes=(5,), batch_norm=True, dropout=0.5, epochs=1, random_state=0)
    found = gradient_norms(classifier.fit(X, y), X, y)
    assert [(layer.name, layer.n_weights) for layer in found.layers] == [
        ("hidden_0", 20),
        ("hidden_0_normalization", 10),
        ("output", 18),
    ]
    assert gradient_norms(classifier, X, y) == found  # dropout is off


def test_multilabel_and_many_outputs(multiclass_data):
    X, y = multiclass_data
    labels = 1 - np.eye(3, dtype=int)[y]
    for estimator in (KerasClassifier(**LINEAR), KerasRegressor(**LINEAR)):
        (layer,) = gradient_norms(estimator.fit(X, labels), X, labels).layers
        assert layer.n_weights == 15 and layer.gradient_norm > 0


def test_model_of_ones_own_and_its_frozen_layers(multiclass_data):
    X, y = multiclass_data

    def build(meta):
        inner = keras.Sequential([keras.layers.Dense(4, activation="relu", name="inner")], name="inside")
        layers = [keras.layers.Dense(5, trainable=False, name="frozen"), inner]
        return keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(3, "softmax", name="last")])

    options = {"epochs": 1, "batch_size": -1, "random_state": 0, "compile__run_eagerly": True}
    found = gradient_norms(KerasClassifier(build, **options).fit(X, y), X, y)
    assert [layer.name for layer in found.layers] == ["inner", "last"]


def test_table_and_text_have_a_line_per_layer(vanishing):
    found = vanishing
    table = found.to_frame()
    assert table.index.tolist() == [layer.name for layer in found.layers] and table.index.name == "layer"
    assert table["verdict"].tolist() == [layer.verdict for layer in found.layers]
    lines = repr(found).splitlines()
    assert lines[0].startswith("gradients vanishing, at a loss of ") and lines[0].endswith("with Adam at 0.001")
    assert len(lines) == 10 and "  hidden_0  vanishing: gradient per weight" in lines[1]


def test_looking_changes_nothing(deep_sigmoid, multiclass_data):
    state = deep_sigmoid._trained.arrays
    gradient_norms(deep_sigmoid, *multiclass_data)
    again = deep_sigmoid._trained.arrays
    for old, new in zip([*state.weights, *state.optimizer], [*again.weights, *again.optimizer], strict=True):
        np.testing.assert_array_equal(old, new)


# --- what is refused -------------------------------------------------------------------------------


def test_unfitted_and_other_estimators_are_refused(multiclass_data):
    with pytest.raises(
        NotFittedError, match="gradient_norms needs a trained network: call fit of this KerasClassifier"
    ):
        gradient_norms(KerasClassifier(), *multiclass_data)
    with pytest.raises(TypeError, match=r"gradient_norms looks into a fitted.*Got LinearRegression instead\."):
        gradient_norms(LinearRegression(), *multiclass_data)


@pytest.mark.parametrize("name", ["vanishing", "exploding", "largest_update"])
def test_thresholds_must_be_positive(deep_sigmoid, multiclass_data, name):
    with pytest.raises(ValueError, match=rf"The '{name}' parameter of gradient_norms must be a float in the range \(0"):
        gradient_norms(deep_sigmoid, *multiclass_data, **{name: 0})


def test_targets_must_fit(deep_sigmoid, multiclass_data, regression_data):
    X, y = multiclass_data
    with pytest.raises(ValueError, match="y has labels that are not among the classes: "):
        gradient_norms(deep_sigmoid, X, y + 5)
    with pytest.raises(ValueError, match="requires y to be passed"):
        gradient_norms(deep_sigmoid, X, None)
    regressor = KerasRegressor(**LINEAR).fit(*regression_data)
    with pytest.raises(ValueError, match=r"y has shape \(200, 2\), but the first call of fit"):
        gradient_norms(regressor, regression_data[0], np.ones((200, 2)))


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")  # Keras has noticed, too
def test_network_of_frozen_layers_is_refused(regression_data):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1, trainable=False)])
    regressor = KerasRegressor(model, epochs=1, compile__run_eagerly=True, batch_size=-1)
    regressor.fit(*regression_data)
    with pytest.raises(ValueError, match="finds no weights that are trained"):
        gradient_norms(regressor, *regression_data)
