"""The same search by each of joblib's backends, and by equal workers of one study: seconds, megabytes sent, bits.

Two workers each, on this machine, where a network sends at the speed of memory. A start is over when each worker has
loaded this package and the machine code of the network, so that it could take the first fit; what is sent
beforehand belongs to it. Seconds of the processor are those of all processes together, and on a busy machine only they
say something.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from ._costs import costs_so_far, with_own_loopback
from ._fresh import CHECKOUT, ChildFailedError, in_fresh_process
from ._report import Report, Table, progress
from ._tables import random_table

COMPARES_PEERS = False

N_WORKERS, N_FOLDS, HIDDEN = 2, 3, (16,)
SCORING = "neg_log_loss"  # of which each bit of each probability shows
#: Not more candidates than a study draws before it learns: then it proposes the same, whoever is the first to finish.
SIZE = {"rows": 40_000, "columns": 150, "candidates": 10, "epochs": 3}
QUICK_SIZE = {"rows": 300, "columns": 5, "candidates": 2, "epochs": 1}
_PATIENCE_SECONDS = 300

#: What a backend gives on its workers: a function that searches, and says the scores.
Ready = AbstractContextManager[Callable[[], dict]]


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--rows", type=int, default=SIZE["rows"], help="of the table, 600 bytes each")
    parser.add_argument("--only", nargs="+", choices=list(BACKENDS), help="these, and what they are compared with")


def run(arguments) -> Report:
    """One table."""
    size = QUICK_SIZE if arguments.quick else {**SIZE, "rows": arguments.rows}
    table_mb = size["rows"] * size["columns"] * 4 / 1e6
    report = Report("backends", {**size, "folds": N_FOLDS, "workers": N_WORKERS, "table_mb": table_mb})
    names = arguments.only or BACKENDS
    wanted = {*names, *(BACKENDS[name].compared_with for name in names)}
    found: dict[str, dict] = {}
    notes = [
        f"{size['candidates']} candidates x {N_FOLDS} folds, {size['epochs']} epochs, {size['rows']} rows x "
        f"{size['columns']} ({table_mb:.1f} MB), {N_WORKERS} workers."
    ]
    # Machine code is kept for all processes, so that only the first compiles it.
    with tempfile.TemporaryDirectory(prefix="sknn_tune_backends_") as cache:
        for name in (name for name in BACKENDS if name in wanted):
            missing = [package for package in BACKENDS[name].needs if find_spec(package) is None]
            if missing:
                notes.append(f"{name}: left out, since {' and '.join(missing)} cannot be imported.")
                continue
            progress(f"backends: {name}")
            try:
                found[name] = in_fresh_process(measure_backend, Path(cache), backend=name, size=size)
            except ChildFailedError as failure:
                report.failures.append(f"{name}: {failure}")
    _compare(report, found, notes)
    return report


def _compare(report: Report, found: dict[str, dict], notes: list[str]) -> None:
    """With the same search in one process."""
    for name, row in found.items():
        reference = found.get(BACKENDS[name].compared_with, row)
        if reference is not row:
            row["equal_bits"] = "yes" if row["scores"] == reference["scores"] else "no"
            ratio = row["search_processor_seconds"] / reference["search_processor_seconds"]
            report.ratios[f"{name} / {BACKENDS[name].compared_with}: processor seconds of the search"] = ratio
    others = "" if all(row["own_network"] for row in found.values()) else ", those of other programs too"
    notes.append(
        f"Network: bytes on the loopback{others}. Written: to pipes and files, also in memory, by all processes."
    )
    rows = [{"backend": name, **row} for name, row in found.items()]
    report.tables.append(Table("The same search, by backend", rows, notes, hidden=("scores", "own_network")))


# --- in a fresh process --------------------------------------------------------------------------------


def measure_backend(backend: str, size: dict[str, int]) -> dict:
    """Start it, and search."""
    own_network = with_own_loopback()
    # For workers that are told nothing of where this process found its modules: those of Spark.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    job = Job(size)
    load(size)
    before = costs_so_far()
    with BACKENDS[backend].ready(job) as search:
        started = costs_so_far()
        scores = search()
        ended = costs_so_far()
    costs = {"start": started - before, "search": ended - started}
    columns = {f"{part}_{name}": value for part, cost in costs.items() for name, value in vars(cost).items()}
    return {**columns, "scores": scores, "own_network": own_network}


def load(size: dict[str, int]) -> None:
    """Whatever the first fit of a search loads."""
    from sklearn.model_selection import cross_val_score

    cross_val_score(network(1), *random_table(60, size["columns"]), cv=2, scoring=SCORING, n_jobs=1)


def network(epochs: int) -> Any:
    """What is searched."""
    from sknn_tune import KerasClassifier

    return KerasClassifier(hidden_layer_sizes=HIDDEN, batch_size=64, epochs=epochs, random_state=0)


class Job:
    """The table and the search, the same in every process."""

    def __init__(self, size: dict[str, int]):
        from sklearn.model_selection import StratifiedKFold

        from sknn_tune.search_space import log_uniform

        self.size = size
        self.X, self.y = random_table(size["rows"], size["columns"])
        self.folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
        self.space = {"learning_rate": log_uniform(1e-4, 1e-1)}
        self.options = {
            "n_iter": size["candidates"],
            "scoring": SCORING,
            "refit": False,
            "random_state": 0,
            "error_score": "raise",
        }

    def random_search(self, folds: list | None = None) -> dict:
        """Scores of a search by joblib's backend of the moment."""
        from sklearn.model_selection import RandomizedSearchCV

        search = RandomizedSearchCV(network(self.size["epochs"]), self.space, cv=folds or self.folds, **self.options)
        return _scores(search.fit(self.X, self.y))

    def study(self, **storage: Any) -> dict:
        """Scores of a search by Optuna."""
        from sknn_tune.model_selection import BayesianSearchCV

        search = BayesianSearchCV(network(self.size["epochs"]), self.space, cv=self.folds, **self.options, **storage)
        return _scores(search.fit(self.X, self.y))


def _scores(search: Any) -> dict[str, list[float]]:
    """JSON keeps each bit of a float."""
    return {
        name: column.tolist()
        for name, column in search.cv_results_.items()
        if name.endswith("_test_score") or name == "param_learning_rate"
    }


# --- backends ------------------------------------------------------------------------------------------


@contextmanager
def _one_process(job: Job) -> Iterator[Callable[[], dict]]:
    yield job.random_search


@contextmanager
def _one_process_study(job: Job) -> Iterator[Callable[[], dict]]:
    yield job.study


@contextmanager
def _joblib(job: Job, folds: list | None = None, **config: Any) -> Iterator[Callable[[], dict]]:
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(**config), tempfile.TemporaryDirectory() as folder:
        # As many calls as workers, none of which ends before all have begun: so each worker gets one.
        Parallel(batch_size=1)(delayed(_load_and_meet)(number, folder, job.size) for number in range(N_WORKERS))
        yield lambda: job.random_search(folds)


def _threading(job: Job) -> Ready:
    return _joblib(job, backend="threading", n_jobs=N_WORKERS)


def _loky(job: Job) -> Ready:
    return _joblib(job, backend="loky", n_jobs=N_WORKERS)


@contextmanager
def _dask(job: Job) -> Iterator[Callable[[], dict]]:
    with _dask_client(), _joblib(job, backend="dask") as search:
        yield search


@contextmanager
def _dask_scattered(job: Job) -> Iterator[Callable[[], dict]]:
    """As the guide says."""
    folds = list(job.folds.split(job.X, job.y))
    with _dask_client() as client:
        client.amm.stop()
        with _joblib(job, folds, backend="dask", scatter=[job.X, job.y, *chain.from_iterable(folds)]) as search:
            yield search


@contextmanager
def _dask_client() -> Iterator[Any]:
    from dask.distributed import Client, LocalCluster

    options = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=N_WORKERS, local_directory=folder, **options) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _spark(job: Job) -> Iterator[Callable[[], dict]]:
    import sys

    from joblibspark import register_spark
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"  # the name of the machine leads out of its loopback
    with SparkSession.builder.master(f"local[{N_WORKERS}]").getOrCreate():
        register_spark()
        with _joblib(job, backend="spark", n_jobs=N_WORKERS) as search:
            yield search


@contextmanager
def _shared_study(job: Job) -> Iterator[Callable[[], dict]]:
    """Workers that are started as they would be on other machines: each makes the table for itself."""
    import multiprocessing

    start_method = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        workers = [start_method.Process(target=_work, args=(number, folder, job.size)) for number in range(N_WORKERS)]
        for worker in workers:
            worker.start()
        _wait_for([Path(folder, str(number)) for number in range(N_WORKERS)])

        def search() -> dict:
            Path(folder, "go").touch()
            for worker in workers:
                worker.join()
            found = [json.loads(Path(folder, f"{number}.json").read_text()) for number in range(N_WORKERS)]
            if any(other != found[0] for other in found):
                raise RuntimeError(f"workers of one study ended with different results: {found}")
            return found[0]

        yield search


def _work(number: int, folder: str, size: dict[str, int]) -> None:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    from sknn_tune.model_selection import BayesianSearchCV  # noqa: F401 - loading it belongs to the start

    job = Job(size)
    _load_and_meet(number, folder, size)
    _wait_for([Path(folder, "go")])
    storage = JournalStorage(JournalFileBackend(str(Path(folder, "journal.log"))))
    Path(folder, f"{number}.json").write_text(json.dumps(job.study(storage=storage, shared=True)))


def _load_and_meet(number: int, folder: str, size: dict[str, int]) -> None:
    load(size)
    Path(folder, str(number)).touch()
    _wait_for([Path(folder, str(other)) for other in range(N_WORKERS)])


def _wait_for(files: list[Path]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not all(file.exists() for file in files):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all of {N_WORKERS} workers were there after {_PATIENCE_SECONDS} s")
        time.sleep(0.01)


@dataclass(frozen=True)
class Backend:
    """How it is made ready, with whose scores its own are compared, and which packages it needs."""

    ready: Callable[[Job], Ready]
    compared_with: str = "one process"
    needs: tuple[str, ...] = ()


BACKENDS = {
    "one process": Backend(_one_process),
    "threading": Backend(_threading),
    "loky": Backend(_loky),
    "dask": Backend(_dask, needs=("distributed",)),
    "dask, scattered": Backend(_dask_scattered, needs=("distributed",)),
    "spark": Backend(_spark, needs=("pyspark", "joblibspark")),
    "one process, study": Backend(_one_process_study, "one process, study", ("optuna",)),
    "shared study": Backend(_shared_study, "one process, study", ("optuna",)),
}
