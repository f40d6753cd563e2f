"""The scikit-learn face: parameters in, fitted attributes out; and what estimators built on these two need."""

from ._base import KerasEstimator
from ._classifier import KerasClassifier
from ._extending import also_takes, completes_docstring_of
from ._input import check_weights
from ._regressor import KerasRegressor
from ._rows import NO_ROWS, GivenRows
from ._seeds import seed_of
from ._streams import is_dataset
from ._targets import NumberTarget
from .resolve import Parameters

__all__ = [
    "NO_ROWS",
    "GivenRows",
    "KerasClassifier",
    "KerasEstimator",
    "KerasRegressor",
    "NumberTarget",
    "Parameters",
    "also_takes",
    "check_weights",
    "completes_docstring_of",
    "is_dataset",
    "seed_of",
]
