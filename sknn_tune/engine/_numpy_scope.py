"""What NumPy trains and predicts; everything else of the fused engine has a TensorFlow program only."""

from __future__ import annotations

from ._fused_structure import NetworkStructure, TrainingStructure
from ._numpy_activations import ACTIVATIONS
from ._numpy_losses import LOSS_ACTIVATIONS

#: Output activations of prediction.
_OUTPUTS = frozenset(LOSS_ACTIVATIONS.values())


def numpy_predicts(structure: NetworkStructure) -> bool:
    """Whether NumPy computes the outputs of this network."""
    known = all(layer.activation in ACTIVATIONS for layer in structure.layers)
    return known and structure.output_activation in _OUTPUTS


def numpy_trains(structure: TrainingStructure) -> bool:
    """Whether NumPy trains this network with this loss."""
    wanted = LOSS_ACTIVATIONS.get(structure.loss)
    return numpy_predicts(structure.network) and structure.network.output_activation == wanted
