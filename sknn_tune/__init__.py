"""Neural networks with the habits of scikit-learn.

`KerasClassifier` and `KerasRegressor` make every choice about a network and its training a plain
estimator parameter, so that `GridSearchCV`, `RandomizedSearchCV` and pipelines tune it.

Names are loaded on first use (PEP 562): importing this package loads neither TensorFlow nor Keras.
"""

from typing import TYPE_CHECKING

from ._lazy import lazy_names
from ._version import __version__

if TYPE_CHECKING:
    from . import display, export, inspection, model_selection, preprocessing, search_space
    from .estimators import KerasClassifier, KerasRegressor
    from .estimators.tabular import TabularClassifier, TabularRegressor

__all__ = [
    "KerasClassifier",
    "KerasRegressor",
    "TabularClassifier",
    "TabularRegressor",
    "__version__",
    "display",
    "export",
    "inspection",
    "model_selection",
    "preprocessing",
    "search_space",
]

__getattr__, _ = lazy_names(
    __name__,
    {
        "KerasClassifier": ".estimators",
        "KerasRegressor": ".estimators",
        "TabularClassifier": ".estimators.tabular",
        "TabularRegressor": ".estimators.tabular",
        "display": ".display",
        "export": ".export",
        "inspection": ".inspection",
        "model_selection": ".model_selection",
        "preprocessing": ".preprocessing",
        "search_space": ".search_space",
    },
)


def __dir__() -> list[str]:
    return sorted(__all__)
