"""Fits in a thread that goes on after the main thread of the program has ended, as those of a service may."""

import subprocess
import sys
from concurrent.futures import Future

import pytest

from sknn_tune.engine._threads import in_threads

AFTER_MAIN = """
import threading, time
import numpy as np
from sknn_tune import KerasRegressor
from sknn_tune.engine._threads import in_threads
from sknn_tune.engine.machine._one_ahead import one_ahead

def fit():
    threading.main_thread().join()
    time.sleep(0.1)
    print(*one_ahead(number for number in range(3)))
    with in_threads([lambda: 3, lambda: 4, lambda: 5], 2) as futures:
        print(*(future.result() for future in futures))
    X = np.arange(40, dtype="float32").reshape(-1, 2)
    network = KerasRegressor(hidden_layer_sizes=2, epochs=2, n_members=3, random_state=0, verbose=1)
    print(len(network.fit(X, X[:, 0]).members_))

threading.Thread(target=fit).start()
"""


def test_rows_are_read_and_members_trained_after_the_main_thread_has_ended():
    done = subprocess.run([sys.executable, "-c", AFTER_MAIN], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[:2] == ["0 1 2", "3 4 5"], done.stderr
    assert lines[-1] == "3", done.stderr


def test_functions_are_begun_in_their_order_and_all_have_ended_in_the_end():
    begun = []

    def function(number):
        begun.append(number)
        if number == 1:
            raise ZeroDivisionError
        return number

    functions = [lambda number=number: function(number) for number in range(5)]
    with in_threads(functions, 1) as futures:
        pass
    assert begun == list(range(5))
    assert [future.result() for future in futures[2:]] == [2, 3, 4]
    with pytest.raises(ZeroDivisionError):
        futures[1].result()


def test_what_is_cancelled_before_it_begins_never_does():
    begun, first = [], Future()
    with in_threads([first.result, *(lambda: begun.append(1) for _ in range(3))], 1) as futures:
        assert all(future.cancel() for future in futures[1:])
        first.set_result(None)
    assert begun == []
    assert [future.cancelled() for future in futures] == [False, True, True, True]
