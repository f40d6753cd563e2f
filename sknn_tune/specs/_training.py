"""How a network is to be trained: numbers and names, resolved, ready for an engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from .._copies import StoredWithObjects
from ._taught import Taught
from ._vocabulary import LOSS_ALIASES, canonical_name, canonical_optimizer

Arguments = tuple[tuple[str, Any], ...]

#: Which accuracy is recorded besides the loss, seen from the form of the target.
Accuracy = Literal["binary", "index", "one_hot"]


#: Rows that are mixed at once, where the user says nothing: 20 MB of a table with 20 columns, near the processor.
SHUFFLE_BUFFER = 250_000

ScheduleKind = Literal["inverse_time", "exponential", "piecewise", "cosine"]


@dataclass(frozen=True)
class ScheduleSpec:
    """A learning rate that changes with the updates, by Keras' formulas.

    ``inverse_time``: ``lr / (1 + decay_rate * step / decay_steps)``;
    ``exponential``: ``lr * decay_rate ** (step / decay_steps)``;
    ``piecewise``: ``lr * decay_rate ** (number of boundaries passed)``;
    ``cosine``: ``lr * (1 + cos(pi * step / decay_steps)) / 2``.
    """

    kind: ScheduleKind
    decay_rate: float
    decay_steps: int
    staircase: bool = False
    boundaries: tuple[int, ...] = ()


@dataclass(frozen=True)
class StoppingSpec:
    """Early stopping, as ``keras.callbacks.EarlyStopping`` means it."""

    monitor: str
    patience: float
    min_delta: float
    restore_best_weights: bool


@dataclass(frozen=True)
class TrainingSpec(StoredWithObjects):
    """One run of training.

    The names of a loss and an optimizer are canonical once the spec is made, however they were typed: ``"mse"`` is
    ``"mean_squared_error"`` and ``"AdamW"`` is ``"adamw"``.

    Attributes
    ----------
    loss : str or object
        Resolved (never ``"auto"``): a Keras loss name, class, object or a function.
    optimizer : str, class or object
        A Keras optimizer; ``optimizer_arguments`` are for names and classes.
    learning_rate : float
        Initial rate.
    schedule : ScheduleSpec, keras LearningRateSchedule or None
        How the rate changes.
    batch_size : int
        Rows per update, at most the number of training rows.
    shuffle_buffer : int
        Rows that are mixed at once.
    epochs : int
        Passes over the training rows at most.
    accuracy : {None, "binary", "index", "one_hot"}
        Which accuracy is recorded besides the loss, seen from the form of the target.
    taught : Taught or None
        What the targets are, so that metrics see them in their own form; None shows metrics what the loss sees.
    metrics, callbacks : object
        As the user gave them, with their routed arguments beside them.
    compile_arguments, fit_arguments : tuple of (name, value)
        Further arguments of ``keras.Model.compile`` and ``keras.Model.fit``.
    """

    loss: Any
    optimizer: Any
    learning_rate: float
    batch_size: int
    epochs: int
    optimizer_arguments: Arguments = ()
    loss_arguments: Arguments = ()
    schedule: Any = None
    shuffle: bool = True
    shuffle_buffer: int = SHUFFLE_BUFFER
    stopping: StoppingSpec | None = None
    accuracy: Accuracy | None = None
    taught: Taught | None = None
    metrics: Any = field(default=None, hash=False)
    metrics_arguments: Arguments = field(default=(), hash=False)
    callbacks: Any = field(default=None, hash=False)
    callbacks_arguments: Arguments = field(default=(), hash=False)
    compile_arguments: Arguments = field(default=(), hash=False)
    fit_arguments: Arguments = field(default=(), hash=False)

    def __post_init__(self) -> None:
        if isinstance(self.loss, str):
            object.__setattr__(self, "loss", canonical_name(self.loss, LOSS_ALIASES))  # frozen from here on
        if isinstance(self.optimizer, str):
            object.__setattr__(self, "optimizer", canonical_optimizer(self.optimizer))
        if self.batch_size < 1 or self.epochs < 1:
            raise ValueError(f"batch_size and epochs must be at least 1 here, got {self.batch_size} and {self.epochs}.")

    @property
    def has_metrics_by_output(self) -> bool:
        """Whether metrics are given for each output of a model with several, as Keras takes them."""
        given = self.metrics
        return isinstance(given, dict) or (
            isinstance(given, list | tuple) and any(isinstance(each, list | tuple) for each in given)
        )

    def steps_per_epoch(self, n_rows: int) -> int:
        """Updates in one epoch of ``n_rows`` rows: the last, partial batch counts."""
        return -(-n_rows // self.batch_size)
