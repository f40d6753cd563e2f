"""Keras: what of it is private. Loads Keras, so only the engine may import this file."""

from __future__ import annotations

from typing import Any


def make_variables_of_compilation(model: Any, x: Any, y: Any, sample_weight: Any) -> None:
    """Let a compiled model make the variables of its loss and metrics, which it does at its first batch.

    Inside a compiled loop it would be too late. ``Model._symbolic_build`` (seen in Keras 3.12 to 3.15) computes
    nothing, so no state of a layer moves. If it is gone, the public methods do the same on the rows themselves, where
    a layer that draws numbers in prediction, too, draws once more.
    """
    if hasattr(model, "_symbolic_build"):
        model._symbolic_build(data_batch=(x, y) if sample_weight is None else (x, y, sample_weight))
        return
    outputs = model(x, training=False)
    if model.loss is not None:
        model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=sample_weight)
    model.compute_metrics(x, y, outputs, sample_weight=sample_weight)
    model.reset_metrics()
