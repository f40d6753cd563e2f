"""A diagnosis of several members: each is judged by itself, and what most of them have is said once."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.exceptions import ConvergenceWarning
from sknn_tune.inspection import Finding, diagnose
from sknn_tune.inspection.diagnosis._members import said_of_members
from sknn_tune.inspection.diagnosis.evidence import _table
from sknn_tune.inspection.diagnosis.rules import NotChecked


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return X, y


def members(**parameters):
    common = {"hidden_layer_sizes": (16,), "n_members": 3, "epochs": 30, "random_state": 0}
    return KerasClassifier(**{**common, **parameters})


def finding(name="plateau", **evidence):
    return Finding(name, "problem", f"It has {name}.", evidence, {"epochs": "raise"})


NO, UNKNOWN = None, NotChecked("Needs more.")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([finding()], "It has plateau."),
        ([NO], None),
        ([UNKNOWN], UNKNOWN),
        ([finding(), NO, finding()], "2 of 3 members, such as members_[0]: It has plateau."),
        ([NO, finding(), finding(), NO], "2 of 4 members, such as members_[1]: It has plateau."),
        ([NO, finding(), NO], None),
        ([NO, UNKNOWN, NO], None),
        ([UNKNOWN, UNKNOWN, finding()], "1 of 3 members, such as members_[2]: It has plateau."),
        ([UNKNOWN, UNKNOWN, UNKNOWN], UNKNOWN),
        ([NO, NO, NO, finding("divergence")], "1 of 4 members, such as members_[3]: It has divergence."),
    ],
)
def test_half_of_the_judged_members_must_have_it_but_one_that_diverged_counts(answers, said):
    answer = said_of_members(answers)
    assert (answer.sentence if isinstance(answer, Finding) else answer) == said


def test_the_numbers_are_those_of_the_first_and_how_many_have_it():
    answer = said_of_members([NO, finding(fall=0.1), finding(fall=0.2)])
    assert answer.evidence == {"fall": 0.1, "n_members": 2}
    assert said_of_members([finding(fall=0.1)]).evidence == {"fall": 0.1}


def test_members_are_judged_as_each_alone(cancer):
    X, y = cancer
    fitted = members(epochs=10).fit(X, y)
    alone = [diagnose(member, X, y) for member in fitted.members_]
    together = diagnose(fitted, X, y)
    assert together.n_members == 3 and all(each.n_members == 1 for each in alone)
    by_half = {name for each in alone for name in each.names if sum(name in other for other in alone) >= 2}
    assert set(together.names) == by_half >= {"unscaled_inputs"}
    assert together.checked == alone[0].checked
    said = together["unscaled_inputs"]
    assert said.sentence.startswith("3 of 3 members, such as members_[0]: The inputs are not scaled")
    assert {**alone[0]["unscaled_inputs"].evidence, "n_members": 3} == said.evidence
    assert f"by {len(together.checked)} of 17 rules in 3 members" in repr(together)
    assert "in 3 members" in together._repr_html_() and "members" not in alone[0].summary


def test_members_with_decent_settings_stay_without_findings(cancer):
    X, y = cancer
    fitted = make_pipeline(StandardScaler(), members(early_stopping=True, n_members=5, epochs=100)).fit(X, y)
    assert diagnose(fitted, X, y, X, y).findings == ()


def test_one_member_that_diverged_is_found(regression_data):
    X, y = regression_data
    network = KerasRegressor(optimizer="sgd", learning_rate=1e20, epochs=5, n_members=3, random_state=0)
    with pytest.warns(ConvergenceWarning):
        fitted = network.fit(X, y)
    found = diagnose(fitted, X, y)
    assert found.names[0] == "divergence" and found["divergence"].evidence["n_members"] == 3
    assert "underfitting" in found.not_checked


def test_what_does_not_depend_on_the_network_is_asked_once(cancer, monkeypatch):
    X, y = cancer
    asked = []

    def forest_score(*args, **kwargs):
        asked.append(kwargs)
        return 0.97

    monkeypatch.setattr(_table, "forest_score", forest_score)
    labels = np.random.default_rng(0).permutation(y)  # nothing to learn, so that the forest is asked
    diagnose(members(epochs=3).fit(scale(X), labels), scale(X), labels)
    assert len(asked) == 1
