"""What of a fit is structure, which decides what is computed, and what is only a number.

Problem: a search meets a new candidate every moment, and compiling for each would cost more than training it. Choice:
structure holds names and which parts exist at all; every rate, penalty or momentum is an argument of what is compiled.
Not taken: leaving absent parts (no penalty, no dropout) in as zeros, which would slow down every update.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...specs import NetworkSpec, TrainingSpec
from ._label_smoothing import loss_of_targets
from ._optimizer_arguments import resolve_optimizer


@dataclass(frozen=True)
class LayerStructure:
    """A hidden layer: what is computed in it, without its width."""

    activation: str
    dropout: bool
    batch_norm: str | None
    is_shared: bool = False  # by members, each with scales and a bias of its own

    @property
    def alpha_dropout(self) -> bool:
        return self.dropout and self.activation == "selu"

    @property
    def has_bias(self) -> bool:
        return self.batch_norm != "before"

    @property
    def roles(self) -> tuple[str, ...]:
        """Weights of this layer, in Keras' order."""
        if self.is_shared:
            return ("kernel", "input_scale", "output_scale", "bias")
        if self.batch_norm == "before":
            return ("kernel", "gamma", "beta", "moving_mean", "moving_variance")
        if self.batch_norm == "after":
            return ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")
        return ("kernel", "bias")


@dataclass(frozen=True)
class NetworkStructure:
    """What is computed between inputs and outputs, whatever the widths."""

    layers: tuple[LayerStructure, ...]
    output_activation: str
    input_dropout: bool
    dtype: str
    n_members: int = 1

    @property
    def n_random(self) -> int:
        """Layers that draw random numbers; the inputs count as one."""
        return self.input_dropout + sum(layer.dropout for layer in self.layers)


@dataclass(frozen=True)
class TrainingStructure:
    """What is computed in an update."""

    network: NetworkStructure
    loss: str
    accuracy: str | None
    optimizer_form: str
    clipping: str | None
    kernel_penalty: bool
    activity_penalty: bool


def network_structure(network: NetworkSpec) -> NetworkStructure:
    """What is computed between inputs and outputs of this network."""
    layers = tuple(
        LayerStructure(str(activation), rate > 0, network.batch_norm, network.n_members > 1)
        for activation, rate in zip(network.activations, network.dropouts, strict=True)
    )
    return NetworkStructure(
        layers=layers,
        output_activation=str(network.output_activation),
        input_dropout=network.input_dropout > 0,
        dtype=network.dtype,
        n_members=network.n_members,
    )


def training_structure(network: NetworkSpec, training: TrainingSpec) -> TrainingStructure:
    """What is computed in an update of this network."""
    arguments = dict(training.optimizer_arguments)
    # In Keras' order of precedence.
    clipping = "norm" if arguments.get("global_clipnorm") else "value" if arguments.get("clipvalue") else None
    return TrainingStructure(
        network=network_structure(network),
        loss=loss_of_targets(training),
        accuracy=training.accuracy,
        optimizer_form=resolve_optimizer(training).form,
        clipping=clipping,
        kernel_penalty=bool(network.l1 or network.l2),
        activity_penalty=bool(network.activity_l1 or network.activity_l2),
    )
