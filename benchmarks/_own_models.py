"""Models of one's own: our fit beside ``keras.Model.fit`` of the same model, in turn in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from ._report import Table

MODELS = ("dense", "convolution")
EPOCHS = 10


def own_models_table(measured: dict[str, dict[str, list[float]]]) -> tuple[Table, dict[str, float]]:
    """A row for each model and peer, and by what factor ours takes less of the processor."""
    rows, ratios = [], {}
    for model, of_peer in measured.items():
        pairs = zip(of_peer["Model.fit"], of_peer["sknn_tune"], strict=True)
        ratios[f"{model} model: Model.fit / sknn_tune, processor"] = statistics.median(
            fit / ours for fit, ours in pairs
        )
        rows += [
            {"model": model, "peer": peer, "processor_seconds": statistics.median(times), "least": min(times)}
            for peer, times in of_peer.items()
        ]
    title = f"Models of one's own: the digits, batches of 32, {EPOCHS} epochs"
    return Table(
        title, rows, ["Building and compiling the model counts for both; the ratio is the median of pairs."]
    ), ratios


# --- in a fresh process --------------------------------------------------------------------------------


def measure_own_models(repeats: int, epochs: int) -> dict[str, dict[str, list[float]]]:
    """Seconds of the processor for each fit."""
    found: dict[str, dict[str, list[float]]] = {}
    for name in MODELS:
        peers = {"sknn_tune": our_fit(name, epochs), "Model.fit": _keras_fit(name, epochs)}
        for fit in peers.values():
            fit()  # loads
        found[name] = {peer: [] for peer in peers}
        for _ in range(repeats):
            for peer, fit in peers.items():
                before = time.process_time()
                fit()
                found[name][peer].append(time.process_time() - before)
    return found


def our_fit(name: str, epochs: int) -> Callable[[], None]:
    """A function that fits `KerasClassifier` with a function for a model."""
    from sknn_tune import KerasClassifier

    X, y = _digits()

    def fit() -> None:
        network = KerasClassifier(_build, model__name=name, batch_size=32, epochs=epochs, random_state=0).fit(X, y)
        assert "compiled function" in network.engine_reason_

    return fit


def _keras_fit(name: str, epochs: int) -> Callable[[], None]:
    X, y = _digits()

    def fit() -> None:
        _build(name).fit(X, y, batch_size=32, epochs=epochs, verbose=0)

    return fit


def _digits():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return (X / 16).astype("float32"), y


def _build(name: str):
    import keras
    from keras import layers

    if name == "dense":
        hidden = [layers.Dense(64, activation="relu")]
    else:
        hidden = [
            layers.Reshape((8, 8, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.Conv2D(16, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.2),
        ]
    model = keras.Sequential([keras.Input((64,)), *hidden, layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
