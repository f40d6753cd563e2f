"""Time of a warm fit against rows, epochs and parameters.

The slope of log time against log amount is 1 where cost is in proportion, less where a fixed part of it
still shows: then the slope between the two largest says more.
"""

from __future__ import annotations

import numpy as np

from ._candidates import Candidate
from ._clock import time_calls
from ._fresh import ChildFailedError, in_fresh_process
from ._peers import PEERS, chosen_peers
from ._report import Report, Table, progress
from ._tables import random_table

#: What stays while one of them varies.
USUAL = {"rows": 4000, "epochs": 10, "width": 64}
AXES = {
    "rows": [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000],
    "epochs": [5, 10, 20, 40, 80, 160],
    "width": [32, 64, 128, 256, 512, 1024],
}
QUICK_AXES = {"rows": [100, 200], "epochs": [1, 2], "width": [4, 8]}
QUICK_USUAL = {"rows": 200, "epochs": 2, "width": 8}
N_FEATURES, BATCH_SIZE = 30, 64


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--repeats", type=int, default=5, help="warm fits per point: the median counts")


def run(arguments) -> Report:
    """A table per axis; slow peers only when they are asked for."""
    axes, usual = (QUICK_AXES, QUICK_USUAL) if arguments.quick else (AXES, USUAL)
    settings = {"axes": axes, "usual": usual, "n_features": N_FEATURES, "batch_size": BATCH_SIZE}
    report = Report("scaling", settings)
    peers = [peer for peer in chosen_peers(arguments.peers, arguments.quick) if arguments.peers or not peer.slow]
    for axis, values in axes.items():
        amount = "parameters" if axis == "width" else axis
        table = Table(f"Time of a warm fit against {amount}", [])
        report.tables.append(table)
        for peer in peers:
            progress(f"scaling: {peer.name}, {amount}")
            sizes = [{**usual, axis: value} for value in values]
            try:
                points = in_fresh_process(measure_scaling, peer=peer.name, sizes=sizes, repeats=arguments.repeats)
            except ChildFailedError as failure:
                report.failures.append(f"{peer.name}, {amount}: {failure}")
                continue
            overall, last = _slopes(points, amount)
            table.rows.extend({"peer": peer.name, **point} for point in points)
            table.notes.append(f"{peer.name}: slope {overall:.2f}, between the two largest {last:.2f}.")
            report.ratios[f"{peer.name}: slope against {amount}"] = overall
            report.ratios[f"{peer.name}: slope against {amount}, between the two largest"] = last
    return report


def _slopes(points: list[dict], amount: str) -> tuple[float, float]:
    """Of all points, by least squares, and from the last but one to the last."""
    x = np.log([point[amount] for point in points])
    y = np.log([point["warm_seconds"] for point in points])
    return float(np.polyfit(x, y, 1)[0]), float((y[-1] - y[-2]) / (x[-1] - x[-2]))


# --- in a fresh process --------------------------------------------------------------------------------


def measure_scaling(peer: str, sizes: list[dict], repeats: int) -> list[dict]:
    """Time fits of two equal layers, one size after the other."""
    contender = PEERS[peer]
    contender.load()
    points = []
    for size in sizes:
        X, y = random_table(size["rows"], N_FEATURES)
        candidate = Candidate((size["width"],) * 2, batch_size=BATCH_SIZE)

        def fit(candidate=candidate, X=X, y=y, epochs=size["epochs"]) -> None:
            contender.estimator(candidate, N_FEATURES, 2, epochs).fit(X, y)

        n_parameters = candidate.n_weights(N_FEATURES, 1) + sum(candidate.hidden_layer_sizes) + 1
        timed = time_calls(fit, repeats)
        points.append({**size, "parameters": n_parameters, "warm_seconds": timed.warm})
    return points
