"""Many fits and searches in one process: how its memory grows. A program: see `test_flat_memory`.

``python many_fits.py N_FITS N_SEARCHES``. Python's collector is switched off, so that only ours collects.
"""

import gc
import json
import sys

import numpy as np
import psutil
from sklearn.model_selection import RandomizedSearchCV

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import CoarseToFineSearchCV
from sknn_tune.search_space import log_uniform

random = np.random.default_rng(0)
X = random.normal(size=(200, 10))
y = (X[:, 0] > 0).astype(int)


def network(number):
    sizes = (8 + number % 60,) * (number % 3)
    options = {"early_stopping": number % 2 == 0, "n_members": 1 + number % 2, "dropout": 0.1 * (number % 3)}
    return KerasClassifier(hidden_layer_sizes=sizes, batch_size=16 + number % 50, epochs=2, **options)


def fit(number):
    network(number).fit(X, y).predict_proba(X)


def search(number):
    space = {"learning_rate": log_uniform(1e-4, 1)}
    if number % 2:
        found = CoarseToFineSearchCV(network(number), space, n_iter=4, n_rounds=2, cv=2)
    else:
        found = RandomizedSearchCV(network(number), space, n_iter=4, cv=2)
    found.fit(X, y).predict(X)


def memory_over(work, n_times):
    """Megabytes after each time."""
    found = []
    for number in range(n_times):
        work(number)
        found.append(psutil.Process().memory_info().rss / 2**20)
    return found


def growth(megabytes):
    """From the second of five parts to the last, by the highest of each."""
    part = max(len(megabytes) // 5, 1)
    return round(max(megabytes[-part:]) - max(megabytes[: 2 * part]), 1)


gc.disable()
n_fits, n_searches = map(int, sys.argv[1:])
print(json.dumps({"fits": growth(memory_over(fit, n_fits)), "searches": growth(memory_over(search, n_searches))}))
