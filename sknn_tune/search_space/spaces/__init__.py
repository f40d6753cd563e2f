"""Sets of values to draw from, list and narrow: ranges of numbers, each on its own scale, and topologies."""

from ._numeric import int_log_uniform, int_uniform, log_uniform, one_minus_log_uniform, uniform
from ._ordered import kept_around
from ._space import Space, is_number
from ._steps import steps
from ._topology import arrange, topology

__all__ = [
    "Space",
    "arrange",
    "int_log_uniform",
    "int_uniform",
    "is_number",
    "kept_around",
    "log_uniform",
    "one_minus_log_uniform",
    "steps",
    "topology",
    "uniform",
]
