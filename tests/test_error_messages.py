"""What an error says: the parameter, what was expected, what came, and what to do. And what is left after a fault."""

import subprocess
import sys
import textwrap
import warnings

import keras
import numpy as np
import pytest
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.exceptions import ConvergenceWarning, DivergedError, NotFittedError

QUICK = {"hidden_layer_sizes": (4,), "epochs": 1, "batch_size": -1, "random_state": 0}
EAGERLY = {**QUICK, "engine": "keras", "compile__run_eagerly": True}


# --- parameters out of their range -----------------------------------------------------------------

#: Parameter, a value that it must not have, and the sentence about it.
OUT_OF_RANGE = [
    ("model", 3, "must be a callable or None"),
    ("feature_layers", "Flatten", "must be an instance of 'list', an instance of 'tuple' or None"),
    ("hidden_layer_sizes", 0, "must be an int in the range [1, inf) or an array-like"),
    ("hidden_layer_sizes", (3, 0), "must be an int in the range [1, inf) or a sequence of such ints"),
    ("hidden_layer_sizes", (2.5,), "must be an int in the range [1, inf) or a sequence of such ints"),
    ("activation", "rely", "must be a str among"),
    ("activation", ["rely"], "must be a callable, one of celu, elu"),
    ("activation", ["relu", "relu"], "has 2 entries, but hidden_layer_sizes=(100,) has 1 hidden layers"),
    ("negative_slope", -0.1, "must be a float in the range [0.0, inf)"),
    ("output_activation", "soft", "must be a str among"),
    ("kernel_initializer", "he", "must be a str among"),
    ("kernel_initializer", "constant", "must be a str among"),
    ("batch_norm", "middle", "or a str among {"),
    ("batch_norm_momentum", 1.0, "must be a float in the range [0.0, 1.0)"),
    ("batch_norm_epsilon", 0.0, "must be a float in the range (0.0, inf)"),
    ("dropout", 1.2, "must be a float in the range [0.0, 1.0) or an array-like"),
    ("dropout", [1.2], "must be a float in the range [0.0, 1.0) or a list of these, one per hidden layer"),
    ("dropout", [0.1, 0.1, 0.1], "has 3 entries, but hidden_layer_sizes=(100,) has 1 hidden layers"),
    ("input_dropout", -0.1, "must be a float in the range [0.0, 1.0)"),
    ("l1", -1, "must be a float in the range [0.0, inf)"),
    ("l2", "small", "must be a float in the range [0.0, inf)"),
    ("activity_l1", -1, "must be a float in the range [0.0, inf)"),
    ("activity_l2", -1, "must be a float in the range [0.0, inf)"),
    ("loss", "mean_square_error", "did you mean 'mean_squared_error'"),
    ("optimizer", "adan", "must be a str among"),
    ("learning_rate", 0, "must be a float in the range (0.0, inf)"),
    ("momentum", 1.0, "must be a float in the range [0.0, 1.0)"),
    ("nesterov", "yes", "must be an instance of 'bool'"),
    ("beta_1", 1.0, "must be a float in the range [0.0, 1.0) or None"),
    ("beta_2", -0.1, "must be a float in the range [0.0, 1.0) or None"),
    ("rho", 2, "must be a float in the range [0.0, 1.0) or None"),
    ("epsilon", 0, "must be a float in the range (0.0, inf) or None"),
    ("weight_decay", -1, "must be a float in the range [0.0, inf) or None"),
    ("clipnorm", 0, "must be a float in the range (0.0, inf) or None"),
    ("learning_rate_schedule", "linear", "must be a str among"),
    ("decay_rate", 0, "must be a float in the range (0.0, inf)"),
    ("decay_steps", 0, "must be an int in the range [1, inf) or a str among {'epoch'}"),
    ("staircase", "yes", "must be an instance of 'bool'"),
    ("decay_boundaries", 0.5, "must be an array-like"),
    ("batch_size", 0, "must be an int in the range [1, inf) or a int among {-1}"),
    ("batch_size", 0.5, "must be an int in the range [1, inf)"),
    ("epochs", 0, "must be an int in the range [1, inf)"),
    ("shuffle", "yes", "must be an instance of 'bool'"),
    ("shuffle_buffer", 0, "must be an int in the range [1, inf)"),
    ("early_stopping", "yes", "must be an instance of 'bool'"),
    ("validation_fraction", 1.0, "must be a float in the range (0.0, 1.0)"),
    ("validation_split", "half", "must be an object implementing 'split' and 'get_n_splits'"),
    ("monitor", 3, "must be an instance of 'str'"),
    ("patience", -1, "must be an int in the range [0, inf)"),
    ("min_delta", -0.1, "must be a float in the range [0.0, inf)"),
    ("restore_best_weights", "yes", "must be an instance of 'bool'"),
    ("metrics", 3, "must be an instance of 'str'"),
    ("callbacks", 3, "must be an instance of 'list'"),
    ("n_members", 0, "must be an int in the range [1, inf)"),
    ("share_weights", "yes", "must be an instance of 'bool'"),
    ("warm_start", "yes", "must be an instance of 'bool'"),
    ("random_state", "seed", "must be an int in the range [0, 4294967295]"),
    ("engine", "torch", "must be a str among {"),
    ("dtype", "float16", "must be a str among {"),
    ("device", 0, "must be an instance of 'str'"),
    ("memory", 3, "must be an instance of 'str'"),
    ("verbose", "much", "must be an int in the range [0, inf)"),
]


def test_a_parameter_out_of_its_range_is_refused_before_tensorflow_is_loaded():
    """One process for all: TensorFlow is not in it, and must not be after the last."""
    code = textwrap.dedent(
        f"""
        import sys
        from sknn_tune import KerasRegressor

        for name, value, sentence in {OUT_OF_RANGE!r}:
            try:
                KerasRegressor(**{{name: value}}).fit([[0.0], [1.0]] * 9, [0.0, 1.0] * 9)
            except ValueError as error:
                message = str(error)
                assert message.startswith(f"The {{name!r}} parameter of KerasRegressor"), message
                assert sentence in message, (sentence, message)
                got = f"Got {{value!r}} instead." in message  # behind it may stand what to do
                assert got or message.endswith("Give one entry, or one per layer."), message
            else:
                raise AssertionError(f"{{name}}={{value!r}} was not refused")
            loaded = {{"tensorflow", "keras", "scikeras"}} & set(sys.modules)
            assert not loaded, (name, value, loaded)
        """
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr


def test_every_parameter_has_a_value_that_is_out_of_its_range():
    assert {name for name, _, _ in OUT_OF_RANGE} == set(KerasRegressor().get_params())


def test_class_weight_out_of_its_range(binary_data):
    with pytest.raises(
        ValueError, match="The 'class_weight' parameter of KerasClassifier must be an instance of 'dict'"
    ):
        KerasClassifier(class_weight="even").fit(*binary_data)


# --- parameters that do not go together ------------------------------------------------------------


def _other_shape(y_true, y_pred):
    return y_pred


TOGETHER = [
    (
        {"decay_boundaries": (0.5, 0.2), "learning_rate_schedule": "piecewise"},
        r"'decay_boundaries' .* a sequence of rising fractions in the range \(0\.0, 1\.0\)\. Got \(0\.5, 0\.2\)",
    ),
    (
        {"decay_boundaries": (0.5, 1.0), "learning_rate_schedule": "piecewise"},
        "must be a sequence of rising fractions",
    ),
    ({"decay_boundaries": (), "learning_rate_schedule": "piecewise"}, "must be a sequence of rising fractions"),
    (
        {"optimizer": keras.optimizers.Adam(), "learning_rate": 0.1},
        r"is a finished optimizer with settings of its own, so learning_rate=0\.1 would have no effect",
    ),
    (
        {"optimizer": keras.optimizers.Adam(), "optimizer__beta_1": 0.1},
        r"is a finished optimizer .* so optimizer__beta_1=0\.1 would have no effect",
    ),
    ({"optimizer__warmth": 1}, r"The optimizer Adam has no argument 'warmth', given as 'optimizer__warmth'\. It has: "),
    (
        {"loss": keras.losses.Huber(), "loss__delta": 2.0},
        r"'loss__delta' was given, but the loss .* is finished and takes no arguments",
    ),
    (
        {"fit__workers": 2},
        r"'fit__workers' cannot be routed to keras\.Model\.fit.* validation_freq, validation_batch_size",
    ),
    ({"model__units": 2}, r"'model__units' was given, but the 'model' parameter is None"),
    (
        {"feature_layers": ["Conv2d"]},
        r"names the layer 'Conv2d', which keras\.layers does not have\. Did you mean 'Conv2D'",
    ),
    ({"feature_layers": [3]}, r"must be a sequence of names of Keras layers, .* Got 3 in it instead"),
    ({"feature_layers": [keras.layers.Flatten]}, r"Got <class .*Flatten'> in it instead"),
    (
        {"feature_layers": ["Dropout"]},
        r"gives the layer 'Dropout' arguments that do not fit: .* given as \('Dropout', \{name: value\}\)",
    ),
    (
        {"feature_layers": [("Reshape", {"target_shape": (3, 2)})]},
        r"the feature_layers give \('n_samples', 3, 2\)\. End the 'feature_layers' parameter with \"Flatten\"",
    ),
    (
        {"early_stopping": True, "monitor": "val_auc"},
        r"The 'monitor' parameter is 'val_auc', but the epochs record only: loss, val_loss, learning_rate",
    ),
    ({"device": "GPU:9"}, r"The 'device' parameter asks for GPU:9, but TensorFlow sees only: CPU:0.* or None"),
]


@pytest.mark.parametrize(("given", "message"), TOGETHER, ids=[message[:40] for _, message in TOGETHER])
def test_parameters_that_do_not_go_together_are_refused(regression_data, given, message):
    with pytest.raises(ValueError, match=message):
        KerasRegressor(**EAGERLY, **given).fit(*regression_data)


def test_machine_code_says_why_it_cannot(regression_data):
    with pytest.raises(
        ValueError, match=r"engine='numba' cannot train this network because .*\. Use engine='auto'\."
    ) as refused:
        KerasRegressor(keras.Sequential([keras.layers.Dense(1)]), epochs=1, engine="numba").fit(*regression_data)
    assert "model" in str(refused.value)


def test_a_callback_of_scikit_learn_belongs_elsewhere(regression_data):
    class Progress:
        def set_model(self, model):
            """So that it passes for a callback of Keras."""

        def on_fit_task_end(self, estimator):
            """As the callbacks of scikit-learn 1.9 have."""

    for given in (Progress(), [Progress()], {"progress": Progress()}):
        with pytest.raises(
            TypeError, match=r"takes Keras callbacks, but Progress is one of scikit-learn's: register it"
        ):
            KerasRegressor(**EAGERLY, callbacks=given).fit(*regression_data)


def test_an_unfitted_estimator_says_what_to_do():
    for call in (KerasRegressor().predict, KerasClassifier().predict_proba):
        with pytest.raises(NotFittedError, match=r"instance is not fitted yet\. Call 'fit' with appropriate arguments"):
            call([[0.0]])
    with pytest.raises(AttributeError):
        _ = KerasRegressor().history_


def test_a_misspelt_parameter_is_refused_with_a_hint():
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'learning_rat'\. Did you mean 'learning_rate'"):
        KerasRegressor(learning_rat=0.1)
    with pytest.raises(
        ValueError, match=r"Invalid parameter 'epoch' for estimator KerasRegressor\. Did you mean 'epochs'"
    ):
        KerasRegressor().set_params(epoch=3)


# --- training that diverges ------------------------------------------------------------------------

#: A rate at which the squared error of a linear model overflows within a few epochs.
DIVERGING = {"hidden_layer_sizes": (), "optimizer": "sgd", "learning_rate": 1e10, "epochs": 30, "batch_size": -1}


@pytest.mark.parametrize("engine", ["keras", "numba"])
def test_a_loss_that_is_not_finite_stops_training_with_a_warning(regression_data, engine):
    estimator = KerasRegressor(**DIVERGING, random_state=0, engine=engine)
    with pytest.warns(ConvergenceWarning, match="Training diverged: the loss was not finite in epoch") as caught:
        estimator.fit(*regression_data)
    (warning,) = [entry for entry in caught if entry.category is ConvergenceWarning]
    message = str(warning.message)
    assert f"in epoch {estimator.n_iter_}." in message
    assert "learning_rate=10000000000.0" in message
    assert "clipnorm=1.0" in message
    assert warning.filename == __file__
    assert 1 < estimator.n_iter_ < 30
    assert np.isfinite(estimator.history_["loss"][:-1]).all()
    assert not np.isfinite(estimator.history_["loss"][-1])


@pytest.mark.parametrize("engine", ["keras", "numba"])
def test_what_has_diverged_cannot_predict(regression_data, engine):
    X, y = regression_data
    estimator = KerasRegressor(**DIVERGING, random_state=0, engine=engine)
    with pytest.warns(ConvergenceWarning):
        estimator.fit(X, y)
    for call in (lambda: estimator.predict(X), lambda: estimator.score(X, y)):
        with pytest.raises(
            DivergedError, match=rf"its training diverged in epoch {estimator.n_iter_} and left weights"
        ):
            call()
    estimator.set_params(learning_rate=0.01, epochs=2).fit(X, y)
    assert np.isfinite(estimator.predict(X)).all()


@pytest.mark.parametrize("n_members", [1, 2])
def test_what_has_diverged_cannot_go_on(regression_data, n_members):
    """Weights that are no numbers stay so with any learning rate, and each fit blamed the present one."""
    estimator = KerasRegressor(**DIVERGING, n_members=n_members, warm_start=True, random_state=0)
    with pytest.warns(ConvergenceWarning):
        estimator.fit(*regression_data)
    estimator.set_params(learning_rate=0.01, epochs=2)
    for going_on in (estimator.fit, estimator.partial_fit):
        with pytest.raises(DivergedError, match=r"cannot go on: .* Begin anew, by fit with warm_start=False"):
            going_on(*regression_data)
    estimator.set_params(warm_start=False).fit(*regression_data)
    assert np.isfinite(estimator.partial_fit(*regression_data).predict(regression_data[0])).all()


@pytest.mark.parametrize("engine", ["keras", "numba"])
def test_the_best_weights_before_it_diverged_can_predict(regression_data, engine):
    X, y = regression_data
    estimator = KerasRegressor(**DIVERGING, early_stopping=True, patience=30, random_state=0, engine=engine)
    with pytest.warns(ConvergenceWarning):
        estimator.fit(X, y)
    assert estimator.best_epoch_ < estimator.n_iter_ - 1
    assert np.isfinite(estimator.predict(X)).all()


def test_in_a_search_only_the_candidate_that_diverged_has_no_score(regression_data):
    X, y = regression_data
    network = KerasRegressor(**{**DIVERGING, "epochs": 40}, random_state=0)
    search = RandomizedSearchCV(
        make_pipeline(StandardScaler(), network),
        {"kerasregressor__learning_rate": [0.01, 1e10]},
        n_iter=2,
        cv=2,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the divergence and scikit-learn's account of it
        search.fit(X, y)
    scores = dict(
        zip(
            search.cv_results_["param_kerasregressor__learning_rate"],
            search.cv_results_["mean_test_score"],
            strict=True,
        )
    )
    assert np.isfinite(scores[0.01])
    assert np.isnan(scores[1e10])
    assert search.best_params_ == {"kerasregressor__learning_rate": 0.01}


# --- Ctrl-C ----------------------------------------------------------------------------------------


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C at the beginning of an epoch, or in its midst."""

    def __init__(self, epoch, in_its_midst=False):
        super().__init__()
        self.epoch, self.in_its_midst = epoch, in_its_midst
        self.now = -1

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch
        if epoch == self.epoch and not self.in_its_midst:
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch and self.in_its_midst:
            raise KeyboardInterrupt


@pytest.mark.parametrize("in_its_midst", [False, True])
def test_an_interrupted_fit_leaves_the_network_of_the_last_finished_epoch(regression_data, in_its_midst):
    X, y = regression_data
    given = {**EAGERLY, "batch_size": 50}
    estimator = KerasRegressor(**{**given, "epochs": 9}, callbacks=Interrupt(2, in_its_midst))
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    whole = KerasRegressor(**{**given, "epochs": 2}).fit(X, y)
    assert estimator.n_iter_ == len(estimator.history_["loss"]) == 2
    assert estimator.history_ == whole.history_
    np.testing.assert_array_equal(estimator.predict(X), whole.predict(X))
    estimator.set_params(warm_start=True, callbacks=None, epochs=1).fit(X, y)
    np.testing.assert_array_equal(estimator.predict(X), KerasRegressor(**{**given, "epochs": 3}).fit(X, y).predict(X))
    assert estimator.n_steps_ == 12  # the updates of the unfinished epoch are undone


def test_a_fit_interrupted_before_its_first_epoch_ended_leaves_nothing(regression_data):
    estimator = KerasRegressor(**EAGERLY, callbacks=Interrupt(0)).set_params(epochs=3)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(*regression_data)
    with pytest.raises(NotFittedError):
        estimator.predict(regression_data[0])


def test_an_error_in_a_callback_is_the_users_to_see(regression_data):
    def fail(epoch, logs):
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        KerasRegressor(**EAGERLY, callbacks=keras.callbacks.LambdaCallback(on_epoch_end=fail)).fit(*regression_data)
