"""``label_smoothing``: what training minimises and records is Keras' own smoothed loss; labels stay what they are."""

import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import log_loss

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.inspection import diagnose

ENGINES = ["numba", "keras"]
PARAMS = {"hidden_layer_sizes": (5,), "epochs": 3, "learning_rate": 0.01, "shuffle": False, "random_state": 0}


def classifier(**given):
    layers = {"hidden_layer_sizes": (100,)} if "model" in given else {}  # a model has its own
    return KerasClassifier(**{**PARAMS, **layers, **given})


@pytest.fixture
def labels(multiclass_data):
    """Three labels for each row, and rows with several."""
    X, y = multiclass_data
    return X, np.column_stack([y > 0, y == 2, X[:, 0] > 0]).astype(int)


def data_of(kind, request):
    return request.getfixturevalue({"multilabel": "labels"}.get(kind, f"{kind}_data"))


def model_before(fitted, X, y):
    """A Keras model with the weights that the training began with."""
    untrained = clone(fitted).set_params(learning_rate=1e-30, epochs=1, engine="keras", compile__run_eagerly=True)
    untrained.fit(X, y)
    model = keras.models.clone_model(untrained.model_)
    model.set_weights(untrained.model_.get_weights())
    return model


#: Target, our loss, Keras' loss with the smoothing, and whether targets are rows with a single one for it.
CASES = [
    ("binary", "auto", keras.losses.BinaryCrossentropy, False),
    ("binary", "binary_crossentropy", keras.losses.BinaryCrossentropy, False),
    ("binary", "categorical_crossentropy", keras.losses.CategoricalCrossentropy, True),
    ("binary", "sparse_categorical_crossentropy", keras.losses.CategoricalCrossentropy, True),
    ("multiclass", "auto", keras.losses.CategoricalCrossentropy, True),
    ("multiclass", "sparse_categorical_crossentropy", keras.losses.CategoricalCrossentropy, True),
    ("multiclass", keras.losses.SparseCategoricalCrossentropy, keras.losses.CategoricalCrossentropy, True),
    ("multiclass", "categorical_crossentropy", keras.losses.CategoricalCrossentropy, True),
    ("multiclass", "binary_crossentropy", keras.losses.BinaryCrossentropy, True),
    ("multiclass", "categorical_focal_crossentropy", keras.losses.CategoricalFocalCrossentropy, True),
    ("multilabel", "auto", keras.losses.BinaryCrossentropy, False),
    ("multilabel", "binary_focal_crossentropy", keras.losses.BinaryFocalCrossentropy, False),
]


@pytest.mark.few(4)
@pytest.mark.parameters("label_smoothing")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("kind", "loss", "theirs", "as_rows"), CASES)
def test_it_is_keras_own_loss_trained_by_model_fit(request, kind, loss, theirs, as_rows, engine):
    if engine == "numba" and ("focal" in str(loss) or isinstance(loss, type)):
        pytest.skip("no machine code for this loss")
    if engine == "numba" and (kind, loss) == ("multiclass", "binary_crossentropy"):
        pytest.skip("Keras takes the sums before a softmax for those before a sigmoid here, with smoothing or without")
    X, y = data_of(kind, request)
    targets = np.eye(len(np.unique(y)))[y] if as_rows else y.reshape(len(y), -1)
    weights = np.random.default_rng(0).uniform(0.5, 2.0, len(y))
    ours = classifier(loss=loss, label_smoothing=0.2, engine=engine)
    ours.fit(X[:90], y[:90], weights[:90], X_val=X[90:], y_val=y[90:])
    model = model_before(ours, X[:90], y[:90])
    accuracy = keras.metrics.CategoricalAccuracy if as_rows else keras.metrics.BinaryAccuracy
    model.compile(
        keras.optimizers.Adam(0.01),
        theirs(label_smoothing=0.2),
        metrics=[accuracy(name="accuracy")],
        run_eagerly=True,  # a dozen updates are sooner made than traced
    )
    history = model.fit(
        X[:90],
        targets[:90],
        sample_weight=weights[:90] / weights[:90].mean(),
        validation_data=(X[90:], targets[90:]),
        epochs=3,
        shuffle=False,
        verbose=0,
    ).history
    for mine, expected in zip(ours.model_.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, expected, atol=2e-6)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        np.testing.assert_allclose(ours.history_[name], history[name], rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("engine", ENGINES)
def test_class_weights_are_those_of_the_true_labels(multiclass_data, engine):
    X, y = multiclass_data
    by_class = {0: 1.0, 1: 2.0, 2: 4.0}
    one = classifier(label_smoothing=0.3, class_weight=by_class, engine=engine).fit(X, y)
    other = classifier(label_smoothing=0.3, engine=engine).fit(X, y, [by_class[label] for label in y])
    for first, second in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_smoothing_changes_no_bit(multiclass_data, engine):
    plain, zero = (classifier(engine=engine, **given).fit(*multiclass_data) for given in ({}, {"label_smoothing": 0.0}))
    assert plain.history_ == zero.history_
    assert type(zero.model_.loss) is keras.losses.SparseCategoricalCrossentropy
    assert zero._trained.training.loss_arguments == ()  # so neither engine has anything to do


@pytest.mark.few(5)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("smoothing", [0.5, 1 - 1e-9])
@pytest.mark.parametrize(
    ("kind", "metric"),
    [
        ("binary", "binary_crossentropy"),
        ("multiclass", "sparse_categorical_crossentropy"),
        ("multilabel", "binary_crossentropy"),
    ],
)
def test_accuracy_and_metrics_are_of_the_true_labels(request, kind, metric, smoothing, engine):
    X, y = data_of(kind, request)
    fitted = classifier(label_smoothing=smoothing, metrics=[metric], engine=engine, epochs=1, learning_rate=1e-30)
    fitted.fit(X, y, X_val=X, y_val=y)
    probabilities = fitted.predict_proba(X)
    if kind == "multilabel":
        true_loss = np.mean([log_loss(y[:, k], probabilities[:, k]) for k in range(3)])
    else:
        true_loss = log_loss(y, probabilities)
    for side in ("", "val_"):
        values = {name: fitted.history_[f"{side}{name}"][0] for name in (metric, "accuracy", "loss")}
        assert values[metric] == pytest.approx(true_loss, rel=1e-5)
        assert values["accuracy"] == pytest.approx(np.mean(fitted.predict(X) == y), abs=1e-6)
        assert values["loss"] != pytest.approx(true_loss, rel=1e-3)


@pytest.mark.parametrize("engine", ENGINES)
def test_metrics_that_count_class_numbers_go_on_doing_so(multiclass_data, engine):
    metrics = ["sparse_categorical_accuracy", keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top_2")]
    histories = [
        classifier(label_smoothing=smoothing, metrics=metrics, engine=engine, learning_rate=1e-30)
        .fit(*multiclass_data)
        .history_
        for smoothing in (0.0, 0.4)
    ]
    for name in ("accuracy", "sparse_categorical_accuracy", "top_2"):
        np.testing.assert_allclose(histories[0][name], histories[1][name])
    assert histories[0]["loss"] != histories[1]["loss"]


@pytest.mark.parametrize("engine", ENGINES)
def test_early_stopping_watches_the_smoothed_loss(binary_data, engine):
    """As in Keras; the loss of the true labels can be watched as a metric."""
    X, y = binary_data
    given = {"label_smoothing": 0.4, "early_stopping": True, "epochs": 60, "patience": 2, "learning_rate": 0.1}
    given |= {"metrics": ["binary_crossentropy"], "engine": engine}
    smoothed, true = (
        classifier(**given, monitor=name).fit(X[:150], y[:150], X_val=X[150:], y_val=y[150:])
        for name in ("val_loss", "val_binary_crossentropy")
    )
    for fitted, name in ((smoothed, "val_loss"), (true, "val_binary_crossentropy")):
        assert fitted.best_epoch_ == np.argmin(fitted.history_[name])
        share = np.where(y[150:] == 1, 0.8, 0.2)
        chance = fitted.predict_proba(X[150:])[:, 1]
        expected = -np.mean(share * np.log(chance) + (1 - share) * np.log(1 - chance))
        assert fitted.history_["val_loss"][fitted.best_epoch_] == pytest.approx(expected, rel=1e-4)
    assert smoothed.best_epoch_ != true.best_epoch_


def test_it_keeps_probabilities_away_from_zero_and_one(binary_data):
    X, y = binary_data
    plain, smoothed = (
        classifier(hidden_layer_sizes=(64,), epochs=150, batch_size=16, label_smoothing=each).fit(X, y)
        for each in (0.0, 0.2)
    )
    assert smoothed.predict_proba(X).max(axis=1).mean() < 0.95 < plain.predict_proba(X).max(axis=1).mean()
    assert smoothed.predict_proba(X).sum(axis=1) == pytest.approx(1)


def test_machine_code_takes_it_by_its_routed_name_too(binary_data):
    one = classifier(label_smoothing=0.1).fit(*binary_data)
    other = classifier(loss__label_smoothing=0.1).fit(*binary_data)
    assert one.engine_ == other.engine_ == "numba"
    assert one.history_ == other.history_


def test_a_regressor_has_no_such_parameter_but_its_loss_may(binary_data):
    X, y = binary_data
    with pytest.raises(TypeError, match="unexpected keyword argument 'label_smoothing'"):
        KerasRegressor(label_smoothing=0.1)
    params = {**PARAMS, "loss": "binary_crossentropy", "output_activation": "sigmoid", "loss__label_smoothing": 0.3}
    histories = [KerasRegressor(**params, engine=engine).fit(X, y).history_["loss"] for engine in ENGINES]
    np.testing.assert_allclose(*histories, rtol=1e-5)


def test_it_can_be_cloned_pickled_remembered_and_gone_on_with(multiclass_data, tmp_path):
    X, y = multiclass_data
    given = {"label_smoothing": 0.1, "memory": tmp_path, "warm_start": True}
    fitted = classifier(**given).fit(X, y)
    assert clone(fitted).label_smoothing == 0.1
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict_proba(X), fitted.predict_proba(X))
    assert classifier(**given).fit(X, y).history_ == fitted.history_
    assert classifier(**{**given, "label_smoothing": 0.2}).fit(X, y).history_ != fitted.history_
    lower = fitted.set_params(label_smoothing=0.0).fit(X, y).history_["loss"]
    assert len(lower) == 6 and type(fitted.model_.loss) is keras.losses.SparseCategoricalCrossentropy


def test_members_are_smoothed(multiclass_data):
    X, y = multiclass_data
    both = classifier(n_members=2, label_smoothing=0.3, early_stopping=True).fit(X, y)
    assert all(member.label_smoothing == 0.3 for member in both.members_)
    assert both.model_.loss.label_smoothing == 0.3
    assert both.oof_prediction_.shape == (120, 3)


@pytest.mark.filterwarnings("ignore:The '(batch_size|shuffle)' parameter")  # which are for rows in memory
def test_a_stream_of_batches_is_smoothed(multiclass_data):
    import tensorflow as tf

    X, y = multiclass_data
    stream = tf.data.Dataset.from_tensor_slices((X.astype("float32"), y)).batch(32)
    np.testing.assert_allclose(
        classifier(label_smoothing=0.2).fit(stream).history_["loss"],
        classifier(label_smoothing=0.2).fit(X, y).history_["loss"],
        rtol=1e-5,
    )


def test_a_saved_model_can_be_loaded_where_our_loss_is_known_or_not_needed(multiclass_data, tmp_path):
    X, y = multiclass_data
    fitted = classifier(label_smoothing=0.1).fit(X, y)
    fitted.model_.save(tmp_path / "model.keras")
    for compiled in (True, False):
        loaded = keras.models.load_model(tmp_path / "model.keras", compile=compiled)
        np.testing.assert_allclose(loaded.predict(X, verbose=0), fitted.predict_proba(X), rtol=1e-4)
    config = fitted.model_.loss.get_config()
    assert config["label_smoothing"] == 0.1 and type(fitted.model_.loss).from_config(config).label_smoothing == 0.1


def test_diagnose_measures_from_the_loss_of_a_perfect_prediction(multiclass_data):
    """Not from zero, which a smoothed loss never comes near: a good network would seem to have learnt little."""
    X, y = multiclass_data
    given = {"hidden_layer_sizes": (32,), "epochs": 60, "shuffle": True}
    plain, smoothed = (classifier(**given, label_smoothing=each).fit(X, y) for each in (0.0, 0.6))
    assert diagnose(plain, X, y).names == diagnose(smoothed, X, y).names == ()


# --- models of one's own -----------------------------------------------------------------------------


def build(meta):
    outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")
    return keras.Sequential([keras.Input((meta["n_features_in_"],)), outputs])


def build_compiled(meta, compile_kwargs):
    model = build(meta)
    model.compile(compile_kwargs["optimizer"], loss=compile_kwargs["loss"])
    return model


def build_with_its_own_loss(meta):
    model = build(meta)
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model


@pytest.mark.few(3)
@pytest.mark.parametrize("model", [build, build_compiled])
@pytest.mark.parametrize("loss", ["auto", "sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_a_model_of_ones_own_is_smoothed(multiclass_data, model, loss):
    X, y = multiclass_data
    fitted = classifier(model=model, loss=loss, label_smoothing=0.2, learning_rate=1e-30, epochs=1).fit(X, y)
    targets = np.eye(3)[y] * 0.8 + 0.2 / 3
    expected = -np.mean(np.sum(targets * np.log(fitted.predict_proba(X)), axis=1))
    assert fitted.history_["loss"][0] == pytest.approx(expected, rel=1e-5)


# --- what is refused ---------------------------------------------------------------------------------


def my_loss(y_true, y_pred):
    return keras.losses.mean_squared_error(y_true, y_pred)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"label_smoothing": -0.1}, r"must be a float in the range \[0.0, 1.0\). Got -0.1 instead"),
        ({"label_smoothing": 1.0}, r"must be a float in the range \[0.0, 1.0\). Got 1.0 instead"),
        ({"label_smoothing": "some"}, r"must be a float in the range \[0.0, 1.0\). Got 'some' instead"),
        (
            {"label_smoothing": 0.1, "loss": "mse"},
            "is 0.1, but the loss 'mean_squared_error' has none. Use loss='auto', one of binary_crossentropy, .*, or "
            "label_smoothing=0.0.",
        ),
        ({"label_smoothing": 0.1, "loss": keras.losses.Hinge}, "the loss 'hinge' has none"),
        (
            {"label_smoothing": 0.1, "loss": keras.losses.BinaryCrossentropy()},
            "the 'loss' parameter is a finished loss, .*, which takes no arguments. Give label_smoothing to it where "
            "it is made, or give the loss by its name or class.",
        ),
        ({"label_smoothing": 0.1, "loss": my_loss}, "the 'loss' parameter is a finished loss, .*my_loss"),
        (
            {"label_smoothing": 0.1, "loss__label_smoothing": 0.2},
            "label_smoothing=0.1 and loss__label_smoothing=0.2 are the same thing. Give one of them.",
        ),
        (
            {"label_smoothing": 0.1, "model": build_with_its_own_loss},
            "is 0.1, but the model given as 'model' is compiled already, with a loss that smooths by 0.0. Compile it "
            "with a loss that has label_smoothing=0.1",
        ),
    ],
    ids=["negative", "one", "a word", "by name", "class", "object", "function", "twice", "compiled model"],
)
def test_what_cannot_be_smoothed_is_refused(binary_data, given, words):
    with pytest.raises(ValueError, match=words):
        classifier(**given).fit(*binary_data)


def test_a_loss_class_that_takes_it_gets_it(multiclass_data):
    class Own(keras.losses.CategoricalCrossentropy):
        def __init__(self, label_smoothing=0.0, **kwargs):
            super().__init__(label_smoothing=label_smoothing, **kwargs)

    X, y = multiclass_data

    fitted = classifier(loss=keras.losses.CategoricalCrossentropy, label_smoothing=0.2).fit(X, y)
    assert fitted.model_.loss.label_smoothing == 0.2
    others = 1 - np.eye(3, dtype=int)[y]
    with pytest.warns(UserWarning, match="what is predicted is not what is taught"):
        fitted = classifier(loss=Own, label_smoothing=0.2, output_activation="sigmoid").fit(X, others)
    assert fitted.model_.loss.label_smoothing == 0.2
