"""What people bring from elsewhere, and what cannot be meant, is answered in our words."""

import keras
import pandas as pd
import pytest
from sklearn.model_selection import KFold

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import BayesianSearchCV

QUICK = {"hidden_layer_sizes": (4,), "epochs": 1, "random_state": 0}


@pytest.mark.parametrize(
    ("name", "ours"),
    [("alpha", "'l2'"), ("max_iter", "'epochs'"), ("lr", "'learning_rate'"), ("solver", "'optimizer'")],
)
def test_names_of_others(name, ours):
    with pytest.raises(TypeError, match=rf"{name}'\. It is called {ours} here"):
        KerasClassifier(**{name: 1})
    with pytest.raises(ValueError, match=rf"It is called {ours} here"):
        KerasClassifier().set_params(**{name: 1})


def test_jobs_are_those_of_the_search():
    with pytest.raises(TypeError, match=r"n_jobs'\. The search has it"):
        KerasClassifier(n_jobs=2)


@pytest.mark.parametrize(
    "given", [[1], [None], [keras.callbacks.EarlyStopping(), 2.0]], ids=["a number", "None", "one of two"]
)
def test_what_is_no_callback(binary_data, given):
    with pytest.raises(TypeError, match="takes Keras callbacks, as objects or classes, but has"):
        KerasClassifier(callbacks=given, **QUICK).fit(*binary_data)


@pytest.mark.parametrize("name", ["callbacks", "metrics"])
def test_arguments_for_nothing(binary_data, name):
    with pytest.raises(ValueError, match=f"'{name}__patience' was given, but the '{name}' parameter is None"):
        KerasClassifier(**{f"{name}__patience": 3}, **QUICK).fit(*binary_data)


def test_a_class_is_no_object(binary_data):
    with pytest.raises(ValueError, match="The 'validation_split' parameter of KerasClassifier must be an object"):
        KerasClassifier(validation_split=KFold, **QUICK).fit(*binary_data)
    optuna = pytest.importorskip("optuna")
    search = BayesianSearchCV(KerasClassifier(**QUICK), {"l2": [0, 1]}, sampler=optuna.samplers.TPESampler)
    with pytest.raises(ValueError, match="The 'sampler' parameter of BayesianSearchCV must be an object"):
        search.fit(*binary_data)


def test_one_row_as_a_series(binary_data):
    X, y = binary_data
    frame = pd.DataFrame(X).add_prefix("x")
    fitted = KerasClassifier(**QUICK).fit(X, y)
    with pytest.raises(ValueError, match=r"X.to_frame\(\).T, if it is one row"):
        fitted.predict(frame.iloc[0])


def test_a_share_that_leaves_too_few(binary_data):
    with pytest.raises(ValueError, match=r"A share of 0\.999 of the rows is to be held out"):
        KerasClassifier(validation_split=0.999, **QUICK).fit(*binary_data)
