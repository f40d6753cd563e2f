"""Fits and searches on disks that take nothing more, or nothing at all. A program: see `test_full_disks`.

Files may not become larger than some bytes (``RLIMIT_FSIZE``), which is to a program what a full disk is: a write that
fails in the middle. ``python full_disks.py N_SIZES`` in an empty folder.
"""

import json
import os
import resource
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np
from sklearn.naive_bayes import GaussianNB

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.search_space import log_uniform

X = np.random.default_rng(0).normal(size=(60, 4))
y = (X[:, 0] > 0).astype(int)


def fitted(memory=None, epochs=2):
    network = KerasClassifier(hidden_layer_sizes=(5,), epochs=epochs, random_state=0, memory=memory)
    return network.fit(X, y).predict_proba(X).tobytes()


def searched(storage, n_iter=8):
    """Among estimators that take no time: it is the storage that is looked at."""
    space, options = {"var_smoothing": log_uniform(1e-9, 1e2)}, {"cv": 2, "refit": False, "random_state": 0}
    search = BayesianSearchCV(GaussianNB(), space, n_iter=n_iter, storage=storage, **options)
    return search.fit(X, y).cv_results_["mean_test_score"].tolist()


def with_files_of(size, work, *arguments):
    """What comes of it, or the error, and what was said; where no file may be larger."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        try:
            found = work(*arguments)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return found, sorted({str(each.message) for each in said if "RuntimeWarning" not in str(each.category)})


def of_memory(n_sizes):
    """Fits on such a disk, and later on a sound one: the numbers of errors, of wrong results, of fits with a word."""
    expected, random = fitted(), np.random.default_rng(0)
    n_wrong, n_told = 0, 0
    for number in range(n_sizes):
        folder = f"memory{number}"
        found, said = with_files_of(int(random.integers(0, 6000)), fitted, folder)
        n_wrong += found != expected
        n_told += bool(said)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it may be damaged, and is then trained anew
            n_wrong += fitted(folder) != expected
    return {"folders": n_sizes, "wrong": n_wrong, "told": n_told}


def of_storage():
    """What a search says whose storage is full at the start, and in the middle; and whether it goes on later."""
    expected, told, is_equal = searched(None), [], []
    for name in ("start", "middle"):
        storage, size = f"sqlite:///{name}.db", 0
        if name == "middle":
            searched(storage, n_iter=1)
            size = os.path.getsize("middle.db") // 4
        found, _ = with_files_of(size, searched, storage)
        told.append(found if isinstance(found, str) else "nothing")
        is_equal.append(searched(storage) == expected)
    return {"told": told, "equal": is_equal}


def as_nobody(work, *arguments):
    """In a child that may write nowhere."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    try:
        expected = fitted()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = work(*arguments)
        assert found == expected
        assert any("kept in 'memory'" in str(each.message) or "cache" in str(each.message) for each in said), said
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    fitted("sound")
    found = {"memory": of_memory(int(sys.argv[1])), "storage": of_storage()}
    if os.geteuid() == 0:
        Path("read-only").mkdir(mode=0o755)
        found["nobody"] = as_nobody(fitted, "read-only/memory")
    print(json.dumps(found))
