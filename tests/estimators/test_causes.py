"""What is said of a training that came to nothing names what in the rows is the cause."""

import numpy as np
import pytest
from scipy import sparse
from sklearn import config_context

from sknn_tune import KerasRegressor
from sknn_tune.exceptions import ConvergenceWarning, DivergedError

X = np.random.default_rng(0).normal(size=(20, 3))
Y = X.sum(axis=1)
QUICK = {"hidden_layer_sizes": (4,), "epochs": 2, "random_state": 0}


@pytest.mark.filterwarnings("ignore:y has .* square of an error", "ignore:Input X has")
@pytest.mark.parametrize(
    ("rows", "n_members", "cause"),
    [
        ((X, Y * 1e20), 1, r"y has numbers as large as .*e\+20, whose squares overflow in float32. Teach it scaled"),
        ((X, Y * 1e20), 2, r"y has numbers as large as .*e\+20, whose squares overflow in float32. Teach it scaled"),
        ((X * 1e25, Y), 1, r"X has numbers as large as .*e\+25, whose squares overflow in float32. Clip it or scale"),
    ],
    ids=["targets", "targets of members", "inputs"],
)
def test_numbers_beyond_the_arithmetic(rows, n_members, cause):
    regressor = KerasRegressor(**QUICK, n_members=n_members)
    with pytest.warns(ConvergenceWarning, match=f"Training diverged: .* in epoch 1. {cause}") as said:
        regressor.fit(*rows)
    assert "learning_rate" not in str(said[-1].message)
    for network in [regressor, *getattr(regressor, "members_", [])]:
        with pytest.raises(DivergedError, match=cause):
            network.predict(rows[0])


@pytest.mark.parametrize("what", ["X", "y"])
@pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_array])
def test_nan_that_nobody_looked_for(what, wrap):
    """They ended in NumPy's IndexError, when it was to be said which number is too large."""
    odd = np.where(np.arange(20) == 7, np.nan, 1.0)
    rows = (wrap(X * odd[:, None]), Y) if what == "X" else (wrap(X), Y * odd)
    regressor = KerasRegressor(**QUICK, loss="auto" if what == "X" else "mean_squared_logarithmic_error")
    with config_context(assume_finite=True), pytest.warns(ConvergenceWarning, match=f"in epoch 1. {what} has NaN"):
        regressor.fit(rows[0], abs(rows[1]))
    with pytest.raises(DivergedError, match=f"{what} has NaN, which nobody has looked for"):
        regressor.predict(X)


def test_the_learning_rate_is_to_blame_where_the_rows_are_not():
    regressor = KerasRegressor(**QUICK, optimizer="sgd", learning_rate=1e30)
    with pytest.warns(ConvergenceWarning, match="Most often the learning rate is too high"):
        regressor.fit(X, Y)
    with pytest.raises(DivergedError, match=r"Fit again with a lower learning_rate than 1e\+30"):
        regressor.predict(X)


@pytest.mark.parametrize(
    ("shift", "said"),
    [(1e4, "y has mean 1e[+]04 .*Teach it scaled.* Or raise 'epochs'"), (0, "epochs=2 were run. Raise 'epochs'")],
)
def test_targets_far_from_zero(shift, said):
    regressor = KerasRegressor(**QUICK, early_stopping=True, monitor="loss")
    with pytest.warns(ConvergenceWarning, match=said):
        regressor.fit(X, Y / Y.std() + shift)
