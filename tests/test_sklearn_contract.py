"""scikit-learn's own checks of an estimator, all of them, on both estimators, of one network and of several."""

import functools

import pytest
import sklearn
from sklearn.utils.estimator_checks import (
    check_sample_weight_equivalence_on_dense_data,
    check_sample_weight_equivalence_on_sparse_data,
    parametrize_with_checks,
)
from sklearn.utils.fixes import parse_version

from sknn_tune import KerasClassifier, KerasRegressor

_WEIGHTED_SUM = (
    "in float32, 2 * x and x + x are added up in another order: the check asks for 1e-7, which is one unit in the "
    "last place of float32"
)
#: The name of a check -> why it may fail in float32. No other failure is expected, and none in float64 (below).
ROUNDING = {
    "check_sample_weight_equivalence_on_dense_data": _WEIGHTED_SUM,
    "check_sample_weight_equivalence_on_sparse_data": _WEIGHTED_SUM,
}


def _checks():
    """scikit-learn's mark with a list in the place of a generator, which pytest 9 warns of (scikit-learn < 1.8)."""
    estimators = [kind(n_members=number) for number in (1, 2) for kind in (KerasClassifier, KerasRegressor)]
    mark = parametrize_with_checks(estimators).mark
    names, values = mark.args
    return pytest.mark.parametrize(names, list(values), **mark.kwargs)


# Two checks fit rows of one class, which is not an error, but worth a word.
@pytest.mark.filterwarnings("ignore:.* contains? only one class:UserWarning")
@_checks()
def test_scikit_learn_check(estimator, check):
    try:
        check(estimator)
    except AssertionError as error:
        # Not `expected_failed_checks`: whether rounding goes past the limit depends on the processor, and
        # before scikit-learn 1.8 its marks follow pytest's `xfail_strict`.
        reason = ROUNDING.get(_name(check))
        if reason is None or "Not equal to tolerance" not in str(error):
            raise
        pytest.xfail(reason)


@pytest.mark.parametrize("estimator", [KerasClassifier(dtype="float64"), KerasRegressor(dtype="float64")])
@pytest.mark.parametrize(
    "check",
    [
        check_sample_weight_equivalence_on_dense_data,
        check_sample_weight_equivalence_on_sparse_data,
    ],
)
def test_what_rounding_spoils_in_float32_holds_in_float64(estimator, check):
    assert check.__name__ in ROUNDING
    check(type(estimator).__name__, estimator)


@pytest.mark.parametrize("estimator", [KerasClassifier(), KerasRegressor()])
def test_callbacks_of_scikit_learn_are_there_from_1_9_on_and_absent_before(estimator):
    assert hasattr(estimator, "set_callbacks") == (parse_version(sklearn.__version__) >= parse_version("1.9"))


def _name(check) -> str:
    while isinstance(check, functools.partial):
        check = check.func
    return check.__name__
