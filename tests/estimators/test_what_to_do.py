"""What cannot be used is refused in a sentence that says what to give instead."""

import warnings

import keras
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, GroupShuffleSplit, KFold

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.model_selection import BayesianSearchCV, MedianPruner

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3)).astype("float32")
y = (X[:, 0] > 0).astype(int)
QUICK = {"hidden_layer_sizes": (2,), "epochs": 2, "random_state": 0}


def schedule():
    return keras.optimizers.schedules.CosineDecay(0.1, 10)


PARAMETERS = [
    ({"learning_rate": schedule()}, "Give a schedule as 'learning_rate_schedule', as an object"),
    ({"learning_rate": lambda epoch: 0.1}, "LearningRateScheduler"),
    ({"learning_rate_schedule": keras.optimizers.schedules.CosineDecay}, "Give an object of this class"),
    (
        {"validation_split": list(KFold(3).split(X))},
        "sklearn.model_selection.PredefinedSplit, with 0 for each row to hold",
    ),
    ({"validation_split": 5}, r"for one in five give 0\.2, or KFold\(5\)"),
    ({"dtype": np.float64}, "Give its name, dtype='float64'"),
    ({"optimizer": None}, "You must provide an optimizer, such as 'adam'"),
    ({"model": object()}, "``model`` must be a function that returns a Keras model, or a Keras model"),
    ({"loss": "rmse"}, r"\(did you mean 'mean_squared_error'\?\)"),
    ({"loss": "log_loss"}, r"\(did you mean 'sparse_categorical_crossentropy' or 'binary_crossentropy'\?\)"),
    ({"metrics": ["f1"]}, "names the metric 'f1', which Keras does not know. Did you mean 'F1Score'"),
    ({"metrics": ["roc_auc"]}, "Did you mean 'AUC'"),
    ({"validation_split": GroupShuffleSplit(3)}, r"needs the groups of the rows.*set_fit_request\(groups=True\)"),
    ({"fit__epoch": 3}, r"\(did you mean 'epochs'\?\)"),
    ({"predict__batchsize": 3}, r"\(did you mean 'batch_size'\?\)"),
    (
        {"callbacks": keras.callbacks.EarlyStopping, "callbacks__patienc": 3},
        r"'callbacks__patienc' \(did you mean 'patience'",
    ),
    ({"callbacks": keras.callbacks.LearningRateScheduler}, "needs 'schedule'. Give it as 'callbacks__schedule'"),
    ({"metrics": keras.metrics.BinaryAccuracy, "metrics__treshold": 0.3}, r"\(did you mean 'threshold'\?\)"),
    (
        {"metrics": ["accuracy"], "metrics__threshold": 0.3},
        "the metric 'accuracy' does not accept parameters because it's not a",
    ),
    (
        {
            "callbacks": keras.callbacks.ReduceLROnPlateau(monitor="val_auc"),
            "metrics": ["AUC"],
            "validation_split": 0.2,
        },
        r"ReduceLROnPlateau has monitor='val_auc' \(did you mean 'val_AUC'\?\), but the epochs record only: loss",
    ),
]


@pytest.mark.parametrize(
    ("given", "message"), PARAMETERS, ids=[f"{number}-{'-'.join(g)}" for number, (g, _) in enumerate(PARAMETERS)]
)
def test_parameters(given, message):
    with pytest.raises((TypeError, ValueError), match=message):
        KerasClassifier(**{**QUICK, **given}).fit(X, y)


def test_groups_reach_the_splitter_as_the_sentence_says():
    import sklearn

    groups = np.repeat(np.arange(6), 5)
    with sklearn.config_context(enable_metadata_routing=True):
        network = KerasClassifier(**QUICK, validation_split=GroupShuffleSplit(3, random_state=0)).set_fit_request(
            groups=True
        )
        search = GridSearchCV(network, {"l2": [0.1]}, cv=2, error_score="raise").fit(X, y, groups=groups)
    assert "val_loss" in search.best_estimator_.history_


ROWS = [
    (
        {"sample_weight": np.full(30, 1e-300)},
        "too small for dtype='float32', in which all of it is zero: the largest weight is 1e-300",
    ),
    ({"sample_weight": np.full(30, 1e300)}, "row 0 has 1e\\+300"),
    ({"y": [y, y]}, r"y is a list of 2 arrays of 30 rows each.*numpy\.column_stack\(y\)"),
    ({"y": (y, np.c_[y, y])}, "y is a tuple of 2 arrays of 30 rows each"),
    ({"y": {"a": y, "b": y}}, r"numpy\.column_stack\(list\(y\.values\(\)\)\)"),
]


@pytest.mark.parametrize(
    ("given", "message"), ROWS, ids=[str(list(given)) + str(number) for number, (given, _) in enumerate(ROWS)]
)
def test_rows(given, message):
    with pytest.raises((TypeError, ValueError), match=message):
        KerasRegressor(**QUICK).fit(**{"X": X, "y": y, **given})


def test_a_matrix_of_numpy_is_no_array():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        matrix = np.matrix(X)
    with pytest.raises(TypeError, match=r"X is a numpy\.matrix, .* Give numpy\.asarray\(X\)"):
        KerasRegressor(**QUICK).fit(matrix, y)


def model(*shape):
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])


@pytest.mark.parametrize(
    ("shape", "rows", "message"),
    [
        ((7,), X, r"takes rows with 7 columns, but X has 3 columns.*keras\.Input\(\(3,\)\)"),
        ((3, 2), X, r"takes rows of shape \(3, 2\), but X has 3 columns"),
        ((3,), X.reshape(15, 2, 3), r"takes rows with 3 columns, but X has rows of shape \(2, 3\)"),
    ],
    ids=["columns", "axes", "rows"],
)
def test_a_model_for_other_rows(shape, rows, message):
    for given in (model(*shape), lambda: model(*shape)):
        with pytest.raises(ValueError, match=f"The model given as 'model' {message}"):
            KerasClassifier(given, epochs=1).fit(rows, y[: len(rows)])


def test_shapes_that_keras_takes_for_each_other_are_taken():
    for shape, rows in (((3,), X[:, :, np.newaxis]), ((3, 1), X), ((None,), X)):
        KerasClassifier(lambda shape=shape: model(*shape) if None not in shape else pooled(), epochs=1).initialize(
            rows, y
        )


def pooled():
    inputs = keras.Input((None,))
    return keras.Model(inputs, keras.ops.sigmoid(keras.ops.mean(inputs, axis=1, keepdims=True)))


def test_callbacks_of_another_kind():
    pytest.importorskip("sklearn.callback")
    search = BayesianSearchCV(KerasClassifier(**QUICK), {"l2": [0.1]})
    for estimator in (KerasClassifier(**QUICK), search):
        for given, message in (
            (keras.callbacks.History(), "History is one of Keras': give it as the 'callbacks' parameter"),
            (keras.callbacks.History, "History is one of Keras'"),
            (MedianPruner, r"MedianPruner is a class\. Give MedianPruner\(\.\.\.\)"),
            ([MedianPruner()], r"one by one: set_callbacks\(\*callbacks\)"),
            ("pruner", "Got 'pruner' instead"),
        ):
            with pytest.raises(TypeError, match=message):
                estimator.set_callbacks(given)


def test_pruners_name_the_nearest_monitor():
    pytest.importorskip("sklearn.callback")
    network = KerasClassifier(**QUICK, validation_split=0.2)
    search = GridSearchCV(network, {"l2": [0.1]}, cv=2, error_score="raise")
    search.set_callbacks(MedianPruner(monitor="val_acuracy", mode="max"))
    with pytest.raises(ValueError, match=r"is 'val_acuracy' \(did you mean 'val_accuracy'"):
        search.fit(X, y)


def test_a_path_is_no_url(tmp_path):
    with pytest.raises(
        ValueError, match=r"Got .*Path\('.*search\.db'\) instead\. For a file, write storage='sqlite:///"
    ):
        BayesianSearchCV(KerasClassifier(**QUICK), {"l2": [0.1]}, storage=tmp_path / "search.db", n_iter=1, cv=2).fit(
            X, y
        )


class Batches(keras.utils.PyDataset):
    """Three batches of ten rows; it counts the epochs that it was told of."""

    def __init__(self, with_y=True):
        super().__init__()
        self.with_y, self.n_epochs = with_y, 0

    def __len__(self):
        return 3

    def __getitem__(self, index):
        rows = slice(index * 10, index * 10 + 10)
        return (X[rows], y[rows]) if self.with_y else X[rows]

    def on_epoch_end(self):
        self.n_epochs += 1


def test_a_dataset_of_keras_is_read_as_a_stream():
    batches = Batches()
    network = KerasClassifier(**QUICK).fit(batches, X_val=Batches())
    assert network.n_steps_ == 6
    assert batches.n_epochs == 3  # once before, to look at all rows
    assert "val_loss" in network.history_
    np.testing.assert_array_equal(network.predict(Batches(with_y=False)), network.predict(X))
    with pytest.raises(ValueError, match=r"The keras\.utils\.PyDataset given as X must hold batches of \(x, y\)"):
        KerasClassifier(**QUICK).fit(Batches(with_y=False))


@pytest.mark.parametrize("activation", [keras.layers.PReLU, [keras.layers.LeakyReLU]], ids=["PReLU", "LeakyReLU"])
def test_the_class_of_a_layer_is_an_activation(activation):
    fitted = KerasRegressor(**QUICK, activation=activation).fit(X, X[:, 0])
    cls = activation[0] if isinstance(activation, list) else activation
    assert isinstance(fitted.model_.layers[1], cls)


@pytest.mark.parametrize(
    "softmax", ["softmax", keras.activations.softmax, keras.layers.Softmax], ids=["name", "function", "class"]
)
def test_a_softmax_has_a_unit_for_each_of_two_classes(softmax):
    fitted = KerasClassifier(**QUICK, output_activation=softmax).initialize(X, y)
    assert fitted.model_.output_shape == (None, 2)
