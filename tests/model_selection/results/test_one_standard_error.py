"""The simplest candidate that is as good as the best, as far as the folds can tell."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline

from sknn_tune import KerasRegressor
from sknn_tune.model_selection import one_standard_error


def results_of(means, name="max_depth", values=None, spread=0.1, metric="score"):
    """Three folds with the mean and this spread to either side: a standard error of spread / sqrt(3)."""
    means = np.asarray(means)
    values = list(range(len(means))) if values is None else values
    return {
        "params": [{} if value == "masked" else {name: value} for value in values],
        f"param_{name}": values,
        f"mean_test_{metric}": means,
        **{f"split{fold}_test_{metric}": means + spread * (fold - 1) for fold in range(3)},
    }


def test_the_simplest_within_one_standard_error_of_the_best_is_chosen():
    results = results_of([0.5, 0.65, 0.7, 0.6])
    assert one_standard_error("param_max_depth")(results) == 1  # 0.65 is above 0.7 - 0.058
    assert one_standard_error("param_max_depth")(results_of([0.5, 0.64, 0.7, 0.6])) == 2


def test_of_equally_simple_ones_the_better_is_chosen():
    assert one_standard_error("param_max_depth")(results_of([0.68, 0.7, 0.69], values=[1, 1, 1])) == 1


def test_no_limit_and_no_value_are_the_most_complex():
    choose = one_standard_error("param_max_depth")
    assert choose(results_of([0.7, 0.7, 0.7], values=[None, "masked", 9])) == 2


def test_candidates_without_a_score_are_not_chosen():
    choose = one_standard_error("param_max_depth")
    assert choose(results_of([np.nan, 0.7, np.nan])) == 1
    assert choose(results_of([np.nan, np.nan])) == 0


def test_networks_are_ordered_by_their_weights():
    name = "network__hidden_layer_sizes"
    values = [(64, 64), (32, 32, 32), 128, (256,), ()]
    choose = one_standard_error()
    assert choose(results_of([0.7] * 4, name=name, values=values[:4])) == 1
    assert choose(results_of([0.7] * 5, name=name, values=values)) == 4
    # 128 units beside each other have more weights than twice 64 as soon as there are many inputs.
    wide, deep = results_of([0.7] * 2, name=name, values=[(128,), (64, 64)]), (0, 1)
    assert (one_standard_error(n_features=5)(wide), one_standard_error(n_features=500)(wide)) == deep


def depth_of(params):
    return len(params["hidden_layer_sizes"])


def test_complexity_may_be_a_function_of_the_parameters():
    results = results_of([0.7, 0.7], name="hidden_layer_sizes", values=[(1, 1), (500,)])
    assert one_standard_error(depth_of)(results) == 1


def test_of_several_metrics_one_must_be_named():
    results = results_of([0.7, 0.1], metric="r2") | results_of([0.1, 0.7], metric="error")
    assert one_standard_error("param_max_depth", metric="r2")(results) == 0
    assert one_standard_error("param_max_depth", metric="error")(results) == 1
    for metric in (None, "accuracy"):
        message = f"'metric' parameter of one_standard_error must be one of .*: r2, error. Got {metric!r}"
        with pytest.raises(ValueError, match=message):
            one_standard_error("param_max_depth", metric=metric)(results)


def test_in_scikit_learns_searches(binary_data, regression_data):
    C = {"C": np.logspace(-4, 4, 9)}
    search = GridSearchCV(LogisticRegression(), C, refit=one_standard_error("param_C"), cv=3).fit(*binary_data)
    best = GridSearchCV(LogisticRegression(), C, cv=3).fit(*binary_data)
    assert search.best_params_["C"] <= best.best_params_["C"]
    assert search.predict(binary_data[0]).shape == binary_data[1].shape
    sizes = {"network__hidden_layer_sizes": [(8,), (16,)]}
    for network in (KerasRegressor(epochs=2, random_state=0), MLPRegressor(random_state=0, max_iter=5, tol=1.0)):
        pipeline = Pipeline([("network", network)])
        with np.errstate(all="ignore"), pytest.warns() if isinstance(network, MLPRegressor) else np.errstate():
            search = RandomizedSearchCV(pipeline, sizes, n_iter=2, cv=2, refit=one_standard_error())
            assert search.fit(*regression_data).best_index_ in (0, 1)


def test_it_is_a_value():
    choose = one_standard_error(depth_of, metric="r2")
    assert pickle.loads(pickle.dumps(choose)) == choose == clone(choose, safe=False)
    assert hash(choose) == hash(one_standard_error(depth_of, metric="r2"))
    plain = one_standard_error("param_C", n_features=8)
    assert eval(repr(plain)) == plain


@pytest.mark.parametrize(
    ("choose", "results", "message"),
    [
        (one_standard_error("max_depth"), {}, "or one of the columns of the search: param_max_depth. Got 'max_depth'"),
        (one_standard_error(), {}, "but the search did not vary hidden_layer_sizes. Give the name of a column"),
        (
            one_standard_error("param_max_depth"),
            {"values": ["a", "b"]},
            "Got 'a' in 'param_max_depth': give a function",
        ),
    ],
)
def test_messages_say_what_to_give(choose, results, message):
    with pytest.raises(ValueError, match=message):
        choose(results_of([0.7, 0.7], **results))


def test_parameters_of_the_rule_are_checked():
    with pytest.raises(ValueError, match="The 'complexity' parameter of one_standard_error must be"):
        one_standard_error(complexity=3)
    with pytest.raises(ValueError, match="The 'n_features' parameter of one_standard_error must be"):
        one_standard_error(n_features=0)


def test_the_class_in_the_place_of_an_object_is_named():
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2, refit=one_standard_error)
    with pytest.raises(TypeError, match=r"'refit' parameter is the class one_standard_error. Give refit=one_st"):
        search.fit(np.arange(8.0)[:, None], [0, 1] * 4)
