"""Training through ``keras.Model.fit``: the reference for all numbers, and the way for every custom model."""

from __future__ import annotations

from ..specs import ArrayData, CustomNetworkSpec, NetworkSpec, StreamData, TrainingHistory, TrainingSpec
from ._batches import training_batches, validation_batches
from ._build_network import build_network
from ._compiling import compile_network
from ._custom_models import build_custom_model
from ._devices import Placement
from ._keras_callbacks import Recorder, users_callbacks
from ._memory import release_after_fit
from ._seeding import derived_seed
from ._tensorflow import keras
from ._trained import TrainedNetwork, TrainingResult
from ._weights import carry_over, read_arrays, write_arrays


def new_model(network: NetworkSpec | CustomNetworkSpec, training: TrainingSpec, seed: int):
    """A compiled Keras model with its initial weights."""
    if isinstance(network, CustomNetworkSpec):
        model = build_custom_model(network, training, seed)
    else:
        model = build_network(network, seed)
        compile_network(model, training, network.dtype)
    # A training step that creates the optimizer's variables is traced twice; tracing is most of a short fit.
    model.optimizer.build(model.trainable_variables)
    return model


def train_keras(
    network: NetworkSpec | CustomNetworkSpec,
    training: TrainingSpec,
    data: ArrayData | StreamData,
    validation: ArrayData | StreamData | None,
    *,
    seed: int,
    start: TrainedNetwork | None,
    first_epoch: int,
    observers,
    reason: str,
    device: Placement,
) -> TrainingResult:
    """Train from ``start`` (or from initial weights) for ``training.epochs`` epochs at most."""
    with device.for_tensorflow():
        return _train(network, training, data, validation, seed, start, first_epoch, observers, reason, device.name)


def _train(network, training, data, validation, seed, start, first_epoch, observers, reason, device) -> TrainingResult:
    model = _starting_model(network, training, seed, start)
    trained = TrainedNetwork(network, training, seed, engine="keras", model=model)

    def snapshot() -> TrainedNetwork:
        return TrainedNetwork(network, training, seed, engine="keras", arrays=read_arrays(model))

    stopping = training.stopping
    recorder = Recorder(monitor=stopping.monitor if stopping else None, observers=observers, snapshot=snapshot)
    early_stopping = _early_stopping(training)
    callbacks = [*users_callbacks(training), recorder, *early_stopping]
    steps_before = _n_updates(model)
    interrupted = False
    try:
        _fit(model, training, data, validation, seed=seed, first_epoch=first_epoch, callbacks=callbacks)
    except KeyboardInterrupt:
        if recorder.last_snapshot is None:
            raise
        write_arrays(model, recorder.last_snapshot.arrays)
        interrupted = True
    finally:
        release_after_fit()
    return TrainingResult(
        trained=trained,
        history=TrainingHistory(tuple(recorder.epochs)),
        n_steps=_n_updates(model) - steps_before,
        best_epoch=_best_epoch(early_stopping, recorder, first_epoch, interrupted),
        diverged_epoch=recorder.diverged_epoch,
        interrupted=interrupted,
        engine="keras",
        reason=reason,
        device=device,
    )


def _starting_model(network, training, seed, start):
    if start is None:
        return new_model(network, training, seed)
    old = start.keras_model()
    if start.network == network and _compiled_alike(start.training, training):
        return old
    new = new_model(network, training, seed)
    carry_over(old, new)
    return new


def _compiled_alike(one: TrainingSpec, other: TrainingSpec) -> bool:
    names = (
        *("optimizer", "optimizer_arguments", "learning_rate", "schedule", "loss", "loss_arguments"),
        *("metrics", "metrics_arguments", "accuracy", "compile_arguments"),
    )
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _fit(model, training, data, validation, *, seed, first_epoch, callbacks) -> None:
    arguments = dict(training.fit_arguments)
    validation_batch_size = arguments.pop("validation_batch_size", None)
    model.fit(
        training_batches(
            data,
            training.batch_size,
            shuffle_seed=derived_seed(seed, "rows") if training.shuffle else None,
            first_epoch=first_epoch,
        ),
        validation_data=None if validation is None else validation_batches(validation, validation_batch_size),
        initial_epoch=first_epoch,
        epochs=first_epoch + training.epochs,
        callbacks=callbacks,
        shuffle=False,  # `training_batches` has done it, without a global seed
        verbose=0,
        **arguments,
    )


def _early_stopping(training: TrainingSpec) -> list:
    stopping = training.stopping
    if stopping is None:
        return []
    return [
        keras.callbacks.EarlyStopping(
            monitor=stopping.monitor,
            patience=stopping.patience,
            min_delta=stopping.min_delta,
            restore_best_weights=stopping.restore_best_weights,
        )
    ]


def _best_epoch(early_stopping, recorder: Recorder, first_epoch: int, interrupted: bool) -> int:
    """Index within this run."""
    last = len(recorder.epochs) - 1
    if not early_stopping or interrupted or early_stopping[0].best is None:
        return last
    return early_stopping[0].best_epoch - first_epoch


def _n_updates(model) -> int:
    return int(keras.ops.convert_to_numpy(model.optimizer.iterations))
