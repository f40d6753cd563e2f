"""Keras: what of it is private. Loads Keras, so only the engine may import this file.

Seen in Keras 3.12 to 3.15, unless a function says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .._optional import WHAT_KERAS_DOES, saying_what_to_install

with saying_what_to_install("tensorflow", purpose=WHAT_KERAS_DOES):
    import keras
    import tensorflow as tf

# --- compiling and training --------------------------------------------------------------------------


def make_variables_of_compilation(model: Any, x: Any, y: Any, sample_weight: Any) -> None:
    """Let a compiled model make the variables of its loss and metrics, which it does at its first batch.

    Inside a compiled step it would be too late. ``Model._symbolic_build`` computes nothing, so no state of a layer
    moves. If it is gone, the public methods do the same on the rows themselves, where a layer that draws numbers in
    prediction, too, draws once more.
    """
    if hasattr(model, "_symbolic_build"):
        model._symbolic_build(data_batch=(x, y) if sample_weight is None else (x, y, sample_weight))
        return
    outputs = model(x, training=False)
    if model.loss is not None:
        model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=sample_weight)
    model.compute_metrics(x, y, outputs, sample_weight=sample_weight)
    model.reset_metrics()


def add_penalties_in(dtype: str, model: Any) -> None:
    """Let a compiled model add its penalties, which have the dtype of the layers, to a loss of the same dtype.

    ``Model._compile_loss._dtype``. If it is gone, a fit in double precision rounds its loss to single precision.
    """
    if hasattr(getattr(model, "_compile_loss", None), "_dtype"):
        model._compile_loss._dtype = dtype


def without_all_reduce(optimizer: Any) -> Any:
    """Keep ``optimizer`` from holding the graph of every fit for ever.

    Keras sums gradients over replicas with ``all_reduce``, whose custom gradient TensorFlow registers for each graph
    and never removes: about 4.6 MB stay behind for every fit with Adam. Without a distribution strategy there is
    nothing to sum, and the weights are the same bit for bit. ``Optimizer._all_reduce_sum_gradients``: if it is gone,
    the leak is back (``python -m benchmarks memory`` shows it).
    """
    if hasattr(optimizer, "_all_reduce_sum_gradients") and not tf.distribute.has_strategy():
        optimizer._all_reduce_sum_gradients = list
    return optimizer


@contextmanager
def without_allocating() -> Iterator[None]:
    """Within, layers that are built have weights with a shape and without values, which no one fills later.

    Keras remembers such weights to fill them at the end of the next `keras.StatelessScope`, in a list of
    ``keras.src.backend.common.global_state``; they are taken out of it. If that is gone, `AttributeError`.
    """
    state, name = keras.src.backend.common.global_state, "uninitialized_variables"
    before = state.get_global_attribute(name)
    state.set_global_attribute(name, [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        state.set_global_attribute(name, before)


def arguments_of_compile(model: Any) -> dict[str, Any]:
    """What a model was compiled with, as the objects that were given.

    The public ``Model.get_compile_config`` gives them serialised, which fails for a user's own.
    ``Model._compile_config.config``: if it is gone, that public way is taken.
    """
    found = getattr(model, "_compile_config", None)
    return dict(model.get_compile_config() if found is None else found.config)


def takes_logits(loss: Any) -> bool:
    """Whether a loss or metric object says that it takes logits.

    Those made of a function keep their arguments in ``_fn_kwargs``, ``AUC`` has ``_from_logits``. If these are gone,
    ``from_logits`` is looked for on the object itself only.
    """
    given = (getattr(loss, "from_logits", False), getattr(loss, "_from_logits", False))
    return any(given) or bool((getattr(loss, "_fn_kwargs", None) or {}).get("from_logits", False))


# --- layers ----------------------------------------------------------------------------------------------


def all_layers(layer: Any) -> list[Any]:
    """The layer and all within it, in no order to rely on. ``_flatten_layers``: if it is gone, ``Model.layers``."""
    if hasattr(layer, "_flatten_layers"):
        return list(layer._flatten_layers())
    return [layer, *getattr(layer, "layers", [])]


def direct_layers(layer: Any) -> list[Any]:
    """The layers that belong to this one directly, in order. ``Layer._layers``: if it is gone, ``Model.layers``."""
    return list(layer._layers if hasattr(layer, "_layers") else getattr(layer, "layers", []))


def own_trainable_variables(layer: Any) -> list[Any]:
    """Those of the layer itself, without those of layers within it.

    ``Layer._trainable_variables``: if it is gone, the public list without those of the layers within.
    """
    if hasattr(layer, "_trainable_variables"):
        return list(layer._trainable_variables)
    within = {id(variable) for part in direct_layers(layer) for variable in part.trainable_variables}
    return [variable for variable in layer.trainable_variables if id(variable) not in within]


# --- variables -------------------------------------------------------------------------------------------


def generator_states(model: Any) -> list[Any]:
    """The variables of the random generators in the layers of a model, in the order of the layers.

    Found by their name, ``seed_generator_state``, which Keras does not document. If it is another one, none is found,
    and where training goes on from a stored network, its dropout begins with the first draws again.
    """
    return [variable for variable in model.variables if variable.name == "seed_generator_state"]


def variables_without_rate(optimizer: Any) -> list[Any]:
    """The variables of an optimizer, except the learning rate.

    It is found by its name, ``learning_rate``, which Keras does not document. If it is another one, a fit that goes on
    with another learning rate keeps the old one.
    """
    return [variable for variable in optimizer.variables if variable.name != "learning_rate"]


# --- seeds -----------------------------------------------------------------------------------------------


def patch_default_seeds(wrapped: Callable[[Callable[[], int]], Callable[[], int]]) -> Iterator[tuple[Any, Any]]:
    """Put ``wrapped(original)`` in the place of the function from which Keras objects without a seed get one.

    Yields each module with its original, for `restore_default_seeds`. There is no public way short of setting the
    global seed, which all threads share. ``make_default_seed`` in ``keras.src.random.seed_generator`` and
    ``keras.src.backend.random``: if it is gone from a module, objects that a user's ``model`` function makes without
    a seed differ from fit to fit there, whatever ``random_state`` says.
    """
    from keras.src.backend import random as backend_random
    from keras.src.random import seed_generator

    for module in (seed_generator, backend_random):
        original = getattr(module, "make_default_seed", None)
        if original is not None:
            module.make_default_seed = wrapped(original)
            yield module, original


def restore_default_seeds(module: Any, original: Any) -> None:
    """The inverse for one module."""
    module.make_default_seed = original


# --- metrics -----------------------------------------------------------------------------------------------


def function_of_metric(metric: Any) -> Any:
    """The function whose mean a metric is, as of ``keras.metrics.MeanMetricWrapper``; None of any other metric.

    ``MeanMetricWrapper._fn``: if it is gone, a function of Keras' given in a wrapper of the user's own is taken for one
    of the user's.
    """
    return getattr(metric, "_fn", None)


def arguments_of_metric(metric: Any) -> dict[str, Any]:
    """The arguments of that function. ``MeanMetricWrapper._fn_kwargs``: if it is gone, none is seen."""
    return dict(getattr(metric, "_fn_kwargs", None) or {})


def take_direction(metric: Any, other: Any) -> None:
    """Let early stopping know of ``metric`` what it knows of ``other``: whether more of it is better.

    ``Metric._direction``, which Keras' callbacks read: if it is gone, they say that they do not know.
    """
    if hasattr(other, "_direction"):
        metric._direction = other._direction
