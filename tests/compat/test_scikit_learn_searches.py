"""Tools that watch scikit-learn's searches, such as MLflow's autolog, see ours, too."""

import os
import subprocess
import sys

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


WATCHED_BY_MLFLOW = """
import sys

import mlflow
import mlflow.sklearn
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import CoarseToFineSearchCV

X, y = load_iris(return_X_y=True)
mlflow.set_tracking_uri(sys.argv[1])
mlflow.sklearn.autolog(max_tuning_runs=None, log_models=False, log_post_training_metrics=False)
pipeline = make_pipeline(StandardScaler(), KerasClassifier(epochs=2, random_state=0))
space = {"kerasclassifier__learning_rate": [0.1, 0.01, 0.001]}
search = CoarseToFineSearchCV(pipeline, space, n_iter=3, n_rounds=2, cv=2, random_state=0).fit(X, y)

runs = mlflow.search_runs(output_format="list")
[parent] = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
assert parent.data.metrics["best_cv_score"] == search.best_score_
assert len(children) == len(search.cv_results_["params"]), len(children)
rates = {float(run.data.params["kerasclassifier__learning_rate"]) for run in children}
assert rates == {params["kerasclassifier__learning_rate"] for params in search.cv_results_["params"]}
"""


@pytest.mark.thorough
def test_mlflow_logs_a_search_with_a_run_for_each_candidate(tmp_path):
    pytest.importorskip("mlflow", reason="pip install mlflow: large, and what it does to searches is tested above")
    environment = {**os.environ, "MLFLOW_ALLOW_FILE_STORE": "true"}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED_BY_MLFLOW, (tmp_path / "runs").as_uri()],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
