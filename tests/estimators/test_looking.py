"""Whoever only looks at a fitted estimator loads no TensorFlow and builds no Keras model."""

import subprocess
import sys

LOOK = """
import inspect, pickle, sys
import numpy as np, pandas as pd
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier

X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=list("abc"))
y = (X["a"] > 0).astype(int)
small = {"hidden_layer_sizes": (4,), "epochs": 2, "random_state": 0}
network = KerasClassifier(**small)
for estimator in (
    network,
    KerasRegressor(**small, n_members=2),
    TabularClassifier(**small, n_members=2, encoding="smooth"),
    make_pipeline(StandardScaler(), network),
    GridSearchCV(network, {"l2": [0, 1e-3]}, cv=2),
):
    fitted = estimator.fit(X, y)
    fitted.predict(X)
    repr(fitted), fitted._repr_html_(), vars(fitted), inspect.getmembers(fitted), pickle.dumps(fitted), clone(fitted)
    for name in dir(fitted):
        getattr(fitted, name, None)
assert "tensorflow" not in sys.modules and "keras" not in sys.modules
assert network.fit(X, y).model_ is network.model_, "who asks for it by name gets it"
"""


def test_looking_costs_nothing():
    found = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr[-3000:]
