"""What predicts for the fused engine."""

from __future__ import annotations

import numpy as np

from ..specs import NetworkSpec
from ._fused_structure import network_structure
from ._numpy_scope import numpy_predicts


def fused_predictor(network: NetworkSpec, weights: list[np.ndarray], *, on_gpu: bool = False):
    """A callable ``(X, batch_rows=None)``: NumPy where it can and there is no GPU to use, else a program."""
    if numpy_predicts(network_structure(network)) and not on_gpu:
        from ._numpy_inference import NumpyPredictor

        return NumpyPredictor(network, weights)
    from ._program_predict import ProgramPredictor

    return ProgramPredictor(network, weights)
