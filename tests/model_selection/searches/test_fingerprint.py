"""What a search is about, as texts: the same in the next process, and different for what is different."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from sknn_tune import KerasRegressor
from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.model_selection.searches._fingerprint import differences, fingerprint


def facts_of(estimator, space=None, **arguments):
    search = BayesianSearchCV(estimator, {} if space is None else space, **arguments)
    return fingerprint(search, None, np.zeros((3, 2)), np.zeros(3), {})


SCRIPT = """
import numpy as np
from scipy.stats import loguniform
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC
from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.model_selection.searches._fingerprint import fingerprint

estimator = Pipeline([("log", FunctionTransformer(np.log1p)), ("svc", SVC(random_state=np.random.RandomState(0)))])
space = {"svc__C": loguniform(1e-3, 1e3), "log__func": [np.log1p, lambda x: x], "log__kw_args": [{"a", "b", "c"}]}
search = BayesianSearchCV(estimator, space)
folds = [(np.arange(2), np.arange(2, 4))]
print(fingerprint(search, folds, np.ones((4, 2)), ["a", "b", "a", "b"], {"weights": np.ones(4)}))
"""


def test_is_the_same_in_another_process(capsys):
    package = str(Path(sys.modules["sknn_tune"].__file__).parents[1])
    other = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": package},  # sets have another order
        capture_output=True,
        text=True,
        check=True,
    )
    exec(SCRIPT, {"__name__": "__main__"})
    here = capsys.readouterr().out
    assert other.stdout == here
    assert " at 0x" not in here


def in_columns(inner, columns=(0,)):
    return ColumnTransformer([("some", inner, list(columns))])


@pytest.mark.parametrize(
    ("one", "other", "changed"),
    [
        (GaussianNB(), BernoulliNB(), {"estimator"}),
        (Ridge(), Ridge(alpha=2.0), {"estimator.alpha"}),
        (SVC(class_weight={0: 1.0}), SVC(class_weight={0: 2.0}), {"estimator.class_weight"}),
        (Ridge(alpha=np.zeros(5000)), Ridge(alpha=np.arange(5000) == 4000), {"estimator.alpha"}),
        (FunctionTransformer(np.log), FunctionTransformer(np.exp), {"estimator.func"}),
        (in_columns(StandardScaler()), in_columns(StandardScaler(), (1,)), {"estimator.transformers"}),
        (
            in_columns(StandardScaler()),
            in_columns(StandardScaler(with_mean=False)),
            {"estimator.some__with_mean"},
        ),
        (
            Pipeline([("one", in_columns(StandardScaler())), ("two", Ridge())]),
            Pipeline([("one", in_columns(StandardScaler(with_std=False))), ("two", Ridge())]),
            {"estimator.one__some__with_std"},
        ),
        (KerasRegressor(hidden_layer_sizes=(8,)), KerasRegressor(hidden_layer_sizes=(4,)), None),
    ],
    ids=repr,
)
def test_another_estimator_is_another(one, other, changed):
    first, second = facts_of(one), facts_of(other)
    assert first == facts_of(one)
    different = {name for name in first.keys() & second.keys() if first[name] != second[name]}
    assert different == (changed or {"estimator.hidden_layer_sizes"})


def test_choices_that_are_estimators_are_compared_by_their_parameters():
    facts = [facts_of(SVC(), {"svc": [SVC(C=C), Ridge()]})["param_distributions"] for C in (1.0, 2.0, 1.0)]
    assert facts[0] == facts[2] != facts[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SVC(verbose=False), SVC(verbose=True)),
        (KerasRegressor(memory="here"), KerasRegressor(memory="there")),
        (Pipeline([("one", Ridge())]), Pipeline([("one", Ridge())], memory="here", verbose=True)),
    ],
    ids=repr,
)
def test_what_changes_no_score_is_left_out(one, other):
    assert facts_of(one) == facts_of(other)
    assert facts_of(one) == facts_of(one, n_jobs=2, verbose=1, n_iter=3, timeout=1, random_state=0, pre_dispatch=1)


def test_differences():
    assert differences({"a": "1"}, {"a": "1"}) == []
    assert differences({"a": "1", "b": "2"}, {"a": "1", "c": "3"}) == [
        "b was 2 and is absent now",
        "c was absent and is 3 now",
    ]


def test_long_texts_are_cut_around_the_difference():
    one, other = ("a" * 500 + middle + "b" * 500 for middle in ("X", "Y"))
    assert differences({"space": one}, {"space": other}) == [
        f"space was …{'a' * 40}X{'b' * 79}… and is …{'a' * 40}Y{'b' * 79}… now"
    ]
    assert differences({"space": "a"}, {"space": "a" * 500}) == [f"space was a and is {'a' * 120}… now"]


def test_of_many_differences_the_first_are_listed():
    then, now = ({f"parameter_{number}": text for number in range(9)} for text in ("one", "other"))
    found = differences(then, now)
    assert found[4:] == ["parameter_4 was one and is other now", "and 4 more"]
