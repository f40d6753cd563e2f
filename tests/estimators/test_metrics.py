"""Metrics: each sees targets in its own form, under the name that was given, in every fit, or is refused before it."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics as theirs
from sklearn.model_selection import GridSearchCV

from sknn_tune import KerasClassifier, KerasRegressor

K = keras.metrics
QUICK = {"hidden_layer_sizes": (5,), "epochs": 1, "batch_size": -1, "random_state": 0, "learning_rate": 0.1}


def squares(y_true, y_pred):
    """Of rows: class numbers end in an error."""
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def hits(y_true, y_pred):
    """Of class numbers."""
    return keras.ops.cast(keras.ops.reshape(y_true, (-1,)) == keras.ops.argmax(y_pred, axis=-1), "float32")


def _macro_f1(y, p):
    return theirs.f1_score(y, p.argmax(axis=1), average="macro")


def _rows(y, p):
    return np.eye(p.shape[1])[y]


def _intersection(y, p):
    return theirs.jaccard_score(y, p.argmax(axis=1), average="macro")


#: Metrics of three classes, and what they are of class numbers and probabilities.
OF_THREE = {
    "CategoricalAccuracy": ("CategoricalAccuracy", lambda y, p: np.mean(y == p.argmax(axis=1))),
    "sparse_categorical_accuracy": ("sparse_categorical_accuracy", lambda y, p: np.mean(y == p.argmax(axis=1))),
    "Accuracy": (K.Accuracy(name="Accuracy"), lambda y, p: np.mean(y == p.argmax(axis=1))),
    "AUC": ("AUC", lambda y, p: theirs.roc_auc_score(_rows(y, p).ravel(), p.ravel())),
    "Precision": ("Precision", lambda y, p: theirs.precision_score(_rows(y, p).ravel(), p.ravel() > 0.5)),
    "Recall": ("Recall", lambda y, p: theirs.recall_score(_rows(y, p).ravel(), p.ravel() > 0.5)),
    "f1": (K.F1Score(average="macro", name="f1"), _macro_f1),
    "mse": ("mse", lambda y, p: np.mean((_rows(y, p) - p) ** 2)),
    "R2Score": ("R2Score", lambda y, p: theirs.r2_score(_rows(y, p), p)),
    "binary_accuracy": ("binary_accuracy", lambda y, p: np.mean((_rows(y, p) > 0.5) == (p > 0.5))),
    "top_2": (K.TopKCategoricalAccuracy(2, name="top_2"), lambda y, p: theirs.top_k_accuracy_score(y, p, k=2)),
    "sparse_2": (K.SparseTopKCategoricalAccuracy(2, name="sparse_2"), lambda y, p: theirs.top_k_accuracy_score(y, p)),
    "CategoricalCrossentropy": ("CategoricalCrossentropy", theirs.log_loss),
    "sparse_categorical_crossentropy": ("sparse_categorical_crossentropy", theirs.log_loss),
    "kl_divergence": (K.KLDivergence, theirs.log_loss),
    "mean_iou": (K.MeanIoU(3, name="mean_iou"), _intersection),
    "one_hot_iou": (K.OneHotMeanIoU(3, name="one_hot_iou"), _intersection),
    "hits": (hits, lambda y, p: np.mean(y == p.argmax(axis=1))),
    "squares": (squares, lambda y, p: np.mean((_rows(y, p) - p) ** 2)),
    "loss_object": (keras.losses.CategoricalCrossentropy(name="loss_object"), theirs.log_loss),
}

LOGITS = {"output_activation": "linear", "loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True)}


@pytest.mark.few(3)
@pytest.mark.parameters("metrics")
@pytest.mark.parametrize("engine", ["auto", "keras"])
@pytest.mark.parametrize(
    "given",
    [{}, {"loss": "categorical_crossentropy"}, LOGITS],
    ids=["index", "rows", "logits"],
)
def test_metrics_of_three_classes_are_those_of_scikit_learn(multiclass_data, given, engine):
    X, y = multiclass_data
    # A function of the user's gets what the loss gets, logits here and rows there.
    left_out = {"hits", "squares"} if given else set()
    asked = {name: of for name, of in OF_THREE.items() if name not in left_out}
    network = KerasClassifier(metrics=[metric for metric, _ in asked.values()], engine=engine, **QUICK, **given)
    history = network.fit(X, y, X_val=X, y_val=y).history_
    p = network.predict_proba(X)
    for name, (_, of) in asked.items():
        assert history[f"val_{name}"][-1] == pytest.approx(of(y, p), abs=2e-3), name
        assert len(history[name]) == 1


def _one_hot_score(y, q):
    return theirs.f1_score(y, q, average="macro")


OF_TWO = {
    "AUC": ("AUC", lambda y, p: theirs.roc_auc_score(y, p)),
    "Precision": ("Precision", lambda y, p: theirs.precision_score(y, p > 0.5)),
    "f1": (K.F1Score(threshold=0.5, name="f1"), lambda y, p: theirs.f1_score(y, p > 0.5)),
    "f1_score": ("f1_score", lambda y, p: theirs.f1_score(y, p > 0.5)),
    "macro": (K.F1Score(average="macro", name="macro"), lambda y, p: _one_hot_score(y, p > 0.5)),
    "CategoricalAccuracy": ("CategoricalAccuracy", lambda y, p: np.mean(y == (p > 0.5))),
    "sparse_categorical_accuracy": ("sparse_categorical_accuracy", lambda y, p: np.mean(y == (p > 0.5))),
    "acc": ("acc", lambda y, p: np.mean(y == (p > 0.5))),
    "CategoricalCrossentropy": ("CategoricalCrossentropy", theirs.log_loss),
    "binary_iou": (K.BinaryIoU(name="binary_iou"), lambda y, p: theirs.jaccard_score(y, p > 0.5, average="macro")),
}

WAYS_TO_TEACH_TWO = {
    "auto": {},
    "rows": {"loss": "categorical_crossentropy"},
    "index": {"loss": "sparse_categorical_crossentropy"},
    "signs": {"loss": "hinge", "output_activation": "tanh"},
    "margins": {"loss": "squared_hinge", "output_activation": "linear"},
    "logits": {"loss__from_logits": True, "output_activation": "linear"},
    "unbounded": {"loss": "mse", "output_activation": "linear"},
}


@pytest.mark.few(4)
@pytest.mark.parameters("metrics")
@pytest.mark.parametrize("way", WAYS_TO_TEACH_TWO)
def test_metrics_of_two_classes_are_of_the_second_whatever_the_loss(binary_data, way):
    X, y = binary_data
    network = KerasClassifier(
        metrics=[metric for metric, _ in OF_TWO.values()], **{**QUICK, "epochs": 3}, **WAYS_TO_TEACH_TWO[way]
    )
    history = network.fit(X, y, X_val=X, y_val=y).history_
    p = network.predict_proba(X)[:, 1]
    assert history["val_accuracy"][-1] == pytest.approx(network.score(X, y), abs=1e-6)
    for name, (_, of) in OF_TWO.items():
        if way in ("unbounded", "margins") and "Crossentropy" in name:  # of probabilities 0 and 1, which Keras clips
            continue
        assert history[f"val_{name}"][-1] == pytest.approx(of(y, p), abs=2e-3), name


@pytest.mark.parametrize("activation", ["tanh", "linear"])
def test_what_is_predicted_is_what_the_loss_has_taught(binary_data, activation):
    X, y = binary_data
    given = {**QUICK, "epochs": 30, "output_activation": activation}
    assert KerasClassifier(loss="mse", **given).fit(X, y).score(X, y) > 0.85  # taught 0 and 1
    assert KerasClassifier(loss="hinge", **given).fit(X, y).score(X, y) > 0.85  # taught -1 and 1


def test_the_largest_margin_is_predicted(multiclass_data):
    X, y = multiclass_data
    given = {**QUICK, "epochs": 30, "output_activation": "linear", "loss": "categorical_hinge"}
    network = KerasClassifier(**given).fit(X, y, X_val=X, y_val=y)
    outputs = network.model_(X.astype("float32")).numpy()
    np.testing.assert_array_equal(network.predict(X), outputs.argmax(axis=1))
    assert network.history_["val_accuracy"][-1] == pytest.approx(network.score(X, y))


# That Keras teaches by a sigmoid what a softmax predicts is warned of; here the two engines are to do the same.
@pytest.mark.filterwarnings("ignore:The 'output_activation' parameter .* what is predicted is not what is taught")
@pytest.mark.parametrize("output_activation", ["softmax", "sigmoid"])
def test_a_binary_crossentropy_has_one_value_in_both_engines(multiclass_data, output_activation):
    given = {**QUICK, "epochs": 3, "loss": "binary_crossentropy", "output_activation": output_activation}
    one, other = (KerasClassifier(engine=engine, **given).fit(*multiclass_data) for engine in ("auto", "keras"))
    np.testing.assert_allclose(one.history_["loss"], other.history_["loss"], rtol=1e-5)


# --- several labels, and numbers --------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, {"loss__from_logits": True, "output_activation": "linear"}], ids=["", "logits"])
def test_metrics_of_several_labels(binary_data, given):
    X, y = binary_data
    labels = np.c_[y, X[:, 0] > 0, X[:, 1] > 0].astype(int)
    asked = ["binary_accuracy", "acc", K.AUC(multi_label=True, name="auc"), K.F1Score("macro", 0.5, name="f1")]
    network = KerasClassifier(metrics=asked, **QUICK, **given).fit(X, labels, X_val=X, y_val=labels)
    history, p = network.history_, network.predict_proba(X)
    right = np.mean(network.predict(X) == labels)
    assert history["val_binary_accuracy"][-1] == pytest.approx(right)
    assert history["val_acc"][-1] == pytest.approx(right)
    assert history["val_accuracy"][-1] == pytest.approx(right)
    assert history["val_auc"][-1] == pytest.approx(theirs.roc_auc_score(labels, p), abs=2e-3)
    assert history["val_f1"][-1] == pytest.approx(theirs.f1_score(labels, p > 0.5, average="macro"), abs=1e-5)


def test_metrics_of_several_numbers(regression_data):
    X, y = regression_data
    Y = np.c_[y, -y, y**2] / np.std(y)
    network = KerasRegressor(metrics=["R2Score", "cosine_similarity", "mae"], **QUICK).fit(X, Y, X_val=X, y_val=Y)
    history, predicted = network.history_, network.predict(X)
    cosine = np.sum(predicted * Y, axis=1) / np.linalg.norm(predicted, axis=1) / np.linalg.norm(Y, axis=1)
    assert history["val_R2Score"][-1] == pytest.approx(theirs.r2_score(Y, predicted), abs=1e-4)
    assert history["val_cosine_similarity"][-1] == pytest.approx(cosine.mean(), abs=1e-4)


# --- names ------------------------------------------------------------------------------------------


def test_a_metric_has_the_same_name_in_every_fit(multiclass_data):
    asked = [K.AUC, "recall", "AUC", K.AUC(name="mine"), hits, functools.partial(hits)]
    names = {"auc", "recall", "AUC", "mine", "hits", "hits_1"}
    for engine in ("auto", "auto", "keras"):
        history = KerasClassifier(metrics=asked, engine=engine, **QUICK).fit(*multiclass_data).history_
        assert set(history) == {"loss", "accuracy", "learning_rate", *names}


def test_fits_use_up_no_numbers_of_keras(multiclass_data):
    KerasClassifier(metrics=["AUC", K.AUC], **QUICK).fit(*multiclass_data)
    before = K.AUC().name
    KerasClassifier(metrics=["AUC", K.AUC], **QUICK).fit(*multiclass_data)
    after = K.AUC().name
    number = int((before + "_0").split("_")[1])
    assert after == f"auc_{number + 1}"


@pytest.mark.parametrize("given", [{"n_members": 2}, {"n_members": 2, "share_weights": True}, {}], ids=repr)
def test_a_metric_given_as_a_class_is_monitored_in_every_fold(multiclass_data, given):
    network = KerasClassifier(metrics=[K.AUC], monitor="val_auc", early_stopping=True, **QUICK, **given)
    search = GridSearchCV(network, {"l2": [0.0, 0.1]}, cv=2, error_score="raise").fit(*multiclass_data)
    assert {"auc", "val_auc"} < set(search.best_estimator_.history_)


def test_a_number_of_keras_is_explained(binary_data):
    metric = K.AUC(name="auc_7")
    network = KerasClassifier(metrics=[metric], monitor="val_auc", early_stopping=True, **QUICK)
    with pytest.raises(ValueError, match=r"Keras has numbered 'val_auc_7' because .* give it one, name='auc'"):
        network.fit(*binary_data)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"metrics": "F1Score", "metrics__average": "macro"}, ["F1Score"]),
        ({"metrics": [K.AUC], "metrics__curve": "PR", "metrics__name": "pr"}, ["pr"]),
        ({"metrics": ["acc", "AUC"], "metrics__1__curve": "PR"}, ["acc", "AUC"]),
        ({"metrics": {"one": "AUC", "other": ["mse"]}}, ["AUC", "mse"]),
        ({"metrics": [K.BinaryAccuracy(name="accuracy", threshold=0.9)]}, []),
    ],
    ids=repr,
)
def test_names_with_arguments(binary_data, given, names):
    history = KerasClassifier(**given, **QUICK).fit(*binary_data).history_
    assert set(history) == {"loss", "accuracy", "learning_rate", *names}


def test_an_accuracy_of_the_users_takes_the_place_of_ours(binary_data):
    X, y = binary_data
    for engine in ("auto", "keras"):
        given = [K.BinaryAccuracy(name="accuracy", threshold=0.8)]
        network = KerasClassifier(metrics=given, engine=engine, **QUICK).fit(X, y, X_val=X, y_val=y)
        expected = np.mean((network.predict_proba(X)[:, 1] > 0.8) == y)
        assert network.history_["val_accuracy"] == pytest.approx([expected])


# --- ways of training -------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:The 'batch_size' parameter")  # which is for rows in memory
def test_streams_and_partial_fit(multiclass_data):
    X, y = multiclass_data
    given = {"metrics": ["CategoricalAccuracy", squares], **QUICK}
    stream = tf.data.Dataset.from_tensor_slices((X, y)).batch(len(X))
    history = KerasClassifier(**given).fit(stream).history_
    assert history["CategoricalAccuracy"] == pytest.approx(history["accuracy"])
    history = KerasClassifier(**given).partial_fit(X, y).partial_fit(X, y).history_
    assert history["CategoricalAccuracy"] == pytest.approx(history["accuracy"])
    assert len(history["squares"]) == 2


def test_weighted_metrics(binary_data):
    X, y = binary_data
    weight = 1.0 + y
    slow = {**QUICK, "learning_rate": 1e-30}
    asked = ["CategoricalAccuracy", K.F1Score("macro", name="f1")]
    history = KerasClassifier(compile__weighted_metrics=asked, **slow).fit(X, y, sample_weight=weight).history_
    predicted = KerasClassifier(**slow).fit(X, y, sample_weight=weight).predict(X)
    assert history["CategoricalAccuracy"][0] == pytest.approx(np.average(predicted == y, weights=weight), abs=1e-5)


def _softmax_of_three(compiled):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    if compiled:
        model.compile("adam", "sparse_categorical_crossentropy")
    return model


def test_metrics_of_a_model(multiclass_data):
    X, y = multiclass_data
    X = X[:, :4]
    network = KerasClassifier(
        _softmax_of_three, model__compiled=False, metrics=["AUC", "CategoricalAccuracy", "acc", squares], epochs=1
    ).fit(X, y, X_val=X, y_val=y)
    history, p = network.history_, network.predict_proba(X)
    assert history["val_AUC"][-1] == pytest.approx(theirs.roc_auc_score(_rows(y, p).ravel(), p.ravel()), abs=2e-3)
    assert history["val_CategoricalAccuracy"] == history["val_accuracy"] == history["val_acc"]


def test_the_accuracy_of_a_model_is_that_of_score(binary_data):
    X, y = binary_data
    shape = X.shape[1:]

    def logits():
        return keras.Sequential([keras.Input(shape), keras.layers.Dense(1)])

    def several():
        return keras.Sequential([keras.Input(shape), keras.layers.Dense(3, activation="sigmoid")])

    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    network = KerasClassifier(logits, loss=loss, epochs=1, random_state=0).fit(X, y, X_val=X, y_val=y)
    assert network.history_["val_accuracy"][-1] == pytest.approx(network.score(X, y))
    labels = np.c_[y, X[:, 0] > 0, X[:, 1] > 0].astype(int)
    network = KerasClassifier(several, loss="binary_crossentropy", epochs=1, random_state=0)
    network.fit(X, labels, X_val=X, y_val=labels)
    assert network.history_["val_accuracy"][-1] == pytest.approx(np.mean(network.predict(X) == labels))


def test_a_saved_model_keeps_its_metrics(multiclass_data, tmp_path):
    X, y = multiclass_data
    network = KerasClassifier(metrics=["AUC", "CategoricalAccuracy"], **QUICK).fit(X, y)
    network.model_.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras").evaluate(X, y, verbose=0, return_dict=True)
    assert read == pytest.approx(network.model_.evaluate(X, y, verbose=0, return_dict=True))


class InTwo(K.Metric):
    """Gives a dict."""

    def __init__(self, name="in_two", **arguments):
        super().__init__(name=name, **arguments)
        self.total = self.add_weight(shape=(), initializer="zeros", name="total")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(keras.ops.sum(y_pred))

    def result(self):
        return {"half": self.total / 2, "whole": self.total}


@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_each_number_of_a_dict_is_recorded(binary_data, engine):
    history = KerasClassifier(metrics=[InTwo()], engine=engine, **QUICK).fit(*binary_data).history_
    assert history["whole"][0] == pytest.approx(2 * history["half"][0])


# --- what is refused, before anything is trained ----------------------------------------------------


class Stubborn(K.Mean):
    """Fails where it is told to."""

    def __init__(self, fails, name="stubborn"):
        super().__init__(name=name)
        self.fails = fails

    def update_state(self, y_true, y_pred, sample_weight=None):
        if self.fails == "updated":
            raise OSError("not now")

    def reset_state(self):
        if getattr(self, "fails", None) == "reset":
            raise OSError("not now")

    def get_config(self):
        return {"fails": self.fails, "name": self.name}


class Unmade(K.Metric):
    def __init__(self):
        raise OSError("not now")


class Unhashable:
    """A function with settings, as a dataclass is."""

    __hash__ = None
    __name__ = "unhashable"

    def __call__(self, y_true, y_pred):
        return squares(y_true, y_pred)


def test_a_configuration_is_the_metric_that_it_was_made_of(multiclass_data):
    configuration = K.serialize(K.TopKCategoricalAccuracy(2, name="top_2"))
    given = [configuration, {"a": K.serialize(K.AUC(name="area"))}, Unhashable()]
    network = KerasClassifier(metrics=given, **QUICK).fit(*multiclass_data)
    assert set(network.history_) == {"loss", "accuracy", "learning_rate", "top_2", "area", "unhashable"}
    alone = KerasClassifier(metrics=configuration, **QUICK).fit(*multiclass_data)
    assert alone.history_["top_2"] == network.history_["top_2"]


def numpy_mean(y_true, y_pred):
    return np.mean(np.asarray(y_true) - np.asarray(y_pred))


def nothing(y_true, y_pred):
    return None


class NoLoss:
    """A class of no functions."""


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        (numpy_mean, "The 'loss' parameter has the loss 'numpy_mean', which fails for 3 classes: NotImplementedError"),
        (nothing, "has the loss 'nothing', which fails for 3 classes: ValueError: None values not supported"),
        (
            lambda y_true: 0.0,
            "which fails for 3 classes: TypeError.* Give a function of .y_true, y_pred. that computes",
        ),
        (lambda y_true, y_pred: keras.ops.mean(y_true), "which says the same whatever is predicted"),
        (NoLoss, "gives the class NoLoss, of which no loss can be made: its objects are no functions"),
        (int, "of which no loss can be made"),
        ("my>own", "names the loss 'my>own', which nobody has registered in this process"),
    ],
    ids=lambda given: getattr(given, "__name__", str(given)),
)
def test_a_loss_that_nothing_can_be_learned_by_is_refused(multiclass_data, loss, sentence):
    with pytest.raises(ValueError, match=sentence):
        KerasClassifier(loss=loss, **QUICK).fit(*multiclass_data)


def never(*_):
    raise AssertionError("it was trained")


@pytest.mark.parametrize(
    ("target", "metrics", "sentence"),
    [
        ("classes", "CategoricalAcuracy", "names the metric 'CategoricalAcuracy', which Keras does not know. Did you"),
        ("classes", ["rocauc"], "Did you mean 'AUC'"),
        ("classes", "F1Score", "'F1Score', which gives an array of 3 numbers, but history_ has one number for each"),
        ("classes", "IoU", "the metric 'IoU', which needs arguments: .*num_classes"),
        ("classes", K.Mean(name="m"), "the metric 'm', which fails for 3 classes: TypeError"),
        ("classes", never, "'never', which fails for 3 classes: AssertionError: it was trained"),
        ("classes", K.AUC(name="loss"), "a metric named 'loss', but that key of history_ has another meaning"),
        ("classes", K.AUC(name="val_auc"), "a metric named 'val_auc', but that key"),
        (
            "classes",
            K.serialize(K.AUC()) | {"config": {"curve": "odd"}},
            "'metrics' parameter has a dict with a 'class_name'",
        ),
        ("classes", [3.5], "The 'metrics' parameter has 3.5, which is no metric. Give a name of keras.metrics"),
        ("classes", [np.ones(2)], "which is no metric"),
        ("classes", [None], "The 'metrics' parameter has None, which is no metric"),
        ("classes", {"a": ["AUC", None]}, "The 'metrics' parameter has None, which is no metric"),
        (
            "classes",
            Stubborn("reset"),
            "'stubborn', of which each fit takes a copy .* but that fails: OSError: not now",
        ),
        ("classes", Stubborn("updated"), "'stubborn', which fails for 3 classes: OSError: not now"),
        ("classes", Unmade, "gives the metric 'Unmade', which cannot be made: OSError: not now"),
        (
            "numbers",
            "sparse_categorical_accuracy",
            "In the 'metrics' parameter: The metric 'sparse_categorical_accuracy'",
        ),
        ("number", "categorical_crossentropy", "compares rows of probabilities, but a row of y has one number"),
        ("labels", "sparse_categorical_accuracy", "for classes of which each row has one, but a row of y has several"),
        ("labels", "categorical_accuracy", "for classes of which each row has one, but a row of y has several labels"),
        ("labels", "f1_score", "Use a metric that compares columns, such as 'binary_accuracy' or .*threshold=0.5"),
        ("numbers", "AUC", "is for classes or probabilities, but the network predicts numbers without bounds"),
        ("numbers", "accuracy", "The metric 'accuracy' is for classes or probabilities"),
        ("numbers", K.R2Score(None, name="r2"), "'r2', which gives an array of 2 numbers"),
    ],
    ids=lambda given: getattr(given, "__name__", str(given)),
)
def test_what_cannot_be_recorded_is_refused(multiclass_data, target, metrics, sentence):
    X, y = multiclass_data
    y = {"classes": y, "labels": np.c_[y > 0, y < 2] * 1, "numbers": X[:, :2], "number": X[:, 0]}[target]
    estimator = KerasRegressor if target.startswith("number") else KerasClassifier

    class Trained(keras.callbacks.Callback):
        on_epoch_begin = never

    for engine in ("auto", "keras"):
        network = estimator(metrics=metrics, callbacks=[Trained], engine=engine, **QUICK)
        with pytest.raises(ValueError, match=sentence):
            network.fit(X, y)


def test_a_regressor_of_probabilities_may_count_classes(binary_data):
    X, y = binary_data
    network = KerasRegressor(metrics=["AUC", "accuracy"], output_activation="sigmoid", **QUICK).fit(X, y)
    assert network.history_["AUC"][0] > 0
