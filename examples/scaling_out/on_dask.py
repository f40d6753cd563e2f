"""A search on the processes, or the machines, of a dask cluster.

Run it as it is for two processes on this machine. For a cluster, put the address of its scheduler into ``Client(...)``.
"""

from itertools import chain

from dask.distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import HyperbandSearchCV
from sknn_tune.search_space import log_uniform


def search_on(client, search, X, y, folds):
    """Fit ``search`` on the workers, each of which has the table and the folds from the beginning."""
    client.amm.stop()  # else the scheduler throws away all copies but one
    with parallel_config(backend="dask", scatter=[X, y, *chain.from_iterable(folds)]):
        return search.fit(X, y)


def make_search(folds):
    """Nine candidates, and a network in a pipeline."""
    network = KerasClassifier(hidden_layer_sizes=(16,), epochs=9, random_state=0)
    return HyperbandSearchCV(
        Pipeline([("scale", StandardScaler()), ("network", network)]),
        {"network__learning_rate": log_uniform(1e-4, 1e-1)},
        cv=folds,
        verbose=1,
        random_state=0,
    )


def main():
    """Search on two processes."""
    X, y = load_breast_cancer(return_X_y=True)
    folds = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, y))  # the very arrays that are scattered
    with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster) as client:
        search = search_on(client, make_search(folds), X, y, folds)
    print(search.best_params_, search.best_score_)


if __name__ == "__main__":  # processes that are started anew import this file
    main()
