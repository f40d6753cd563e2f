"""What the searches of ``spaces`` have in common: rows, folds, a network, a space."""

from __future__ import annotations

import numpy as np

from ._tables import load_task


def split(table: str, seed: int, n_folds: int):
    """Rows to search on, rows held out, folds, a network, and the metric."""
    from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

    from sknn_tune import KerasClassifier, KerasRegressor

    X, y, is_class = load_task(table)
    parts = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y if is_class else None)
    folds = (StratifiedKFold if is_class else KFold)(n_folds, shuffle=True, random_state=seed)
    network = (KerasClassifier if is_class else KerasRegressor)(random_state=0, batch_size=64)
    return parts, folds, network, "neg_log_loss" if is_class else "neg_mean_squared_error"


def space_of_networks() -> dict:
    """What is searched."""
    from sknn_tune.search_space import log_uniform, topology, uniform

    return {
        "learning_rate": log_uniform(1e-5, 0.3),
        "hidden_layer_sizes": topology(n_layers=(1, 2), units=(8, 64)),
        "batch_size": [32, 64, 128, 256],
        "dropout": uniform(0.0, 0.5),
        "l2": log_uniform(1e-7, 1e-1),
    }


def standard_error(search) -> float:
    """Of the mean score of the chosen candidate."""
    scores = [search.cv_results_[f"split{fold}_test_score"][search.best_index_] for fold in range(search.n_splits_)]
    return float(np.std(scores, ddof=1) / np.sqrt(len(scores)))
