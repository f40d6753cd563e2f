"""Every difference between versions of scikit-learn, Keras and SciKeras, in one place."""

from __future__ import annotations

try:  # scikit-learn >= 1.9
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in before scikit-learn 1.9: ``set_callbacks`` is simply absent."""


__all__ = ["CallbackSupportMixin"]
