"""An estimator whose parameters have any names."""

from sklearn.base import BaseEstimator


class Anything(BaseEstimator):
    """Scores by the length of what it is given, and a little by its rows."""

    def __init__(self, **parameters):
        self.parameters = parameters

    def get_params(self, deep=True):
        return dict(self.parameters)

    def set_params(self, **parameters):
        self.parameters |= parameters
        return self

    def fit(self, X, y=None):
        return self

    def score(self, X, y=None):
        return len(str(self.parameters)) / 1000 + X.mean() / 20
