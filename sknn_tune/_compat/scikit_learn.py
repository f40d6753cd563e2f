"""scikit-learn: what differs between its versions, and what of it is private."""

from __future__ import annotations

try:  # scikit-learn >= 1.9
    from sklearn.callback import CallbackSupportMixin

    HAS_CALLBACKS = True
except ImportError:
    HAS_CALLBACKS = False

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in before scikit-learn 1.9: ``set_callbacks`` is simply absent."""


#: What scikit-learn's searches call the task of fitting and scoring a candidate in a fold.
EVALUATION_TASK = "candidate-split-evaluation"

__all__ = ["EVALUATION_TASK", "HAS_CALLBACKS", "CallbackSupportMixin"]
