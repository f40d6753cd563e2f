"""Losses that have a formula of ours, and the activations behind which they take the weighted sums."""

from __future__ import annotations

#: ``keras.config.epsilon()``, unless a user changes it: crossentropies clip probabilities by it.
EPSILON = 1e-7

#: The losses that are only supported behind their own output activation.
CROSSENTROPY_ACTIVATIONS = {"categorical_crossentropy": "softmax", "sparse_categorical_crossentropy": "softmax"}

LOSSES = frozenset(
    {
        "mean_squared_error",
        "mean_absolute_error",
        "huber",
        "log_cosh",
        "poisson",
        "binary_crossentropy",
        *CROSSENTROPY_ACTIVATIONS,
    }
)

_OWN_ACTIVATIONS = {**CROSSENTROPY_ACTIVATIONS, "binary_crossentropy": "sigmoid"}


def is_combined(loss: str, output_activation: str) -> bool:
    """Whether the loss is a crossentropy behind its own activation."""
    return _OWN_ACTIVATIONS.get(loss) == output_activation
