"""Keep the curves of every fit of a search, which scikit-learn drops with the networks."""

from __future__ import annotations

import numpy as np

from ..._accepted import names_the_nearest
from ._search_watcher import FitRecord, SearchWatcher


class HistoryRecorder(SearchWatcher):
    """Callback that keeps the ``history_`` of every fit of a search.

    scikit-learn drops the networks of a search once they are scored, and their curves with them. Set on the search,
    this callback (of scikit-learn 1.9 or later) keeps the curves, also those from other processes
    (``n_jobs``), for ``search_results(search, curves=True)``. It changes nothing else.

    It adds to ``cv_results_``: ``split0_n_epochs``, … and ``mean_n_epochs`` (epochs run), ``n_parameters`` (weights
    and biases of the network) and ``split0_history``, … (dicts with a list of one value per epoch). Fits
    that failed have NaN and None there.

    Parameters
    ----------
    address : str, default=None
        For workers on other machines: a name or IPv4 number of the machine of the search that they can reach, alone or
        with a port (``"10.0.0.7:5000"``). None: that of the environment variable ``SKNN_TUNE_SEARCH_ADDRESS``; without
        it, the one that dask's scheduler knows, if joblib's backend is dask; else all workers are on one machine.

    Attributes
    ----------
    fits_ : tuple of FitRecord
        For each fit of the latest search: ``candidate``, ``fold``, ``n_epochs``, ``is_pruned``,
        ``n_parameters``, ``history``.

    See Also
    --------
    search_results : The same as a DataFrame.
    MedianPruner : Stop fits whose curves fall behind; records the same.

    Notes
    -----
    Any estimator is recorded, alone or in a pipeline, that reports its fit to scikit-learn's callbacks
    (``CallbackSupportMixin``) and has, at the end of it, an attribute ``history_``: a dict with a list per
    recorded number.

    **Workers on other machines** ask the process of the search over the network, by a key that they get with the fit.
    Nothing is read of who does not prove that he knows it. Who does can have any code run in that process, as anybody
    can who may send tasks to its workers; and the key travels the way the tasks do. So use it where you would use the
    workers. What is sent (curves, sizes, numbers of epochs) is not encrypted. A fit that cannot reach its search ends
    the search with a `ConnectionError`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.model_selection import HistoryRecorder, search_results
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(8,), epochs=3, random_state=0)
    >>> search = GridSearchCV(network, {"learning_rate": [0.01, 0.1]}, cv=2)
    >>> _ = search.set_callbacks(HistoryRecorder()).fit(X, y)  # scikit-learn >= 1.9
    >>> search_results(search, curves=True).columns.tolist()
    ['candidate', 'fold', 'epoch', 'loss', 'accuracy', 'learning_rate']
    """

    @names_the_nearest
    def __init__(self, *, address: str | None = None) -> None:
        super().__init__(address)

    def _columns(self, records: list[FitRecord], n_rows: int, n_folds: int) -> dict[str, np.ndarray]:
        histories = np.full((n_rows, n_folds), None)
        for record in records:
            histories[record.candidate, record.fold] = record.history
        columns = super()._columns(records, n_rows, n_folds)
        return columns | {f"split{fold}_history": histories[:, fold] for fold in range(n_folds)}
