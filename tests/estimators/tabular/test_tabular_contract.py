"""scikit-learn's own checks of the estimators for tables: all but those of one that cannot hold."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_tune import TabularClassifier, TabularRegressor

#: In float64, since rows in another order are added up in another order, and some checks ask for 1e-7.
SMALL = {"hidden_layer_sizes": (16,), "epochs": 8, "batch_size": 16, "n_members": 4, "dtype": "float64"}

#: A weight of two is not a row given twice: pieces are cut by rows, and copies may be held out by different members.
CANNOT_HOLD = {
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
}


def _checks():
    """scikit-learn's mark with a list in the place of a generator, which pytest 9 warns of (scikit-learn < 1.8)."""
    mark = parametrize_with_checks([TabularClassifier(**SMALL), TabularRegressor(**SMALL)]).mark
    names, values = mark.args
    return pytest.mark.parametrize(names, list(values), **mark.kwargs)


# Two checks fit rows of one class, which is not an error, but worth a word.
@pytest.mark.filterwarnings("ignore:.* contains? only one class:UserWarning")
@_checks()
def test_scikit_learn_check(estimator, check):
    if _name(check) in CANNOT_HOLD:
        pytest.skip("pieces are cut by rows, and copies of a row may be held out by different members")
    check(estimator)


def _name(check):
    return getattr(check, "func", check).__name__
