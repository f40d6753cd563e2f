"""What is computed, without Numba or TensorFlow: names and shapes, formulas, and what of a fit is only a number."""

from ._activations import ACTIVATIONS, Activation
from ._arithmetic import Arithmetic, Function
from ._kernels import drawn_kernel, kernel_names
from ._losses import EPSILON, LOSSES, Loss, is_combined
from ._optimizers import (
    COLUMNS,
    DEFAULTS,
    MOMENTS,
    Optimizer,
    learning_rates,
    resolve_optimizer,
    why_optimizer_needs_keras,
)
from ._row_activations import ROW_ACTIVATIONS
from ._selu import FLOOR
from ._structure import (
    LayerStructure,
    NetworkStructure,
    Numbers,
    TrainingStructure,
    WeightSlot,
    activation_name,
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
    "ACTIVATIONS",
    "COLUMNS",
    "DEFAULTS",
    "EPSILON",
    "FLOOR",
    "LOSSES",
    "MOMENTS",
    "ROW_ACTIVATIONS",
    "Activation",
    "Arithmetic",
    "Function",
    "LayerStructure",
    "Loss",
    "NetworkStructure",
    "Numbers",
    "Optimizer",
    "TrainingStructure",
    "WeightSlot",
    "activation_name",
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
