"""The fused engine behind the same entrance as Keras: specs and arrays in, a `TrainingResult` out."""

from __future__ import annotations

from ..specs import ArrayData, NetworkSpec, TrainingSpec
from ._build_network import initial_weights
from ._fused_callbacks import EpochCallbacks
from ._fused_path import train_fused
from ._keras_callbacks import users_callbacks
from ._keras_path import new_model
from ._seeding import derived_seed, row_order
from ._trained import NetworkArrays, TrainedNetwork, TrainingResult
from ._weights import check_same_shapes, write_arrays


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
        weights, optimizer = arrays
        return TrainedNetwork(network, training, seed, engine="fused", arrays=NetworkArrays(weights, optimizer, None))

    watchers = [_Watcher(observer, trained) for observer in observers]
    keras_callbacks = _keras_callbacks(network, training, seed, start, data.n_rows, first_epoch)
    if keras_callbacks is not None:
        watchers.insert(0, _Watcher(keras_callbacks, trained))
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
        observers=watchers,
    )
    weights, optimizer = result.weights, result.optimizer_variables
    if keras_callbacks is not None and not result.interrupted:
        last = dict(result.history.epochs[-1])
        weights = keras_callbacks.on_train_end(NetworkArrays(weights, optimizer, None), last)
    return TrainingResult(
        trained=trained((weights, optimizer)),
        history=result.history,
        n_steps=result.n_steps,
        best_epoch=result.best_epoch,
        diverged_epoch=result.diverged_epoch,
        interrupted=result.interrupted,
        engine="fused",
        reason=f"{reason} {result.reason}",
        device=device,
    )


def _keras_callbacks(network, training, seed, start, n_rows, first_epoch) -> EpochCallbacks | None:
    """The user's Keras callbacks with a model of their own to look at."""
    callbacks = users_callbacks(training)
    if not callbacks:
        return None
    model = new_model(network, training, seed)
    if start is not None:
        write_arrays(model, start.arrays)
    return EpochCallbacks(
        callbacks, model, epochs=first_epoch + training.epochs, n_steps=training.steps_per_epoch(n_rows)
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
