"""What a subclass may say about X and y, with the properties that SciKeras has for it.

``feature_encoder`` and ``target_encoder`` give transformers: the first makes of a table what a ``model`` with several
inputs gets, the second makes of y what its outputs are taught, and of the outputs, by ``inverse_transform``, what
``predict`` answers. What the transformer's ``get_metadata`` gives becomes attributes of the estimator.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from .._compat.scikit_learn import type_of_target
from ..specs import ChosenRows, map_arrays


@dataclass(frozen=True, eq=False)
class EncodedTarget:
    """A target of which the user's own transformer knows what it is.

    Attributes
    ----------
    encoder : transformer
        Fitted.
    kind : str
        As scikit-learn's ``type_of_target`` says.
    n_axes : int
        Of y.
    metadata : dict
        What the transformer tells about itself.
    """

    encoder: Any
    kind: str
    n_axes: int
    metadata: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, y: np.ndarray, encoder: Any) -> EncodedTarget:
        """What a transformer that is not fitted yet makes of ``y``."""
        fitted = encoder.fit(y)
        metadata = fitted.get_metadata() if hasattr(fitted, "get_metadata") else {}
        return cls(fitted, type_of_target(y), y.ndim, dict(metadata))

    def encode(self, y: np.ndarray, form: str, dtype: str) -> Any:
        """What the outputs are taught."""
        return self.encoder.transform(y)

    def decoded(self, outputs: Any, **arguments: Any) -> Any:
        """What the outputs say."""
        return self.encoder.inverse_transform(outputs, **arguments)

    #: For metrics: nobody knows of classes.
    taught_kind = "numbers"

    def class_index(self, y: np.ndarray) -> None:
        """Nobody knows the classes."""

    def check_names_of(self, y: Any) -> None:
        """Names of columns are for the transformer to say."""

    def check_same(self, y: np.ndarray, classes: Any) -> None:
        """Refuse y of another shape; the rest is for the transformer to say."""
        if y.ndim != self.n_axes:
            raise ValueError(f"y has {y.ndim} dimensions, but had {self.n_axes} in the first call of fit.")


def encoded_target(estimator: Any, y: np.ndarray) -> EncodedTarget | None:
    """By the ``target_encoder`` of a subclass, if it has one."""
    if not hasattr(type(estimator), "target_encoder"):
        return None
    for name, allowed in (("_model_function", "a 'model' of your own"), ("n_members", "n_members=1")):
        given = getattr(estimator, name)
        if given is None or (name == "n_members" and given != 1):
            raise ValueError(
                f"{type(estimator).__name__} has a 'target_encoder', which needs {allowed}: only its author knows what "
                "its outputs mean."
            )
    return EncodedTarget.of(y, estimator.target_encoder)


@dataclass(eq=False)
class TargetEncoder:
    """What the estimator itself does with y for a ``model`` of the user's, as ``target_encoder_`` of SciKeras.

    Attributes
    ----------
    target : ClassTarget or NumberTarget
    form, dtype : str
        In which the model is taught it.
    """

    target: Any
    form: str
    dtype: str

    def transform(self, y: Any) -> np.ndarray:
        """What the model is taught."""
        return self.target.encode(np.asarray(y), self.form, self.dtype)

    def inverse_transform(self, outputs: Any) -> np.ndarray:
        """What outputs say: labels, or numbers in the shape of y."""
        return self.target.said_by(np.asarray(outputs))


def fitted_feature_encoder(estimator: Any, X: Any, is_stream: bool) -> Any:
    """The ``feature_encoder`` of a subclass, fitted to ``X``; one that does nothing if it has none."""
    if not hasattr(type(estimator), "feature_encoder"):
        return FunctionTransformer()
    if is_stream:
        raise TypeError(
            f"{type(estimator).__name__} has a 'feature_encoder', which needs the rows as an array, but X is a "
            "tf.data.Dataset."
        )
    return estimator.feature_encoder.fit(X)


def encoded_inputs(encoder: Any, X: Any, dtype: str) -> Any:
    """What the model gets of ``X``: arrays, those of floating-point numbers in ``dtype``."""

    def as_array(part: Any) -> np.ndarray:
        array = np.asarray(part)
        return array.astype(dtype) if array.dtype.kind == "f" else array

    return map_arrays(as_array, encoder.transform(X[:] if isinstance(X, ChosenRows) else X))
