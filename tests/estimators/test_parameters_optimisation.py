"""What each parameter of the optimisation does: loss, optimizer, rate, schedule, batches, order, class weights."""

import datetime

import keras
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from sknn_tune.specs import LOSS_ALIASES, LOSSES, OPTIMIZERS

#: Here parameters are given to optimizers and schedules that do not have them, too: test_messages_about_parameters.py
#: has what is said of that.
pytestmark = pytest.mark.filterwarnings("ignore:The '.*' parameter of .* has no effect:UserWarning")

#: A value other than the default for each parameter that an optimizer may have.
OTHER_VALUES = {
    "momentum": 0.6,
    "nesterov": True,
    "beta_1": 0.7,
    "beta_2": 0.8,
    "rho": 0.55,
    "epsilon": 1e-3,
    "weight_decay": 0.02,
}


def assert_same_weights(one, other, **tolerance):
    for first, second in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, **{"rtol": 0, "atol": 0, **tolerance})


def differ(one, other) -> bool:
    pairs = zip(one.model_.get_weights(), other.model_.get_weights(), strict=True)
    return any(not np.array_equal(first, second) for first, second in pairs)


def change_of_weights(estimator, X, y) -> np.ndarray:
    """All weights after the fit minus those before it, as one vector."""
    before = estimator.set_params(learning_rate=1e-30).fit(X, y).model_.get_weights()
    return lambda **given: np.concatenate(
        [
            (after - start).ravel()
            for after, start in zip(estimator.set_params(**given).fit(X, y).model_.get_weights(), before, strict=True)
        ]
    )


# --- the loss --------------------------------------------------------------------------------------


@pytest.mark.parameters("loss")
def test_the_loss_follows_the_task(classifier, regressor, binary_data, multiclass_data, regression_data):
    labels = 1 - np.eye(3, dtype=int)[multiclass_data[1]]
    losses = [
        type(estimator.fit(X, y).model_.loss).__name__
        for estimator, X, y in (
            (regressor(), *regression_data),
            (classifier(), *binary_data),
            (classifier(), *multiclass_data),
            (classifier(), multiclass_data[0], labels),
        )
    ]
    assert losses == ["MeanSquaredError", "BinaryCrossentropy", "SparseCategoricalCrossentropy", "BinaryCrossentropy"]


REGRESSION_LOSSES = {
    "cosine_similarity",
    "huber",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
}


@pytest.mark.parameters("loss")
@pytest.mark.parametrize("name", sorted(REGRESSION_LOSSES))
def test_a_regressor_minimises_the_loss_of_that_name(regressor, regression_data, name):
    X, y = regression_data
    y = np.abs(y) + 0.5
    fitted = regressor(loss=name, output_activation="softplus", learning_rate=1e-30, dtype="float64").fit(X, y)
    values = keras.losses.get(name)(y.reshape(-1, 1), fitted.predict(X).reshape(-1, 1))
    assert fitted.history_["loss"][0] == pytest.approx(float(np.mean(values)), rel=1e-6)


@pytest.mark.parameters("loss")
@pytest.mark.parametrize("name", sorted(set(LOSSES) - REGRESSION_LOSSES))
def test_a_classifier_minimises_the_loss_of_that_name(classifier, multiclass_data, name):
    X, y = multiclass_data
    estimator = classifier(loss=name, learning_rate=1e-30, dtype="float64")
    fitted = estimator.fit(X, y)
    target = y if name == "sparse_categorical_crossentropy" else np.eye(3)[y]
    expected = keras.losses.get(name)(target, np.asarray(fitted.model_(X)))
    assert fitted.history_["loss"][0] == pytest.approx(float(np.mean(expected)), rel=1e-5)


@pytest.mark.parameters("loss")
@pytest.mark.parametrize("alias", [*LOSS_ALIASES, "MeanSquaredError", "MSE", "KLDivergence"])
def test_a_loss_has_the_names_that_keras_gives_it(regressor, alias):
    from sknn_tune.estimators.resolve import Parameters, resolve_loss

    assert resolve_loss(Parameters(regressor(loss=alias)), "auto") in LOSSES


def _pinball(y_true, y_pred):
    error = y_true - y_pred
    return keras.ops.maximum(0.9 * error, -0.1 * error)


@pytest.mark.few(3)
@pytest.mark.parameters("loss")
@pytest.mark.parametrize(
    "loss",
    [keras.losses.Huber, keras.losses.Huber(delta=1.0), "huber", keras.losses.huber, keras.losses.get("huber")],
    ids=["class", "object", "name", "function", "found"],
)
def test_name_class_object_and_function_of_a_loss_are_the_same(regressor, regression_data, loss):
    fitted = regressor(loss=loss).fit(*regression_data)
    assert not differ(fitted, regressor(loss="huber").fit(*regression_data))
    assert differ(fitted, regressor().fit(*regression_data))


@pytest.mark.parameters("loss")
def test_a_loss_of_the_users_own_is_minimised(regressor, regression_data):
    X, y = regression_data
    fitted = regressor(loss=_pinball, epochs=10, learning_rate=0.3).fit(X, y)
    assert np.mean(fitted.predict(X) > y) > 0.75  # it asks for the 90 % quantile


# --- the optimizer ---------------------------------------------------------------------------------


def skip_unknown(name):
    try:
        keras.optimizers.get(name)
    except ValueError:
        pytest.skip(f"Keras {keras.__version__} does not know {name} yet")


@pytest.mark.parameters(
    *("optimizer", "learning_rate", "momentum", "nesterov", "beta_1", "beta_2", "rho", "epsilon", "weight_decay")
)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_gets_every_parameter_that_it_has(regressor, regression_data, name):
    skip_unknown(name)
    fitted = regressor(optimizer=name, learning_rate=0.02, **OTHER_VALUES).fit(*regression_data)
    optimizer = fitted.model_.optimizer
    assert type(optimizer) is type(keras.optimizers.get(name))
    config = optimizer.get_config()
    defaults = keras.optimizers.get(name).get_config()
    assert config["learning_rate"] == pytest.approx(0.02)
    for parameter in set(OTHER_VALUES) & set(config):
        expected = OTHER_VALUES[parameter] if parameter in OPTIMIZERS[name] else defaults[parameter]
        assert config[parameter] == expected, parameter
    assert np.isfinite(fitted.predict(regression_data[0])).all()


@pytest.mark.parameters("optimizer", "beta_1", "beta_2", "rho", "epsilon", "weight_decay")
@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "rmsprop", "adagrad"])
def test_none_leaves_an_optimizer_the_values_of_keras(regressor, regression_data, name):
    config = regressor(optimizer=name).fit(*regression_data).model_.optimizer.get_config()
    assert config["learning_rate"] == pytest.approx(1e-3)
    assert {**config, "learning_rate": None, "name": None} == {
        **keras.optimizers.get(name).get_config(),
        "learning_rate": None,
        "name": None,
    }


@pytest.mark.parameters("optimizer", "momentum")
def test_momentum_is_for_sgd_and_for_rmsprop_only_by_its_full_name(regressor, regression_data):
    def momentum(**given):
        return regressor(**given).fit(*regression_data).model_.optimizer.momentum

    assert momentum(optimizer="sgd") == 0.9
    assert momentum(optimizer="sgd", momentum=0.5) == 0.5
    assert momentum(optimizer="rmsprop", momentum=0.5) == 0.0
    assert momentum(optimizer="rmsprop", optimizer__momentum=0.5) == 0.5
    skip_unknown("muon")
    assert momentum(optimizer="muon", momentum=0.5) == 0.95


@pytest.mark.parameters("optimizer")
@pytest.mark.parametrize("given", ["RMSprop", "SGD", keras.optimizers.RMSprop, keras.optimizers.SGD], ids=repr)
def test_an_optimizer_may_be_given_by_its_class(regressor, regression_data, given):
    name = (given if isinstance(given, str) else given.__name__).lower()
    fitted = regressor(optimizer=given, rho=0.5, momentum=0.4).fit(*regression_data)
    assert not differ(fitted, regressor(optimizer=name, rho=0.5, momentum=0.4).fit(*regression_data))


class _SmallSteps(keras.optimizers.SGD):
    """An optimizer of the user's own."""

    def __init__(self, learning_rate=0.01, shrink=2.0, name="small_steps", **further):
        super().__init__(learning_rate, name=name, **further)
        self.shrink = shrink

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient / self.shrink, variable, learning_rate)


@pytest.mark.parameters("optimizer")
def test_an_optimizer_of_the_users_own_takes_routed_arguments(regressor, regression_data):
    own = regressor(optimizer=_SmallSteps, optimizer__shrink=4.0, learning_rate=0.4, dtype="float64")
    plain = regressor(optimizer="sgd", momentum=0.0, learning_rate=0.1, dtype="float64")
    assert_same_weights(own.fit(*regression_data), plain.fit(*regression_data), rtol=1e-12)


@pytest.mark.parameters("optimizer")
def test_a_finished_optimizer_is_copied_and_never_used_itself(regressor, regression_data):
    given = keras.optimizers.Adam(learning_rate=0.05, beta_1=0.5)
    fitted = regressor(optimizer=given).fit(*regression_data)
    assert fitted.model_.optimizer is not given
    assert not given.built
    assert not differ(fitted, regressor(optimizer="adam", learning_rate=0.05, beta_1=0.5).fit(*regression_data))


@pytest.mark.parameters("learning_rate")
def test_one_step_of_plain_descent_is_proportional_to_the_rate(regressor, regression_data):
    change = change_of_weights(regressor(optimizer="sgd", momentum=0.0, dtype="float64"), *regression_data)
    np.testing.assert_allclose(change(learning_rate=0.3), 3 * change(learning_rate=0.1), rtol=1e-6, atol=1e-12)


@pytest.mark.parameters("momentum", "nesterov")
def test_momentum_and_nesterov_follow_their_formulas(regressor, regression_data):
    change = change_of_weights(regressor(optimizer="sgd", momentum=0.0, dtype="float64"), *regression_data)
    gradient = -change(learning_rate=0.1) / 0.1
    # The first velocity is -rate * gradient; Nesterov looks one velocity ahead.
    np.testing.assert_allclose(change(momentum=0.5), -0.1 * gradient, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(change(momentum=0.5, nesterov=True), -0.15 * gradient, rtol=1e-6, atol=1e-12)


@pytest.mark.parameters("clipnorm")
def test_clipnorm_bounds_the_norm_of_the_whole_gradient(regressor, regression_data):
    change = change_of_weights(regressor(optimizer="sgd", momentum=0.0, dtype="float64"), *regression_data)
    free, clipped = change(learning_rate=0.1), change(clipnorm=0.05)
    assert np.linalg.norm(free) > 0.1 * 0.05
    assert np.linalg.norm(clipped) == pytest.approx(0.1 * 0.05, rel=1e-6)
    np.testing.assert_allclose(clipped / np.linalg.norm(clipped), free / np.linalg.norm(free), atol=1e-6)
    fitted = regressor(clipnorm=0.05).fit(*regression_data)
    assert fitted.model_.optimizer.global_clipnorm == 0.05
    assert fitted.model_.optimizer.clipnorm is None


@pytest.mark.parameters("weight_decay")
def test_weight_decay_pulls_every_weight_to_zero(regressor, regression_data):
    change = change_of_weights(regressor(optimizer="sgd", momentum=0.0, dtype="float64"), *regression_data)
    untouched = regressor(dtype="float64", learning_rate=1e-30).fit(*regression_data)
    before = np.concatenate([weights.ravel() for weights in untouched.model_.get_weights()])
    difference = change(learning_rate=0.1, weight_decay=0.2) - change(weight_decay=None)
    np.testing.assert_allclose(difference, -0.1 * 0.2 * before, rtol=1e-6, atol=1e-9)


# --- the schedule ----------------------------------------------------------------------------------


def rates(estimator, steps) -> list[float]:
    schedule = estimator.model_.optimizer._learning_rate
    return [float(schedule(step)) for step in steps]


STEPS = np.array([0, 1, 9, 10, 11, 25, 37])
FORMULAS = {
    ("inverse_time", False): 0.1 / (1 + 0.7 * STEPS / 10),
    ("inverse_time", True): 0.1 / (1 + 0.7 * (STEPS // 10)),
    ("exponential", False): 0.1 * 0.7 ** (STEPS / 10),
    ("exponential", True): 0.1 * 0.7 ** (STEPS // 10),
    ("cosine", False): 0.1 * (1 + np.cos(np.pi * np.minimum(STEPS, 10) / 10)) / 2,
}


@pytest.mark.parameters("learning_rate_schedule", "decay_rate", "decay_steps", "staircase")
@pytest.mark.parametrize(("kind", "staircase"), FORMULAS)
def test_the_rate_follows_the_formula(regressor, regression_data, kind, staircase):
    fitted = regressor(
        learning_rate=0.1, learning_rate_schedule=kind, decay_rate=0.7, decay_steps=10, staircase=staircase
    ).fit(*regression_data)
    np.testing.assert_allclose(rates(fitted, STEPS), FORMULAS[kind, staircase], rtol=1e-5, atol=1e-8)


@pytest.mark.parameters("decay_steps", "batch_size", "epochs")
@pytest.mark.parametrize(("kind", "decay_steps"), [("exponential", 4), ("inverse_time", 4), ("cosine", 8)])
def test_epoch_means_the_updates_of_one_epoch_and_for_cosine_all_updates(regressor, regression_data, kind, decay_steps):
    fitted = regressor(learning_rate_schedule=kind, epochs=2, batch_size=64).fit(*regression_data)  # 200 rows
    assert fitted.model_.optimizer._learning_rate.decay_steps == decay_steps
    assert fitted.n_steps_ == 8


@pytest.mark.parameters("learning_rate_schedule", "decay_steps")
@pytest.mark.parametrize(("kind", "instead"), [("cosine", "decay_steps, the updates of"), ("piecewise", "a Keras sch")])
def test_partial_fit_does_not_know_the_end_of_a_schedule(regressor, regression_data, kind, instead):
    network = regressor(learning_rate_schedule=kind)
    with pytest.warns(
        UserWarning, match=f"'{kind}', which falls until the last update, but .* Give .*{instead}"
    ) as said:
        network.partial_fit(*regression_data)
    assert said[0].filename == __file__
    network.partial_fit(*regression_data)  # says it no more
    regressor(learning_rate_schedule=kind).fit(*regression_data).partial_fit(*regression_data)
    for other in ({"learning_rate_schedule": "cosine", "decay_steps": 9}, {"learning_rate_schedule": "exponential"}):
        regressor(**other).partial_fit(*regression_data)


@pytest.mark.parameters("learning_rate_schedule", "decay_boundaries", "decay_rate")
def test_piecewise_multiplies_the_rate_at_fractions_of_all_updates(regressor, regression_data):
    fitted = regressor(
        learning_rate=0.1,
        learning_rate_schedule="piecewise",
        decay_rate=0.1,
        decay_boundaries=(0.25, 0.75),
        epochs=2,
        batch_size=50,  # 8 updates
    ).fit(*regression_data)
    np.testing.assert_allclose(rates(fitted, range(8)), [0.1] * 2 + [0.01] * 4 + [0.001] * 2, rtol=1e-5)


@pytest.mark.parameters("learning_rate_schedule", "decay_boundaries")
def test_the_default_boundaries_are_half_and_three_quarters(regressor, regression_data):
    fitted = regressor(learning_rate=0.1, learning_rate_schedule="piecewise", batch_size=50).fit(*regression_data)
    np.testing.assert_allclose(rates(fitted, range(4)), [0.1, 0.1, 0.05, 0.025], rtol=1e-6)


@pytest.mark.parameters("decay_boundaries")
@pytest.mark.parametrize("boundaries", [[], np.array(0.5), {0.5}, [0.5, 0.5], [0.7, 0.5], [0.0]], ids=repr)
def test_boundaries_that_are_no_rising_fractions_are_refused(regressor, regression_data, boundaries):
    network = regressor(learning_rate_schedule="piecewise", decay_boundaries=boundaries)
    with pytest.raises(ValueError, match="'decay_boundaries' parameter of KerasRegressor must be a sequence of rising"):
        network.fit(*regression_data)


@pytest.mark.parameters("learning_rate_schedule")
def test_history_has_the_rate_at_the_beginning_of_each_epoch(regressor, regression_data):
    fitted = regressor(learning_rate=0.1, learning_rate_schedule="exponential", epochs=3, batch_size=100)
    np.testing.assert_allclose(fitted.fit(*regression_data).history_["learning_rate"], [0.1, 0.05, 0.025], rtol=1e-5)


@pytest.mark.parameters("learning_rate_schedule")
def test_a_schedule_object_of_keras_is_copied_and_used(regressor, regression_data):
    given = keras.optimizers.schedules.PolynomialDecay(0.1, decay_steps=4, end_learning_rate=0.0)
    fitted = regressor(learning_rate_schedule=given, epochs=2, batch_size=100).fit(*regression_data)
    assert fitted.model_.optimizer._learning_rate is not given
    np.testing.assert_allclose(rates(fitted, [0, 2, 4]), [0.1, 0.05, 0.0], atol=1e-7)
    np.testing.assert_allclose(fitted.history_["learning_rate"], [0.1, 0.05], rtol=1e-5)


@pytest.mark.parameters("learning_rate_schedule")
def test_a_schedule_acts_on_the_updates(regressor, regression_data):
    constant = regressor(epochs=3).fit(*regression_data)
    assert differ(constant, regressor(epochs=3, learning_rate_schedule="exponential").fit(*regression_data))


# --- batches ---------------------------------------------------------------------------------------


@pytest.mark.parameters("batch_size", "epochs")
@pytest.mark.parametrize(
    ("batch_size", "n_steps"), [(-1, 2), (200, 2), (1000, 2), (199, 4), (100, 4), (33, 14), (np.int64(50), 8)]
)
def test_an_epoch_has_as_many_updates_as_batches(regressor, regression_data, batch_size, n_steps):
    fitted = regressor(epochs=2, batch_size=batch_size).fit(*regression_data)
    assert fitted.n_steps_ == n_steps == int(fitted.model_.optimizer.iterations)
    assert fitted.n_iter_ == len(fitted.history_["loss"]) == 2


@pytest.mark.parameters("batch_size")
def test_minus_one_is_the_whole_training_set(regressor, regression_data):
    one, other = (regressor(batch_size=size).fit(*regression_data) for size in (-1, 200))
    assert not differ(one, other)


@pytest.mark.parameters("epochs")
def test_more_epochs_go_on_where_fewer_stopped(regressor, regression_data):
    short, long = (regressor(epochs=epochs, batch_size=50).fit(*regression_data) for epochs in (1, 2))
    assert long.history_["loss"][:1] == short.history_["loss"]
    assert differ(short, long)


def rows_seen(regressor, n_epochs=2, **given) -> list[list[int]]:
    """The numbers of the rows in the order in which the loss meets them, epoch by epoch."""
    seen = []

    def loss(y_true, y_pred):
        seen.extend(np.asarray(y_true).ravel().astype(int).tolist())
        return keras.ops.square(y_true - y_pred)

    X, y = np.random.default_rng(0).normal(size=(10, 3)), np.arange(10.0)
    regressor(loss=loss, batch_size=4, epochs=n_epochs, **given).fit(X, y)
    return [seen[epoch * 10 : epoch * 10 + 10] for epoch in range(n_epochs)]


@pytest.mark.parameters("shuffle")
def test_without_shuffle_the_rows_keep_their_order(regressor):
    assert rows_seen(regressor, shuffle=False) == [list(range(10))] * 2


@pytest.mark.parameters("shuffle", "random_state")
def test_with_shuffle_each_epoch_has_every_row_once_in_a_new_order(regressor):
    first, second = rows_seen(regressor)
    assert sorted(first) == sorted(second) == list(range(10))
    assert list(range(10)) not in (first, second)
    assert first != second
    assert [first, second] == rows_seen(regressor)
    assert [first, second] != rows_seen(regressor, random_state=1)


@pytest.mark.parameters("shuffle_buffer")
def test_with_a_small_buffer_blocks_of_rows_are_drawn_and_mixed(regressor):
    blocks = rows_seen(regressor, shuffle_buffer=2)  # of one row each, in twos
    assert all(sorted(order) == list(range(10)) for order in blocks)
    assert blocks != rows_seen(regressor)
    assert rows_seen(regressor, shuffle_buffer=10) == rows_seen(regressor)
    assert rows_seen(regressor, shuffle_buffer=3, shuffle=False) == [list(range(10))] * 2


# --- weights of classes and rows -------------------------------------------------------------------


@pytest.fixture
def uneven(binary_data):
    """Sixty rows, a quarter of them of class 1."""
    X, y = binary_data
    rows = np.concatenate([np.flatnonzero(y == 0)[:45], np.flatnonzero(y == 1)[:15]])
    return X[rows], y[rows]


@pytest.mark.parameters("class_weight")
@pytest.mark.parametrize("class_weight", ["balanced", {0: 1.0, 1: 4.0}, {1: 2.0}], ids=repr)
def test_class_weights_are_weights_of_the_rows_of_a_class(classifier, uneven, class_weight):
    X, y = uneven
    by_class = classifier(class_weight=class_weight, dtype="float64").fit(X, y)
    by_row = classifier(dtype="float64").fit(X, y, sample_weight=compute_sample_weight(class_weight, y))
    assert_same_weights(by_class, by_row, rtol=1e-12, atol=1e-15)
    assert differ(by_class, classifier(dtype="float64").fit(X, y))


_DATES = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[us]")


@pytest.mark.parameters("class_weight")
@pytest.mark.parametrize(
    ("labels", "name"),
    [
        (np.array(["0", "1"]), "1"),  # scikit-learn makes numbers of these
        (np.array(["00", "01"], dtype=object), "01"),
        (np.array(["1e3", "inf"]), np.str_("inf")),
        (np.array([False, True]), 1),
        (_DATES, datetime.datetime(2021, 1, 1)),
        (_DATES, np.datetime64("2021-01-01")),
        (_DATES.astype("datetime64[ns]"), np.datetime64("2021-01-01")),
    ],
    ids=["text of digits", "objects", "text of a number", "bools", "dates", "days", "nanoseconds"],
)
def test_class_weights_are_found_by_the_labels_of_y(classifier, uneven, labels, name):
    X, y = uneven
    expected = classifier(class_weight={1: 5}).fit(X, y)
    assert_same_weights(classifier(class_weight={name: 5}).fit(X, labels[y]), expected)


@pytest.mark.parameters("class_weight")
def test_class_weights_multiply_the_weights_of_rows_and_leave_them_as_they_are(classifier, uneven):
    X, y = uneven
    weight = np.linspace(0.5, 2.0, len(y))
    given = weight.copy()
    both = classifier(class_weight={0: 1, 1: 3}, dtype="float64").fit(X, y, sample_weight=given)
    product = classifier(dtype="float64").fit(X, y, sample_weight=weight * np.where(y == 1, 3, 1))
    assert_same_weights(both, product, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(given, weight)


@pytest.mark.parameters("class_weight")
def test_balanced_makes_classes_count_the_same_also_with_weights_of_rows(classifier, uneven):
    X, y = uneven
    weight = np.where(y == 1, 2.0, 1.0)  # 45 and 30 in sum
    balanced = classifier(class_weight="balanced", dtype="float64").fit(X, y, sample_weight=weight)
    equal = classifier(dtype="float64").fit(X, y, sample_weight=weight * np.where(y == 1, 45 / 30, 1.0))
    assert_same_weights(balanced, equal, rtol=1e-12, atol=1e-15)


@pytest.mark.parameters("class_weight")
def test_class_weights_are_by_label_whatever_its_type(classifier, uneven):
    X, y = uneven
    named = classifier(class_weight={"no": 1.0, "yes": 4.0}).fit(X, np.where(y == 1, "yes", "no"))
    assert not differ(named, classifier(class_weight={0: 1.0, 1: 4.0}).fit(X, y))


def test_a_weight_of_two_is_the_row_twice(regressor, regression_data):
    X, y = regression_data
    weight = np.where(np.arange(200) % 3 == 0, 2, 1)
    weighted = regressor(epochs=3, dtype="float64").fit(X, y, sample_weight=weight)
    repeated = regressor(epochs=3, dtype="float64").fit(X.repeat(weight, axis=0), y.repeat(weight))
    assert_same_weights(weighted, repeated, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("batch_size", [-1, 32])
def test_a_weight_of_zero_is_no_row(classifier, multiclass_data, batch_size):
    X, y = multiclass_data
    weight = np.where(np.arange(120) % 4 == 0, 0.0, 1.0)
    estimator = classifier(epochs=2, batch_size=batch_size, dtype="float64", random_state=3)
    weighted = estimator.fit(X, y, sample_weight=weight).model_.get_weights()
    without = estimator.fit(X[weight > 0], y[weight > 0]).model_.get_weights()
    for first, second in zip(weighted, without, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-15)


def test_the_scale_of_the_weights_does_not_matter(regressor, regression_data):
    X, y = regression_data
    weight = np.linspace(0.5, 1.5, 200)
    one, other = (regressor(dtype="float64").fit(X, y, sample_weight=scale * weight) for scale in (1, 1000))
    assert_same_weights(one, other, rtol=1e-10, atol=1e-13)
