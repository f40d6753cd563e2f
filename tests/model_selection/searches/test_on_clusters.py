"""Searches on dask and Spark, by the scripts of the guide: the same bits, one table per worker, a killed worker."""

import os
import runpy
import signal
import sys
import tempfile

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import HistoryRecorder

HAS_CALLBACKS = hasattr(RandomizedSearchCV, "set_callbacks")


class KillsOneProcess(TransformerMixin, BaseEstimator):
    """Ends the process of whoever is the first to come by, as the kernel does when memory is out."""

    def __init__(self, sign):
        self.sign = sign

    def fit(self, X, y=None):
        try:
            os.close(os.open(self.sign, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return self
        os.kill(os.getpid(), signal.SIGKILL)

    def transform(self, X):
        return X


@pytest.fixture(scope="module")
def on_dask(project_folder):
    return runpy.run_path(str(project_folder / "examples" / "scaling_out" / "on_dask.py"))


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    with tempfile.TemporaryDirectory() as folder:
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=folder, silence_logs=50
        )
        with cluster, distributed.Client(cluster) as client:
            yield client


@pytest.fixture(scope="module")
def folds(binary_data):
    return list(StratifiedKFold(2, shuffle=True, random_state=0).split(*binary_data))


def test_dask_gives_the_bits_of_one_process_and_gets_the_table_once(
    on_dask, client, binary_data, folds, monkeypatch, capsys
):
    X, y = binary_data
    sent, scatter = [], type(client).scatter
    monkeypatch.setattr(
        type(client),
        "scatter",
        lambda self, data, **options: sent.append(options) or scatter(self, data, **options),
    )
    search = on_dask["make_search"](folds)
    found = on_dask["search_on"](client, search, X, y, folds).cv_results_
    assert capsys.readouterr().err.count("candidates, ") == 5 + 2 + 1 + 2 + 1 + 2, "of each rung, two at a time"
    assert sent == [{"broadcast": True}], "nothing that is large goes with a single task"
    assert not any(client.run(lambda: "tensorflow" in sys.modules).values())
    alone = on_dask["make_search"](folds).set_params(verbose=0).fit(X, y).cv_results_
    for name in ("params", "mean_test_score", "bracket", "iter"):
        np.testing.assert_array_equal(found[name], alone[name])


def test_a_killed_worker_of_dask_costs_its_candidates_a_second_try(on_dask, client, binary_data, folds, tmp_path):
    X, y = binary_data
    sign = tmp_path / "killed"
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=2, random_state=0)
    search = RandomizedSearchCV(
        make_pipeline(KillsOneProcess(sign), network),
        {"kerasclassifier__learning_rate": [0.001, 0.01, 0.1]},
        n_iter=3,
        cv=folds,
        random_state=0,
    )
    if HAS_CALLBACKS:
        search.set_callbacks(HistoryRecorder())
    found = on_dask["search_on"](client, search, X, y, folds).cv_results_
    assert sign.exists()
    alone = search.fit(X, y).cv_results_
    np.testing.assert_array_equal(found["mean_test_score"], alone["mean_test_score"])
    assert not HAS_CALLBACKS or found["split1_history"].tolist() == alone["split1_history"].tolist()


@pytest.mark.filterwarnings("ignore")  # what Spark says of running on one machine
def test_spark_gives_the_bits_of_one_process(project_folder, binary_data, monkeypatch):
    pytest.importorskip("joblibspark")
    sql = pytest.importorskip("pyspark.sql")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    script = runpy.run_path(str(project_folder / "examples" / "scaling_out" / "on_spark.py"))
    with sql.SparkSession.builder.master("local[2]").getOrCreate():
        found = script["search_on"](2, script["make_search"](), *binary_data).cv_results_
    alone = script["make_search"]().fit(*binary_data).cv_results_
    np.testing.assert_array_equal(found["mean_test_score"], alone["mean_test_score"])
