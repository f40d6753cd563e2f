"""A Keras model in training, as the loop over epochs wants it."""

from __future__ import annotations

import numpy as np

from ...specs import ArrayData
from .._job import Change, Job
from .._network_arrays import NetworkArrays
from .._rows import rows_at_a_time
from ..models import current_learning_rate, is_better_higher, n_updates, numbers, read_arrays, set_weights, write_arrays
from ._compiled_steps import CompiledSteps
from ._traced_model import TracedModel


class KerasRunner:
    """One run of training. A `Runner`.

    Parameters
    ----------
    job : Job
        With rows in memory.
    traced : TracedModel
        Its model is trained, and holds the state.
    """

    epochs_at_once = 1

    def __init__(self, job: Job, traced: TracedModel):
        assert isinstance(job.data, ArrayData)
        self._job, self._model, self._loss_without_penalty = job, traced.model, traced.loss_without_penalty
        self._train = traced.steps("train_step", job.data, job.training.batch_size)
        if job.validation is not None:
            assert isinstance(job.validation, ArrayData)
            self._validation_order = np.arange(job.validation.n_rows)
            size = dict(job.training.fit_arguments).get("validation_batch_size")
            size = (
                job.validation.n_rows if size == -1 else size or rows_at_a_time(job.validation.X)
            )  # no update waits for it
            self._test = traced.steps("test_step", job.validation, size)

    @property
    def n_updates(self) -> int:
        """Updates that the optimizer counts."""
        return n_updates(self._model.optimizer)

    def run_epochs(self, epoch: int, n_epochs: int) -> list[dict[str, float]]:
        """Train for an epoch; what it records."""
        rate = current_learning_rate(self._model.optimizer)
        return [{**self._recorded(self._train, self._job.row_order(epoch)), "learning_rate": rate}]

    def validate(self) -> dict[str, float]:
        """What is recorded of the validation rows."""
        return self._recorded(self._test, self._validation_order)

    def _recorded(self, steps: CompiledSteps, order: np.ndarray) -> dict[str, float]:
        """Metrics after these steps, or what the last step returned if the user's own returns something else."""
        self._model.reset_metrics()
        self._loss_without_penalty.reset()
        logs, found = steps(order), self._model.get_metrics_result()
        if isinstance(logs, dict) and set(logs) != set(found):
            found = logs
        loss_first = sorted(found, key=lambda name: name != "loss")  # Keras' order has changed between versions
        return {**numbers({name: found[name] for name in loss_first}), **self._loss_without_penalty.result()}

    def is_better_higher(self, name: str) -> bool | None:
        """Whether more of a recorded number is better."""
        return is_better_higher(self._model, name)

    def finish(self) -> None:
        """Where the optimizer averages weights over the updates, the averages take their place."""
        self._model.optimizer.finalize_variable_values(self._model.trainable_weights)

    def arrays(self) -> NetworkArrays:
        """Copies of all numbers of the model."""
        return read_arrays(self._model)

    def save(self) -> NetworkArrays:
        """The same."""
        return self.arrays()

    def load(self, saved: NetworkArrays) -> None:
        """Be as it was then."""
        write_arrays(self._model, saved)

    def load_weights(self, saved: NetworkArrays) -> None:
        """The weights go back, the optimizer stays where it is."""
        set_weights(self._model, saved.weights)

    def change(self, change: Change) -> None:
        """Nothing to do: Keras' callbacks act on the model itself."""
