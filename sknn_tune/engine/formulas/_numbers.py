"""What of a fit is only a number: arguments of compiled code, whatever the structure."""

from __future__ import annotations

from typing import NamedTuple

from ...specs import NetworkSpec, TrainingSpec


class Numbers(NamedTuple):
    """Those of a network, its loss and its clipping. Machine code takes their places from these fields."""

    l1: float
    l2: float
    activity_l1: float
    activity_l2: float
    batch_norm_momentum: float
    batch_norm_epsilon: float
    negative_slope: float
    huber_delta: float
    clip: float

    @classmethod
    def of(cls, network: NetworkSpec, training: TrainingSpec | None = None) -> Numbers:
        """Those of these specs; without a training what it would say is as good as absent."""
        loss_arguments = dict(training.loss_arguments) if training is not None else {}
        optimizer_arguments = dict(training.optimizer_arguments) if training is not None else {}
        clip = optimizer_arguments.get("global_clipnorm") or optimizer_arguments.get("clipvalue") or 0.0
        return cls(
            l1=network.l1,
            l2=network.l2,
            activity_l1=network.activity_l1,
            activity_l2=network.activity_l2,
            batch_norm_momentum=network.batch_norm_momentum,
            batch_norm_epsilon=network.batch_norm_epsilon,
            negative_slope=network.negative_slope,
            huber_delta=loss_arguments.get("delta", 1.0),
            clip=clip,
        )
