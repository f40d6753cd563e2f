"""One fit: how long when everything is loaded and compiled, at what share of the machine's arithmetic, in threads.

A fit is called several times in one fresh process: the first call compiles, the median of the later ones
is "warm".
"""

from __future__ import annotations

import statistics
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from ._candidates import Candidate
from ._clock import seconds_of, time_calls
from ._fresh import ChildFailedError, in_fresh_process
from ._own_models import EPOCHS, measure_own_models, own_models_table
from ._peers import OURS, PEERS, Peer, chosen_peers
from ._report import Report, Table, progress
from ._tables import random_table

#: Small: all overhead. Large: all arithmetic.
SMALL = {"n_rows": 2000, "n_features": 20, "hidden": [64], "batch_size": 32, "epochs": 10}
MIDDLE = {"n_rows": 10_000, "n_features": 50, "hidden": [128, 64], "batch_size": 64, "epochs": 10}
LARGE = {"n_rows": 50_000, "n_features": 100, "hidden": [256, 256], "batch_size": 256, "epochs": 3}
QUICK = {"n_rows": 200, "n_features": 5, "hidden": [8], "batch_size": 32, "epochs": 2}


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--repeats", type=int, help="warm fits per peer (default: 9)")


def run(arguments) -> Report:
    """A small fit, a large one against the machine's rate, models of one's own, and threads."""
    quick = arguments.quick
    repeats = arguments.repeats or (2 if quick else 9)
    shapes = {"small": QUICK, "large": QUICK} if quick else {"small": SMALL, "large": LARGE}
    threaded = {"small": QUICK} if quick else {"small": SMALL, "middle": MIDDLE}
    report = Report("fit", {**shapes, "threaded": threaded, "repeats": repeats})
    peers = chosen_peers(arguments.peers, quick)

    found = _ask(report, peers, measure_fits, shapes=shapes, repeats=repeats)
    for name, shape in shapes.items():
        rows = [{"peer": peer, **by_shape[name]} for peer, by_shape in found.items()]
        notes = _add_rates(report, rows, shape, 256 if quick else 2048) if name == "large" else []
        report.ratios.update(_add_ratios(rows, f"{name} fit"))
        report.tables.append(Table(f"{name.capitalize()} fit: {_describe(shape)}", rows, notes))

    if {OURS, "Model.fit"} <= {peer.name for peer in peers} or quick:
        progress("measure_own_models")
        measured = in_fresh_process(measure_own_models, repeats=repeats, epochs=1 if quick else EPOCHS)
        table, ratios = own_models_table(measured)
        report.tables.append(table)
        report.ratios.update(ratios)

    # Slow peers are left out: nobody would choose them for their threads, and they would take minutes.
    quickest = [peer for peer in peers if not peer.slow]
    rows = []
    for peer, by_shape in _ask(
        report, quickest, measure_threads, shapes=threaded, seconds=0.1 if quick else 1.0
    ).items():
        for name, row in by_shape.items():
            rows.append({"peer": peer, "fit": f"{name}: {_describe(threaded[name])}", **row})
            report.ratios[f"{name} fit, {peer}: two threads / one"] = row["two_threads_by_one"]
    report.tables.append(Table("Throughput of two threads against one", rows))
    return report


def _add_rates(report: Report, rows: list[dict], shape: dict, matrix: int) -> list[str]:
    """Arithmetic per second, against the fastest product of two matrices that was seen; gives notes."""
    rates = {name: in_fresh_process(measure_product, library=name, size=matrix) for name in ("numpy", "tensorflow")}
    weights = Candidate(tuple(shape["hidden"])).n_weights(shape["n_features"], 1)
    for row in rows:
        row["gflop_per_second"] = 6 * weights * shape["n_rows"] * shape["epochs"] / row["warm_seconds"] / 1e9
        row["share_of_machine"] = row["gflop_per_second"] / max(rates.values())
        report.ratios[f"large fit: arithmetic of {row['peer']} / matrix product"] = row["share_of_machine"]
    report.settings["gflop_per_second_of_products"] = rates
    products = ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items())
    needless = 2 * shape["n_features"] * shape["hidden"][0] / (6 * weights)
    return [
        f"Float32 products of {matrix} x {matrix}, GFLOP/s: {products}.",
        "Arithmetic: 6 operations per weight and row, forward and backward, though "
        f"{needless:.0%} of them, the gradient of the inputs, nobody needs.",
    ]


def _ask(report: Report, peers: list[Peer], measure, **settings) -> dict[str, dict]:
    """Each peer in a process of its own; those that fail are left out and reported."""
    found = {}
    for peer in peers:
        progress(f"{measure.__name__}: {peer.name}")
        try:
            found[peer.name] = in_fresh_process(measure, peer=peer.name, **settings)
        except ChildFailedError as failure:
            report.failures.append(f"{peer.name}: {failure}")
    return found


def _add_ratios(rows: list[dict], what: str) -> dict[str, float]:
    ours = next((row["warm_seconds"] for row in rows if row["peer"] == OURS), None)
    ratios = {}
    for row in rows:
        if ours is not None and row["peer"] != OURS:
            row["times_ours"] = row["warm_seconds"] / ours
            ratios[f"{what}: {row['peer']} / {OURS}"] = row["times_ours"]
    return ratios


def _describe(shape: dict) -> str:
    return (
        f"{shape['n_rows']:,} x {shape['n_features']}, {tuple(shape['hidden'])}, batch {shape['batch_size']}, "
        f"{shape['epochs']} epochs"
    )


# --- in a fresh process --------------------------------------------------------------------------------


def measure_fits(peer: str, shapes: dict[str, dict], repeats: int) -> dict[str, dict]:
    """Fit again and again."""
    found = {}
    for name, shape in shapes.items():
        fit, X, y = _prepare(peer, **shape)
        timed = time_calls(fit, repeats)
        found[name] = {
            "first_seconds": timed.first,
            "warm_seconds": timed.warm,
            "best_seconds": timed.best,
            "training_accuracy": float((fit().predict(X) == y).mean()),
        }
    return found


def measure_threads(peer: str, shapes: dict[str, dict], seconds: float) -> dict[str, dict]:
    """As many fits per thread, in one thread and in two."""
    return {name: _throughput(_prepare(peer, **shape)[0], seconds) for name, shape in shapes.items()}


def _throughput(fit, seconds: float) -> dict[str, float]:
    """One thread and two in turn, five times, so that both see the same load of the machine."""
    n_fits = max(1, int(seconds / time_calls(fit, 3).warm))

    def several() -> None:
        for _ in range(n_fits):
            fit()

    alone, together = [], []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            alone.append(seconds_of(several))
            together.append(seconds_of(lambda: [done.result() for done in [pool.submit(several) for _ in range(2)]]))
    one, two = n_fits / statistics.median(alone), 2 * n_fits / statistics.median(together)
    return {"fits_per_second_of_one": one, "fits_per_second_of_two": two, "two_threads_by_one": two / one}


def measure_product(library: str, size: int, repeats: int = 15) -> float:
    """GFLOP/s of the fastest of several float32 matrix products, with all the threads the library takes."""
    matrix = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    product = partial(np.matmul, matrix, matrix)
    if library == "tensorflow":
        import tensorflow as tf

        matrix = tf.constant(matrix)
        product = partial(_product_in_tensorflow, tf, matrix)
    return 2 * size**3 / time_calls(product, repeats).best / 1e9


def _product_in_tensorflow(tf, matrix) -> float:
    """Ask for a number of it, since TensorFlow may give results before it has them."""
    return float(tf.linalg.matmul(matrix, matrix)[0, 0])


def _prepare(peer: str, n_rows: int, n_features: int, hidden: list[int], batch_size: int, epochs: int):
    """A function that fits a new estimator, and its rows."""
    contender = PEERS[peer]
    contender.load()
    X, y = random_table(n_rows, n_features)
    candidate = Candidate(tuple(hidden), batch_size=batch_size)
    return lambda: contender.estimator(candidate, n_features, 2, epochs).fit(X, y), X, y
