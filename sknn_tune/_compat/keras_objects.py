"""Keras objects as the parts they are made of, so that they can be copied and stored with all they have.

Keras makes its objects again from their ``get_config``, also where they are pickled or deep-copied
(``KerasSaveable.__reduce__``). What a configuration does not name is lost without a word: ``Huber`` leaves out its
``delta``, and a user's own class whatever its ``get_config`` forgets. SciKeras puts functions of its own in the place
of those methods, by which an object of a user's own class becomes a string. So the parts are taken here, from the
attributes, whatever the methods are.

It does not load Keras: where Keras is not loaded, there is no object of it. Seen in Keras 3.12 to 3.15, unless a
function says otherwise.
"""

from __future__ import annotations

import inspect
import io
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal

Kind = Literal["loss", "metric", "optimizer", "layer", "variable", "generator", "callback"]

#: How to make an object again: a function, its arguments, and the attributes to set on what it gives.
Parts = tuple[Callable[..., Any], tuple[Any, ...], "dict[str, Any] | None"]


def kind_of(value: Any) -> Kind | None:
    """Which of Keras' objects it is; None if it is none, or a class. Models are layers."""
    keras = sys.modules.get("keras")
    if keras is None or isinstance(value, type) or not hasattr(keras, "callbacks"):  # not loaded, or not whole yet
        return None
    classes: tuple[tuple[type, Kind], ...] = (
        (keras.losses.Loss, "loss"),
        (keras.metrics.Metric, "metric"),
        (keras.optimizers.Optimizer, "optimizer"),
        (keras.layers.Layer, "layer"),
        (keras.Variable, "variable"),
        (keras.random.SeedGenerator, "generator"),
        (keras.callbacks.Callback, "callback"),
    )
    return next((kind for one, kind in classes if isinstance(value, one)), None)


def is_of_keras(value: Any) -> bool:
    """Whether its class is one of Keras' own, not a user's."""
    return type(value).__module__.partition(".")[0] == "keras"


def is_copied_by_its_class(value: Any) -> bool:
    """Whether a user's class says itself how its objects are pickled."""
    for cls in type(value).__mro__[:-1]:
        for name in ("__reduce_ex__", "__reduce__"):
            if name in vars(cls):
                return getattr(vars(cls)[name], "__module__", "").partition(".")[0] not in ("keras", "scikeras")
    return False


def parts_of(value: Any) -> Parts:
    """What makes the same object again, with all its attributes."""
    return _PARTS[kind_of(value)](value)


def plain_list_or_dict(value: Any) -> Any:
    """The contents of a list, dict or set that an object of Keras or TensorFlow watches; others as they are.

    ``TrackedList`` and its kin of Keras, ``ListWrapper`` and its kin of TensorFlow hold on to the object that they
    belong to, so they are known by the package that their class is from.
    """
    if type(value).__module__.partition(".")[0] in ("keras", "tensorflow"):
        for plain in (list, dict, set):
            if isinstance(value, plain):
                return plain(value)
    return value


# --- losses and callbacks: nothing but attributes ---------------------------------------------------------


def _parts_of_loss(loss: Any) -> Parts:
    return blank, (type(loss),), _state(loss)


def blank(cls: Any) -> Any:
    """An object without attributes."""
    return cls.__new__(cls)


def _parts_of_callback(callback: Any) -> Parts:
    """Without the model of its last fit, and files that are closed: what a next fit gives it anew.

    ``Callback._model``: if it is gone, a callback is stored together with the model of its last fit.
    """
    state = _state(callback)
    if isinstance(state, dict):
        state = {name: None if _is_closed(part) else part for name, part in state.items()}
        state.update({"_model": None} if "_model" in state else {})
        if is_of_keras(callback) and "_writers" in state:  # TensorBoard's, which are closed by now
            state["_writers"] = {}
            state["_summary_module"] = None
    return blank, (type(callback),), state


def _is_closed(value: Any) -> bool:
    return isinstance(value, io.IOBase) and value.closed


def _state(value: Any) -> Any:
    """Its attributes, or what its class says about them."""
    own = next((vars(cls)["__getstate__"] for cls in type(value).__mro__[:-1] if "__getstate__" in vars(cls)), None)
    return dict(vars(value)) if own is None else own(value)


# --- metrics ------------------------------------------------------------------------------------------------

#: What ``Metric.__init__`` makes.
_OF_EVERY_METRIC = frozenset({"name", "_dtype_policy", "_dtype", "_metrics", "_variables", "_tracker"})


def _parts_of_metric(metric: Any) -> Parts:
    """``Metric._variables``: if it is gone, variables that no attribute holds are missing in a copy."""
    attributes = {name: value for name, value in vars(metric).items() if name not in _OF_EVERY_METRIC}
    return metric_again, (type(metric), metric.name, metric.dtype, list(getattr(metric, "_variables", ()))), attributes


def metric_again(cls: Any, name: str, dtype: Any, variables: list) -> Any:
    """A metric without the attributes of its class."""
    keras = sys.modules["keras"]  # which the class, read before this is called, has loaded
    metric = cls.__new__(cls)
    keras.metrics.Metric.__init__(metric, name=name, dtype=dtype)
    for variable in variables:
        metric._tracker.add_to_store("variables", variable)
    return metric


# --- optimizers ---------------------------------------------------------------------------------------------

#: What ``Optimizer.__init__`` and ``build`` make, besides the settings.
_OF_EVERY_OPTIMIZER = frozenset(
    {
        *("_lock", "built", "_variables", "_trainable_variables", "_trainable_variables_indices", "_tracker"),
        *("_iterations", "_learning_rate", "_distribution_strategy", "_all_reduce_sum_gradients"),
        *("_accumulated_gradients", "_model_variables_moving_average"),
    }
)


def _parts_of_optimizer(optimizer: Any) -> Parts:
    """With its settings, without what it has learnt.

    ``Optimizer._learning_rate`` is a number or a schedule. If it is gone, the present rate takes its place.
    """
    keras = sys.modules["keras"]
    settings = {name: getattr(optimizer, name) for name in _settings_of_optimizers()}
    rate = getattr(optimizer, "_learning_rate", optimizer.learning_rate)
    settings["learning_rate"] = float(keras.ops.convert_to_numpy(rate)) if kind_of(rate) == "variable" else rate
    attributes = {
        name: value
        for name, value in vars(optimizer).items()
        if name not in _OF_EVERY_OPTIMIZER | set(settings)
        and not name.startswith("_self_")  # TensorFlow's
        and not (optimizer.built and _is_learnt(value))
    }
    return optimizer_again, (type(optimizer), settings), attributes


def _settings_of_optimizers() -> list[str]:
    """Arguments that every optimizer takes, but the rate: the class before TensorFlow's names them."""
    for cls in sys.modules["keras"].optimizers.Optimizer.__mro__[:-1]:
        names = list(inspect.signature(cls.__init__).parameters) if "__init__" in vars(cls) else []
        if "learning_rate" in names:
            return [name for name in names if name not in ("self", "learning_rate", "kwargs")]
    return []


def _is_learnt(value: Any) -> bool:
    return any(kind_of(each) == "variable" for each in (value if isinstance(value, list) else [value]))


def optimizer_again(cls: Any, settings: Mapping[str, Any]) -> Any:
    """An optimizer without the attributes of its class."""
    keras = sys.modules["keras"]
    optimizer = cls.__new__(cls)
    keras.optimizers.Optimizer.__init__(optimizer, **settings)
    return optimizer


# --- variables ------------------------------------------------------------------------------------------------


def _parts_of_variable(variable: Any) -> Parts:
    keras = sys.modules["keras"]
    names = ("dtype", "trainable", "aggregation", "synchronization", "name")
    settings = {name: getattr(variable, name) for name in names if hasattr(variable, name)}
    return variable_again, (keras.Variable, keras.ops.convert_to_numpy(variable), settings), None


def variable_again(cls: Any, value: Any, settings: Mapping[str, Any]) -> Any:
    """A variable with that value."""
    return cls(value, **settings)


# --- generators of seeds --------------------------------------------------------------------------------------


def _parts_of_generator(generator: Any) -> Parts:
    """``SeedGenerator._initial_seed`` is the seed. If it is gone, the configuration tells it."""
    seed = getattr(generator, "_initial_seed", None) or generator.get_config()["seed"]
    return generator_again, (type(generator), seed, sys.modules["keras"].ops.convert_to_numpy(generator.state)), None


def generator_again(cls: Any, seed: int, state: Any) -> Any:
    """A generator that goes on where the other stood."""
    generator = cls(seed)
    generator.state.assign(state)
    return generator


# --- layers and models ----------------------------------------------------------------------------------------


def _parts_of_layer(layer: Any) -> Parts:
    """By its configuration and weights; a model with what it was compiled with, as the objects that were given.

    Classes and functions of the user's come along: Keras finds only those that are registered.
    """
    weights = layer.get_weights() if layer.built else None
    more = _compilation_of(layer) if getattr(layer, "compiled", False) else None
    return layer_again, (type(layer), layer.get_config(), _own_names(layer), _shapes_of(layer), weights, more), None


def layer_again(
    cls: Any, configuration: Any, own: Mapping[str, Any], shapes: Any, weights: Any, compilation: Any
) -> Any:
    """A layer or model of that configuration, with those weights."""
    with sys.modules["keras"].saving.custom_object_scope(dict(own)):
        layer = cls.from_config(configuration)
        if weights is not None:
            if not layer.built:
                layer.build_from_config(shapes)
            layer.set_weights(weights)
    if compilation is not None:
        arguments, learnt = compilation
        layer.compile(**arguments)
        if learnt is not None:
            layer.optimizer.build(layer.trainable_variables)
            for variable, value in zip(layer.optimizer.variables, learnt, strict=True):
                variable.assign(value)
    return layer


def _shapes_of(layer: Any) -> Any:
    return layer.get_build_config() if layer.built else None


def _compilation_of(model: Any) -> tuple[dict[str, Any], list[Any] | None]:
    """The arguments of ``compile``, and what the optimizer has learnt.

    ``Model._compile_config.config``: if it is gone, the public way, which serialises them.
    """
    found = getattr(model, "_compile_config", None)
    arguments = dict(model.get_compile_config() if found is None else found.config)
    arguments["optimizer"] = model.optimizer
    convert = sys.modules["keras"].ops.convert_to_numpy
    is_built = getattr(model.optimizer, "built", False)
    return arguments, [convert(variable) for variable in model.optimizer.variables] if is_built else None


def _own_names(layer: Any) -> dict[str, Any]:
    """The user's classes and functions in a layer, by the names that its configuration gives them.

    ``Layer._flatten_layers``: if it is gone, those of the layer itself.
    """
    found: dict[str, Any] = {}
    for each in layer._flatten_layers() if hasattr(layer, "_flatten_layers") else [layer]:
        for value in (type(each), *vars(each).values()):
            is_named = isinstance(value, type | types.FunctionType)
            if is_named and value.__module__.partition(".")[0] not in ("keras", "tensorflow"):
                found[sys.modules["keras"].saving.get_registered_name(value)] = value
    return found


_PARTS: dict[Kind | None, Callable[[Any], Parts]] = {
    "loss": _parts_of_loss,
    "metric": _parts_of_metric,
    "optimizer": _parts_of_optimizer,
    "variable": _parts_of_variable,
    "generator": _parts_of_generator,
    "layer": _parts_of_layer,
    "callback": _parts_of_callback,
}


# --- what Keras' own copies forget ------------------------------------------------------------------------------


#: Arguments that Keras' configurations lack and nearly nobody gives: the precision of a loss, and which axis of the
#: outputs is that of the classes.
_OF_NO_CONSEQUENCE = frozenset({"dtype", "axis"})


def forgotten_arguments(value: Any) -> list[str]:
    """Arguments of the constructor that Keras' own copy of an object would have with their defaults.

    Only those with which the object is as such a copy would be, so that nobody can tell which of the two it is.
    """
    if kind_of(value) in ("variable", "generator", "callback") or (kind_of(value) == "layer" and is_of_keras(value)):
        return []  # not copied by a configuration, or by a whole one that leaves out what is not in use
    try:
        configuration = value.get_config()
    except Exception:  # whatever a user's class raises: Keras' copy of it has failed, too
        return []
    parameters = list(inspect.signature(type(value).__init__).parameters.values())[1:]
    return [
        each.name
        for each in parameters
        if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
        and each.default is not each.empty
        and each.name not in configuration
        and each.name not in _OF_NO_CONSEQUENCE
        and _may_be_default(value, each.name, each.default)
    ]


def _may_be_default(value: Any, name: str, default: Any) -> bool:
    """Also where the argument is not kept under its name, and cannot be looked up.

    Losses made of a function keep their arguments in ``_fn_kwargs``.
    """
    attributes = {**vars(value), **getattr(value, "_fn_kwargs", {})}
    found = next((attributes[each] for each in (name, f"_{name}") if each in attributes), default)
    try:
        return bool(found is default or found == default)
    except Exception:  # arrays
        return False
