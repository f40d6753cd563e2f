"""What a block holds back, it holds back alone: no other thread is silenced, and no filter stays."""

import pickle
import threading
import warnings
from multiprocessing.pool import ThreadPool

import numpy as np
import pytest
from sklearn.utils.parallel import Parallel, delayed

from sknn_tune import TabularRegressor
from sknn_tune._held_back import held_back


def test_a_block_holds_back_what_it_names_and_nothing_else():
    with held_back(UserWarning, "of no"):
        warnings.warn("of no interest", UserWarning, stacklevel=1)
        warnings.warn("Of no interest", UserWarning, stacklevel=1)
        with pytest.raises(UserWarning, match="interesting"):
            warnings.warn("interesting", UserWarning, stacklevel=1)
        with pytest.raises(RuntimeWarning, match="of no"):
            warnings.warn("of no interest", RuntimeWarning, stacklevel=1)
    with pytest.raises(UserWarning, match="of no"):
        warnings.warn("of no interest", UserWarning, stacklevel=1)


def test_an_error_ends_the_block_like_everything():
    before = list(warnings.filters)
    with pytest.raises(ValueError, match="ended"), held_back():
        raise ValueError("ended")
    assert warnings.filters == before


def test_blocks_of_two_threads_may_end_in_any_order():
    before, is_inside, may_end, heard = list(warnings.filters), threading.Event(), threading.Event(), []

    def beside():
        try:
            warnings.warn("beside", UserWarning, stacklevel=1)
        except UserWarning as warning:
            heard.append(str(warning))
        with held_back(UserWarning):
            is_inside.set()
            may_end.wait()
            warnings.warn("held back", UserWarning, stacklevel=1)

    with held_back(UserWarning):
        thread = threading.Thread(target=beside)
        thread.start()
        is_inside.wait()
    may_end.set()
    thread.join()
    assert heard == ["beside"]
    assert warnings.filters == before


def test_others_may_change_the_filters_meanwhile():
    before = list(warnings.filters)
    with held_back(UserWarning):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(UserWarning):
                warnings.warn("an error again", UserWarning, stacklevel=1)
        warnings.warn("held back", UserWarning, stacklevel=1)
        warnings.simplefilter("default", ImportWarning)
        added = warnings.filters[0]
    assert warnings.filters == [added, *before]
    warnings.filters.remove(added)


def test_filters_can_be_sent_to_other_processes():
    with held_back(UserWarning):
        sent = pickle.dumps(warnings.filters[0])
    assert pickle.loads(sent)[1].match("nobody's") is not None


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_scikit_learn_may_begin_a_search_in_another_thread(n_jobs):
    """It reads the patterns of all filters, and makes filters of them."""
    with held_back(UserWarning), ThreadPool(1) as other, pytest.raises(UserWarning, match="as it is"):
        other.apply(Parallel(n_jobs=n_jobs, prefer="threads"), [[delayed(_say)() for _ in range(2)]])


def _say():
    warnings.warn("as it is", UserWarning, stacklevel=1)


def test_networks_that_train_in_threads_leave_no_filter():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    before = list(warnings.filters)

    def train(seed):
        for _ in range(3):
            TabularRegressor(epochs=2 + seed, n_members=2, share_weights=False, random_state=seed).fit(X, X[:, 0])

    threads = [threading.Thread(target=train, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before
