"""Copies have all that was given: every loss, metric and optimizer of Keras, and those of a user's own."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
import subprocess
import sys

import cloudpickle
import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune._copies import copy_of, described, kept

QUICK = {"hidden_layer_sizes": (4,), "epochs": 2, "random_state": 0}

BASES = {"losses": keras.losses.Loss, "metrics": keras.metrics.Metric, "optimizers": keras.optimizers.Optimizer}

#: Values that are not the defaults, where a number next to the default will not do.
VALUES = {
    **{"name": "mine", "dtype": "float64", "reduction": "sum", "axis": 0, "fn": np.hypot, "class_weights": None},
    **{"curve": "PR", "summation_method": "majoring", "num_classes": 3, "target_class_ids": [1], "num_labels": None},
    **{"thresholds": [0.2, 0.4], "threshold": 0.3, "average": "macro", "label_weights": None, "multi_label": False},
    **{"class_aggregation": None, "ignore_class": 0, "class_id": 0, "top_k": None, "num_regressors": 1, "q": 0.7},
    **{"recall": 0.5, "precision": 0.5, "specificity": 0.5, "sensitivity": 0.5, "label_smoothing": 0.1},
    **{"learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 10, alpha=0.3), "ema_momentum": 0.9},
    **{"global_clipnorm": None, "clipvalue": None, "clipnorm": 0.5, "weight_decay": 0.01, "loss_scale_factor": 2.0},
    **{"ema_overwrite_frequency": 3, "gradient_accumulation_steps": 2, "exclude_layers": ["a"]},
    **{"inner_optimizer": keras.optimizers.Adam(0.3, beta_1=0.2)},
}


def _another_value(parameter):
    if parameter.name in VALUES:
        return VALUES[parameter.name]
    default = parameter.default
    return not default if isinstance(default, bool) else default + 1 if isinstance(default, int) else default * 0.9


def _classes():
    for module, base in BASES.items():
        for name, cls in sorted(vars(getattr(keras, module)).items()):
            if isinstance(cls, type) and issubclass(cls, base) and cls is not base and name != "MultiOptimizer":
                yield pytest.param(cls, id=f"{module}.{name}")


def _made(cls):
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    named = [each for each in parameters if each.kind is not each.VAR_KEYWORD]
    if cls.__name__ == "AUC":
        named = [each for each in named if each.name != "num_thresholds"]
    return cls(**{each.name: _another_value(each) for each in named})


def _facts(value, seen=()):
    """What an object is, as plain data."""
    if isinstance(value, keras.Variable):
        return value.dtype, value.name, np.asarray(value).tolist()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_facts(part, seen) for part in value]
    if isinstance(value, dict):
        return {name: _facts(part, seen) for name, part in value.items()}
    if type(value).__name__ in ("Tracker", "_DefaultDistributionStrategy") or id(value) in seen:
        return type(value)
    if hasattr(value, "__dict__") and not inspect.isroutine(value) and not isinstance(value, type):
        parts = {name: part for name, part in vars(value).items() if not name.startswith("_self_")}
        return type(value), _facts(parts, (*seen, id(value)))
    return value


@pytest.mark.few(40)
@pytest.mark.parametrize("cls", list(_classes()))
def test_a_copy_of_what_keras_has_is_equal_to_it(cls):
    given = _made(cls)
    copies = [copy_of(given), cloudpickle.loads(cloudpickle.dumps(kept(given)))]
    if cls.__name__ != "MeanMetricWrapper":  # whose function is looked up by its name
        copies.append(pickle.loads(pickle.dumps(kept(given))))
    for other in copies:
        assert other is not given
        assert _facts(other) == _facts(given)


@pytest.mark.parametrize(
    "given",
    [
        keras.regularizers.L1L2(0.2, 0.3),
        keras.regularizers.OrthogonalRegularizer(0.3, mode="columns"),
        keras.initializers.VarianceScaling(3.0, "fan_out", "uniform", seed=4),
        keras.initializers.TruncatedNormal(0.1, 0.2, seed=keras.random.SeedGenerator(3)),
        keras.constraints.MinMaxNorm(0.1, 0.7, 0.5, axis=1),
        keras.optimizers.schedules.PiecewiseConstantDecay([3, 7], [0.1, 0.2, 0.3]),
        keras.callbacks.EarlyStopping("loss", 0.1, 3, 1, "min", 2.0, True, 4),
        keras.callbacks.ReduceLROnPlateau("loss", 0.3, 2, min_lr=0.1, cooldown=3),
        keras.callbacks.ModelCheckpoint("a.keras", "loss", save_best_only=True, mode="min"),
        keras.callbacks.TensorBoard("logs", histogram_freq=2, update_freq=3),
        keras.callbacks.LearningRateScheduler(np.hypot, 1),
        functools.partial(keras.losses.huber, delta=keras.losses.Huber(delta=0.3)),
        {"nested": [keras.losses.Huber(delta=0.3), (keras.metrics.AUC(thresholds=[0.3]),)]},
    ],
    ids=lambda given: type(given).__name__,
)
def test_other_objects_are_copied_whole(given):
    for other in (copy_of(given), pickle.loads(pickle.dumps(kept(given)))):
        assert _facts(described(other)) == _facts(described(given))


# --- a user's own, whose configurations forget ------------------------------------------------------------


class Weighted(keras.losses.Loss):
    """Its ``get_config`` lacks the weight."""

    def __init__(self, weight=1.0, name="weighted"):
        super().__init__(name=name)
        self.weight = weight

    def call(self, y_true, y_pred):
        return self.weight * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


class Scaled(keras.losses.Loss):
    """It cannot be made without its arguments, and has a variable."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.scale = inner, keras.Variable(2.0, trainable=False, name="scale")

    def call(self, y_true, y_pred):
        return self.scale * self.inner(y_true, y_pred)


class Steps(keras.metrics.Metric):
    """Adds up its step, with a variable and a metric of its own."""

    def __init__(self, step):
        super().__init__(name="steps")
        self.step, self.mean = step, keras.metrics.Mean()
        self.total = self.add_weight(name="total", initializer="zeros", shape=())

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(self.step)
        self.mean.update_state(self.step)

    def result(self):
        return self.total


class Damped(keras.optimizers.SGD):
    def __init__(self, damping):
        super().__init__(0.1, momentum=0.9)
        self.damping = damping

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient * self.damping, variable, learning_rate)


class Falling(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate / (1.0 + keras.ops.cast(step, "float32"))


class Times(keras.layers.Layer):
    def __init__(self, factor=1.0, **arguments):
        super().__init__(**arguments)
        self.factor = factor

    def call(self, inputs):
        return inputs * self.factor


class Forgetful(Times):
    def get_config(self):
        return {"name": self.name}


def _compiled(metrics=()):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), Times(2.0), keras.layers.Dense(1)], name="compiled")
    model.compile("adam", keras.losses.Huber(delta=0.05), metrics=list(metrics))
    return model


OWN = {
    "Huber": lambda: {"loss": keras.losses.Huber(delta=0.05)},
    "loss": lambda: {"loss": Weighted(3.0)},
    "loss of a loss": lambda: {"loss": Scaled(keras.losses.Huber(delta=0.05))},
    "partial": lambda: {"loss": functools.partial(keras.losses.huber, delta=0.05)},
    "loss class": lambda: {"loss": Weighted, "loss__weight": 3.0},
    "metric": lambda: {"metrics": [Steps(3.0)]},
    "optimizer": lambda: {"optimizer": Damped(0.5)},
    "optimizer with a schedule": lambda: {"optimizer": keras.optimizers.Adam(Falling(0.2), clipnorm=0.1, use_ema=True)},
    "schedule": lambda: {"learning_rate_schedule": Falling(0.2)},
    "layer": lambda: {"feature_layers": [Times(3.0)]},
    "activation layer": lambda: {"activation": keras.layers.PReLU(), "hidden_layer_sizes": (4, 4)},
    "compiled model": lambda: {"model": _compiled([Steps(3.0)]), "hidden_layer_sizes": (100,)},
}


@pytest.mark.few(3)
@pytest.mark.parametrize("make", OWN.values(), ids=OWN)
def test_estimators_with_objects_of_keras_train_alike_once_copied(make, regression_data):
    X, y = regression_data
    given = KerasRegressor(**{**QUICK, **make()})
    copies = [clone(given), copy.copy(given)]
    expected = given.fit(X, y).history_
    copies += [pickle.loads(pickle.dumps(given)), copy.deepcopy(given)]
    for other in copies:
        assert other.fit(X, y).history_ == expected


def test_a_local_class_travels_to_other_processes(regression_data):
    class Local(Weighted):
        pass

    network = KerasRegressor(loss=Local(3.0), metrics=[Steps(2.0)], feature_layers=[Times(2.0)], **QUICK)
    scores = [cross_val_score(network, *regression_data, cv=2, n_jobs=n, error_score="raise") for n in (None, 2)]
    np.testing.assert_array_equal(*scores)


def test_a_fit_with_another_delta_is_another_in_memory(regression_data, tmp_path):
    def losses(loss):
        return KerasRegressor(loss=loss, memory=tmp_path, **QUICK).fit(*regression_data).history_["loss"]

    assert losses(keras.losses.Huber(delta=0.05)) != losses(keras.losses.Huber(delta=0.5))
    assert losses(Weighted(1.0)) != losses(Weighted(2.0))
    assert losses(Weighted(1.0)) == losses(Weighted(1.0))
    assert len(list(tmp_path.rglob("output.pkl"))) == 4


def test_a_search_does_not_train_another_loss(regression_data):
    grid = {"loss": [keras.losses.Huber(delta=0.05), keras.losses.Huber(delta=0.5)]}
    message = r"'loss' parameter was set to a Huber object whose 'delta' may be .* Give loss='huber' with loss__delta="
    with pytest.raises(ValueError, match=message):
        GridSearchCV(KerasRegressor(**QUICK), grid, cv=2).fit(*regression_data)
    grid = {"loss": ["huber"], "loss__delta": [0.05, 0.5]}
    assert GridSearchCV(KerasRegressor(**QUICK), grid, cv=2).fit(*regression_data).best_params_["loss"] == "huber"


@pytest.mark.parametrize(
    ("name", "value", "spelling"),
    [
        ("loss", Weighted(), r"Give loss=Weighted \(the class\) with loss__weight=.* or let get_config of Weighted"),
        ("metrics", [keras.metrics.SparseTopKCategoricalAccuracy()], "Give the estimator the object when it is made"),
        ("feature_layers", [Forgetful()], "'factor'"),
    ],
)
def test_set_params_refuses_what_may_have_lost_an_argument(name, value, spelling):
    with pytest.raises(ValueError, match=spelling):
        KerasClassifier().set_params(**{name: value})


def test_set_params_takes_what_has_lost_nothing():
    losses = [keras.losses.Huber(delta=0.3), keras.losses.MeanSquaredError(), Weighted(2.0)]
    for loss in losses:
        assert KerasRegressor().set_params(loss=loss).loss is loss


@pytest.mark.parametrize("given", [{"feature_layers": [Forgetful(3.0)]}, {"model": [Forgetful(3.0)]}], ids=str)
def test_a_layer_that_forgets_is_refused(given, regression_data):
    if "model" in given:
        given = {"model": keras.Sequential([keras.Input((6,)), *given["model"], keras.layers.Dense(1)])}
    with pytest.raises(
        ValueError, match=r"get_config of Forgetful does not tell that 'factor' is 3\.0: a copy has 1\.0"
    ):
        KerasRegressor(epochs=1, **given).fit(*regression_data)


def test_an_activation_with_weights_stays_as_it_is(regression_data):
    given = keras.layers.PReLU()
    fitted = KerasRegressor(activation=given, **{**QUICK, "hidden_layer_sizes": (4, 4)}).fit(*regression_data)
    assert not given.weights
    assert len({id(weights) for weights in fitted.model_.weights}) == 8


# --- SciKeras ------------------------------------------------------------------------------------------------

OWN_LOSS = """
import pickle, sys
import numpy as np
{before}
import keras
from sklearn.base import clone
from sknn_tune import KerasRegressor
{after}

class Own(keras.losses.Loss):
    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def call(self, y_true, y_pred):
        return self.weight * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

X = np.random.default_rng(0).normal(size=(40, 3))
fitted = KerasRegressor(loss=Own(3.0), epochs=1, hidden_layer_sizes=(3,)).fit(X, X[:, 0])
assert clone(fitted).loss.weight == 3.0
assert pickle.loads(pickle.dumps(fitted)).loss.weight == 3.0
classes = keras.Model, keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer
print("scikeras" in sys.modules, any("__reduce__" in vars(cls) or "__deepcopy__" in vars(cls) for cls in classes))
"""


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [("", "", False), ("import scikeras.wrappers", "", True), ("", "import scikeras.wrappers", True)],
    ids=["not imported", "imported before", "imported after"],
)
def test_scikeras_changes_no_copies(before, after, replaced):
    """Who imports SciKeras has its methods; what we import of it leaves Keras as it was."""
    code = OWN_LOSS.format(before=before, after=after if before or after else "")
    if not replaced:
        code += "\nfitted.set_params(metrics=['mae'], metrics__name='m').fit(X, X[:, 0])\n"
        code += "import sknn_tune._compat.scikeras\n"
        code += "print('scikeras' in sys.modules, any('__reduce__' in vars(cls) for cls in classes))\n"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout.split("\n")[-2] == f"True {replaced}", run.stderr[-2000:]
