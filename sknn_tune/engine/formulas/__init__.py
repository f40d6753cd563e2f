"""What is computed, without Numba or TensorFlow: names and shapes, formulas, and what of a fit is only a number."""

from ._activations import ACTIVATIONS, Activation
from ._arithmetic import Arithmetic, Function
from ._initial_kernels import drawn_kernel, head_names, input_scales, kernel_names
from ._label_smoothing import label_smoothing, smoothed_targets
from ._losses import EPSILON, LOSSES, Loss, is_combined
from ._numbers import Numbers
from ._optimizer_arguments import DEFAULTS, optimizer_name, resolve_optimizer, why_optimizer_needs_keras
from ._optimizers import COLUMNS, MOMENTS, Optimizer, rate_as_variable
from ._row_activations import ROW_ACTIVATIONS
from ._schedules import learning_rates
from ._selu import FLOOR
from ._structure import LayerStructure, NetworkStructure, TrainingStructure, network_structure, training_structure
from ._weight_layout import WeightSlot, flatten_weights, restore_weights, unflatten, weight_slots
from ._widths import layer_widths, product_operations

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
    "drawn_kernel",
    "flatten_weights",
    "head_names",
    "input_scales",
    "is_combined",
    "kernel_names",
    "label_smoothing",
    "layer_widths",
    "learning_rates",
    "network_structure",
    "optimizer_name",
    "product_operations",
    "rate_as_variable",
    "resolve_optimizer",
    "restore_weights",
    "smoothed_targets",
    "training_structure",
    "unflatten",
    "weight_slots",
    "why_optimizer_needs_keras",
]
