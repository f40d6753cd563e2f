"""Traced models that the fits of a process share, so that what differs in numbers only is traced once.

Problem: tracing a step takes as long as many epochs of a small network, and the folds of a search differ in nothing but
numbers. Choice: a fit takes a traced model off the shelf, gives it all numbers of a new model of its own, trains it,
and puts it back; where there is none, one is made. So two threads never have the same one. It is done for networks
whose description is plain data, names and numbers: what a function or an object of the user's does when it is asked
again cannot be known. Not taken: one model for all fits behind a lock, for which fits in threads would wait.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ..._compat.keras import all_layers
from ..._forks import ForkSafeLock
from ...specs import ArrayData, NetworkSpec
from .._job import Job
from ..models import global_settings
from ._traced_model import TracedModel

#: Models that lie here at most: each holds its weights, and graphs of some megabytes.
_MOST = 4


class Shelf:
    """Models that nobody uses at the moment, by what they were traced for."""

    def __init__(self, most: int = _MOST):
        self._most, self._lock = most, ForkSafeLock()
        self._free: OrderedDict[Hashable, list[TracedModel]] = OrderedDict()

    def take(self, key: Hashable) -> TracedModel | None:
        """One that is this fit's alone until it is put back; None if there is none."""
        with self._lock:
            found = self._free.get(key)
            if not found:
                return None
            traced = found.pop()
            if not found:
                del self._free[key]
            return traced

    def put_back(self, key: Hashable, traced: TracedModel) -> None:
        """For the next fit; if there are too many, one goes of the kind that was used least lately."""
        traced.forget_data()
        with self._lock:
            self._free.setdefault(key, []).append(traced)
            self._free.move_to_end(key)
            while sum(map(len, self._free.values())) > self._most:
                oldest = next(iter(self._free))
                self._free[oldest].pop(0)
                if not self._free[oldest]:
                    del self._free[oldest]


#: Of this process.
SHELF = Shelf()


def what_is_traced(job: Job, model: Any, device: str) -> Hashable | None:
    """Everything on which a trace depends, or None if that cannot be known.

    Weights, the state of the optimizer and the rate are variables; the rest of a description is written into the trace.
    """
    network, training = job.network, job.training
    if not isinstance(network, NetworkSpec) or training.callbacks is not None:
        return None
    if job.start is not None:  # the user may have changed the model that it goes on from
        return None
    if any(hasattr(layer, "adapt") for layer in all_layers(model)):  # they keep what they have seen beside variables
        return None
    assert isinstance(job.data, ArrayData)
    rate = 0.0 if training.schedule is None else training.learning_rate
    traced = replace(training, epochs=1, learning_rate=rate, stopping=None, shuffle=True)
    plain = _plain((replace(network, kernel_initializers=("zeros",) * len(network.kernel_initializers)), traced))
    if plain is None:
        return None
    return plain, device, job.data.sample_weight is None, str(job.data.y.dtype), global_settings()


def _plain(value: Any) -> Hashable | None:
    """The value as nested tuples of names and numbers, or None if there is anything else in it."""
    if value is None:
        return ("none",)
    if isinstance(value, str | int | float | bool):
        return type(value).__name__, value
    if is_dataclass(value) and not isinstance(value, type):
        value = tuple((field.name, getattr(value, field.name)) for field in fields(value))
    if isinstance(value, dict):
        value = tuple(sorted(value.items()))
    if not isinstance(value, list | tuple):
        return None
    parts = tuple(_plain(part) for part in value)
    return None if any(part is None for part in parts) else parts
