"""Networks that no memory holds are refused before anything of them is made; others are let through."""

import pickle

import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier
from sknn_tune.engine import _network_size
from sknn_tune.engine._network_size import size_of
from sknn_tune.engine.models._feature_layers_size import size_of_feature_layers
from sknn_tune.exceptions import NetworkTooLargeError
from sknn_tune.specs import LayerSpec, NetworkSpec, TrainingSpec

RANDOM = np.random.default_rng(0)
X, y = RANDOM.normal(size=(60, 4)), np.arange(60) % 2
GB = 10**9


@pytest.fixture(autouse=True)
def machine_of_16_gb(monkeypatch):
    monkeypatch.setattr(_network_size, "memory_limit", lambda: 16 * GB)


@pytest.mark.parametrize("engine", ["auto", "keras"])
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"hidden_layer_sizes": (10**9,)}, "'hidden_layer_sizes' parameter of KerasClassifier makes 6e.09 weights"),
        (
            {"hidden_layer_sizes": (10**6, 10**6)},
            "take at least 16 TB in float32, .* can have 16 GB at most. Use fewer",
        ),
        ({"hidden_layer_sizes": (10**400,)}, "makes 6.00e.400 weights"),
        ({"n_members": 10**9}, "'n_members' parameter .* makes 1e.09 networks of 601 weights each"),
        ({"n_members": 10**9, "early_stopping": True}, "Use fewer members"),
        ({"n_members": 10**9, "share_weights": True}, "'n_members' parameter"),
        ({"n_members": 10**5, "hidden_layer_sizes": (1000, 1000)}, "makes 100000 networks of 1.01e.06 weights each"),
    ],
    ids=str,
)
def test_what_cannot_be_held_is_refused(given, engine, sentence):
    network = KerasClassifier(engine=engine, **given)
    with pytest.raises(NetworkTooLargeError, match=sentence) as caught:
        network.fit(X, y)
    assert isinstance(caught.value, MemoryError) and isinstance(caught.value, ValueError)
    assert not hasattr(network, "classes_") or not hasattr(network, "_trained")


def test_a_batch_in_each_layer_counts():
    rows = np.zeros((200_000, 2), "float32")
    network = KerasRegressor(hidden_layer_sizes=(10**5,), batch_size=-1, epochs=1)
    sentence = r"'batch_size' parameter .* makes 400001 weights. These .* a batch of 200000 rows in each layer, take at"
    with pytest.raises(NetworkTooLargeError, match=sentence):
        network.fit(rows, rows[:, 0])


@pytest.mark.parametrize(
    "layers",
    [
        [("Conv2D", {"filters": 10**9, "kernel_size": 2}), "Flatten"],
        [("Conv2D", {"filters": 10**10, "kernel_size": 1}), "GlobalAveragePooling2D"],
        ["Flatten", ("RepeatVector", {"n": 10**10}), "Flatten"],
        ["Flatten", ("Embedding", {"input_dim": 10**10, "output_dim": 8}), "Flatten"],
    ],
    ids=lambda layers: str(layers[-2]),
)
def test_feature_layers_are_measured_without_being_made(layers):
    with pytest.raises(NetworkTooLargeError, match=r"The 'feature_layers' parameter .* Use smaller layers there"):
        KerasClassifier(feature_layers=layers).fit(np.abs(X).reshape(60, 2, 2, 1), y)


def test_partial_fit_initialize_and_encoders_before_the_network():
    network = KerasClassifier(hidden_layer_sizes=(10**9,))
    for fit in (network.partial_fit, network.initialize):
        with pytest.raises(NetworkTooLargeError, match="Use fewer units"):
            fit(X, y)
    with pytest.raises(NetworkTooLargeError, match="'hidden_layer_sizes'"):
        TabularClassifier(hidden_layer_sizes=(10**9,)).fit(X, y)


@pytest.mark.filterwarnings("ignore:One or more of the test scores")
def test_a_search_goes_on_without_such_a_candidate():
    search = GridSearchCV(KerasClassifier(epochs=1), {"hidden_layer_sizes": [(5,), (10**9,)]}, cv=2)
    with pytest.warns(FitFailedWarning, match="NetworkTooLargeError"):
        search.fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).tolist() == [True, False]


def test_what_is_merely_large_is_tried(monkeypatch):
    """Up to the last byte of what is needed at least."""
    network = KerasClassifier(hidden_layer_sizes=(2000, 1000), epochs=1, batch_size=10)
    n_weights = 5 * 2000 + 2001 * 1000 + 1001
    needed = 4 * (4 * n_weights + 10 * 3001)
    monkeypatch.setattr(_network_size, "_FITS_ANYWHERE", 0)
    monkeypatch.setattr(_network_size, "memory_limit", lambda: needed)
    assert network.fit(X, y).n_parameters_ == n_weights
    monkeypatch.setattr(_network_size, "memory_limit", lambda: needed - 1)
    with pytest.raises(NetworkTooLargeError):
        network.fit(X, y)


def test_sizes_are_those_of_the_layers():
    layers = (LayerSpec("Conv2D", (("filters", 3), ("kernel_size", 2))), LayerSpec("Flatten"))
    network = NetworkSpec(
        (4, 5, 1), 2, "softmax", layers, (7,), ("relu",), dropouts=(0.0,), kernel_initializers=("zeros",) * 2
    )
    assert size_of_feature_layers(network) == (36, 15, 72)
    size = size_of(network, TrainingSpec("mse", "sgd", 0.1, batch_size=10, epochs=1), n_networks=3)
    assert size.n_weights == 15 + 37 * 7 + 8 * 2
    assert size.n_activations == 10 * (72 + 7 + 2)
    assert (size.n_kept, size.n_networks) == (size.n_weights, 3)
    as_objects = NetworkSpec((4, 5, 1), 2, "softmax", ("Nonsense",))
    assert size_of_feature_layers(as_objects) is None  # it is said when they are made


@pytest.mark.parametrize("schedule", [None, "cosine", "piecewise", "exponential"])
@pytest.mark.parametrize("epochs", [10**12, 10**400], ids=["1e12", "1e400"])
def test_epochs_and_batches_without_end_take_nothing(epochs, schedule):
    options = {"early_stopping": True, "patience": 1, "min_delta": 1.0, "learning_rate_schedule": schedule}
    options |= {"decay_steps": 10**400} if schedule == "exponential" else {}
    network = KerasClassifier(epochs=epochs, batch_size=10**15, **options)
    assert network.fit(X, y).n_iter_ < 20


def test_more_folds_than_rows_are_no_error_of_the_choice_of_an_encoding():
    with pytest.raises(ValueError, match="Each of n_members=100 holds out another fold of the rows, but 60 rows"):
        TabularClassifier(n_members=200, epochs=1).fit(X, y)


def test_it_is_the_same_after_a_process():
    error = pickle.loads(pickle.dumps(NetworkTooLargeError("The 'n_members' parameter ...")))
    assert str(error) == "The 'n_members' parameter ..."
