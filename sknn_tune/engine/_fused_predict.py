"""What predicts for the fused engine."""

from __future__ import annotations

import numpy as np

from ..specs import NetworkSpec


def fused_predictor(network: NetworkSpec, weights: list[np.ndarray], *, on_gpu: bool = False):
    """A callable ``(X, batch_rows=None)``: by NumPy, or by a program where there is a GPU to use."""
    if on_gpu:
        from ._program_predict import ProgramPredictor

        return ProgramPredictor(network, weights)
    from ._numpy_inference import NumpyPredictor

    return NumpyPredictor(network, weights)
