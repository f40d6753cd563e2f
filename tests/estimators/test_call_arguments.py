"""Arguments of one call: they count in that call, and the estimator is as before afterwards."""

import keras
import numpy as np
import pytest
from sklearn.base import clone

from sknn_tune import KerasClassifier, KerasRegressor


@pytest.fixture
def classifier():
    return KerasClassifier(hidden_layer_sizes=(4,), epochs=2, random_state=0)


def test_arguments_of_fit_are_parameters_for_that_call(classifier, binary_data):
    X, y = binary_data
    before = classifier.get_params()
    classifier.fit(X, y, epochs=3, batch_size=50, shuffle=False, class_weight="balanced", verbose=0)
    same = clone(classifier).set_params(epochs=3, batch_size=50, shuffle=False, class_weight="balanced").fit(X, y)
    assert classifier.get_params() == before
    assert classifier.history_ == same.history_ and classifier.n_iter_ == 3
    assert classifier.fit(X, y).n_iter_ == 2


def test_the_call_wins_against_a_routed_name(binary_data):
    X, y = binary_data
    classifier = KerasClassifier(hidden_layer_sizes=(4,), fit__epochs=5, random_state=0)
    assert classifier.fit(X, y, epochs=1).n_iter_ == 1
    assert classifier.fit__epochs == 5 and classifier.fit(X, y).n_iter_ == 5


def test_validation_data_are_rows_to_watch(classifier, binary_data):
    X, y = binary_data
    weights = np.linspace(0.5, 2, len(y))
    by_name = clone(classifier).fit(X, y, X_val=X, y_val=y, sample_weight_val=weights)
    assert classifier.fit(X, y, validation_data=(X, y, weights)).history_ == by_name.history_
    assert "val_loss" in classifier.fit(X, y, validation_data=[X, y]).history_
    with pytest.raises(ValueError, match=r"validation_data and X_val are the same rows\. Give one of them\."):
        classifier.fit(X, y, X_val=X, y_val=y, validation_data=(X, y))
    with pytest.raises(ValueError, match=r"validation_data must be \(X_val, y_val\) or .*, but has 1 parts\."):
        classifier.fit(X, y, validation_data=(X,))


def test_callbacks_of_the_call(classifier, binary_data):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    assert classifier.fit(*binary_data, epochs=9, callbacks=[Stop()]).n_iter_ == 1
    assert classifier.callbacks is None


def test_the_estimator_is_as_before_after_an_error_too(classifier, binary_data):
    X, y = binary_data
    with pytest.raises(ValueError, match="The 'epochs' parameter of KerasClassifier must be an int"):
        classifier.fit(X, y, epochs="three")
    with pytest.raises(ValueError, match="inconsistent numbers"):
        classifier.fit(X, y[:3], epochs=7)
    assert classifier.epochs == 2


@pytest.mark.parametrize("name", ["epoch", "initial_epoch", "steps_per_epoch"])
def test_other_arguments_of_fit_are_refused(name, classifier, binary_data):
    with pytest.raises(
        TypeError, match=rf"fit\(\) got an unexpected keyword argument '{name}'\. Besides X, y .*epochs"
    ):
        classifier.fit(*binary_data, **{name: 1})


def test_partial_fit_runs_one_epoch_whatever_it_is_told(classifier, binary_data):
    X, y = binary_data
    assert classifier.partial_fit(X, y, batch_size=100).n_steps_ == 2
    with pytest.raises(TypeError, match="Invalid argument 'epochs' of partial_fit, which always goes on for one epoch"):
        classifier.partial_fit(X, y, epochs=2)


def test_arguments_of_predict(classifier, binary_data, regression_data):
    X, y = binary_data
    classifier.fit(X, y)
    for arguments in ({"batch_size": 2}, {"batch_size": -1}, {"batch_size": 7, "verbose": 0}):
        np.testing.assert_allclose(classifier.predict_proba(X, **arguments), classifier.predict_proba(X), rtol=1e-5)
        np.testing.assert_array_equal(classifier.predict(X, **arguments), classifier.predict(X))
    with pytest.raises(TypeError, match=r"KerasClassifier.predict\(\) got an unexpected keyword argument 'batchsize'"):
        classifier.predict(X, batchsize=3)
    X, y = regression_data
    regressor = KerasRegressor(hidden_layer_sizes=(4,), epochs=1, predict__batch_size=-1, random_state=0).fit(X, y)
    np.testing.assert_allclose(regressor.predict(X, batch_size=3), regressor.predict(X), rtol=1e-5)


def test_members_train_with_what_the_call_says(binary_data):
    classifier = KerasClassifier(hidden_layer_sizes=(4,), epochs=5, n_members=2, random_state=0)
    assert classifier.fit(*binary_data, epochs=1).n_iter_ == 1
    assert [member.n_iter_ for member in classifier.members_] == [1, 1]
