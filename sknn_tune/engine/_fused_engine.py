"""The fused engine behind the same entrance as Keras: specs and arrays in, a `TrainingResult` out."""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np

from ..specs import ArrayData, NetworkSpec, TrainingSpec
from ._cost_model import Way
from ._devices import Placement
from ._fused_optimizers import resolve_optimizer, why_optimizer_needs_keras
from ._fused_path import FusedResult, train_fused
from ._initial_weights import initial_weights
from ._row_blocks import dense_rows
from ._seeding import derived_seed, row_order
from ._trained import NetworkArrays, TrainedNetwork, TrainingResult, check_same_shapes


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
    device: Placement,
    way: Way,
) -> TrainingResult:
    """Train from ``start`` (or from initial weights) for ``training.epochs`` epochs at most."""
    weights, optimizer = _starting_arrays(network, training, seed, start)
    rows_seed = derived_seed(seed, "rows")

    def order_of(epoch: int) -> np.ndarray:
        return row_order(rows_seed, epoch, data.n_rows) if training.shuffle else np.arange(data.n_rows)

    def trained(arrays) -> TrainedNetwork:
        weights, optimizer = arrays
        return TrainedNetwork(network, training, seed, engine="fused", arrays=NetworkArrays(weights, optimizer, None))

    watchers = [_Watcher(observer, trained) for observer in observers]
    keras_callbacks = _keras_callbacks(network, training, seed, start, data, first_epoch)
    if keras_callbacks is not None:
        watchers.insert(0, _Watcher(keras_callbacks, trained))
    run = partial(
        train_fused,
        network,
        training,
        data,
        validation,
        initial_weights=weights,
        initial_optimizer=optimizer,
        row_order=order_of,
        dropout_seed=derived_seed(seed, "dropout"),
        first_epoch=first_epoch,
        observers=watchers,
        way=way,
    )
    result = run() if way == "numba" else _on_device(run, watchers, device)
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
        reason=reason,
        device=device.name,
    )


def _on_device(run, watchers, device: Placement) -> FusedResult:
    """Train; if the device runs out of memory, once more with the rows left on the host."""
    from ._tensorflow import tf

    with device.for_tensorflow():
        try:
            return run()
        except tf.errors.ResourceExhaustedError:
            if any(watcher.n_epochs for watcher in watchers):  # they would hear of these epochs twice
                raise
        warnings.warn(
            f"The device {device.name} ran out of memory, so the fit is tried once more with the rows left on the "
            "host, which is slower. A smaller batch_size or network needs less.",
            UserWarning,
            stacklevel=2,
        )
        return run(keep_on_host=True)


def _keras_callbacks(network, training, seed, start, data: ArrayData, first_epoch):
    """The user's Keras callbacks with a model of their own to look at, or None."""
    if training.callbacks is None:
        return None
    from ._fused_callbacks import EpochCallbacks
    from ._keras_callbacks import users_callbacks
    from ._keras_path import new_model
    from ._weights import write_arrays

    callbacks = users_callbacks(training)
    if not callbacks:
        return None
    model = new_model(network, training, seed)
    if start is not None:
        write_arrays(model, start.arrays)
    # Callbacks ask the model's metrics whether more of them is better; Keras makes these from a first batch.
    model._symbolic_build(data_batch=(dense_rows(data.X, slice(1)), data.y[:1]))
    n_steps = training.steps_per_epoch(data.n_rows)
    return EpochCallbacks(callbacks, model, epochs=first_epoch + training.epochs, n_steps=n_steps)


class _Watcher:
    """An observer whose snapshot is a `TrainedNetwork`."""

    def __init__(self, observer, trained):
        self._observer = observer
        self._trained = trained
        self.n_epochs = 0
        self.on_epoch_begin = observer.on_epoch_begin

    def on_epoch_end(self, epoch, values, snapshot) -> bool:
        self.n_epochs += 1
        return self._observer.on_epoch_end(epoch, values, lambda: self._trained(snapshot()))


def _starting_arrays(network: NetworkSpec, training: TrainingSpec, seed: int, start: TrainedNetwork | None):
    """Weights, and the state of the optimizer if it is of the same kind."""
    fresh = initial_weights(network, seed)
    if start is None:
        return fresh, None
    arrays = start.arrays
    check_same_shapes(arrays.weights, fresh)
    if arrays.optimizer is None or why_optimizer_needs_keras(start.training) is not None:
        return arrays.weights, None
    old, new = resolve_optimizer(start.training), resolve_optimizer(training)
    if (old.name, old.form) != (new.name, new.form):  # other momenta, or none: they start from their own
        return arrays.weights, None
    leading = [arrays.optimizer[0], np.asarray(training.learning_rate, np.float32)]
    return arrays.weights, [*leading[: new.n_leading_variables], *arrays.optimizer[old.n_leading_variables :]]
