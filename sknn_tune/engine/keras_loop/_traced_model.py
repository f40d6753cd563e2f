"""A compiled Keras model with its steps, which are traced once for all fits that it serves."""

from __future__ import annotations

from typing import Any

from ..._compat.keras import make_variables_of_compilation
from ...specs import ArrayData, arrays_in
from .._rows import dense_parts
from ..models import loss_without_penalty
from ._compiled_steps import CompiledSteps


class TracedModel:
    """A model that can be trained and tested.

    Attributes
    ----------
    model : keras.Model
        Compiled; it holds the state.
    loss_without_penalty : LossWithoutPenalty
        What its steps tell of their loss.
    """

    def __init__(self, model: Any):
        self.model = model
        self.loss_without_penalty = loss_without_penalty(model)
        self._steps: dict[tuple, CompiledSteps] = {}

    def steps(self, step: str, data: ArrayData, batch_size: int) -> CompiledSteps:
        """``train_step`` or ``test_step`` over these rows."""
        arrays = (dense_parts(data.X, slice(None)), data.y, data.sample_weight)
        given = tuple(array for array in arrays if array is not None)
        key = step, batch_size, *((array.shape[1:], str(array.dtype)) for array in arrays_in(given))
        if key not in self._steps:
            first = dense_parts(given, slice(batch_size))
            make_variables_of_compilation(self.model, *(*first, None)[:3])
            self._steps[key] = CompiledSteps(self.model, step, given, batch_size)
        else:
            self._steps[key].load(given)
        return self._steps[key]

    def forget_data(self) -> None:
        """Hold no rows until the next fit."""
        for steps in self._steps.values():
            steps.forget_data()
