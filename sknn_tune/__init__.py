"""Neural networks with the habits of scikit-learn.

`KerasClassifier` and `KerasRegressor` make every choice about a network and its training a plain
estimator parameter, so that `GridSearchCV`, `RandomizedSearchCV` and pipelines tune it.

Names are loaded on first use (PEP 562): importing this package loads neither TensorFlow nor Keras.
"""

from importlib import import_module

from ._version import __version__

_HOMES = {
    "KerasClassifier": ".estimators",
    "KerasRegressor": ".estimators",
}

__all__ = ["KerasClassifier", "KerasRegressor", "__version__"]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(__all__)
