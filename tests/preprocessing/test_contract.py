"""scikit-learn's own checks of the transformers: all pass, without an exception."""

import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_tune.preprocessing import CachedTransformer, PiecewiseLinearEncoder, SmoothRobustScaler, TableEncoder

TRANSFORMERS = [
    PiecewiseLinearEncoder(),
    PiecewiseLinearEncoder(strategy="uniform", keep=False),
    SmoothRobustScaler(),
    CachedTransformer(StandardScaler()),
    CachedTransformer(OneHotEncoder()),
    CachedTransformer(PCA(random_state=0)),
    TableEncoder(),
    TableEncoder(encoding="smooth", target_encoding=True),
]


def _checks():
    """scikit-learn's mark with a list in the place of a generator, which pytest 9 warns of (scikit-learn < 1.8)."""
    mark = parametrize_with_checks(TRANSFORMERS).mark
    names, values = mark.args
    return pytest.mark.parametrize(names, list(values), **mark.kwargs)


@_checks()
def test_scikit_learn_check(estimator, check):
    check(estimator)
