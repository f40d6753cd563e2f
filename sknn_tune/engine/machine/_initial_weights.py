"""Initial weights in Keras' order, without the layers that Keras keeps them in."""

from __future__ import annotations

import numpy as np

from ...specs import NetworkSpec
from ..formulas import drawn_kernel, kernel_names


def initial_weights(spec: NetworkSpec, seed: int) -> list[np.ndarray]:
    """The weights that ``build_network`` starts from."""
    arrays = []
    fan_in = spec.input_shape[0]
    sizes = (*spec.hidden_layer_sizes, spec.n_outputs)
    for name, units, given in zip(kernel_names(spec), sizes, spec.kernel_initializers, strict=True):
        kernel = drawn_kernel(given, (fan_in, units), seed, name, spec.dtype)
        if kernel is None:
            from ..models import keras_initializer  # loads TensorFlow

            kernel = np.array(keras_initializer(given, seed, name)((fan_in, units), dtype=spec.dtype))
        arrays.append(kernel)
        if name == "output" or spec.batch_norm != "before":
            arrays.append(np.zeros(units, spec.dtype))
        if spec.batch_norm is not None and name != "output":  # gamma, beta, moving mean, moving variance
            arrays += [make(units, spec.dtype) for make in (np.ones, np.zeros, np.zeros, np.ones)]
        fan_in = units
    return arrays
