"""Initial weights in Keras' order, without the layers that Keras keeps them in."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...specs import NetworkSpec
from ..formulas import drawn_kernel, head_names, input_scales, kernel_names

Array = np.ndarray


def initial_weights(spec: NetworkSpec, seed: int) -> list[Array]:
    """The weights that ``build_network`` starts from."""
    return _of_one_network(spec, seed) if spec.n_members == 1 else _of_members(spec, seed)


def _of_one_network(spec: NetworkSpec, seed: int) -> list[Array]:
    arrays = []
    fan_in = spec.input_shape[0]
    sizes = (*spec.hidden_layer_sizes, spec.n_outputs)
    for name, units, given in zip(kernel_names(spec), sizes, spec.kernel_initializers, strict=True):
        arrays.append(_kernel(spec, given, (fan_in, units), seed, name))
        if name == "output" or spec.batch_norm != "before":
            arrays.append(np.zeros(units, spec.dtype))
        if spec.batch_norm is not None and name != "output":  # gamma, beta, moving mean, moving variance
            arrays += [make(units, spec.dtype) for make in (np.ones, np.zeros, np.zeros, np.ones)]
        fan_in = units
    return arrays


def _of_members(spec: NetworkSpec, seed: int) -> list[Array]:
    """Those of members that share the kernels of their hidden layers."""
    arrays: list[Array] = []
    fan_in, dtype, n_members = spec.input_shape[0], spec.dtype, spec.n_members
    for name, units, given in zip(kernel_names(spec), spec.hidden_layer_sizes, spec.kernel_initializers, strict=False):
        kernel = _kernel(spec, given, (fan_in, units), seed, name)
        scales = input_scales(spec, seed, name, fan_in), np.ones((n_members, units), dtype)
        arrays += [kernel, *scales, np.zeros((n_members, units), dtype)]
        fan_in = units
    shape, given = (fan_in, spec.n_outputs), spec.kernel_initializers[-1]
    heads = np.stack([_kernel(spec, given, shape, seed, name) for name in head_names(spec)])
    return [*arrays, heads, np.zeros((n_members, spec.n_outputs), dtype)]


def _kernel(spec: NetworkSpec, given: Any, shape: tuple[int, int], seed: int, name: str) -> Array:
    kernel = drawn_kernel(given, shape, seed, name, spec.dtype)
    if kernel is None:
        from ..models import kernel_by_keras  # loads TensorFlow

        kernel = kernel_by_keras(given, shape, seed, name, spec.dtype)
    return kernel
