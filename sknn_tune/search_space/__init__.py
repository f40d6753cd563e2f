"""What can be drawn: spaces for scikit-learn's searches, on the scale on which a parameter acts.

All are frozen and hashable, and their ``repr`` is the code that makes them.
"""

from ._narrowing import narrow
from ._presets import default_space
from .spaces import int_log_uniform, int_uniform, log_uniform, one_minus_log_uniform, topology, uniform

__all__ = [
    "default_space",
    "int_log_uniform",
    "int_uniform",
    "log_uniform",
    "narrow",
    "one_minus_log_uniform",
    "topology",
    "uniform",
]
