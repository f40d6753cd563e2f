"""The names a user may type, and what each needs. Plain data: no TensorFlow is loaded to check a name.

Some things have several names. The specs hold the canonical one (`NetworkSpec` and `TrainingSpec` see to it), so
whoever reads a spec compares names and asks for no others.

A test holds these lists against the installed Keras, so a name that Keras adds or drops shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

#: Activation names of Keras 3 that work on the units of a layer one by one or across them.
#: ``glu`` halves the width and ``threshold`` needs arguments, so neither can stand alone here.
ACTIVATIONS: tuple[str, ...] = (
    "celu",
    "elu",
    "exponential",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
)

ACTIVATION_ALIASES: dict[str, str] = {
    "hard_swish": "hard_silu",
    "swish": "silu",
}

#: Activations that are (close to) zero below zero and the identity above: half of the signal is
#: lost in each layer, which He initialisation makes up for (https://arxiv.org/abs/1502.01852).
RELU_LIKE: frozenset[str] = frozenset(
    {"celu", "elu", "gelu", "hard_silu", "leaky_relu", "mish", "relu", "relu6", "silu"}
)

#: Optimizer name -> the parameters of our estimators that it has. ``momentum`` of RMSProp and Muon is
#: left out on purpose: our default of 0.9 is meant for SGD, so these get one only through
#: ``optimizer__momentum``.
OPTIMIZERS: dict[str, tuple[str, ...]] = {
    "adadelta": ("rho", "epsilon", "weight_decay"),
    "adafactor": ("weight_decay",),
    "adagrad": ("epsilon", "weight_decay"),
    "adam": ("beta_1", "beta_2", "epsilon", "weight_decay"),
    "adamax": ("beta_1", "beta_2", "epsilon", "weight_decay"),
    "adamw": ("beta_1", "beta_2", "epsilon", "weight_decay"),
    "ftrl": ("weight_decay",),
    "lion": ("beta_1", "beta_2", "weight_decay"),
    "muon": ("epsilon", "weight_decay"),
    "nadam": ("beta_1", "beta_2", "epsilon", "weight_decay"),
    "rmsprop": ("rho", "epsilon", "weight_decay"),
    "schedulefreeadamw": ("beta_1", "beta_2", "epsilon", "weight_decay"),
    "sgd": ("momentum", "nesterov", "weight_decay"),
}

#: ``constant`` has no value until it is given one, so it cannot stand alone here.
INITIALIZERS: tuple[str, ...] = (
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "one",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "zero",
    "zeros",
)

INITIALIZER_ALIASES: dict[str, str] = {
    "normal": "random_normal",
    "one": "ones",
    "uniform": "random_uniform",
    "zero": "zeros",
}

#: Schedule -> the parameters of our estimators that it uses.
SCHEDULE_PARAMETERS: dict[str, tuple[str, ...]] = {
    "inverse_time": ("decay_rate", "decay_steps", "staircase"),
    "exponential": ("decay_rate", "decay_steps", "staircase"),
    "piecewise": ("decay_rate", "decay_boundaries"),
    "cosine": ("decay_steps",),
}
SCHEDULES: tuple[str, ...] = tuple(SCHEDULE_PARAMETERS)

LOSSES: tuple[str, ...] = (
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "dice",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
)

LOSS_ALIASES: dict[str, str] = {
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "kldivergence": "kl_divergence",
    "logcosh": "log_cosh",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}

#: What others call a loss, or a metric of that kind -> its names here, the likeliest first.
LOSSES_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "absoluteerror": ("mean_absolute_error",),
    "cce": ("categorical_crossentropy",),
    "ce": ("sparse_categorical_crossentropy", "binary_crossentropy"),
    "cosineproximity": ("cosine_similarity",),
    "crossentropy": ("sparse_categorical_crossentropy", "binary_crossentropy"),
    "deviance": ("sparse_categorical_crossentropy", "binary_crossentropy"),
    "kullbackleiblerdivergence": ("kl_divergence",),
    "l1": ("mean_absolute_error",),
    "l2": ("mean_squared_error",),
    "l1loss": ("mean_absolute_error",),
    "logloss": ("sparse_categorical_crossentropy", "binary_crossentropy"),
    "mseloss": ("mean_squared_error",),
    "nll": ("sparse_categorical_crossentropy", "binary_crossentropy"),
    "nllloss": ("sparse_categorical_crossentropy", "binary_crossentropy"),
    "rmse": ("mean_squared_error",),
    "rootmeansquarederror": ("mean_squared_error",),
    "scce": ("sparse_categorical_crossentropy",),
    "smoothl1": ("huber",),
    "squarederror": ("mean_squared_error",),
}

#: The same for metrics -> names of `keras.metrics`.
METRICS_ELSEWHERE: dict[str, tuple[str, ...]] = {
    **LOSSES_ELSEWHERE,
    "averageprecision": ("AUC",),
    "balancedaccuracy": ("accuracy",),
    "explainedvariance": ("R2Score",),
    "f1": ("F1Score",),
    "fbeta": ("FBetaScore",),
    "iou": ("MeanIoU",),
    "jaccard": ("MeanIoU",),
    "pearson": ("PearsonCorrelation",),
    "r2": ("R2Score",),
    "rmse": ("RootMeanSquaredError",),
    "rocauc": ("AUC",),
    "rootmeansquarederror": ("RootMeanSquaredError",),
    "topk": ("TopKCategoricalAccuracy",),
    "topkaccuracy": ("TopKCategoricalAccuracy",),
}

#: Losses whose targets can be smoothed by ``label_smoothing``. Keras' own sparse one has no such argument; ours has.
SMOOTHED_LOSSES: frozenset[str] = frozenset(
    {
        "binary_crossentropy",
        "binary_focal_crossentropy",
        "categorical_crossentropy",
        "categorical_focal_crossentropy",
        "sparse_categorical_crossentropy",
    }
)

#: Losses that take what the network says for probabilities.
LOSSES_OF_PROBABILITIES: frozenset[str] = SMOOTHED_LOSSES | {"kl_divergence"}

#: Losses that want the number of the class. All others of Keras compare whole rows of outputs.
INDEX_LOSSES: frozenset[str] = frozenset({"sparse_categorical_crossentropy"})


def canonical_name(name: str, aliases: Mapping[str, str] = MappingProxyType({})) -> str:
    """The one name of what Keras knows by several: of its class, of its function, or a short one.

    ``"BinaryCrossentropy"``, ``"binary_crossentropy"`` and, with `LOSS_ALIASES`, ``"bce"`` are one name: the second.
    What the user has registered with Keras, ``"package>Name"``, stays as it is.
    """
    if ">" in name:
        return str(name)
    # A capital begins a word after a small letter, or before one: KLDivergence is kl_divergence.
    snake_case = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    # Aliases are in small letters without word breaks, and some users capitalise them as they like.
    return aliases.get(snake_case) or aliases.get(name.lower()) or snake_case


def optimizer_has(optimizer: Any, name: str) -> bool:
    """Whether one of our parameters is one of the optimizer; a class or an object of the user's own may have any."""
    known = OPTIMIZERS.get(canonical_optimizer(optimizer)) if isinstance(optimizer, str) else None
    return known is None or name in known


def schedule_has(schedule: Any, name: str) -> bool:
    """Whether one of our parameters counts for the schedule; None has none of them, an object may have any."""
    if schedule is None:
        return False
    known = SCHEDULE_PARAMETERS.get(schedule) if isinstance(schedule, str) else None
    return known is None or name in known


#: Classes of Keras' layers whose names have their words broken elsewhere than those of the functions.
_ACTIVATION_LAYERS = {"re_lu": "relu", "leaky_re_lu": "leaky_relu"}


def name_of_activation(given: Any) -> str:
    """The canonical name of an activation given by name, as a function, or as a layer: its class or an object of it."""
    name = given if isinstance(given, str) else getattr(given, "__name__", None) or type(given).__name__
    name = canonical_name(name, ACTIVATION_ALIASES)
    return _ACTIVATION_LAYERS.get(name, name)


def name_of_loss(loss: Any) -> str:
    """The canonical name of a loss given by name, class, object or function; of a class derived from Keras', its.

    A function with some of its arguments (`functools.partial`) has the name of the function.
    """
    if isinstance(loss, str):
        return canonical_name(loss, LOSS_ALIASES)
    if isinstance(loss, partial):
        return name_of_loss(loss.func)
    own = getattr(loss, "__name__", None) or type(loss).__name__
    classes = loss.__mro__ if isinstance(loss, type) else type(loss).__mro__
    names = [canonical_name(name, LOSS_ALIASES) for name in (own, *(each.__name__ for each in classes))]
    return next((name for name in names if name in LOSSES), names[0])


def says_logits(loss: Any, arguments: Mapping[str, Any] = MappingProxyType({})) -> bool:
    """Whether a loss says, by its ``arguments`` or its own, that it takes outputs before a sigmoid or softmax."""
    if "from_logits" in arguments:
        return bool(arguments["from_logits"])
    if isinstance(loss, partial):
        return says_logits(loss.func, loss.keywords)
    return bool(getattr(loss, "from_logits", False))


def canonical_optimizer(name: str) -> str:
    """Keras finds its optimizers by the names of their classes, in small letters: ``"AdamW"`` is ``"adamw"``."""
    return name if ">" in name else name.lower()
