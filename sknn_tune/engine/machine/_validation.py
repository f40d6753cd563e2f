"""Loss, accuracy and the user's metrics on rows that are not trained on, by NumPy."""

from __future__ import annotations

import numpy as np

from ...specs import ArrayData, NetworkSpec, TrainingSpec
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
    data : ArrayData
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
        data: ArrayData,
        metrics: Metrics | None,
    ):
        self._network, self._structure, self._numbers, self._data = network, structure, numbers, data
        self._is_kernel = [slot.role == "kernel" for slot in slots]
        self._labels = target_columns(data.y, network.dtype)
        self._targets = smoothed_targets(training, self._labels, network.n_outputs)
        self._metrics = metrics

    def measured(self, weights: list[Array]) -> dict[str, float]:
        """What an epoch records of them."""
        data, structure = self._data, self._structure
        means = RunningMeans(structure, self._numbers.huber_delta, data.n_rows)
        sums = ForwardPass(structure.network, weights, self._numbers)
        size = rows_at_a_time(data.X, structure.network.n_members)
        with np.errstate(all="ignore"):
            for start in range(0, data.n_rows, size):
                rows = slice(start, start + size)
                z, active = sums(data.X[rows])
                if not is_combined(structure.loss, structure.network.output_activation):
                    z = outputs_of_sums(structure.network, z, self._numbers)
                elif structure.network.n_members > 1:
                    z = sums_of_mean(structure.network, z, self._numbers)
                weight = None if data.sample_weight is None else data.sample_weight[rows]
                means.add(z, self._targets[rows], weight, labels=self._labels[rows])
                if structure.activity_penalty:
                    l1, l2 = self._numbers.activity_l1, self._numbers.activity_l2
                    means.add_penalty(sum(_penalty(each, l1, l2) for each in active) / structure.network.n_members)
            if structure.kernel_penalty:
                kernels = [array for array, is_kernel in zip(weights, self._is_kernel, strict=True) if is_kernel]
                penalty = sum(_penalty(kernel, self._numbers.l1, self._numbers.l2) for kernel in kernels)
                means.add_penalty(penalty, data.n_rows)
        values = means.result()
        if self._metrics is not None:
            self._metrics.update(data.y, Predictor(self._network, weights)(data.X))
            values |= self._metrics.result()
        return values


def _penalty(values: Array, l1: float, l2: float) -> float:
    return float(l1 * np.abs(values).sum() + l2 * np.vdot(values, values))
