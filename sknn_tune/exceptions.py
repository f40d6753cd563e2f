"""Errors and warnings of sknn_tune."""

from sklearn.exceptions import ConvergenceWarning, NotFittedError

__all__ = ["ConvergenceWarning", "DivergedError", "NotFittedError"]


class DivergedError(ValueError):
    """Training diverged and left weights of no use, so nothing can be predicted.

    Raised by ``predict``, ``predict_proba`` and ``score``. Inside a search it makes scikit-learn give
    the candidate its ``error_score``, and the rest of the search goes on.
    """
