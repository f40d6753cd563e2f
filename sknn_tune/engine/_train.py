"""The one entrance: which engine trains, on which device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ..specs import TrainingSpec
from ._cost_model import cheapest_way
from ._devices import Placement, placed_on
from ._fused_engine import train_fused_network
from ._fused_optimizers import resolve_optimizer
from ._fused_scope import why_not_fused
from ._trained import TrainedNetwork, TrainingResult


def train(
    network,
    training,
    data,
    validation,
    *,
    seed: int,
    start: TrainedNetwork | None = None,
    first_epoch: int = 0,
    observers=(),
    engine: str = "auto",
    device=None,
) -> TrainingResult:
    """Train a network.

    Parameters
    ----------
    network : NetworkSpec or CustomNetworkSpec
    training : TrainingSpec
    data, validation : ArrayData or StreamData; validation may be None
    seed : int
        Initial weights, row order and dropout are derived from it.
    start : TrainedNetwork or None
        Go on from its weights and optimizer state instead of initial ones.
    first_epoch : int
        Epochs run before: the row order goes on from there.
    observers : sequence
        Objects with ``on_epoch_begin(epoch)`` and ``on_epoch_end(epoch, values, snapshot) -> bool``,
        where True asks to stop and ``snapshot()`` gives the network as it stands.
    engine : {"auto", "fused", "keras"}
    device : str, sequence of str or None

    Returns
    -------
    TrainingResult
    """
    with placed_on(device) as placement:
        train_with, reason = _choose(engine, network, training, data, placement)
        return train_with(
            network,
            training,
            data,
            validation,
            seed=seed,
            start=start,
            first_epoch=first_epoch,
            observers=observers,
            reason=reason,
            device=placement,
        )


def _choose(engine: str, network, training, data, placement: Placement):
    """The function that trains, and in one sentence why it."""
    obstacle = None if engine == "keras" else why_not_fused(network, training, data)
    if engine == "keras" or obstacle is not None:
        if engine == "fused":
            raise ValueError(f"engine='fused' cannot train this. {obstacle} Use engine='auto'.")
        from ._keras_path import train_keras  # loads TensorFlow, Keras and SciKeras

        return train_keras, obstacle or "engine='keras' was asked for."
    way, reason = cheapest_way(network, training, data.n_rows, placement.on_gpu)
    return partial(train_fused_network, way=way), reason


def epochs_to_go_on_from(network, training: TrainingSpec, data, *, engine: str, device) -> Iterator[int]:
    """Numbers of epochs, most first, after which going on gives the bits of training anew."""
    if engine == "keras" or why_not_fused(network, training, data) is not None:
        return
    # What looks back over the epochs, and Nadam's product, which Keras keeps in single precision.
    if training.stopping is not None or training.callbacks is not None or resolve_optimizer(training).name == "nadam":
        return
    with placed_on(device) as placement:
        on_gpu = placement.on_gpu
    way, _ = cheapest_way(network, training, data.n_rows, on_gpu)
    for epochs in range(training.epochs - 1, 0, -1):
        if cheapest_way(network, replace(training, epochs=epochs), data.n_rows, on_gpu)[0] == way:
            yield epochs


def continued(before: TrainingResult, after: TrainingResult) -> TrainingResult:
    """Two runs, the second of which went on from the first, as one."""
    after.trained.training = replace(
        after.trained.training, epochs=before.trained.training.epochs + len(after.history.epochs)
    )
    return replace(
        after,
        history=before.history.extended(after.history),
        n_steps=before.n_steps + after.n_steps,
        best_epoch=len(before.history.epochs) + after.best_epoch,
    )


def prepare_custom(network, training, *, seed: int, n_classes: int | None):
    """The user's model with its initial weights, and how it wants its class labels (None for regression)."""
    from ._custom_models import target_form
    from ._keras_path import new_model

    model = new_model(network, training, seed)
    form = None if n_classes is None else target_form(model, network, n_classes=n_classes)
    return TrainedNetwork(network, training, seed, engine="keras", model=model), form
