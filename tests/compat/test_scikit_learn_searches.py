"""Tools that watch scikit-learn's searches, such as MLflow's autolog, see ours, too."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RandomizedSearchCV

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import BayesianSearchCV, CapacitySearchCV, CoarseToFineSearchCV, HyperbandSearchCV


@pytest.mark.parametrize(
    "search",
    [
        CoarseToFineSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, n_iter=1, n_rounds=1, cv=2),
        BayesianSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, n_iter=1, cv=2),
        HyperbandSearchCV(
            LogisticRegression(),
            {"C": [0.1]},
            resource="max_iter",
            min_resources=100,
            max_resources=200,
            factor=2,
            cv=2,
        ),
        CapacitySearchCV(KerasClassifier(epochs=1), sizes=[(2,)], cv=2),
    ],
    ids=lambda search: type(search).__name__,
)
def test_who_patches_the_public_search_sees_ours(search, binary_data, monkeypatch):
    # MLflow patches `fit` of the class and asks `isinstance` whether to log candidates (seen in 3.17).
    seen, fit = [], RandomizedSearchCV.fit

    def watching(self, *args, **kwargs):
        seen.append(self)
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(RandomizedSearchCV, "fit", watching)
    assert isinstance(search, RandomizedSearchCV)
    search.fit(*binary_data)
    assert seen == [search]
