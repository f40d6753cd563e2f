"""Parameters -> what is minimised."""

from __future__ import annotations

import warnings
from typing import Any

from ..._nearest import did_you_mean
from ...specs import (
    ACTIVATIONS,
    INDEX_LOSSES,
    LOSS_ALIASES,
    LOSSES,
    LOSSES_ELSEWHERE,
    LOSSES_OF_PROBABILITIES,
    SMOOTHED_LOSSES,
    Meaning,
    canonical_name,
    name_of_activation,
    name_of_loss,
    says_logits,
)
from .._routing import routed_to, signature_names
from ._parameters import Parameters

#: Letters of a name such as "mse"; longer ones are spelt like the name itself.
_SHORT = 4


def resolve_loss(parameters: Parameters, automatic: str) -> Any:
    """The loss by its canonical name, or the user's class, object or function."""
    loss = parameters["loss"]
    if loss is None:  # SciKeras' way to say so
        return automatic
    if isinstance(loss, list | tuple | dict):
        return _by_output(parameters, loss)
    if isinstance(loss, str) and loss == "auto":
        return automatic
    return _known_loss(parameters, loss)


def _known_loss(parameters: Parameters, loss: Any) -> Any:
    if not isinstance(loss, str):
        return loss
    name = canonical_name(loss, LOSS_ALIASES)
    registered = ">" in name  # by the user with keras.saving: "package>name"
    if name not in LOSSES and not registered:
        short = [alias for alias in LOSS_ALIASES if len(alias) <= _SHORT]
        hint = did_you_mean(loss, [*LOSSES, *short], LOSSES_ELSEWHERE)
        raise parameters.error("loss", f"'auto', a loss class, object or function, or one of {', '.join(LOSSES)}{hint}")
    return name


def _by_output(parameters: Parameters, losses: Any) -> Any:
    """Losses for the outputs of a ``model`` of the user's own; our network has one output."""
    each = list(losses.values()) if isinstance(losses, dict) else list(losses)
    if not any(each):
        raise ValueError(f"The 'loss' parameter of {parameters.estimator} is {losses!r}: provide a loss for an output.")
    if parameters["model"] is not None:
        for loss in each:
            _known_loss(parameters, loss)
        return losses
    raise ValueError(
        f"The 'loss' parameter of {parameters.estimator} is a {type(losses).__name__} of {len(each)} losses, one for "
        "each output of a 'model' of your own. The network that is built without one has one output: give one loss."
    )


def loss_compares_rows(loss: Any) -> bool:
    """Whether a multiclass target must be rows with a single one. Functions of unknown make get class numbers."""
    name = name_of_loss(loss)
    return name in LOSSES and name not in INDEX_LOSSES


def is_index_loss(loss: Any) -> bool:
    """Whether a loss is known to want the number of the class."""
    return name_of_loss(loss) in INDEX_LOSSES


#: Activations whose outputs are probabilities.
_BOUNDED = frozenset({"hard_sigmoid", "sigmoid", "softmax", "sparse_sigmoid", "sparsemax"})

#: Those that are never below zero, so that crossentropies of classes can divide them by their sum.
_POSITIVE = frozenset({"exponential", "relu", "relu6", "softplus", "sparse_plus", "squareplus"})

#: Losses of probabilities that are each for itself, of which Keras takes what is before a sigmoid or softmax.
_OF_EACH = frozenset({"binary_crossentropy", "binary_focal_crossentropy"})

#: Likewise of probabilities that exclude each other.
_OF_EXCLUSIVE = frozenset({"categorical_crossentropy", "sparse_categorical_crossentropy"})

#: Losses that divide outputs by their sum.
_DIVIDING = _OF_EXCLUSIVE | {"categorical_focal_crossentropy"}

#: Losses that are least where outputs have the right sign, and a margin.
_OF_SIGNS = frozenset({"categorical_hinge", "hinge", "squared_hinge"})


def is_bounded(activation: Any) -> bool:
    """Whether outputs behind an activation lie in [0, 1]."""
    return name_of_activation(activation) in _BOUNDED


def takes_logits(parameters: Parameters, loss: Any) -> bool:
    """Whether the loss takes outputs before a sigmoid or softmax, by ``loss__from_logits`` or by its own word."""
    return says_logits(loss, routed_to("loss", parameters))


def output_activation(parameters: Parameters, loss: Any, usual: str) -> Any:
    """What the user gave, or for "auto" ``usual``; linear for a loss that has the sigmoid or softmax in it."""
    given = parameters["output_activation"]
    if not (isinstance(given, str) and given == "auto"):
        return given
    return "linear" if takes_logits(parameters, loss) else usual


def warn_of_logits(parameters: Parameters) -> None:
    """Say that a sigmoid or softmax would be taken twice."""
    given = parameters["output_activation"]
    if parameters["model"] is not None or not is_bounded(given) or not takes_logits(parameters, parameters["loss"]):
        return
    name = name_of_activation(given)
    warnings.warn(
        f"The 'output_activation' parameter of {parameters.estimator} is {name!r}, but the 'loss' takes logits "
        "(from_logits=True), to which it applies a sigmoid or softmax of its own: what the network says goes through "
        "two. Use output_activation='auto', which is linear beside such a loss, or leave from_logits out.",
        UserWarning,
        stacklevel=6,
    )


def usual_of_exclusive(loss: Any) -> str:
    """The output activation for classes that exclude each other: with a binary loss, each class against all others."""
    return "sigmoid" if name_of_loss(loss) in _OF_EACH else "softmax"


def check_output_of_loss(parameters: Parameters, loss: Any, activation: Any, n_outputs: int) -> None:
    """Refuse outputs that a loss of probabilities cannot take; say where it is taught other ones than are predicted."""
    name, output = name_of_loss(loss), name_of_activation(activation)
    if name not in LOSSES_OF_PROBABILITIES or output not in ACTIVATIONS or takes_logits(parameters, loss):
        return
    if output not in _BOUNDED and not (output in _POSITIVE and name in _DIVIDING):
        raise ValueError(
            f"The 'output_activation' parameter of {parameters.estimator} is {output!r}, whose outputs are no "
            f"probabilities, but the loss {name!r} takes such. Use output_activation='auto'; or, for a linear output, "
            "loss__from_logits=True with the loss by its name."
        )
    other = {"sigmoid": _OF_EXCLUSIVE, "softmax": _OF_EACH}.get(output, frozenset())
    if name in other and n_outputs > 1:
        taken = "softmax" if output == "sigmoid" else "sigmoid"
        warnings.warn(
            f"The 'output_activation' parameter of {parameters.estimator} is {output!r}, but Keras teaches the loss "
            f"{name!r} by a {taken} of what is before it, so that what is predicted is not what is taught. Use "
            "output_activation='auto', or another loss.",
            UserWarning,
            stacklevel=6,
        )


def meaning_of_outputs(parameters: Parameters, loss: Any, activation: Any, *, exclusive: bool) -> Meaning:
    """What the outputs for classes say; ``exclusive`` if there is one for each of several, of which a row has one."""
    if takes_logits(parameters, loss):
        return "logits"
    if is_bounded(activation):
        return "probabilities"
    if name_of_loss(loss) in _OF_SIGNS:  # of several classes it is the largest that counts
        return "logits" if exclusive else "signs"
    is_own = name_of_loss(loss) not in LOSSES
    return "signs" if is_own and name_of_activation(activation) == "tanh" else "numbers"


def loss_arguments(parameters: Parameters, loss: Any) -> dict[str, Any]:
    """Arguments of the resolved ``loss``: those routed to it, and how much it smooths its targets."""
    arguments = routed_to("loss", parameters)
    smoothing = parameters.get("label_smoothing", 0.0)  # a regressor has none
    if not smoothing:
        return arguments
    if "label_smoothing" in arguments:
        raise ValueError(
            f"label_smoothing={smoothing!r} and loss__label_smoothing={arguments['label_smoothing']!r} are the same "
            "thing. Give one of them."
        )
    reason = _why_not_smoothed(loss)
    if reason is not None:
        raise ValueError(f"The 'label_smoothing' parameter of {parameters.estimator} is {smoothing!r}, but {reason}")
    return {**arguments, "label_smoothing": float(smoothing)}


def _why_not_smoothed(loss: Any) -> str | None:
    """Why a loss cannot smooth its targets, and what to do; None if it can. ``"auto"`` will be one that can."""
    if not isinstance(loss, str | type):
        return (
            f"the 'loss' parameter is a finished loss, {loss!r}, which takes no arguments. Give label_smoothing to it "
            "where it is made, or give the loss by its name or class."
        )
    name = loss if isinstance(loss, str) else canonical_name(loss.__name__)
    if name in SMOOTHED_LOSSES or loss == "auto":
        return None
    if isinstance(loss, type) and "label_smoothing" in signature_names(loss)[0]:
        return None
    return (
        f"the loss {name!r} has none. Use loss='auto', one of {', '.join(sorted(SMOOTHED_LOSSES))}, or "
        "label_smoothing=0.0."
    )
