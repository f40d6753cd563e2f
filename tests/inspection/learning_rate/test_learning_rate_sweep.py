"""A sweep compares rates alone, finds the range that trains, and leaves everything else as it was."""

import warnings

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.inspection import LearningRateSweep, learning_rate_sweep
from sknn_tune.inspection.learning_rate import summarise
from sknn_tune.search_space import log_uniform

RATES = [1e-7, 1e-4, 1e-2, 1e10]


@pytest.fixture(scope="module")
def sgd():
    return KerasClassifier(hidden_layer_sizes=(8,), optimizer="sgd", random_state=0)


@pytest.fixture(scope="module")
def sweep(sgd, binary_data):
    return learning_rate_sweep(sgd, *binary_data, rates=RATES, epochs=5)


def test_far_too_small_changes_nothing_and_far_too_large_diverges(sweep):
    assert sweep.losses[0] == pytest.approx(sweep.starting_loss, rel=1e-3)
    assert sweep.losses[1] < sweep.losses[0]
    assert sweep.diverged.tolist() == [False, False, False, True]
    assert sweep.losses[3] == np.inf
    assert sweep.best_rate == 1e-2


def test_curves_have_a_row_per_rate_and_end_with_the_losses(sweep):
    assert sweep.curves.shape == (4, 5)
    assert sweep.n_epochs == 5
    np.testing.assert_array_equal(sweep.curves[:3, -1], sweep.losses[:3])
    assert np.isnan(sweep.curves[3, -1])


def test_space_spans_the_range(sweep):
    assert sweep.space() == log_uniform(sweep.low, sweep.high)
    assert sweep.best_rate in sweep.space()


def test_a_rate_alone_is_what_it_is_among_others(sgd, binary_data, sweep):
    again = learning_rate_sweep(sgd, *binary_data, rates=[1e-3, 1e-2, 1e-4], epochs=5)
    np.testing.assert_array_equal(again.rates, [1e-4, 1e-3, 1e-2])
    np.testing.assert_array_equal(again.curves[[0, 2]], sweep.curves[[1, 2]])


def test_losses_are_those_of_a_fit_with_that_rate(sgd, binary_data):
    X, y = binary_data
    once = KerasClassifier(hidden_layer_sizes=(8,), learning_rate=0.01, epochs=3, random_state=1)
    sweep = learning_rate_sweep(once, X, y, rates=[1e-3, 1e-2, 1e-1], epochs=3)
    probabilities = once.fit(X, y).predict_proba(X)
    assert sweep.losses[1] == pytest.approx(-np.log(probabilities[np.arange(len(y)), y]).mean(), rel=1e-5)


def test_estimator_is_not_changed_nor_fitted(binary_data):
    state = np.random.RandomState(3)
    network = KerasClassifier(hidden_layer_sizes=(4,), random_state=state, early_stopping=True)
    parameters = network.get_params()
    before = state.get_state()[1].copy()
    learning_rate_sweep(network, *binary_data, rates=RATES, epochs=2)
    assert network.get_params() == parameters
    np.testing.assert_array_equal(state.get_state()[1], before)
    assert not hasattr(network, "history_")


def test_early_stopping_schedule_and_callbacks_take_no_part(binary_data):
    plain = KerasClassifier(hidden_layer_sizes=(4,), random_state=0)
    other = KerasClassifier(
        hidden_layer_sizes=(4,),
        random_state=0,
        early_stopping=True,
        patience=0,
        learning_rate_schedule="exponential",
        learning_rate=5.0,
        epochs=1,
        warm_start=True,
    )
    curves = [learning_rate_sweep(network, *binary_data, rates=RATES, epochs=3).curves for network in (plain, other)]
    np.testing.assert_array_equal(*curves)


def test_no_warning_reaches_the_caller(sgd, regression_data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = KerasRegressor(hidden_layer_sizes=(4,), optimizer="sgd", random_state=0)
        sweep = learning_rate_sweep(network, *regression_data, epochs=2)
    assert sweep.diverged[-1]


def test_pipeline_fits_its_earlier_steps(binary_data):
    X, y = binary_data
    network = KerasClassifier(hidden_layer_sizes=(4,), random_state=0)
    in_pipeline = learning_rate_sweep(make_pipeline(StandardScaler(), network), 1000 * X + 5, y, RATES, epochs=2)
    alone = learning_rate_sweep(network, StandardScaler().fit_transform(X), y, RATES, epochs=2)
    np.testing.assert_allclose(in_pipeline.curves[:3], alone.curves[:3], rtol=1e-4)
    assert np.shape(in_pipeline.rates) == (4,)


def test_default_is_two_rates_per_power_of_ten_and_enough_updates(multiclass_data):
    sweep = learning_rate_sweep(KerasClassifier(hidden_layer_sizes=(4,), random_state=0), *multiclass_data)
    assert len(sweep.rates) == 15
    assert (sweep.rates[0], sweep.rates[-1]) == (1e-6, 10.0)
    assert sweep.n_epochs == 50  # 120 rows in batches of 32 are 4 updates
    assert 1e-6 < sweep.low < sweep.high <= 1


@pytest.mark.parametrize("batch_size", [-1, 1000])
def test_epochs_of_a_full_batch_are_its_updates(multiclass_data, batch_size):
    network = KerasClassifier(hidden_layer_sizes=(4,), batch_size=batch_size, random_state=0)
    assert learning_rate_sweep(network, *multiclass_data, rates=RATES).n_epochs == 200


def _summary(losses, start=1.0):
    losses = np.array(losses)
    return summarise(10.0 ** np.arange(len(losses)), losses[:, None], start)


def test_range_ends_at_the_best_and_goes_one_step_below_what_reaches_nine_tenths():
    found = _summary([0.99, 0.5, 0.09, 0.02, 0.0, 0.05, np.nan])
    assert (found.low, found.high, found.best_rate) == (10.0, 10.0**4, 10.0**4)


def test_best_is_the_smallest_that_is_as_good():
    found = _summary([0.9, 0.5, 0.009, 0.0, 1e-6])
    assert (found.best_rate, found.best_loss) == (10.0**2, 0.009)
    assert _summary([0.9, 0.5, 0.011, 0.0, 1e-6]).best_rate == 10.0**3


def test_range_does_not_jump_over_a_bad_rate():
    assert _summary([0.9, 0.05, 0.8, 0.0, 1.0]).low == 10.0**2


def test_range_goes_below_the_rates_if_the_first_is_good():
    assert _summary([0.0, 0.1, 0.5]).low == 0.1


@pytest.mark.parametrize("losses", [[np.nan] * 3, [1.0, 2.0, np.inf]])
def test_where_no_rate_helps_there_is_no_range(losses):
    found = _summary(losses)
    assert (found.best_rate, found.best_loss, found.low, found.high) == (None, None, None, None)
    assert "none of 3 rates" in str(found)
    with pytest.raises(ValueError, match=r"No rate from 1 to 100 has lowered the loss within 1 epoch, so there is no"):
        found.space()


def test_str_names_best_rate_and_range():
    assert str(_summary([0.9, 0.1, 0.5])) == (
        "LearningRateSweep: best rate 10 (loss 1 -> 0.1 in 1 epoch), worth searching: 1 to 10"
    )
    assert isinstance(_summary([0.9, 0.1, 0.5]), LearningRateSweep)


@pytest.mark.parametrize("estimator", [LogisticRegression(), make_pipeline(StandardScaler()), KerasClassifier, None])
def test_other_estimators_are_refused(estimator, binary_data):
    with pytest.raises(TypeError, match=r"learning_rate_sweep trains a KerasClassifier or KerasRegressor, or a Pipel"):
        learning_rate_sweep(estimator, *binary_data)


@pytest.mark.parametrize("rates", [[0.1, 0.2], [0.1, 0.1, 0.2], [0.0, 0.1, 0.2], [0.1, 0.2, np.nan], [[1.0, 2.0, 3.0]]])
def test_unusable_rates_are_refused(sgd, binary_data, rates):
    with pytest.raises(ValueError, match="must be at least three different positive numbers, such as"):
        learning_rate_sweep(sgd, *binary_data, rates=rates)


def test_unusable_epochs_are_refused(sgd, binary_data):
    with pytest.raises(ValueError, match=r"The 'epochs' parameter of learning_rate_sweep must be an int in the range"):
        learning_rate_sweep(sgd, *binary_data, epochs=0)


def test_model_with_a_rate_of_its_own_is_refused(binary_data):
    def build(meta):
        import keras

        inputs = keras.Input((meta["n_features_in_"],))
        model = keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(inputs))
        model.compile("sgd", "binary_crossentropy")
        return model

    network = KerasClassifier(build, batch_size=-1, random_state=0)
    said = pytest.warns(UserWarning, match="The 'learning_rate' parameter .* is compiled already")
    with said, pytest.raises(ValueError, match="All rates have led to exactly the same losses"):
        learning_rate_sweep(network, *binary_data, rates=[1e-3, 1e-2, 1e-1], epochs=1)


def test_rates_that_all_diverge_are_no_mistake_but_have_no_range(binary_data):
    X, y = binary_data
    network = KerasRegressor(hidden_layer_sizes=(8,), optimizer="sgd", random_state=0)
    sweep = learning_rate_sweep(network, 1e6 * X, y, rates=[1e3, 1e4, 1e5], epochs=2)
    assert sweep.diverged.all()
    assert np.isnan(sweep.curves).all()
    assert sweep.best_rate is None
    with pytest.raises(ValueError, match="Scale the inputs, try smaller rates"):
        sweep.space()


def test_of_an_estimator_around_a_network_it_says_which_to_give(binary_data):
    around = TransformedTargetRegressor(KerasRegressor(), transformer=StandardScaler())
    with pytest.raises(TypeError, match=r"Got TransformedTargetRegressor instead\. Give its regressor\. Scale y as"):
        learning_rate_sweep(make_pipeline(StandardScaler(), around), *binary_data)
    with pytest.raises(TypeError, match=r"Got GridSearchCV instead\. Give its estimator\."):
        learning_rate_sweep(GridSearchCV(KerasClassifier(), {"epochs": [1]}), *binary_data)


def test_dataset_is_refused(sgd, binary_data):
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(TypeError, match=r"X is a tf\.data\.Dataset.*give some thousand of its rows as an array"):
        learning_rate_sweep(sgd, tf.data.Dataset.from_tensor_slices(binary_data).batch(8), None)
