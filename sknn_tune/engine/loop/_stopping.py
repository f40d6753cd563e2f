"""Early stopping by the rules of ``keras.callbacks.EarlyStopping``, with saved networks in place of models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...specs import StoppingSpec


class EarlyStopper:
    """Sees each epoch's numbers; says when to stop, and which network was best.

    Parameters
    ----------
    spec : StoppingSpec or None
    is_better_higher : callable
        Name of a number, such as ``"val_loss"`` -> whether more of it is better.
    """

    def __init__(self, spec: StoppingSpec | None, is_better_higher: Callable[[str], bool]):
        self._spec = spec
        self._is_better_higher = is_better_higher
        self._best: float | None = None
        self._wait = 0
        self.best_epoch: int | None = None
        self.best: Any = None

    def sees(self, epoch: int, values: Mapping[str, float], save: Callable[[], Any]) -> bool:
        """Take in an epoch; True means stop. ``save()`` gives something to come back to."""
        if self._spec is None:
            return False
        current = values[self._spec.monitor]
        self._wait += 1
        is_improvement = self._is_improvement(current, self._spec)
        if is_improvement or self.best_epoch is None:
            self.best_epoch = epoch
            if self._spec.restore_best_weights:
                self.best = save()
        if is_improvement:
            self._best, self._wait = current, 0
            return False
        # Keras never stops after the very first epoch, whatever the patience.
        return self._wait >= self._spec.patience and epoch > 0

    def _is_improvement(self, current: float, spec: StoppingSpec) -> bool:
        if self._best is None:
            return True
        margin = abs(spec.min_delta)
        if self._is_better_higher(spec.monitor):
            return current - margin > self._best
        return current + margin < self._best
