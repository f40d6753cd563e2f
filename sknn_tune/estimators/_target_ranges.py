"""Numbers that a loss compares, or that an output activation reaches: others are learned as nonsense."""

from __future__ import annotations

import warnings
from math import inf
from typing import Any

import numpy as np

from ..specs import ACTIVATION_ALIASES, canonical_name, name_of_loss

#: Losses of rows that are distributions over their columns.
_OF_DISTRIBUTIONS = frozenset({"categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence"})

_OF_PROBABILITIES = _OF_DISTRIBUTIONS | {"binary_crossentropy", "binary_focal_crossentropy", "dice", "tversky"}

#: Loss -> the least and the largest number that it compares.
_RANGES_OF_LOSSES = {
    **dict.fromkeys(_OF_PROBABILITIES, (0.0, 1.0)),
    **dict.fromkeys(("poisson", "mean_squared_logarithmic_error"), (0.0, inf)),
}

#: Output activation -> between which numbers its outputs lie.
_RANGES_OF_OUTPUTS = {
    **dict.fromkeys(("hard_sigmoid", "sigmoid", "softmax", "sparse_sigmoid", "sparsemax"), (0.0, 1.0)),
    **dict.fromkeys(("hard_tanh", "softsign", "tanh"), (-1.0, 1.0)),
    **dict.fromkeys(("exponential", "relu", "softplus", "sparse_plus", "squareplus"), (0.0, inf)),
    **dict.fromkeys(("log_sigmoid", "log_softmax"), (-inf, 0.0)),
    "relu6": (0.0, 6.0),
}

#: Rounding of probabilities is no reason to complain.
_TOLERANCE = 1e-6


def usual_activation(loss: Any, n_outputs: int) -> str:
    """The output activation for numbers that a loss compares."""
    if compares_distributions(loss) and n_outputs > 1:
        return "softmax"
    if name_of_loss(loss) == "poisson":  # of a negative number it has no value: as of scikit-learn's MLPRegressor
        return "exponential"
    return "sigmoid" if name_of_loss(loss) in _OF_PROBABILITIES else "linear"


def compares_distributions(loss: Any) -> bool:
    """Whether a loss takes a row for probabilities of classes of which one is true."""
    return name_of_loss(loss) in _OF_DISTRIBUTIONS


def compares_any_numbers(loss: Any) -> bool:
    """Whether a loss means the same for numbers that are moved and scaled."""
    return name_of_loss(loss) not in {*_RANGES_OF_LOSSES, "mean_absolute_percentage_error"}


def check_range_of_loss(y: np.ndarray, loss: Any, estimator: str) -> None:
    """Refuse what the loss cannot compare; warn of rows that it takes for distributions and are none."""
    name = name_of_loss(loss)
    if name not in _RANGES_OF_LOSSES:
        return
    low, high = _RANGES_OF_LOSSES[name]
    found = _first_outside(y, low, high)
    if found is not None:
        raise ValueError(
            f"The loss {name!r} of {estimator} compares numbers {_shown(low, high)}, but y has {found}. Scale y, or "
            "use another loss, such as 'mean_squared_error'."
        )
    if name in _OF_DISTRIBUTIONS:
        _check_distributions(y.reshape(len(y), -1), name, estimator)


def warn_of_range_of_outputs(y: np.ndarray, activation: Any, estimator: str) -> None:
    """Say which numbers no output can be."""
    name, (low, high) = _outputs_of(activation)
    found = _first_outside(y, low, high)
    if found is not None:
        warnings.warn(
            f"The 'output_activation' parameter of {estimator} is {name!r}, whose outputs are {_shown(low, high)}, but "
            f"y has {found}, which cannot be predicted. Use output_activation='auto', or scale y.",
            UserWarning,
            stacklevel=6,
        )


def warn_of_range_of_standardized(activation: Any, estimator: str) -> None:
    """Say that outputs cannot be numbers with mean 0 and standard deviation 1."""
    name, (low, high) = _outputs_of(activation)
    if (low, high) != (-inf, inf):
        warnings.warn(
            f"The 'output_activation' parameter of {estimator} is {name!r}, whose outputs are {_shown(low, high)}, but "
            "y is taught standardised, with mean 0 and standard deviation 1. Use output_activation='auto', or "
            "standardize_target=False.",
            UserWarning,
            stacklevel=6,
        )


def _outputs_of(activation: Any) -> tuple[str, tuple[float, float]]:
    """The name of an activation, and between which numbers its outputs lie."""
    given = activation if isinstance(activation, str) else getattr(activation, "__name__", "")
    name = canonical_name(given, ACTIVATION_ALIASES)
    return name, _RANGES_OF_OUTPUTS.get(name, (-inf, inf))


def _first_outside(y: np.ndarray, low: float, high: float) -> str | None:
    """``"-1.5 in row 3"``, or None if all numbers lie between."""
    if not y.size or (y.min() >= low - _TOLERANCE and y.max() <= high + _TOLERANCE):
        return None
    table = y.reshape(len(y), -1)
    outside = np.argwhere((table < low - _TOLERANCE) | (table > high + _TOLERANCE))
    if not outside.size:  # not numbers, for who assumes that all is finite
        return None
    row, column = outside[0]
    where = f", column {column}" if table.shape[1] > 1 else ""
    return f"{float(table[row, column]):.6g} in row {row}{where}"


def _check_distributions(table: np.ndarray, loss: str, estimator: str) -> None:
    if table.shape[1] == 1:
        raise ValueError(
            f"The loss {loss!r} of {estimator} compares probabilities of classes that exclude each other, with a "
            "column of y for each, but y is one column: whatever it holds, 1 would be learned. Use "
            "'binary_crossentropy' for a probability that stands alone, or KerasClassifier for classes."
        )
    sums = table.sum(axis=1, dtype="float64")
    other = np.flatnonzero(np.abs(sums - 1) > 1e-3)
    if other.size:
        warnings.warn(
            f"The loss {loss!r} of {estimator} takes a row of y for probabilities that sum to one, but row {other[0]} "
            f"sums to {sums[other[0]]:.6g}. Divide each row by its sum, or use loss='binary_crossentropy' for "
            "probabilities that are each for itself.",
            UserWarning,
            stacklevel=7,
        )


def _shown(low: float, high: float) -> str:
    if high == inf:
        return f"of at least {low:g}"
    return f"of at most {high:g}" if low == -inf else f"from {low:g} to {high:g}"
