"""Pipelines of imbalanced-learn: their samplers draw rows anew in fit, and have no transform."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.inspection import dead_units, diagnose, gradient_norms, learning_rate_sweep


class Doubling(BaseEstimator):
    """A sampler as imbalanced-learn has them."""

    def fit_resample(self, X, y):
        return np.vstack([X, X]), np.hstack([y, y])


class SamplingPipeline(Pipeline):
    """As imbalanced-learn's: samplers work in ``fit`` only."""

    def fit(self, X, y):
        for _, step in self.steps[:-1]:
            if hasattr(step, "fit_resample"):
                X, y = step.fit_resample(X, y)
            else:
                X = step.fit_transform(X, y)
        self.steps[-1][1].fit(X, y)
        return self


@pytest.mark.parametrize("order", [1, -1])
def test_samplers_are_left_out(order, binary_data):
    X, y = binary_data
    steps = [("scale", StandardScaler()), ("sample", Doubling())][::order]
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=2, random_state=0)
    pipeline = SamplingPipeline([*steps, ("net", network)]).fit(X * 3, y)
    alone = KerasClassifier(hidden_layer_sizes=(4,), epochs=2, random_state=0).fit(
        *Doubling().fit_resample(StandardScaler().fit_transform(X * 3), y)
    )
    scaled = StandardScaler().fit_transform(X * 3)
    assert str(dead_units(pipeline, X * 3)) == str(dead_units(alone, scaled))
    assert str(diagnose(pipeline, X * 3, y)) == str(diagnose(alone, scaled, y))
    assert str(gradient_norms(pipeline, X * 3, y)) == str(gradient_norms(alone, scaled, y))
    assert learning_rate_sweep(pipeline, X * 3, y, rates=[1e-3, 1e-2, 0.1]).best_rate > 0
