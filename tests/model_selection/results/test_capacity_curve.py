"""What each size of a search was worth, read from its results."""

import numpy as np
import pytest
from scipy.stats import sem
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import CapacitySearchCV, capacity_curve

SIZES = [(), (4,), (4, 3)]


def tree_search(**options):
    options = {"param_name": "max_depth", "sizes": [1, 2, 3, 4], "cv": 4, "patience": 9} | options
    return CapacitySearchCV(DecisionTreeRegressor(random_state=0), **options)


@pytest.mark.parametrize("scoring", [None, "r2", ["neg_mean_squared_error", "r2"]])
def test_scores_are_means_with_their_standard_errors(scoring, regression_data):
    refit = "r2" if isinstance(scoring, list) else True
    search = tree_search(scoring=scoring, refit=refit, return_train_score=True).fit(*regression_data)
    curve = capacity_curve(search)
    column = "r2" if isinstance(scoring, list) else "score"
    for rows, scores, errors in (
        ("test", curve.test_scores, curve.test_errors),
        ("train", curve.train_scores, curve.train_errors),
    ):
        folds = np.array([search.cv_results_[f"split{fold}_{rows}_{column}"] for fold in range(4)])
        np.testing.assert_allclose(scores, folds.mean(axis=0))
        np.testing.assert_allclose(errors, sem(folds, axis=0))
    assert curve.metric == "r2"
    assert curve.sizes == [1, 2, 3, 4]
    assert (curve.chosen, curve.best) == (search.best_index_, int(np.argmax(curve.test_scores)))
    assert curve.margin == curve.test_errors[curve.best]


def test_the_margin_is_the_tolerance_of_the_search(regression_data):
    assert capacity_curve(tree_search(tolerance=0.07).fit(*regression_data)).margin == 0.07


def test_a_single_fold_has_no_standard_error(regression_data):
    curve = capacity_curve(tree_search(cv=ShuffleSplit(1, random_state=0)).fit(*regression_data))
    assert curve.train_scores is None
    assert not curve.test_errors.any()
    assert curve.margin == 0


@pytest.mark.parametrize("options", [{}, {"refit": False}])
def test_weights_of_networks_are_counted_if_one_is_there_to_compare_with(options, binary_data):
    pipeline = make_pipeline(StandardScaler(), KerasClassifier(epochs=1, random_state=0))
    curve = capacity_curve(CapacitySearchCV(pipeline, sizes=SIZES, cv=2, patience=9, **options).fit(*binary_data))
    assert curve.param_name == "kerasclassifier__hidden_layer_sizes"
    if options:
        assert curve.n_parameters is None
    else:
        assert curve.n_parameters.tolist() == [7, 33, 28 + 15 + 4]


def test_weights_of_several_classes_are_counted(multiclass_data):
    network = KerasClassifier(epochs=1, random_state=0)
    curve = capacity_curve(CapacitySearchCV(network, sizes=SIZES[:2], cv=2).fit(*multiclass_data))
    assert curve.n_parameters.tolist() == [15, 35]


def test_a_count_that_would_be_wrong_is_not_given(binary_data):
    """The parameters of batch normalisation are not counted from the sizes."""
    network = KerasClassifier(batch_norm=True, epochs=1, random_state=0)
    search = CapacitySearchCV(network, sizes=[(4,), (8,)], cv=2).fit(*binary_data)
    assert capacity_curve(search).n_parameters is None


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_without_a_score_nothing_is_best(regression_data):
    def fail(estimator, X, y):
        return np.nan

    curve = capacity_curve(tree_search(scoring=fail, refit=False).fit(*regression_data))
    assert curve.best is None
    assert np.isnan(curve.test_scores).all()


def test_another_search_of_one_parameter_has_a_curve_too(regression_data):
    search = GridSearchCV(DecisionTreeRegressor(random_state=0), {"max_depth": [1, 2, None]}, cv=3)
    curve = capacity_curve(search.fit(*regression_data))
    assert (curve.param_name, curve.sizes, curve.chosen) == ("max_depth", [1, 2, None], search.best_index_)
    search = GridSearchCV(Ridge(), {"alpha": [1, 2], "tol": [0.1]}, cv=2).fit(*regression_data)
    with pytest.raises(ValueError, match=r"varied one parameter only. This GridSearchCV varied alpha, tol"):
        capacity_curve(search)


def test_the_search_must_be_finished():
    with pytest.raises(NotFittedError, match="This CapacitySearchCV has no results yet: call its fit first"):
        capacity_curve(tree_search())
