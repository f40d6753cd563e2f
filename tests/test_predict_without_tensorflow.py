"""Where a pipeline only predicts, NumPy, SciPy, scikit-learn and joblib are enough."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import joblib
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor

#: What `pip install numpy scikit-learn joblib` and `pip install --no-deps sknn_tune` bring.
INSTALLED = ("joblib", "narwhals", "numpy", "scipy", "sklearn", "sknn_tune", "threadpoolctl")

PREDICT = """
import sys
import joblib
import numpy as np

for name in ("tensorflow", "keras", "numba", "llvmlite", "scikeras", "pandas"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise AssertionError(f"{name} is installed")
classifier, regressor, X, probabilities, numbers = joblib.load(sys.argv[1])
assert np.allclose(classifier.predict_proba(X), probabilities, atol=1e-6)
assert np.allclose(regressor.predict(X), numbers, atol=1e-5)
try:
    classifier[-1].model_
except ImportError as error:
    assert "needs the package 'tensorflow', which is not installed" in str(error), error
else:
    raise AssertionError("there is a model without TensorFlow")
"""


@pytest.fixture
def smallest_install(tmp_path):
    """A folder of packages with links to these, and to their libraries, alone."""
    site = tmp_path / "site"
    site.mkdir()
    for name in INSTALLED:
        spec = find_spec(name)
        if spec is None:  # older versions of scikit-learn have no narwhals
            continue
        origin = Path(spec.origin)
        is_package = origin.name == "__init__.py"
        found = origin.parent if is_package else origin
        (site / found.name).symlink_to(found, target_is_directory=is_package)
        libraries = [path for path in found.parent.glob("*.libs") if path.stem in (name, "scikit_learn")]
        for path in libraries:
            if not (site / path.name).exists():
                (site / path.name).symlink_to(path, target_is_directory=True)
    return site


@pytest.mark.skipif(os.name == "nt", reason="makes links to the packages, for which Windows asks for special rights")
def test_a_saved_pipeline_predicts_in_the_smallest_install(smallest_install, binary_data, tmp_path):
    X, y = binary_data
    short = {"hidden_layer_sizes": (8, 4), "epochs": 3, "random_state": 0}
    classifier = make_pipeline(StandardScaler(), KerasClassifier(**short, batch_norm=True, n_members=2)).fit(X, y)
    regressor = make_pipeline(StandardScaler(), KerasRegressor(**short, activation="gelu")).fit(X, X[:, 0])
    stored = tmp_path / "pipelines.joblib"
    joblib.dump((classifier, regressor, X, classifier.predict_proba(X), regressor.predict(X)), stored)
    environment = {**os.environ, "PYTHONPATH": str(smallest_install)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", PREDICT, str(stored)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
