"""What each parameter of the network makes of the Keras model: its layers, in their order, and what is in them."""

import keras
import numpy as np
import pytest

from sknn_tune.engine._scope import averages_activity_penalties
from sknn_tune.specs import ACTIVATION_ALIASES, ACTIVATIONS, RELU_LIKE, canonical_name


def layers_of(estimator) -> dict:
    return {layer.name: layer for layer in estimator.model_.layers}


def names_of(estimator) -> list[str]:
    return [layer.name for layer in estimator.model_.layers]


def same_weights(one, other) -> bool:
    pairs = zip(one.model_.get_weights(), other.model_.get_weights(), strict=True)
    return all(np.array_equal(first, second) for first, second in pairs)


# --- hidden layers ---------------------------------------------------------------------------------


@pytest.mark.parameters("hidden_layer_sizes")
@pytest.mark.parametrize(
    ("given", "units"),
    [((7, 3), [7, 3]), ([4], [4]), (6, [6]), (np.array([3, 2]), [3, 2]), (np.int64(2), [2]), ((), [])],
    ids=repr,
)
def test_hidden_layer_sizes_are_the_units_of_the_layers(classifier, binary_data, given, units):
    fitted = classifier(hidden_layer_sizes=given).fit(*binary_data)
    layers = layers_of(fitted)
    assert [layers[f"hidden_{i}"].units for i in range(len(units))] == units
    expected = [name for i in range(len(units)) for name in (f"hidden_{i}", f"hidden_{i}_activation")]
    assert names_of(fitted) == [*expected, "output"]
    assert fitted.n_parameters_ == fitted.model_.count_params()


@pytest.mark.parameters("hidden_layer_sizes")
def test_the_number_of_parameters_follows_from_the_sizes(regressor, regression_data):
    fitted = regressor(hidden_layer_sizes=(7, 3)).fit(*regression_data)
    assert fitted.n_parameters_ == (6 * 7 + 7) + (7 * 3 + 3) + (3 * 1 + 1)


@pytest.mark.parameters("activation")
def test_every_activation_stands_after_its_dense_layer(regressor, regression_data):
    names = sorted(set(ACTIVATIONS) - {"leaky_relu"})  # has a layer of its own, with a slope
    fitted = regressor(hidden_layer_sizes=(3,) * len(names), activation=names).fit(*regression_data)
    layers = layers_of(fitted)
    for index, name in enumerate(names):
        assert layers[f"hidden_{index}_activation"].activation is keras.activations.get(name)
        assert layers[f"hidden_{index}"].activation is keras.activations.linear


@pytest.mark.parameters("activation")
def test_activations_may_differ_from_layer_to_layer(regressor, regression_data):
    def double(x):
        return 2 * x

    given = ["tanh", double, "selu"]
    layers = layers_of(regressor(hidden_layer_sizes=(4, 3, 2), activation=given).fit(*regression_data))
    functions = [layers[f"hidden_{i}_activation"].activation for i in range(3)]
    assert functions == [keras.activations.tanh, double, keras.activations.selu]


@pytest.mark.parameters("activation")
def test_the_activations_of_the_field_notes_have_todays_formulas(regressor, regression_data):
    formulas = {
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "tanh": np.tanh,
        "relu": lambda x: np.maximum(x, 0),
        "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
        "linear": lambda x: x,
        "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
        "selu": lambda x: 1.05070098 * np.where(x > 0, x, 1.67326324 * np.expm1(x)),
        "softplus": lambda x: np.log1p(np.exp(x)),
        "softsign": lambda x: x / (1 + np.abs(x)),
        "hard_sigmoid": lambda x: np.clip(x + 3, 0, 6) / 6,
        "exponential": np.exp,
        "softmax": lambda x: np.exp(x) / np.exp(x).sum(),
    }
    fitted = regressor(hidden_layer_sizes=(5,) * len(formulas), activation=list(formulas)).fit(*regression_data)
    x = np.array([[-4.0, -1.5, 0.0, 1.5, 4.0]], dtype="float32")
    for index, (name, formula) in enumerate(formulas.items()):
        computed = np.asarray(layers_of(fitted)[f"hidden_{index}_activation"](x))
        np.testing.assert_allclose(computed, formula(x), rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parameters("negative_slope")
@pytest.mark.parametrize(("given", "slope"), [({}, 0.01), ({"negative_slope": 0.3}, 0.3)])
def test_negative_slope_is_that_of_leaky_relu(regressor, regression_data, given, slope):
    layer = layers_of(regressor(activation="leaky_relu", **given).fit(*regression_data))["hidden_0_activation"]
    assert isinstance(layer, keras.layers.LeakyReLU)
    np.testing.assert_allclose(np.asarray(layer(np.array([[-2.0, 3.0]]))), [[-2.0 * slope, 3.0]], rtol=1e-6)


@pytest.mark.parameters("output_activation")
def test_the_output_activation_follows_the_task(classifier, regressor, binary_data, multiclass_data, regression_data):
    labels = 1 - np.eye(3, dtype=int)[multiclass_data[1]]
    outputs = [
        layers_of(estimator.fit(X, y))["output"]
        for estimator, X, y in (
            (regressor(), *regression_data),
            (classifier(), *binary_data),
            (classifier(), *multiclass_data),
            (classifier(), multiclass_data[0], labels),
        )
    ]
    activations = [(output.units, output.activation.__name__) for output in outputs]
    assert activations == [(1, "linear"), (1, "sigmoid"), (3, "softmax"), (3, "sigmoid")]


@pytest.mark.parameters("output_activation")
def test_the_output_activation_can_be_chosen(regressor, regression_data):
    X, y = regression_data
    fitted = regressor(output_activation="softplus").fit(X, np.abs(y))
    assert layers_of(fitted)["output"].activation is keras.activations.softplus
    assert (fitted.predict(X) > 0).all()


# --- initial weights -------------------------------------------------------------------------------


@pytest.mark.parameters("kernel_initializer")
def test_initial_weights_fit_the_activation(regressor, regression_data):
    fitted = regressor(hidden_layer_sizes=(3,) * len(ACTIVATIONS), activation=list(ACTIVATIONS)).fit(*regression_data)
    layers = layers_of(fitted)
    for index, name in enumerate(ACTIVATIONS):
        is_relu_like = canonical_name(name, ACTIVATION_ALIASES) in RELU_LIKE
        expected = keras.initializers.HeNormal if is_relu_like else keras.initializers.GlorotUniform
        if name == "selu":
            expected = keras.initializers.LecunNormal
        assert type(layers[f"hidden_{index}"].kernel_initializer) is expected
    assert type(layers["output"].kernel_initializer) is keras.initializers.GlorotUniform


@pytest.mark.parameters("kernel_initializer")
@pytest.mark.parametrize("name", ["identity", "orthogonal", "random_uniform", "variance_scaling", "zeros", "HeNormal"])
def test_an_initializer_can_be_chosen_and_draws_from_a_seed(regressor, regression_data, name):
    fitted = regressor(kernel_initializer=name).fit(*regression_data)
    for layer in ("hidden_0", "output"):
        initializer = layers_of(fitted)[layer].kernel_initializer
        assert type(initializer) is type(keras.initializers.get(name))
        # None in the configuration would be a seed from Python's global generator.
        assert initializer.get_config().get("seed", 0) is not None


@pytest.mark.parameters("kernel_initializer")
def test_an_initializer_object_keeps_its_own_seed_and_is_not_touched(regressor, regression_data):
    given = keras.initializers.RandomNormal(stddev=0.5, seed=7)
    config = given.get_config()
    fitted = regressor(kernel_initializer=given).fit(*regression_data)
    assert layers_of(fitted)["hidden_0"].kernel_initializer.get_config() == config == given.get_config()


@pytest.mark.parameters("kernel_initializer", "random_state")
def test_layers_start_from_different_numbers(regressor, regression_data):
    # With such a rate the update is lost in rounding: the weights are the initial ones.
    fitted = regressor(hidden_layer_sizes=(6, 6, 6), learning_rate=1e-30).fit(*regression_data)
    kernels = [layers_of(fitted)[f"hidden_{i}"].get_weights()[0] for i in range(3)]
    assert not np.array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[1], kernels[2])


@pytest.mark.parameters("kernel_initializer")
def test_he_keeps_the_spread_of_the_signal_and_biases_start_at_zero(regressor, regression_data):
    fitted = regressor(hidden_layer_sizes=(400, 400), learning_rate=1e-30).fit(*regression_data)
    kernel, bias = layers_of(fitted)["hidden_1"].get_weights()
    assert kernel.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    np.testing.assert_allclose(bias, 0, atol=1e-20)


# --- normalisation ---------------------------------------------------------------------------------


@pytest.mark.parameters("batch_norm", "dropout", "activity_l2", "input_dropout")
@pytest.mark.parametrize(
    ("given", "order", "use_bias"),
    [
        (False, ["hidden_0", "hidden_0_activation", "hidden_0_activity", "hidden_0_dropout"], True),
        (
            True,
            ["hidden_0", "hidden_0_normalization", "hidden_0_activation", "hidden_0_activity", "hidden_0_dropout"],
            False,
        ),
        (
            "before",
            ["hidden_0", "hidden_0_normalization", "hidden_0_activation", "hidden_0_activity", "hidden_0_dropout"],
            False,
        ),
        (
            "after",
            ["hidden_0", "hidden_0_activation", "hidden_0_activity", "hidden_0_normalization", "hidden_0_dropout"],
            True,
        ),
    ],
)
def test_the_layers_stand_in_their_order(classifier, binary_data, given, order, use_bias):
    fitted = classifier(batch_norm=given, dropout=0.2, activity_l2=0.1, input_dropout=0.1).fit(*binary_data)
    assert names_of(fitted) == ["input_dropout", *order, "output"]
    assert layers_of(fitted)["hidden_0"].use_bias is use_bias
    assert layers_of(fitted)["output"].use_bias


@pytest.mark.parameters("batch_norm_momentum", "batch_norm_epsilon")
@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, (0.99, 1e-3)), ({"batch_norm_momentum": 0.5, "batch_norm_epsilon": 0.1}, (0.5, 0.1))],
)
def test_the_numbers_of_batch_normalisation(regressor, regression_data, given, expected):
    layer = layers_of(regressor(batch_norm=True, **given).fit(*regression_data))["hidden_0_normalization"]
    assert (layer.momentum, layer.epsilon) == expected


@pytest.mark.parameters("batch_norm", "batch_norm_momentum")
def test_the_moving_mean_moves_by_the_momentum(regressor, regression_data):
    X, y = regression_data
    fitted = regressor(batch_norm=True, batch_norm_momentum=0.75, learning_rate=1e-30, dtype="float64").fit(X, y)
    layers = layers_of(fitted)
    inputs = X @ layers["hidden_0"].get_weights()[0]
    gamma, beta, moving_mean, moving_variance = layers["hidden_0_normalization"].get_weights()
    np.testing.assert_allclose(moving_mean, 0.25 * inputs.mean(axis=0), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(moving_variance, 0.75 + 0.25 * inputs.var(axis=0), rtol=1e-6)
    np.testing.assert_allclose([gamma, beta], [np.ones(5), np.zeros(5)], atol=1e-20)


# --- regularisation --------------------------------------------------------------------------------


@pytest.mark.parameters("dropout")
@pytest.mark.parametrize(
    ("given", "rates"), [(0.25, [0.25, 0.25]), ([0.5, 0.1], [0.5, 0.1]), ((0.0, 0.3), [None, 0.3]), (0.0, [None] * 2)]
)
def test_dropout_rates_are_those_of_the_layers(regressor, regression_data, given, rates):
    layers = layers_of(regressor(hidden_layer_sizes=(4, 3), dropout=given).fit(*regression_data))
    assert [getattr(layers.get(f"hidden_{i}_dropout"), "rate", None) for i in range(2)] == rates


@pytest.mark.parameters("dropout")
def test_selu_gets_the_dropout_that_keeps_its_mean_and_variance(regressor, regression_data):
    fitted = regressor(hidden_layer_sizes=(4, 3), activation=["selu", "relu"], dropout=0.2).fit(*regression_data)
    kinds = [type(layers_of(fitted)[f"hidden_{i}_dropout"]) for i in range(2)]
    assert kinds == [keras.layers.AlphaDropout, keras.layers.Dropout]


@pytest.mark.parameters("dropout", "input_dropout")
@pytest.mark.parametrize("name", ["dropout", "input_dropout"])
def test_dropout_acts_in_training_only(regressor, regression_data, name):
    X, y = regression_data
    fitted = regressor(**{name: 0.5}, learning_rate=1e-30).fit(X, y)
    predicted_loss = np.mean((fitted.predict(X) - y) ** 2)
    assert fitted.history_["loss"][0] != pytest.approx(predicted_loss, rel=1e-3)
    np.testing.assert_array_equal(fitted.predict(X), fitted.predict(X))


@pytest.mark.parameters("input_dropout")
def test_input_dropout_comes_before_everything_else(regressor, regression_data):
    fitted = regressor(input_dropout=0.3, feature_layers=["Flatten"]).fit(*regression_data)
    first = fitted.model_.layers[0]
    assert (first.name, type(first), first.rate) == ("input_dropout", keras.layers.Dropout, 0.3)


@pytest.mark.parameters("dropout", "input_dropout", "random_state")
def test_dropout_layers_drop_different_units(regressor, regression_data):
    layers = layers_of(regressor(hidden_layer_sizes=(4, 3), dropout=0.5, input_dropout=0.5).fit(*regression_data))
    seeds = [layers[name].seed for name in ("input_dropout", "hidden_0_dropout", "hidden_1_dropout")]
    assert len(set(seeds)) == 3
    assert None not in seeds


@pytest.mark.parameters("l1", "l2")
def test_penalties_are_on_every_kernel_and_on_no_bias(regressor, regression_data):
    fitted = regressor(hidden_layer_sizes=(4, 3), l1=0.01, l2=0.1).fit(*regression_data)
    for name in ("hidden_0", "hidden_1", "output"):
        layer = layers_of(fitted)[name]
        assert layer.kernel_regularizer.get_config() == pytest.approx({"l1": 0.01, "l2": 0.1}, rel=1e-6)
        assert layer.bias_regularizer is None


@pytest.mark.parameters("l1", "l2")
@pytest.mark.parametrize(("name", "norm"), [("l1", np.abs), ("l2", np.square)])
def test_the_penalty_is_in_the_loss(regressor, regression_data, name, norm):
    X, y = regression_data
    fitted = regressor(**{name: 0.1}, learning_rate=1e-30, dtype="float64").fit(X, y)
    kernels = [layers_of(fitted)[layer].get_weights()[0] for layer in ("hidden_0", "output")]
    expected = np.mean((fitted.predict(X) - y) ** 2) + 0.1 * sum(norm(kernel).sum() for kernel in kernels)
    assert fitted.history_["loss"][0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parameters("l1", "l2", "activity_l1", "activity_l2")
def test_without_penalties_there_is_nothing_to_penalise(regressor, regression_data):
    fitted = regressor().fit(*regression_data)
    assert layers_of(fitted)["hidden_0"].kernel_regularizer is None
    assert names_of(fitted) == ["hidden_0", "hidden_0_activation", "output"]


@pytest.mark.parameters("activity_l1", "activity_l2")
@pytest.mark.parametrize(("name", "norm"), [("activity_l1", np.abs), ("activity_l2", np.square)])
def test_the_activity_penalty_is_on_the_activations_and_in_the_loss(regressor, regression_data, name, norm):
    if not averages_activity_penalties():
        pytest.skip(f"Keras {keras.__version__} adds the penalty up over the rows of a batch")
    X, y = regression_data
    fitted = regressor(**{name: 0.1}, learning_rate=1e-30, dtype="float64").fit(X, y)
    layer = layers_of(fitted)["hidden_0_activity"]
    assert isinstance(layer, keras.layers.ActivityRegularization)
    assert layer.get_config()[name.removeprefix("activity_")] == 0.1
    kernel, bias = layers_of(fitted)["hidden_0"].get_weights()
    activations = np.maximum(X @ kernel + bias, 0)
    # Keras adds up a penalty on activations over the rows and divides by their number.
    expected = np.mean((fitted.predict(X) - y) ** 2) + 0.1 * norm(activations).sum() / len(X)
    assert fitted.history_["loss"][0] == pytest.approx(expected, rel=1e-6)


# --- feature layers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def images():
    """Images of shape (12, 8, 8, 1) and which half of each is brighter."""
    X = np.random.default_rng(0).normal(size=(12, 8, 8, 1)).astype("float32")
    y = (X[:, :4].sum(axis=(1, 2, 3)) > X[:, 4:].sum(axis=(1, 2, 3))).astype(int)
    return X, y


CONVOLUTION = [
    ("Conv2D", {"filters": 3, "kernel_size": 3, "activation": "relu"}),
    ("SpatialDropout2D", {"rate": 0.2}),
    "MaxPooling2D",
    "Flatten",
]


@pytest.mark.parameters("feature_layers")
def test_feature_layers_stand_before_the_hidden_ones(classifier, images):
    fitted = classifier(feature_layers=CONVOLUTION).fit(*images)
    kinds = [type(layer).__name__ for layer in fitted.model_.layers]
    assert kinds == ["Conv2D", "SpatialDropout2D", "MaxPooling2D", "Flatten", "Dense", "Activation", "Dense"]
    assert fitted.model_.input_shape == (None, 8, 8, 1)
    assert fitted.model_.layers[0].filters == 3
    assert fitted.predict_proba(images[0]).shape == (12, 2)


@pytest.mark.parameters("feature_layers")
def test_pixels_in_a_row_become_an_image_by_reshape(classifier, images):
    X, y = images
    reshaped = [("Reshape", {"target_shape": (8, 8, 1)}), *CONVOLUTION]
    flat = classifier(feature_layers=reshaped).fit(X.reshape(12, 64), y)
    assert flat.n_features_in_ == 64
    assert flat.model_.layers[0].target_shape == (8, 8, 1)


@pytest.mark.parameters("feature_layers", "random_state")
def test_feature_layers_without_a_seed_get_one(classifier, images):
    one, same = (classifier(feature_layers=CONVOLUTION).fit(*images) for _ in range(2))
    assert same_weights(one, same)
    assert not same_weights(one, classifier(feature_layers=CONVOLUTION, random_state=1).fit(*images))


@pytest.mark.parameters("feature_layers")
def test_layer_objects_are_copied_with_their_weights(regressor, regression_data):
    layer = keras.layers.Dense(4, activation="tanh", name="from_elsewhere")
    layer.build((None, 6))
    before = [weight.copy() for weight in layer.get_weights()]
    fitted = regressor(feature_layers=[layer], learning_rate=1e-30).fit(*regression_data)
    copied = layers_of(fitted)["from_elsewhere"]
    assert copied is not layer
    np.testing.assert_allclose(copied.get_weights()[0], before[0], rtol=1e-6)
    trained = regressor(feature_layers=[layer], learning_rate=0.1).fit(*regression_data)
    assert not np.allclose(layers_of(trained)["from_elsewhere"].get_weights()[0], before[0])
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])


@pytest.mark.parameters("feature_layers")
def test_a_frozen_layer_object_stays_as_it_is(regressor, regression_data):
    layer = keras.layers.Dense(4, trainable=False)
    layer.build((None, 6))
    before = layer.get_weights()[0].copy()
    fitted = regressor(feature_layers=[layer], learning_rate=0.1).fit(*regression_data)
    np.testing.assert_array_equal(fitted.model_.layers[0].get_weights()[0], before)


def _double(x):
    return 2 * x


def _standardising():
    layer = keras.layers.Normalization()
    layer.adapt(np.arange(24.0).reshape(4, 6))
    return layer


#: The layers of the field notes: how each is used on rows of six numbers.
LAYERS = {
    "Dense": [("Dense", {"units": 4})],
    "Activation": [("Activation", {"activation": "tanh"})],
    "Dropout": [("Dropout", {"rate": 0.2})],
    "BatchNormalization": ["BatchNormalization"],
    "Flatten": [("Reshape", {"target_shape": (3, 2)}), "Flatten"],
    "Reshape": [("Reshape", {"target_shape": (3, 2)}), "GlobalAveragePooling1D"],
    "Permute": [("Reshape", {"target_shape": (3, 2)}), ("Permute", {"dims": (2, 1)}), "Flatten"],
    "RepeatVector": [("RepeatVector", {"n": 3}), "Flatten"],
    "Lambda": [("Lambda", {"function": _double})],
    "Masking": [("Reshape", {"target_shape": (3, 2)}), ("Masking", {"mask_value": 0.0}), ("LSTM", {"units": 2})],
    "ActivityRegularization": [("ActivityRegularization", {"l2": 0.1})],
    "SpatialDropout1D": [("Reshape", {"target_shape": (3, 2)}), ("SpatialDropout1D", {"rate": 0.2}), "Flatten"],
    "SpatialDropout2D": [("Reshape", {"target_shape": (3, 1, 2)}), ("SpatialDropout2D", {"rate": 0.2}), "Flatten"],
    "SpatialDropout3D": [("Reshape", {"target_shape": (3, 1, 1, 2)}), ("SpatialDropout3D", {"rate": 0.2}), "Flatten"],
    "Conv1D": [
        ("Reshape", {"target_shape": (6, 1)}),
        ("Conv1D", {"filters": 2, "kernel_size": 3}),
        "GlobalMaxPooling1D",
    ],
    "GaussianNoise": [("GaussianNoise", {"stddev": 0.1})],
}


@pytest.mark.few(7)
@pytest.mark.parameters("feature_layers")
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_of_the_notes_can_be_used(regressor, regression_data, name):
    X, y = regression_data
    fitted = regressor(feature_layers=LAYERS[name]).fit(X, y)
    assert name in [type(layer).__name__ for layer in fitted.model_.layers]
    assert fitted.predict(X).shape == (200,)


@pytest.mark.parameters("feature_layers")
def test_a_layer_that_has_learned_its_numbers_keeps_them(regressor, regression_data):
    given = _standardising()
    fitted = regressor(feature_layers=[given]).fit(*regression_data)
    copied = fitted.model_.layers[0]
    np.testing.assert_allclose(np.asarray(copied.mean), np.asarray(given.mean), rtol=1e-6)


@pytest.mark.parameters("feature_layers")
def test_the_layer_that_the_notes_call_input_is_made_by_itself(regressor, regression_data):
    fitted = regressor().fit(*regression_data)
    assert fitted.model_.input_shape == (None, 6)
    assert fitted.model_.inputs[0].name == "inputs"


@pytest.mark.parameters("feature_layers")
def test_a_feature_layer_may_have_a_name_and_the_callers_list_stays_as_it_is(regressor, regression_data):
    given = [("Dense", {"units": 4, "name": "embedding"})]
    fitted = regressor(feature_layers=given).fit(*regression_data)
    assert names_of(fitted)[0] == "embedding"
    assert given == [("Dense", {"units": 4, "name": "embedding"})]
