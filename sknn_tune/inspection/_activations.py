"""Activation functions and their slopes, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from .._compat.scikit_learn import Interval, validate_parameter_constraints
from ..specs import ACTIVATIONS

#: Those a search draws from most, and as many as can be told apart in one picture.
COMMON = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "softplus", "gelu")


@dataclass(frozen=True, eq=False)
class ActivationCurves:
    """Activation functions and their slopes over a range of inputs.

    Parameters
    ----------
    names : tuple of str
        Names of the activations; a function has its own name.
    inputs : ndarray of shape (n_points,)
        Weighted sums that reach a unit, evenly spaced.
    values : ndarray of shape (n_activations, n_points)
        Output of the unit for each input.
    slopes : ndarray of shape (n_activations, n_points)
        Derivatives: the factor by which a gradient is multiplied on its way back through the unit.
    """

    names: tuple[str, ...]
    inputs: np.ndarray
    values: np.ndarray
    slopes: np.ndarray


def activation_curves(
    activations: Sequence[str | Callable] | None = None,
    *,
    low: float = -4.0,
    high: float = 4.0,
    n_points: int = 401,
    negative_slope: float = 0.01,
) -> ActivationCurves:
    """Compute activation functions and their derivatives over a range, as Keras does in training.

    The slope is what counts for learning: where it is zero, as for relu below zero and for sigmoid and tanh far from
    it, a unit learns nothing from a row. The slope of sigmoid is 1/4 at most, so each layer of sigmoids makes the
    gradient at least four times smaller, weights aside: that is how gradients vanish [1]_.

    Parameters
    ----------
    activations : list of (str or callable), default=None
        Names as for the ``activation`` of `KerasClassifier`, or functions of a tensor. None: sigmoid, tanh, relu,
        leaky_relu, elu, selu, softplus and gelu. Activations of a whole layer (softmax, log_softmax, sparsemax) have
        no curve, since their output for one unit depends on the others.
    low : float, default=-4.0
        Start of the range.
    high : float, default=4.0
        End of the range.
    n_points : int, default=401
        Number of points, both ends included. With an odd number, the middle of the range is one of them: many
        activations have their kink at 0.
    negative_slope : float, default=0.01
        Slope of "leaky_relu" below zero.

    Returns
    -------
    curves : ActivationCurves
        With ``names`` (of the activations), ``inputs`` of shape (n_points,), ``values`` and ``slopes``, both of shape
        (n_activations, n_points). At a kink the slope is the one that TensorFlow uses: 0 for relu at 0.

    Raises
    ------
    ValueError
        If a name is unknown, an activation is no function of one number, or ``low`` is not below ``high``.

    See Also
    --------
    sknn_tune.display.ActivationDisplay : Draws them.

    References
    ----------
    .. [1] Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks",
       https://proceedings.mlr.press/v9/glorot10a.html. All formulas: https://keras.io/api/layers/activations/

    Examples
    --------
    >>> from sknn_tune.inspection import activation_curves
    >>> curves = activation_curves(["relu", "sigmoid"], low=-1, high=1, n_points=3)
    >>> curves.values.round(2).tolist()
    [[0.0, 0.0, 1.0], [0.27, 0.5, 0.73]]
    >>> curves.slopes.round(2).tolist()
    [[0.0, 0.0, 1.0], [0.2, 0.25, 0.2]]
    """
    _check(activations, low=low, high=high, n_points=n_points, negative_slope=negative_slope)
    from ..engine import values_and_slopes

    chosen = list(COMMON if activations is None else activations)
    inputs = np.linspace(low, high, n_points)
    curves = []
    for activation in chosen:
        try:
            curves.append(values_and_slopes(activation, inputs, negative_slope))
        except ValueError as error:
            raise ValueError(
                f"activation_curves needs functions of one number, which {_name(activation)!r} is not: {error}. Leave "
                "it out of 'activations'."
            ) from error
    return ActivationCurves(
        names=tuple(_name(activation) for activation in chosen),
        inputs=inputs,
        values=np.array([values for values, _ in curves]),
        slopes=np.array([slopes for _, slopes in curves]),
    )


def _check(activations: Sequence | None, **numbers: Any) -> None:
    constraints = {
        "activations": [list, tuple, None],
        "low": [Real],
        "high": [Real],
        "n_points": [Interval(Integral, 2, None, closed="left")],
        "negative_slope": [Real],
    }
    given = {"activations": activations, **numbers}
    validate_parameter_constraints(constraints, given, caller_name="activation_curves")
    if not numbers["low"] < numbers["high"]:
        raise ValueError(
            f"The 'low' parameter of activation_curves must be below 'high'. Got low={numbers['low']!r} and "
            f"high={numbers['high']!r}."
        )
    for activation in activations or ():
        if not callable(activation) and activation not in ACTIVATIONS:
            raise ValueError(
                "The 'activations' parameter of activation_curves must be a list of callables and of names among "
                f"{', '.join(ACTIVATIONS)}. Got {activation!r} in it."
            )
    if activations is not None and not len(activations):
        raise ValueError("The 'activations' parameter of activation_curves must have at least one entry. Got none.")


def _name(activation: str | Callable) -> str:
    if isinstance(activation, str):
        return str(activation)
    return getattr(activation, "__name__", type(activation).__name__)
