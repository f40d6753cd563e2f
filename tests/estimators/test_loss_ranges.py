"""Losses that take logits, and numbers that a loss or an output cannot be."""

import subprocess
import sys
from functools import partial

import keras
import numpy as np
import pandas as pd
import pytest

from sknn_tune import KerasClassifier, KerasRegressor, TabularRegressor

L = keras.losses
QUICK = {"hidden_layer_sizes": (6,), "epochs": 15, "learning_rate": 0.05, "batch_size": 16, "random_state": 0}
ENGINES = ("auto", "keras")


@pytest.fixture
def two():
    X = np.random.default_rng(0).normal(size=(90, 3))
    return X, (X[:, 0] > 0.4).astype(int)


@pytest.fixture
def three():
    X = np.random.default_rng(1).normal(size=(90, 3))
    return X, X.argmax(axis=1)


# --- logits ------------------------------------------------------------------------------------------

FOR_TWO = {
    "object": {"loss": L.BinaryCrossentropy(from_logits=True)},
    "routed": {"loss__from_logits": True},
    "named": {"loss": "binary_crossentropy", "loss__from_logits": True},
    "class": {"loss": L.BinaryFocalCrossentropy, "loss__from_logits": True, "epochs": 60},
    "focal": {"loss": L.BinaryFocalCrossentropy(from_logits=True), "epochs": 60},
    "partial": {"loss": partial(L.binary_crossentropy, from_logits=True)},
    "sparse": {"loss": L.SparseCategoricalCrossentropy(from_logits=True)},
    "categorical": {"loss": L.CategoricalCrossentropy(from_logits=True)},
    "smoothed": {"loss__from_logits": True, "label_smoothing": 0.1},
    "members": {"loss": L.BinaryCrossentropy(from_logits=True), "n_members": 2},
}

FOR_THREE = {
    "object": {"loss": L.SparseCategoricalCrossentropy(from_logits=True)},
    "routed": {"loss__from_logits": True},
    "rows": {"loss": L.CategoricalCrossentropy(from_logits=True)},
    "focal": {"loss": L.CategoricalFocalCrossentropy(from_logits=True), "epochs": 60},
    "partial": {"loss": partial(L.sparse_categorical_crossentropy, from_logits=True)},
    "partial of rows": {"loss": partial(L.categorical_crossentropy, from_logits=True)},
    "smoothed": {"loss__from_logits": True, "label_smoothing": 0.1},
    "members": {"loss": L.SparseCategoricalCrossentropy(from_logits=True), "n_members": 2},
}


def _check_logits(X, y, given):
    network = KerasClassifier(**{**QUICK, "metrics": ["AUC"], **given}).fit(X, y)
    if "n_members" not in given:
        assert network.model_.layers[-1].activation.__name__ == "linear"
    assert network.score(X, y) > 0.9
    np.testing.assert_allclose(network.predict_proba(X).sum(axis=1), 1)
    again = network.history_["accuracy"][-1]
    assert again == pytest.approx(network.score(X, y), abs=0.1)
    assert network.history_["AUC"][-1] > 0.9


@pytest.mark.few(3)
@pytest.mark.parametrize("kind", FOR_TWO)
def test_two_classes_by_logits_have_a_linear_output(two, kind):
    _check_logits(*two, FOR_TWO[kind])


@pytest.mark.few(3)
@pytest.mark.parametrize("kind", FOR_THREE)
def test_classes_by_logits_have_a_linear_output(three, kind):
    _check_logits(*three, FOR_THREE[kind])


def test_logits_of_labels_have_a_linear_output(three):
    X, _ = three
    labels = (X > 0).astype(int)
    network = KerasClassifier(loss=L.BinaryCrossentropy(from_logits=True), **QUICK).fit(X, labels)
    assert network.score(X, labels) > 0.8
    assert network.model_.layers[-1].activation.__name__ == "linear"


@pytest.mark.parametrize("given", [{}, {"loss": "categorical_crossentropy"}], ids=["", "rows"])
def test_logits_give_the_network_of_probabilities(three, given):
    X, y = three
    common = {**QUICK, **given, "epochs": 2, "dtype": "float64", "engine": "keras"}
    plain, logits = (KerasClassifier(**common, **more).fit(X, y) for more in ({}, {"loss__from_logits": True}))
    np.testing.assert_allclose(plain.predict_proba(X), logits.predict_proba(X), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.*received `from_logits=True`")
@pytest.mark.parametrize("activation", ["sigmoid", "softmax", keras.activations.sigmoid], ids=["", "softmax", "object"])
def test_a_sigmoid_before_a_loss_of_logits_is_said(two, activation):
    network = KerasClassifier(output_activation=activation, loss__from_logits=True, **{**QUICK, "epochs": 1})
    with pytest.warns(UserWarning, match=r"'output_activation' .* takes logits .* Use output_activation='auto'"):
        network.fit(*two)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("activation", ["linear", "tanh", keras.activations.gelu, "relu"])
def test_outputs_that_are_no_probabilities_are_refused_beside_a_crossentropy(two, activation, engine):
    """They were clipped: each class was predicted with certainty."""
    network = KerasClassifier(output_activation=activation, engine=engine, **QUICK)
    with pytest.raises(
        ValueError, match=r"no probabilities, but the loss 'binary_crossentropy' takes such\. Use output"
    ):
        network.fit(*two)


@pytest.mark.parametrize("loss", ["auto", "categorical_crossentropy", "kl_divergence", L.CategoricalFocalCrossentropy])
def test_negative_outputs_are_refused_for_more_classes(three, loss):
    with pytest.raises(ValueError, match="is 'linear', whose outputs are no probabilities"):
        KerasClassifier(output_activation="linear", loss=loss, **QUICK).fit(*three)


@pytest.mark.parametrize("loss", ["kld", L.CategoricalCrossentropy(), L.CategoricalFocalCrossentropy])
def test_a_loss_of_exclusive_classes_is_refused_for_a_single_column(two, loss):
    """A crossentropy was 0 from the first epoch to the last, since outputs are divided by their sum."""
    with pytest.raises(ValueError, match=r"of KerasRegressor compares probabilities of classes .* Use 'binary_cross"):
        KerasRegressor(loss=loss, **QUICK).fit(*two)


def test_linear_outputs_are_taken_where_the_loss_is_no_crossentropy(two):
    assert KerasClassifier(output_activation="tanh", loss="hinge", **QUICK).fit(*two).score(*two) > 0.9
    assert KerasClassifier(output_activation="linear", loss="mse", **QUICK).fit(*two).score(*two) > 0.9


def test_a_sigmoid_that_keras_teaches_by_a_softmax_is_said(three):
    network = KerasClassifier(output_activation="sigmoid", **{**QUICK, "epochs": 1})
    with pytest.warns(
        UserWarning, match=r"'sigmoid', but Keras teaches the loss 'sparse_cat\w+' by a softmax"
    ) as found:
        network.fit(*three)
    assert sum("teaches" in str(warning.message) for warning in found) == 1


def test_a_softmax_that_keras_teaches_by_sigmoids_is_said(three):
    network = KerasClassifier(output_activation="softmax", loss="binary_crossentropy", **{**QUICK, "epochs": 1})
    with pytest.warns(UserWarning, match=r"'softmax', but Keras teaches the loss 'binary_crossentropy' by a sigmoid"):
        network.fit(*three)


def test_binary_losses_of_several_classes_have_sigmoids(three):
    X, y = three
    network = KerasClassifier(loss="binary_crossentropy", **QUICK).fit(X, y)
    outputs = network.model_.predict(X, verbose=0)
    assert network.model_.layers[-1].activation.__name__ == "sigmoid" and network.score(X, y) > 0.9
    np.testing.assert_allclose(network.predict_proba(X), outputs / outputs.sum(axis=1, keepdims=True), atol=1e-6)


def test_an_argument_that_is_false_is_no_logit(two):
    network = KerasClassifier(loss="binary_crossentropy", loss__from_logits=False, **QUICK).fit(*two)
    assert network.model_.layers[-1].activation.__name__ == "sigmoid"


@pytest.mark.parametrize("members", [1, 2])
def test_a_regressor_of_logits_predicts_probabilities(two, members):
    X, _ = two
    y = 1 / (1 + np.exp(-2 * X[:, 0]))
    loss = L.BinaryCrossentropy(from_logits=True)
    network = KerasRegressor(loss=loss, metrics=["mae"], n_members=members, **QUICK).fit(X, y)
    assert network.score(X, y) > 0.8
    assert network.history_["mae"][-1] < 0.15


def test_a_regressor_of_logits_predicts_distributions(three):
    X, _ = three
    soft = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
    network = KerasRegressor(loss=L.CategoricalCrossentropy(from_logits=True), metrics=["mae"], **QUICK).fit(X, soft)
    np.testing.assert_allclose(network.predict(X).sum(axis=1), 1)
    assert network.score(X, soft) > 0.8
    assert network.history_["mae"][-1] < 0.15


def test_nothing_of_this_loads_tensorflow():
    code = (
        "import sys, numpy as np; from sknn_tune import KerasRegressor\n"
        "X = np.random.default_rng(0).normal(size=(30, 2)); y = (X[:, 0] > 0) * 0.5\n"
        "KerasRegressor(loss='binary_crossentropy', epochs=1).fit(X, y); assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.filterwarnings("ignore:The '(batch_size|shuffle)' parameter")  # which are for rows in memory
def test_a_stream_and_one_epoch_after_another_learn_by_logits(two):
    import tensorflow as tf

    X, y = two
    loss = L.BinaryCrossentropy(from_logits=True)
    stream = tf.data.Dataset.from_tensor_slices((X, y)).batch(16)
    assert KerasClassifier(loss=loss, **QUICK).fit(stream).score(X, y) > 0.9
    network = KerasClassifier(loss=loss, **QUICK)
    for _ in range(15):
        network.partial_fit(X, y)
    assert network.score(X, y) > 0.9
    with pytest.raises(ValueError, match="of at least 0, but y has -1"):
        KerasRegressor(loss="poisson", **QUICK).fit(stream.map(lambda x, y: (x, -y)))


# --- ranges of losses --------------------------------------------------------------------------------

OF_PROBABILITIES = [
    "binary_crossentropy",
    "bce",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "kl_divergence",
    L.BinaryCrossentropy(),
    L.binary_crossentropy,
    L.BinaryCrossentropy,
    partial(L.binary_crossentropy, from_logits=True),
]


@pytest.mark.parametrize("number", range(len(OF_PROBABILITIES)))
def test_a_loss_of_probabilities_refuses_other_numbers(two, number):
    X, y = two
    with pytest.raises(ValueError, match=r"compares numbers from 0 to 1, but y has 3 in row \d+"):
        KerasRegressor(loss=OF_PROBABILITIES[number], **QUICK).fit(X, 3 * y)


COUNTS = {"name": "poisson", "short": "msle", "long": "mean_squared_logarithmic_error", "object": L.Poisson()}


@pytest.mark.parametrize("loss", COUNTS.values(), ids=COUNTS)
def test_a_loss_of_counts_refuses_negative_numbers(two, loss):
    X, y = two
    y = y.astype(float)
    y[4] = -2.5
    with pytest.raises(ValueError, match=r"of at least 0, but y has -2.5 in row 4"):
        KerasRegressor(loss=loss, **QUICK).fit(X, y)


@pytest.mark.few(2)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "loss", ["poisson", L.Poisson(), L.Poisson, L.poisson], ids=["name", "object", "class", "function"]
)
def test_counts_are_exponentials(two, loss, engine):
    """As of scikit-learn's MLPRegressor: of a linear output below zero the loss has no value, and training diverged."""
    X, _ = two
    counts = np.random.default_rng(0).poisson(np.exp(X[:, 0])).astype(float)
    network = KerasRegressor(**{**QUICK, "loss": loss, "engine": engine}).fit(X, counts)
    assert network.model_.layers[-1].activation.__name__ == "exponential"
    assert np.isfinite(network.history_["loss"]).all()
    assert (network.predict(X) > 0).all()


def test_rows_that_come_later_are_looked_at_too(two):
    X, y = two
    network = KerasRegressor(loss="poisson", output_activation="softplus", **QUICK).partial_fit(X, y)
    with pytest.raises(ValueError, match="of at least 0, but y has -1 in row"):
        network.partial_fit(X, -y)
    with pytest.raises(ValueError, match=r"In X_val, .* of at least 0, but y has -1 in row"):
        network.fit(X, y, X_val=X, y_val=-y)


@pytest.mark.few(4)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("loss", ["binary_crossentropy", "binary_focal_crossentropy"])
def test_a_column_of_probabilities_has_a_sigmoid(two, loss, engine):
    X, y = two
    network = KerasRegressor(**{**QUICK, "epochs": 1, "loss": loss, "engine": engine}).fit(X, 0.3 + 0.5 * y)
    assert network.model_.layers[-1].activation.__name__ == "sigmoid"


@pytest.mark.few(2)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("loss", ["categorical_crossentropy", "kl_divergence"])
def test_rows_of_probabilities_have_a_softmax(three, loss, engine):
    X, _ = three
    soft = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
    network = KerasRegressor(loss=loss, engine=engine, **QUICK).fit(X, soft)
    assert network.model_.layers[-1].activation.__name__ == "softmax"
    assert network.score(X, soft) > 0.8
    with pytest.warns(UserWarning, match=r"sum to one, but row 0 sums to .* Divide each row by its sum"):
        KerasRegressor(loss=loss, engine=engine, **{**QUICK, "epochs": 1}).fit(X, soft / 2)


def test_standardised_numbers_are_no_probabilities(two):
    X, y = two
    small = {"n_members": 1, "share_weights": False, "epochs": 1, "early_stopping": False, "random_state": 0}
    for loss in ("binary_crossentropy", L.Poisson()):
        with pytest.raises(ValueError, match="standardize_target=False"):
            TabularRegressor(**small, loss=loss).fit(X, y)
    TabularRegressor(**small, loss="binary_crossentropy", standardize_target=False).fit(X, y)
    with pytest.warns(UserWarning, match=r"'sigmoid'.* y is taught standardised"):
        TabularRegressor(**small, output_activation="sigmoid").fit(X, y)


# --- ranges of outputs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "y", "sentence"),
    [
        ("sigmoid", 3.0, "outputs are from 0 to 1, but y has 3 in row 5"),
        ("relu", -1.0, "outputs are of at least 0, but y has -1 in row 5"),
        ("softplus", -1.0, "of at least 0"),
        ("exponential", -1.0, "of at least 0"),
        (keras.activations.tanh, -1.5, "'tanh', whose outputs are from -1 to 1, but y has -1.5 in row 5"),
        ("log_sigmoid", 1.0, "of at most 0"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_numbers_that_no_output_can_be_are_said(two, activation, y, sentence):
    X, _ = two
    target = np.where(np.arange(90) == 5, y, 0.0)
    with pytest.warns(UserWarning, match=sentence):
        KerasRegressor(output_activation=activation, **{**QUICK, "epochs": 1}).fit(X, target)


def test_numbers_within_the_range_are_not(two):
    X, y = two
    for activation in ("sigmoid", "relu", "tanh", "linear"):
        KerasRegressor(output_activation=activation, **{**QUICK, "epochs": 1}).fit(X, y)


# --- columns of X ------------------------------------------------------------------------------------


def test_a_column_that_single_precision_cannot_tell_apart_is_said(two):
    X, y = two
    X = np.c_[X, 1.7e9 + np.arange(90), np.full(90, 1.7e9)]
    network = KerasClassifier(**{**QUICK, "epochs": 1})
    with pytest.warns(UserWarning, match=r"Column 3 of X varies by 89 around 1.7e\+09, where float32 tells apart only"):
        network.fit(X, y)
    with pytest.warns(UserWarning, match="Column 'time' of X varies"):
        network.fit(pd.DataFrame({"a": X[:, 0], "time": X[:, 3]}), y)
    KerasClassifier(**{**QUICK, "epochs": 1, "dtype": "float64"}).fit(X, y)
