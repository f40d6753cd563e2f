"""Call a function in a new Python process.

A peer that has imported, compiled, cached or leaked something must not change what the next one takes.
Arguments and results are JSON in files, since TensorFlow and Keras write to stdout as they like.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]

#: Where libraries look for their number of threads when they are loaded.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class ChildFailedError(RuntimeError):
    """The function raised, or its process died."""


class ChildTooSlowError(ChildFailedError):
    """It took more of the processor than it was given, and was ended."""


def in_fresh_process(
    function: Callable,
    cache_folder: Path | None = None,
    limit_seconds: float | None = None,
    threads: int | None = None,
    **arguments: Any,
) -> Any:
    """Give what ``function(**arguments)`` gives in a process of its own.

    Compiled code is kept in ``cache_folder``, so that a second process with the same one starts warm;
    without, in a folder that is removed afterwards, never in the user's own. After ``limit_seconds`` of the processor
    it is ended: those of the clock would end more on a busy machine. Libraries take as many threads as they like, or
    ``threads``.
    """
    with tempfile.TemporaryDirectory(prefix="sknn_tune_benchmark_") as folder:
        given, result = Path(folder, "arguments.json"), Path(folder, "result.json")
        given.write_text(json.dumps(arguments))
        command = [sys.executable, "-m", "benchmarks._fresh", function.__module__, function.__name__, given, result]
        environment = {
            **os.environ,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONWARNINGS": "ignore",  # in loky's workers, too: MLPClassifier warns that it has not converged
            "SKNN_TUNE_CACHE_DIR": str(cache_folder or Path(folder, "cache")),
            **({} if threads is None else dict.fromkeys(_THREADS, str(threads))),
        }
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=None if limit_seconds is None else partial(_limit_processor, limit_seconds),
        )
        if limit_seconds is not None and done.returncode == -signal.SIGXCPU:
            raise ChildTooSlowError(f"{function.__name__}({arguments}) took over {limit_seconds:g} s of the processor")
        if done.returncode != 0:
            last_lines = "\n".join(done.stderr.strip().splitlines()[-15:])
            raise ChildFailedError(f"{function.__name__}({arguments}) ended with {done.returncode}:\n{last_lines}")
        return json.loads(result.read_text())


def _limit_processor(seconds: float) -> None:
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))


def threads_given() -> int | None:
    """How many threads this process may use, for libraries that do not look into the environment."""
    return int(given) if (given := os.environ.get(_THREADS[0])) else None


def _main() -> None:
    module, name, given, result = sys.argv[1:]
    answer = getattr(import_module(module), name)(**json.loads(Path(given).read_text()))
    Path(result).write_text(json.dumps(answer))


if __name__ == "__main__":
    _main()
