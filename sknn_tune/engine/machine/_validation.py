"""Loss, accuracy and the user's metrics on rows that are not trained on, by NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...specs import ArrayData, NetworkSpec, Piece, StreamData, TrainingSpec
from .._mixing import in_order
from .._rows import rows_at_a_time, target_columns
from ..arrays import ForwardPass, Metrics, Predictor, RunningMeans, outputs_of_sums, sums_of_mean
from ..formulas import Numbers, TrainingStructure, WeightSlot, is_combined, smoothed_targets

Array = np.ndarray


class Validation:
    """The held-out rows of a fit.

    Parameters
    ----------
    training : TrainingSpec
    network : NetworkSpec
    structure : TrainingStructure
    numbers : Numbers
    slots : list of WeightSlot
    data : ArrayData or StreamData
    metrics : Metrics or None
        The user's own.
    """

    def __init__(
        self,
        training: TrainingSpec,
        network: NetworkSpec,
        structure: TrainingStructure,
        numbers: Numbers,
        slots: list[WeightSlot],
        data: ArrayData | StreamData,
        metrics: Metrics | None,
    ):
        self._network, self._structure, self._numbers, self._data = network, structure, numbers, data
        self._is_kernel = [slot.role == "kernel" for slot in slots]
        self._training, self._metrics = training, metrics

    def measured(self, weights: list[Array]) -> dict[str, float]:
        """What an epoch records of them."""
        data, structure = self._data, self._structure
        means = RunningMeans(structure, self._numbers.huber_delta, data.n_rows)
        sums = ForwardPass(structure.network, weights, self._numbers)
        with np.errstate(all="ignore"):
            for X, y, weight in self._blocks():
                z, active = sums(X)
                if not is_combined(structure.loss, structure.network.output_activation):
                    z = outputs_of_sums(structure.network, z, self._numbers)
                elif structure.network.n_members > 1:
                    z = sums_of_mean(structure.network, z, self._numbers)
                labels = target_columns(y, self._network.dtype)
                targets = smoothed_targets(self._training, labels, self._network.n_outputs)
                means.add(z, targets, weight, labels=labels)
                if structure.activity_penalty:
                    l1, l2 = self._numbers.activity_l1, self._numbers.activity_l2
                    means.add_penalty(sum(_penalty(each, l1, l2) for each in active) / structure.network.n_members)
            if structure.kernel_penalty:
                kernels = [array for array, is_kernel in zip(weights, self._is_kernel, strict=True) if is_kernel]
                penalty = sum(_penalty(kernel, self._numbers.l1, self._numbers.l2) for kernel in kernels)
                means.add_penalty(penalty, data.n_rows)
        values = means.result()
        if self._metrics is None:
            return values
        predictor = Predictor(self._network, weights)
        for X, y, _ in self._pieces():
            self._metrics.update(y, predictor(X))
        return values | self._metrics.result()

    def _pieces(self) -> Iterator[Piece]:
        data = self._data
        return iter([(data.X, data.y, data.sample_weight)]) if isinstance(data, ArrayData) else in_order(data)

    def _blocks(self) -> Iterator[Piece]:
        """Rows that are worked out together."""
        for X, y, weight in self._pieces():
            size = rows_at_a_time(X, self._structure.network.n_members)
            for start in range(0, X.shape[0], size):
                rows = slice(start, start + size)
                yield X[rows], y[rows], None if weight is None else weight[rows]


def _penalty(values: Array, l1: float, l2: float) -> float:
    return float(l1 * np.abs(values).sum() + l2 * np.vdot(values, values))
