"""The fused engine behind the same entrance as Keras: specs and arrays in, a `TrainingResult` out."""

from __future__ import annotations

from ..specs import ArrayData, NetworkSpec, TrainingSpec
from ._build_network import initial_weights
from ._fused_path import train_fused
from ._seeding import derived_seed, row_order
from ._trained import NetworkArrays, TrainedNetwork, TrainingResult
from ._weights import check_same_shapes


def train_fused_network(
    network: NetworkSpec,
    training: TrainingSpec,
    data: ArrayData,
    validation: ArrayData | None,
    *,
    seed: int,
    start: TrainedNetwork | None,
    first_epoch: int,
    observers,
    reason: str,
    device: str,
) -> TrainingResult:
    """Train from ``start`` (or from initial weights) for ``training.epochs`` epochs at most."""
    weights, optimizer = _starting_arrays(network, training, seed, start)
    rows_seed = derived_seed(seed, "rows")

    def trained(arrays) -> TrainedNetwork:
        return TrainedNetwork(network, training, seed, engine="fused", arrays=NetworkArrays(*arrays, seeds=None))

    result = train_fused(
        network,
        training,
        data,
        validation,
        initial_weights=weights,
        initial_optimizer=optimizer,
        row_order=lambda epoch: row_order(rows_seed, epoch, data.n_rows),
        dropout_seed=derived_seed(seed, "dropout"),
        first_epoch=first_epoch,
        observers=[_Watcher(observer, trained) for observer in observers],
    )
    if result.interrupted and not result.history.epochs:
        raise KeyboardInterrupt
    return TrainingResult(
        trained=trained((result.weights, result.optimizer_variables)),
        history=result.history,
        n_steps=result.n_steps,
        best_epoch=result.best_epoch,
        diverged_epoch=result.diverged_epoch,
        interrupted=result.interrupted,
        engine="fused",
        reason=reason,
        device=device,
    )


class _Watcher:
    """An observer whose snapshot is a `TrainedNetwork`."""

    def __init__(self, observer, trained):
        self._observer = observer
        self._trained = trained
        self.on_epoch_begin = observer.on_epoch_begin

    def on_epoch_end(self, epoch, values, snapshot) -> bool:
        return self._observer.on_epoch_end(epoch, values, lambda: self._trained(snapshot()))


def _starting_arrays(network: NetworkSpec, training: TrainingSpec, seed: int, start: TrainedNetwork | None):
    """Weights, and the state of the optimizer if it is of the same kind."""
    fresh = initial_weights(network, seed)
    if start is None:
        return fresh, None
    arrays = start.arrays
    check_same_shapes(arrays.weights, fresh)
    if arrays.optimizer is None or start.training.optimizer != training.optimizer:
        return arrays.weights, None
    optimizer = list(arrays.optimizer)
    if start.training.schedule is None and training.schedule is not None:
        del optimizer[1]  # Keras has a variable for a constant rate, none for a schedule
    elif start.training.schedule is not None and training.schedule is None:
        optimizer.insert(1, fresh[0].dtype.type(training.learning_rate))
    return arrays.weights, optimizer
