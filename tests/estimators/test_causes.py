"""What is said of a training that came to nothing names what in the rows is the cause."""

import numpy as np
import pytest

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
