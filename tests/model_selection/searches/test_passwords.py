"""The password of a database is not shown where parameters are shown, and is there for whoever connects."""

import copy
import pickle

import pytest
from sklearn import set_config
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune.model_selection import BayesianSearchCV, RefitWith
from sknn_tune.search_space import log_uniform

URL = "postgresql://ada:s3cr3t@host:5432/searches"
MASKED = "postgresql://ada:***@host:5432/searches"


def _search(storage=URL):
    return BayesianSearchCV(LogisticRegression(), {"C": log_uniform(0.1, 10)}, storage=storage)


AROUND = {
    "alone": lambda search: search,
    "cloned": clone,
    "copied": copy.deepcopy,
    "from a pickle": lambda search: pickle.loads(pickle.dumps(search)),
    "set later": lambda search: _search(None).set_params(storage=URL),
    "in a pipeline": lambda search: make_pipeline(StandardScaler(), search),
    "in a search": lambda search: GridSearchCV(search, {"n_iter": [2, 3]}),
    "with a refit": lambda search: RefitWith(search, {"C": 1.0}),
}


@pytest.mark.parametrize("print_changed_only", [True, False])
@pytest.mark.parametrize("around", AROUND)
def test_it_is_not_shown(around, print_changed_only):
    estimator = AROUND[around](_search())
    set_config(print_changed_only=print_changed_only)
    try:
        shown = [repr(estimator), str(estimator), estimator._repr_html_(), repr(estimator.get_params())]
    finally:
        set_config(print_changed_only=True)
    assert not any("s3cr3t" in text for text in shown)
    assert MASKED in shown[0]


@pytest.mark.parametrize("around", ["alone", "cloned", "copied", "from a pickle", "set later"])
def test_it_is_there(around):
    search = AROUND[around](_search())
    assert search.storage == URL and "".join(search.storage) == URL
    assert search.get_params()["storage"] is search.storage


@pytest.mark.parametrize("given", ["sqlite:///search.db", "postgresql://ada@host/db", None])
def test_a_name_without_a_password_is_the_same_object(given):
    assert _search(given).storage is given
