"""Activations of single numbers: for each its value and its slope, once for all that computes with them.

A formula is a function of the arithmetic (see `_arithmetic`) that gives two functions, ``value(z, below)`` and
``slope(z, h, below)``: ``z`` is the weighted sum, ``h`` the value, ``below`` the slope of leaky_relu below zero. At
a kink the slope is the one that TensorFlow uses. All are in https://keras.io/api/layers/activations/; softmax and its
logarithm, of whole rows, are in `_row_activations`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ._arithmetic import Arithmetic, Function
from ._selu import ALPHA, SCALE

Formula = Callable[[Arithmetic], tuple[Function, Function]]


class Activation(NamedTuple):
    """An activation of single numbers.

    Attributes
    ----------
    name : str
        The first of its names: those with one formula share what is compiled.
    formula : callable
        Gives ``value`` and ``slope`` in an arithmetic.
    in_place : bool
        Whether ``slope`` needs no ``z``, so that a layer keeps its values in the place of the sums.
    """

    name: str
    formula: Formula
    in_place: bool


ACTIVATIONS: dict[str, Activation] = {}


def _activation(*names: str, in_place: bool = False) -> Callable[[Formula], Formula]:
    """Enter a formula under these names."""

    def enter(formula: Formula) -> Formula:
        ACTIVATIONS.update(dict.fromkeys(names, Activation(names[0], formula, in_place)))
        return formula

    return enter


@_activation("linear", in_place=True)
def _linear(m: Arithmetic) -> tuple[Function, Function]:
    one = m.number(1)
    return lambda z, below: z, lambda z, h, below: one


@_activation("relu", in_place=True)
def _relu(m: Arithmetic) -> tuple[Function, Function]:
    larger, where, zero, one = m.larger, m.where, m.number(0), m.number(1)
    return lambda z, below: larger(z, zero), lambda z, h, below: where(h > zero, one, zero)


@_activation("relu6", in_place=True)
def _relu6(m: Arithmetic) -> tuple[Function, Function]:
    clipped, where, zero, one, six = m.clipped, m.where, m.number(0), m.number(1), m.number(6)
    return lambda z, below: clipped(z, zero, six), lambda z, h, below: where((h > zero) & (h < six), one, zero)


@_activation("leaky_relu")
def _leaky_relu(m: Arithmetic) -> tuple[Function, Function]:
    where, zero, one = m.where, m.number(0), m.number(1)
    return lambda z, below: where(z > zero, z, z * below), lambda z, h, below: where(z > zero, one, below)


@_activation("elu", "celu", in_place=True)
def _elu(m: Arithmetic) -> tuple[Function, Function]:
    where, smaller, expm1, zero, one = m.where, m.smaller, m.expm1, m.number(0), m.number(1)

    def value(z: Any, below: Any) -> Any:
        return where(z > zero, z, expm1(smaller(z, zero)))

    def slope(z: Any, h: Any, below: Any) -> Any:
        return where(h > zero, one, h + one)

    return value, slope


@_activation("selu", in_place=True)
def _selu(m: Arithmetic) -> tuple[Function, Function]:
    where, smaller, expm1, zero = m.where, m.smaller, m.expm1, m.number(0)
    scale, product = m.number(SCALE), m.number(SCALE * ALPHA)

    def value(z: Any, below: Any) -> Any:
        return where(z > zero, scale * z, product * expm1(smaller(z, zero)))

    def slope(z: Any, h: Any, below: Any) -> Any:
        return where(h >= zero, scale, h + product)

    return value, slope


@_activation("sigmoid", in_place=True)
def _sigmoid(m: Arithmetic) -> tuple[Function, Function]:
    logistic, one = m.logistic, m.number(1)
    return lambda z, below: logistic(z), lambda z, h, below: h * (one - h)


@_activation("tanh", in_place=True)
def _tanh(m: Arithmetic) -> tuple[Function, Function]:
    tanh, one = m.tanh, m.number(1)
    return lambda z, below: tanh(z), lambda z, h, below: one - h * h


@_activation("softsign", in_place=True)
def _softsign(m: Arithmetic) -> tuple[Function, Function]:
    one = m.number(1)
    return lambda z, below: z / (one + abs(z)), lambda z, h, below: (one - abs(h)) * (one - abs(h))


@_activation("exponential", in_place=True)
def _exponential(m: Arithmetic) -> tuple[Function, Function]:
    exp = m.exp_to_infinity
    return lambda z, below: exp(z), lambda z, h, below: h


@_activation("hard_sigmoid", in_place=True)
def _hard_sigmoid(m: Arithmetic) -> tuple[Function, Function]:
    clipped, where = m.clipped, m.where
    zero, one, three, six, sixth = m.number(0), m.number(1), m.number(3), m.number(6), m.number(1 / 6)

    def value(z: Any, below: Any) -> Any:
        return clipped(z + three, zero, six) / six

    def slope(z: Any, h: Any, below: Any) -> Any:
        return where((h > zero) & (h < one), sixth, zero)

    return value, slope


@_activation("softplus")
def _softplus(m: Arithmetic) -> tuple[Function, Function]:
    softplus, logistic = m.softplus, m.logistic
    return lambda z, below: softplus(z), lambda z, h, below: logistic(z)


@_activation("log_sigmoid")
def _log_sigmoid(m: Arithmetic) -> tuple[Function, Function]:
    softplus, logistic = m.softplus, m.logistic
    return lambda z, below: -softplus(-z), lambda z, h, below: logistic(-z)


@_activation("silu")
def _silu(m: Arithmetic) -> tuple[Function, Function]:
    logistic, one = m.logistic, m.number(1)

    def value(z: Any, below: Any) -> Any:
        return z * logistic(z)

    def slope(z: Any, h: Any, below: Any) -> Any:
        share = logistic(z)
        return share + h * (one - share)

    return value, slope


@_activation("gelu")
def _gelu(m: Arithmetic) -> tuple[Function, Function]:
    share, bell, height = m.normal_share, m.normal_bell, m.number(1 / math.sqrt(2 * math.pi))

    def value(z: Any, below: Any) -> Any:
        return z * share(z)

    def slope(z: Any, h: Any, below: Any) -> Any:
        return share(z) + z * bell(z) * height

    return value, slope


@_activation("mish")
def _mish(m: Arithmetic) -> tuple[Function, Function]:
    """``z * tanh(softplus(z))``, of which the gate ``tanh(softplus(z))`` takes one exponential; above 20 it is one."""
    exp, smaller, one, two, bound = m.exp, m.smaller, m.number(1), m.number(2), m.number(20)

    def value(z: Any, below: Any) -> Any:
        e = exp(smaller(z, bound))
        product = e * (e + two)
        return z * (product / (product + two))

    def slope(z: Any, h: Any, below: Any) -> Any:
        e = exp(smaller(z, bound))
        product = e * (e + two)
        gate = product / (product + two)
        return gate + z * ((one - gate * gate) * (e / (one + e)))

    return value, slope


@_activation("hard_silu")
def _hard_silu(m: Arithmetic) -> tuple[Function, Function]:
    clipped, where, zero, one, three, six = m.clipped, m.where, m.number(0), m.number(1), m.number(3), m.number(6)

    def value(z: Any, below: Any) -> Any:
        return z * (clipped(z + three, zero, six) / six)

    def slope(z: Any, h: Any, below: Any) -> Any:
        return clipped(z + three, zero, six) / six + z * where(abs(z) < three, one, zero) / six

    return value, slope


@_activation("hard_tanh")
def _hard_tanh(m: Arithmetic) -> tuple[Function, Function]:
    clipped, where, zero, one = m.clipped, m.where, m.number(0), m.number(1)
    return lambda z, below: clipped(z, -one, one), lambda z, h, below: where(abs(z) <= one, one, zero)


@_activation("hard_shrink")
def _hard_shrink(m: Arithmetic) -> tuple[Function, Function]:
    where, zero, half, one = m.where, m.number(0), m.number(0.5), m.number(1)
    return lambda z, below: where(abs(z) <= half, zero, z), lambda z, h, below: where(abs(z) > half, one, zero)


@_activation("soft_shrink")
def _soft_shrink(m: Arithmetic) -> tuple[Function, Function]:
    where, clipped, zero, half, one = m.where, m.clipped, m.number(0), m.number(0.5), m.number(1)
    return lambda z, below: z - clipped(z, -half, half), lambda z, h, below: where(abs(z) > half, one, zero)


@_activation("tanh_shrink")
def _tanh_shrink(m: Arithmetic) -> tuple[Function, Function]:
    tanh = m.tanh
    return lambda z, below: z - tanh(z), lambda z, h, below: (z - h) * (z - h)


@_activation("squareplus")
def _squareplus(m: Arithmetic) -> tuple[Function, Function]:
    sqrt, one, two, four = m.sqrt, m.number(1), m.number(2), m.number(4)

    def value(z: Any, below: Any) -> Any:
        return (z + sqrt(z * z + four)) / two

    def slope(z: Any, h: Any, below: Any) -> Any:
        return (one + z / sqrt(z * z + four)) / two

    return value, slope
