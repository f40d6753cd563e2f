"""What is computed, without Numba or TensorFlow: names and shapes, formulas, and what of a fit is only a number."""

from ._kernels import drawn_kernel, kernel_names
from ._losses import CROSSENTROPY_ACTIVATIONS, EPSILON, LOSSES, is_combined
from ._optimizers import (
    COLUMNS,
    DEFAULTS,
    MOMENTS,
    Optimizer,
    learning_rates,
    resolve_optimizer,
    why_optimizer_needs_keras,
)
from ._selu import ALPHA, FLOOR, SCALE
from ._structure import (
    LayerStructure,
    NetworkStructure,
    Numbers,
    TrainingStructure,
    WeightSlot,
    flatten_weights,
    layer_widths,
    loss_name,
    network_structure,
    product_operations,
    restore_weights,
    training_structure,
    unflatten,
    weight_slots,
)

__all__ = [
    "ALPHA",
    "COLUMNS",
    "CROSSENTROPY_ACTIVATIONS",
    "DEFAULTS",
    "EPSILON",
    "FLOOR",
    "LOSSES",
    "MOMENTS",
    "SCALE",
    "LayerStructure",
    "NetworkStructure",
    "Numbers",
    "Optimizer",
    "TrainingStructure",
    "WeightSlot",
    "drawn_kernel",
    "flatten_weights",
    "is_combined",
    "kernel_names",
    "layer_widths",
    "learning_rates",
    "loss_name",
    "network_structure",
    "product_operations",
    "resolve_optimizer",
    "restore_weights",
    "training_structure",
    "unflatten",
    "weight_slots",
    "why_optimizer_needs_keras",
]
