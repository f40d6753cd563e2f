"""What watches a fit from outside the engine, epoch by epoch."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .._compat.scikit_learn import has_callbacks
from ..engine import Observer, TrainedNetwork
from ..specs import TrainingHistory
from .resolve import Parameters

Values = dict[str, float]


class FitObserver(Observer, Protocol):
    """An observer that knows whether it has asked to stop, and is told when the fit is over.

    Attributes
    ----------
    has_stopped : bool
        Whether it has asked to stop.
    """

    has_stopped: bool

    def close(self) -> None:
        """Called once, after the last epoch or an error."""


class ProgressPrinter:
    """``verbose=1``: one line that is written over; ``verbose=2``: a line per epoch."""

    has_stopped = False

    def __init__(self, verbose: int, epochs: int) -> None:
        self._rewrite = verbose == 1
        self._epochs = epochs
        self._width = 0

    def on_epoch_begin(self, epoch: int) -> None:
        """Nothing is known yet."""

    def on_epoch_end(self, epoch: int, values: Values, snapshot: Callable[[], TrainedNetwork]) -> bool:
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        line = f"epoch {epoch + 1}/{self._epochs}  {numbers}"
        if self._rewrite:
            sys.stdout.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
        return False

    def close(self) -> None:
        """Leave the cursor on a line of its own."""
        if self._rewrite and self._width:
            sys.stdout.write("\n")
            sys.stdout.flush()


class ScikitLearnCallbacks:
    """Hands each epoch to the scikit-learn callbacks of the estimator, as a task within its fit.

    ``history_`` of the estimator has the epochs so far: callbacks read from it what they need, where a
    ``fitted_estimator`` would cost a copy of the weights in every epoch.
    """

    def __init__(
        self,
        estimator: Any,
        context: Any,
        *,
        rows: Mapping[str, Any],
        history: dict[str, list[float]],
        attributes_of: Callable[[TrainedNetwork, tuple[Values, ...]], dict[str, Any]],
    ) -> None:
        self.has_stopped = False
        self._estimator = estimator
        self._history = history
        self._context = context
        self._rows = rows
        self._attributes_of = attributes_of
        self._epochs: list[Values] = []
        self._task: Any = None

    def on_epoch_begin(self, epoch: int) -> None:
        self._task = self._context.subcontext(task_name="epoch")
        self._task.call_on_fit_task_begin(estimator=self._estimator, **self._rows)

    def on_epoch_end(self, epoch: int, values: Values, snapshot: Callable[[], TrainedNetwork]) -> bool:
        self._epochs.append(values)
        _append(self._history, values)
        self._estimator.history_ = self._history
        self.has_stopped = self._task.call_on_fit_task_end(
            estimator=self._estimator,
            **self._rows,
            reconstruction_attributes=lambda: self._attributes_of(snapshot(), tuple(self._epochs)),
        )
        return self.has_stopped

    def close(self) -> None:
        """Nothing is open between epochs."""


def observers_of_fit(
    estimator: Any, parameters: Parameters, context: Any, target: Any, rows: Mapping[str, Any]
) -> list[FitObserver]:
    """Those that the parameters and scikit-learn's callbacks ask for; ``context`` is that of the callbacks."""
    before = getattr(estimator, "_history", TrainingHistory())
    observers: list[FitObserver] = []
    if parameters["verbose"]:
        last = len(before.epochs) + int(parameters["epochs"])
        observers.append(ProgressPrinter(int(parameters["verbose"]), last))
    if context is not None and has_callbacks(estimator):

        def attributes(trained: TrainedNetwork, epochs: tuple[Values, ...]) -> dict[str, Any]:
            history = before.extended(TrainingHistory(epochs))
            return {
                "_trained": trained,
                "_target": target,
                "_history": history,
                "_diverged_epoch": None,
                "history_": history.as_lists(),
                "n_iter_": len(history.epochs),
            }

        history = before.as_lists()
        observers.append(ScikitLearnCallbacks(estimator, context, rows=rows, history=history, attributes_of=attributes))
    return observers


def _append(history: dict[str, list[float]], values: Values) -> None:
    """One epoch more, as `TrainingHistory.as_lists` would have it."""
    n_epochs = max(map(len, history.values()), default=0)
    for name in dict.fromkeys([*history, *values]):
        history.setdefault(name, [math.nan] * n_epochs).append(float(values.get(name, math.nan)))
