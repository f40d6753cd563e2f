"""What transformers of columns of numbers have in common: which rows they take."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from .._compat.scikit_learn import NamesTheNearest
from .._documentation import LinkedToDocumentation
from ..tables import explained, without_mask

#: Standard deviations within which encoded values are kept: numbers further out are as far out as these.
BOUND = 3.0


class NumberColumns(TransformerMixin, NamesTheNearest, LinkedToDocumentation, BaseEstimator):
    """A transformer of numbers, of which some may be missing; float32 stays, everything else becomes float64."""

    def _checked(self, X: Any, reset: bool) -> np.ndarray:
        X = without_mask(X)
        # Infinity is refused in a sentence; that its sums are no numbers is not a second thing to say.
        quiet = np.errstate(over="ignore", invalid="ignore")
        with explained(type(self).__name__, X, may_be_missing=True), quiet:
            return validate_data(self, X, reset=reset, dtype=[np.float64, np.float32], ensure_all_finite="allow-nan")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
