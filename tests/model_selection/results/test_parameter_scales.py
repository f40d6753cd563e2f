"""Each hyperparameter on its own scale: by the space it was drawn from, else by its values."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy.stats import loguniform, uniform
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tune import search_space
from sknn_tune.model_selection import describe_search
from sknn_tune.model_selection.results import value_text

X = np.zeros((6, 1))


class Anything(BaseEstimator):
    """Takes any value for either parameter."""

    def __init__(self, value=0, other=0):
        self.value = value
        self.other = other

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def score(self, X, y=None):
        return 0.0


def scale_of(values):
    if hasattr(values, "rvs"):
        search = RandomizedSearchCV(Anything(), {"value": values}, n_iter=20, cv=2, random_state=0)
    else:
        search = GridSearchCV(Anything(), {"value": values}, cv=2)
    return describe_search(search.fit(X)).parameters[0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (search_space.uniform(0.001, 1), "linear"),
        (search_space.log_uniform(1, 5), "log"),
        (search_space.int_log_uniform(1, 5), "log"),
        (search_space.int_uniform(1, 500), "linear"),
        (search_space.one_minus_log_uniform(0.0, 0.9), "one_minus_log"),
        (search_space.topology(), "log"),
        (search_space.topology(n_layers=(0, 2)), "linear"),
        (loguniform(1, 5), "log"),
        (uniform(0.001, 1), "linear"),
        ([0.001, 0.002, 0.1], "log"),
        ([16, 32, 64], "log"),
        ([1, 2], "linear"),
        ([1, 2, 3], "linear"),
        ([0.0, 0.2, 0.5], "linear"),
        ([-1, 100], "linear"),
        ([0.0, 1e-4, 1e-2], "categories"),
        ([0.9, 0.99, 0.999], "one_minus_log"),
        ([0.0, 0.9, 0.99], "linear"),
        (["relu", "tanh"], "categories"),
        ([True, False], "categories"),
        ([None, 3, 5], "categories"),
        ([(16,), (32, 16), ()], "categories"),
        ([StandardScaler(), MinMaxScaler()], "categories"),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "dist") else str(value),  # no addresses for xdist
)
def test_scale_suits_the_values(values, kind):
    assert scale_of(values).kind == kind


@pytest.mark.parametrize(
    "values", [[1.0, 3.0], [1e-4, 1e-2], [0.9, 0.99, 0.999], search_space.log_uniform(1, 9)], ids=str
)
def test_positions_are_those_of_the_values(values):
    scale = scale_of(values)
    np.testing.assert_allclose(scale.positions_of(scale.values_at(scale.positions)), scale.positions)
    np.testing.assert_allclose(scale.values_at(scale.positions), [float(text) for text in scale.texts], rtol=1e-3)


def test_topologies_are_ordered_by_their_units_and_many_are_drawn_by_them():
    few = scale_of([(64,), (16, 16), (16,), ()])
    assert few.categories == ("()", "(16,)", "(16, 16)", "(64,)")
    many = scale_of([(units, 2 * units) for units in range(1, 12)])
    assert (many.kind, many.label) == ("log", "value (units in all)")
    np.testing.assert_allclose(many.values_at(many.positions), [3 * units for units in range(1, 12)])


def test_numbers_come_before_other_categories():
    assert scale_of(["b", None, 10, 9, "a"]).categories == ("9", "10", "None", "a", "b")


def test_a_parameter_that_a_candidate_does_not_have_has_no_place():
    search = GridSearchCV(Anything(), [{"value": [1, 5]}, {"other": ["a"]}], cv=2).fit(X)
    value, other = describe_search(search).parameters
    np.testing.assert_array_equal(value.positions, [1, 5, np.nan])
    np.testing.assert_array_equal(other.positions, [np.nan, np.nan, 0])
    assert value.texts == ("1", "5", "") and value.varies and other.varies


def test_names_are_short_and_what_does_not_vary_is_told():
    pipeline = make_pipeline(StandardScaler(), Anything())
    search = GridSearchCV(pipeline, {"anything__value": [1, 2], "anything__other": ["x"]}, cv=2).fit(X)
    description = describe_search(search)
    assert [(scale.name, scale.label) for scale in description.varied] == [("anything__value", "value")]
    assert len(description.parameters) == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (1e-5, "1e-05"),
        (0.99912, "0.99912"),
        (np.float64(0.5), "0.5"),
        (np.int64(3), "3"),
        (True, "True"),
        (np.tanh, "tanh"),
        (StandardScaler, "StandardScaler"),
        (StandardScaler(with_mean=False), "StandardScaler(with_mean=False)"),
        ("a b", "a b"),
        ([1, 2], "[1, 2]"),
        ((np.int64(64), 0.1 + 0.2, "relu", None), "(64, 0.3, 'relu', None)"),
        ((8,), "(8,)"),
        ((), "()"),
    ],
    ids=str,
)
def test_values_are_told_in_a_line(value, text):
    assert value_text(value) == text


def test_functions_of_one_name_are_told_apart():
    functions = [lambda x: x, lambda x: 2 * x, np.tanh]
    scale = scale_of([*functions, functions[0]])
    assert scale.texts == ("<lambda>", "<lambda> (2)", "tanh", "<lambda>")
    assert scale.varies
    search = GridSearchCV(Anything(), {"value": functions[:2]}, cv=2).fit(X)
    assert describe_search(search).best_params == {"value": "<lambda>"}


def test_texts_are_the_same_in_every_process():
    assert "0x" not in value_text(object())
    assert value_text(partial(np.clip, 0, a_max=0.1 + 0.2)) == "partial(clip, 0, a_max=0.3)"
    assert value_text([len, partial(object)]) == "[len, partial(object)]"
