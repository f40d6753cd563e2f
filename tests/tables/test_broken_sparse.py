"""A sparse matrix whose numbers point beyond it is refused: whoever follows them reads memory of others, or crashes."""

import numpy as np
import pytest
from scipy import sparse

from sknn_tune import KerasClassifier
from sknn_tune.inspection import diagnose
from sknn_tune.model_selection import BayesianSearchCV, CapacitySearchCV, CoarseToFineSearchCV, HyperbandSearchCV
from sknn_tune.preprocessing import PiecewiseLinearEncoder, SmoothRobustScaler, TableEncoder
from sknn_tune.search_space import log_uniform
from sknn_tune.tables import refuse_broken_sparse

ROWS = np.arange(1.0, 13.0).reshape(4, 3)

BREAKS = {
    "far": ("csr", "indices", 1, 10**6, "an entry in column 1000000"),
    "negative": ("csr", "indices", 1, -1, "an entry in column -1"),
    "row": ("csc", "indices", 1, 4, "an entry in row 4"),
    "start": ("csr", "indptr", 2, 10**6, "a row that begins or ends elsewhere"),
    "falling": ("csc", "indptr", 2, 0, "a column that begins or ends elsewhere"),
    "end": ("csr", "indptr", -1, 13, "has 12 entries, and a row that begins or ends elsewhere"),
    "coordinates": ("coo", "col", 5, 3, "an entry in column 3"),
    "blocks": ("bsr", "indices", 0, 9, "an entry in block of columns 9"),
}


@pytest.mark.parametrize("integer", ["int32", "int64"])
@pytest.mark.parametrize("name", BREAKS)
def test_numbers_that_point_beyond_are_found(name, integer):
    kind, part, place, number, what = BREAKS[name]
    matrix = sparse.coo_matrix(ROWS).asformat(kind)
    for each in ("indices", "indptr") if kind != "coo" else ("row", "col"):
        setattr(matrix, each, getattr(matrix, each).astype(integer))
    refuse_broken_sparse(matrix, "X")
    getattr(matrix, part)[place] = number
    with pytest.raises(ValueError, match=f"X is a sparse matrix that is broken: it .*{what}"):
        refuse_broken_sparse(matrix, "X")


def test_whoever_fits_or_predicts_refuses_them():
    """In both ways to look at X, and for y, which SciPy makes dense."""
    network = KerasClassifier(hidden_layer_sizes=(2,), epochs=1, random_state=0).fit(ROWS, [0, 1, 0, 1])
    broken = sparse.csr_matrix(ROWS)
    broken.indices[0] = 99
    for use in (network.predict, lambda X: network.fit(X, [0, 1, 0, 1])):
        with pytest.raises(ValueError, match="X is a sparse matrix that is broken"):
            use(broken)
    with pytest.raises(ValueError, match="y is a sparse matrix that is broken"):
        network.fit(ROWS, broken)


@pytest.fixture(scope="module")
def fitted():
    return KerasClassifier(hidden_layer_sizes=(2,), epochs=1, random_state=0).fit(ROWS, [0, 1, 0, 1])


def _network():
    return KerasClassifier(hidden_layer_sizes=(2,), epochs=1, random_state=0)


_RATES = {"learning_rate": log_uniform(1e-3, 1e-1)}
_LABELS = [0, 1, 0, 1]
OTHERS = {
    "PiecewiseLinearEncoder": lambda broken, _: PiecewiseLinearEncoder().fit(broken),
    "SmoothRobustScaler": lambda broken, _: SmoothRobustScaler().fit(broken),
    "back": lambda broken, _: SmoothRobustScaler().fit(ROWS).inverse_transform(broken),
    "TableEncoder": lambda broken, _: TableEncoder().fit(broken),
    "held out": lambda broken, _: _network().fit(ROWS, _LABELS, X_val=broken, y_val=_LABELS),
    "labels held out": lambda broken, _: _network().fit(ROWS, _LABELS, X_val=ROWS, y_val=broken),
    "weights": lambda broken, _: _network().fit(ROWS, _LABELS, sample_weight=broken),
    "score": lambda broken, fitted: fitted.score(ROWS, broken),
    "diagnose": lambda broken, fitted: diagnose(fitted, broken, _LABELS),
    "diagnose labels": lambda broken, fitted: diagnose(fitted, ROWS, broken),
    "bayesian": lambda broken, _: BayesianSearchCV(_network(), _RATES, cv=2).fit(broken, _LABELS),
    "bayesian labels": lambda broken, _: BayesianSearchCV(_network(), _RATES, cv=2).fit(ROWS, broken),
    "coarse to fine": lambda broken, _: CoarseToFineSearchCV(_network(), _RATES, cv=2).fit(broken, _LABELS),
    "hyperband": lambda broken, _: HyperbandSearchCV(_network(), _RATES, cv=2).fit(broken, _LABELS),
    "capacity": lambda broken, _: CapacitySearchCV(_network(), cv=2).fit(broken, _LABELS),
}


@pytest.mark.parametrize("of", [sparse.csr_matrix, sparse.csc_array], ids=["rows", "columns"])
@pytest.mark.parametrize("use", OTHERS.values(), ids=OTHERS)
def test_nobody_follows_them_in_order_to_refuse_them(use, of, fitted, monkeypatch):
    """A sentence about columns looked into each, which wrote into memory of others: a process ended much later."""
    broken = of(ROWS)
    broken.indices[-1] = 10**6
    for name in ("tocsc", "tocsr", "tocoo", "toarray", "__getitem__"):
        monkeypatch.setattr(of, name, _looked)
    with pytest.raises(ValueError, match="is a sparse matrix that is broken: it has an entry in"):
        use(broken, fitted)


def _looked(*_, **__):
    raise AssertionError("the numbers were followed")
