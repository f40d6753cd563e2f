"""A forked child can fit, whatever its parent was doing; where it cannot, it says so and does not wait for ever."""

import os
import subprocess
import sys
import textwrap
import threading

import pytest

from sknn_tune._forks import cached_property

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

HEAD = """
import os, sys, threading, time, warnings
import numpy as np
from sknn_tune import KerasClassifier

X = np.random.default_rng(0).normal(size=(400, 12))
y = (X[:, 0] + X[:, 1] ** 2 > 1).astype(int)


def network(**params):
    return KerasClassifier(hidden_layer_sizes=(24,), epochs=4, random_state=0, **params)


def in_child(work):
    \"\"\"Fork, work there, and say what came of it; a child that does not end in time is ended.\"\"\"
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = work()
        except BaseException as error:
            said = repr(error)
        os.write(into, str(said).encode())
        os._exit(0)
    os.close(into)
    end = time.monotonic() + 60
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, 9)
            os.waitpid(child, 0)
            return "hangs"
        time.sleep(0.01)
    with os.fdopen(out) as pipe:
        return pipe.read()
"""


def _run(code):
    ignored = "ignore::DeprecationWarning"  # Python's, of forks beside threads, which is the point; and Keras' own
    command = [sys.executable, "-W", "error", "-W", ignored, "-c", HEAD + textwrap.dedent(code)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=400)
    assert found.returncode == 0, found.stderr[-3000:]
    return found.stdout.strip().splitlines()


def test_children_forked_while_another_thread_fits(how_many, report):
    """Each gets the bits of an undisturbed fit, and has the threads of BLAS that its parent had."""
    n_children = how_many(6, 20)
    lines = _run(
        f"""
        from threadpoolctl import threadpool_info

        def n_threads():
            return {{pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}}

        alone, before, done = network().fit(X, y).predict_proba(X), n_threads(), []

        def go_on():
            while not done:
                network(early_stopping=True).fit(X, y)
                network(n_members=3).fit(X, y)

        def work():
            same = np.array_equal(network().fit(X, y).predict_proba(X), alone)
            return f"{{same}} {{n_threads() == before}} {{network(n_members=2).fit(X, y).n_iter_}}"

        thread = threading.Thread(target=go_on)
        thread.start()
        for number in range({n_children}):
            time.sleep(0.003 + number % 7 / 1000)
            print(in_child(work))
        done.append(True)
        thread.join()
        """
    )
    n_right = lines.count("True True 4")
    report(f"{n_right} of {n_children} children forked while another thread fits have the right bits")
    assert lines == ["True True 4"] * n_children


def test_workers_that_are_forked_while_another_thread_fits():
    """Those of multiprocessing and of joblib's backend of that name."""
    lines = _run(
        """
        import multiprocessing
        from joblib import Parallel, delayed

        def work(seed):
            return network().set_params(random_state=seed).fit(X, y).predict_proba(X).tobytes()

        alone, done = [work(seed) for seed in range(4)], []

        def go_on():
            while not done:
                network(early_stopping=True).fit(X, y)

        thread = threading.Thread(target=go_on)
        thread.start()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(pool.map_async(work, range(4)).get(100) == alone)
        print(Parallel(2, backend="multiprocessing", timeout=100)(delayed(work)(seed) for seed in range(4)) == alone)
        done.append(True)
        thread.join()
        """
    )
    assert lines == ["True", "True"]


def test_a_child_of_a_process_that_has_used_tensorflow():
    """Machine code goes on; Keras refuses, where it would wait for ever; and the parent goes on with both."""
    lines = _run(
        """
        alone = network().fit(X, y)
        by_keras = network(engine="keras").fit(X, y)
        expected = alone.predict_proba(X)

        print(in_child(lambda: np.array_equal(network().fit(X, y).predict_proba(X), expected)))
        print(in_child(lambda: np.array_equal(alone.predict_proba(X), expected)))
        print(in_child(lambda: network(engine="keras").fit(X, y)))
        print(in_child(lambda: network(kernel_initializer="orthogonal").fit(X, y)))
        print(in_child(lambda: alone.model_))
        print(in_child(lambda: by_keras.warm_start or by_keras.set_params(warm_start=True).fit(X, y)))
        network(engine="keras").fit(X, y)
        """
    )
    assert lines[:2] == ["True", "True"]
    assert len(lines) == 6
    for line in lines[2:]:
        assert "TensorFlow had computed something before this process was forked" in line
        assert "backend 'loky'" in line


@pytest.mark.thorough
def test_a_child_of_a_process_that_has_only_loaded_tensorflow_trains_with_it():
    lines = _run(
        """
        import tensorflow

        print(in_child(lambda: network(engine="keras").fit(X, y).n_iter_))
        """
    )
    assert lines == ["4"]


def test_nobody_waits_while_an_attribute_of_another_instance_is_worked_out():
    """A forked child would wait for ever: the thread that works it out is not there."""
    begun, end = threading.Event(), threading.Event()

    class Instance:
        @cached_property
        def slow(self):
            begun.set()
            return end.wait(60)

        @cached_property
        def number(self):
            return object()

    one, other = Instance(), Instance()
    thread = threading.Thread(target=lambda: one.slow)
    thread.start()
    begun.wait(60)
    asked = threading.Thread(target=lambda: other.slow)  # the same attribute
    begun.clear()
    asked.start()
    assert begun.wait(60)  # it has begun, though the first has not ended
    end.set()
    thread.join()
    asked.join()
    assert one.slow and other.slow
    assert one.number is one.number is not other.number
