"""What a trained network does, as numbers: no drawing. `sknn_tune.display` draws what is found here."""

from ._activations import activation_curves

__all__ = [
    "activation_curves",
]
