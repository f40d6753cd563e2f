"""Initial kernels and scales, the same for both engines.

The usual initializers draw here, with NumPy: Keras' need TensorFlow, and two milliseconds for a
network that is trained in twenty. Any other initializer is Keras' own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...specs import NetworkSpec
from .._seeding import derived_seed

Array = np.ndarray

#: Name -> variance of a weight, times the number of inputs, or of inputs and outputs on average.
_SCALES = {"glorot": 1.0, "he": 2.0, "lecun": 1.0}

#: Standard deviation of a standard normal number that is drawn again beyond two of them.
_TRUNCATED_DEVIATION = 0.87962566103423978


def kernel_names(spec: NetworkSpec) -> list[str]:
    """Names of the layers with kernels, first to last."""
    return [*(f"hidden_{index}" for index in range(len(spec.hidden_layer_sizes))), "output"]


def head_names(spec: NetworkSpec) -> list[str]:
    """Names for the output kernels of members that share their hidden ones."""
    return [f"output_{member}" for member in range(spec.n_members)]


def input_scales(spec: NetworkSpec, seed: int, name: str, n_inputs: int) -> Array:
    """Of shape (members, inputs): random signs before the first hidden layer, which tell members apart, and ones.

    Gorishniy et al. (2025), section 3.3, https://arxiv.org/abs/2410.24210.
    """
    shape = spec.n_members, n_inputs
    if name != kernel_names(spec)[0]:
        return np.ones(shape, spec.dtype)
    return np.random.default_rng(derived_seed(seed, name, "input_scale")).choice([-1, 1], shape).astype(spec.dtype)


def drawn_kernel(given: Any, shape: tuple[int, int], seed: int, name: str, dtype: str) -> Array | None:
    """A kernel by Keras' formulas; None for an initializer that is left to Keras.

    Sources: https://proceedings.mlr.press/v9/glorot10a.html, https://arxiv.org/abs/1502.01852 and
    LeCun et al. (1998), "Efficient BackProp".
    """
    family, _, shape_of_law = given.rpartition("_") if isinstance(given, str) else ("", "", "")
    if family not in _SCALES or shape_of_law not in ("uniform", "normal"):
        return None
    fan = sum(shape) / 2 if family == "glorot" else shape[0]
    deviation = np.sqrt(_SCALES[family] / max(fan, 1))
    generator = np.random.default_rng(derived_seed(seed, name, "kernel"))
    if shape_of_law == "uniform":
        return generator.uniform(-np.sqrt(3) * deviation, np.sqrt(3) * deviation, shape).astype(dtype)
    drawn = generator.standard_normal(shape)
    while (beyond := np.abs(drawn) > 2).any():
        drawn[beyond] = generator.standard_normal(int(beyond.sum()))
    return (drawn * (deviation / _TRUNCATED_DEVIATION)).astype(dtype)
