"""A search on the executors of a Spark cluster. It needs ``pip install joblibspark pyspark``, and Java 17 or later.

Run it as it is for two threads of executors on this machine. On a cluster, leave the master out and call
``spark-submit on_spark.py``.
"""

import os
import sys

from joblib import parallel_config
from joblibspark import register_spark
from pyspark.sql import SparkSession
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.search_space import log_uniform


def search_on(n_executors, search, X, y):
    """Fit ``search`` on so many executors at a time."""
    register_spark()
    with parallel_config(backend="spark", n_jobs=n_executors):
        return search.fit(X, y)


def make_search():
    """Four candidates, and a network in a pipeline."""
    network = KerasClassifier(hidden_layer_sizes=(16,), epochs=5, random_state=0)
    return RandomizedSearchCV(
        Pipeline([("scale", StandardScaler()), ("network", network)]),
        {"network__learning_rate": log_uniform(1e-4, 1e-1)},
        n_iter=4,
        cv=3,
        random_state=0,
    )


def main():
    """Search on two executors."""
    X, y = load_breast_cancer(return_X_y=True)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # on a cluster: the Python that each machine has
    with SparkSession.builder.master("local[2]").getOrCreate():
        search = search_on(2, make_search(), X, y)
    print(search.best_params_, search.best_score_)


if __name__ == "__main__":
    main()
