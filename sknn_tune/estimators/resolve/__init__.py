"""Parameters as the user gave them -> the specs an engine takes. Nothing here loads TensorFlow."""

from ._loss import (
    check_output_of_loss,
    is_bounded,
    is_index_loss,
    loss_compares_rows,
    meaning_of_outputs,
    output_activation,
    resolve_loss,
    takes_logits,
    usual_of_exclusive,
    warn_of_logits,
)
from ._network import (
    check_no_model_arguments,
    check_no_stray_arguments,
    resolve_custom_network,
    resolve_network,
)
from ._parameters import Parameters
from ._routed import predict_arguments
from ._sharing import check_sharing
from ._training import resolve_training
from ._unused import warn_of_unused

__all__ = [
    "Parameters",
    "check_no_model_arguments",
    "check_no_stray_arguments",
    "check_output_of_loss",
    "check_sharing",
    "is_bounded",
    "is_index_loss",
    "loss_compares_rows",
    "meaning_of_outputs",
    "output_activation",
    "predict_arguments",
    "resolve_custom_network",
    "resolve_loss",
    "resolve_network",
    "resolve_training",
    "takes_logits",
    "usual_of_exclusive",
    "warn_of_logits",
    "warn_of_unused",
]
