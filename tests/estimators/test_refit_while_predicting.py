"""Who predicts while an estimator is fitted again gets the answer of the old network or of the new one."""

import pickle
import sys
import threading

import keras
import numpy as np
import pandas as pd
import pytest

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier

RNG = np.random.default_rng(0)
THREE_COLUMNS, FIVE_COLUMNS = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 5))
THREE_CLASSES, FOUR_CLASSES = np.arange(40) % 3, np.arange(40) % 4
NUMBERS = pd.DataFrame(THREE_COLUMNS, columns=["a", "b", "c"])
TEXTS = NUMBERS[["a"]].assign(text=list("uvwx") * 10)


def own_model(meta):
    outputs = keras.layers.Dense(meta["n_classes_"], "softmax")
    return keras.Sequential([keras.Input((meta["n_features_in_"],)), keras.layers.Dense(4, "relu"), outputs])


QUICK = {"hidden_layer_sizes": (6,), "epochs": 2, "batch_size": -1, "random_state": 0}
EAGER = {"engine": "keras", "compile__run_eagerly": True}
KINDS = {
    "machine code": lambda: KerasClassifier(**QUICK),
    "members": lambda: KerasClassifier(**QUICK, n_members=2),
    "model": lambda: KerasClassifier(
        own_model, loss="sparse_categorical_crossentropy", epochs=2, batch_size=-1, random_state=0, **EAGER
    ),
    "table": lambda: TabularClassifier(
        **QUICK, encoding="piecewise", n_members=1, share_weights=False, early_stopping=False
    ),
}


@pytest.fixture(params=KINDS)
def classifier(request):
    return KINDS[request.param]()


@pytest.fixture
def threads_take_turns_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def answer_of(question):
    """To the bit; the sentence about another number of columns is an answer, too."""
    try:
        return question().tobytes()
    except ValueError as error:
        return str(error)


def answers_while(refit, questions, known):
    """Ask in two threads until ``refit`` is over; what was answered that is none of the known answers."""
    over, unknown = threading.Event(), []

    def ask():
        while not over.is_set():
            for question, answers in zip(questions, known, strict=True):
                try:
                    answer = answer_of(question)
                except Exception as error:
                    answer = repr(error)
                if answer not in answers:
                    unknown.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        refit()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return unknown


@pytest.mark.few(2)
def test_predictions_are_those_of_the_old_network_or_of_the_new_one(classifier, threads_take_turns_often):
    is_table = isinstance(classifier, TabularClassifier)
    old = NUMBERS if is_table else THREE_COLUMNS, THREE_CLASSES
    new = TEXTS if is_table else FIVE_COLUMNS, FOUR_CLASSES
    questions = [
        lambda: classifier.predict_proba(old[0]),
        lambda: classifier.predict_proba(new[0]),
        lambda: classifier.predict(new[0]),
        lambda: np.float64(classifier.score(*old)),
        lambda: pickle.loads(pickle.dumps(classifier)).predict_proba(old[0]),
    ]
    known = [[answer_of(question) for question in questions] for rows in (new, old) if classifier.fit(*rows)]

    def refit():
        classifier.fit(*new).fit(*old)

    assert answers_while(refit, questions, list(zip(*known, strict=True))) == []
    assert [answer_of(question) for question in questions] == known[1]


@pytest.mark.parametrize("kind", ["members", "model"])
def test_going_on_shows_whole_steps_only(kind, threads_take_turns_often):
    X, y = THREE_COLUMNS, THREE_CLASSES
    alone, classifier = KINDS[kind]().partial_fit(X, y), KINDS[kind]().partial_fit(X, y)
    known = [[alone.predict_proba(X).tobytes()]]
    for _ in range(3):
        known[0].append(alone.partial_fit(X, y).predict_proba(X).tobytes())

    def refit():
        for _ in range(3):
            classifier.partial_fit(X, y)

    assert answers_while(refit, [lambda: classifier.predict_proba(X)], known) == []
    assert classifier.predict_proba(X).tobytes() == known[0][-1]


class AsksAndFails(keras.callbacks.Callback):
    """Asks what the estimator predicts in the middle of its fit, which then fails."""

    def __init__(self, question=None):
        super().__init__()
        self.question = question

    def on_epoch_end(self, epoch, logs=None):
        if self.question is not None:
            self.answer = self.question()
            raise OSError("the disk is full")


@pytest.mark.parametrize(("engine", "how"), [("numba", "fit"), ("keras", "partial_fit")])
def test_a_fit_that_fails_leaves_the_estimator_as_it_was(engine, how):
    X, y = THREE_COLUMNS, THREE_COLUMNS.sum(axis=1)
    callback = AsksAndFails()
    regressor = KerasRegressor(**QUICK, engine=engine, callbacks=[callback]).fit(X, y)
    if engine == "keras":
        regressor.model_.layers[0].activation = keras.activations.tanh  # which no specification knows of
    before, predicted = dict(vars(regressor)), regressor.predict(X)
    callback.question = lambda: regressor.predict(X)
    with pytest.raises(OSError, match="the disk is full"):
        getattr(regressor, how)(X, -y)
    np.testing.assert_array_equal(callback.answer, predicted)
    np.testing.assert_array_equal(regressor.predict(X), predicted)
    assert vars(regressor) == before


def test_arguments_of_a_call_are_not_seen_meanwhile():
    X, y = THREE_COLUMNS, THREE_COLUMNS.sum(axis=1)
    regressor = KerasRegressor(**QUICK)
    callback = AsksAndFails(lambda: regressor.get_params()["epochs"])
    with pytest.raises(OSError, match="the disk is full"):
        regressor.fit(X, y, epochs=5, callbacks=[callback])
    assert callback.answer == QUICK["epochs"]
