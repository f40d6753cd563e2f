"""Where a pipeline only predicts, NumPy, SciPy, scikit-learn and joblib are enough."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import joblib
import pytest
from packaging.requirements import Requirement
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sknn_tune
from sknn_tune import KerasClassifier, KerasRegressor

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
    assert "which is not installed. Install it with: pip install" in str(error), error
else:
    raise AssertionError("there is a model without TensorFlow")
"""


def brought_by(package: str) -> set[str]:
    """What `pip install` of a package brings."""
    found, ahead = set(), [package]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            needed = map(Requirement, metadata.requires(name) or ())
            ahead += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


@pytest.fixture
def smallest_install(tmp_path):
    """A folder with links to what `pip install scikit-learn` brings, and to this package, alone."""
    site = tmp_path / "site"
    site.mkdir()
    tops = {Path(sknn_tune.__file__).parent}
    for name in brought_by("scikit-learn"):
        files = [file for file in metadata.files(name) or () if file.parts[0] not in ("..", "__pycache__")]
        tops |= {Path(file.locate()).parents[len(file.parts) - 1] / file.parts[0] for file in files}
    for top in tops:
        (site / top.name).symlink_to(top, target_is_directory=top.is_dir())
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
