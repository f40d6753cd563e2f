"""Memory of one process after many fits of mixed shapes, and whether a fit takes longer in the end.

"cycle" comes back to the same shapes again and again, as a long session does; "new" never does, so that
whatever is kept per shape shows.
"""

from __future__ import annotations

import statistics

import numpy as np

from ._candidates import Candidate, draw_candidates
from ._clock import seconds_of, time_calls
from ._fresh import ChildFailedError, in_fresh_process
from ._own_models import our_fit
from ._peers import OURS, PEERS, Peer, chosen_peers
from ._report import Report, Table, progress
from ._tables import random_table

CHECKPOINTS = [50, 100, 200, 500]
SLOW_CHECKPOINTS = [10, 30, 60]
QUICK_CHECKPOINTS = [2, 4]
#: TensorFlow takes a while to have all its buffers.
CONVOLUTION_CHECKPOINTS = [10, 20, 30, 40]
N_SHAPES_OF_CYCLE = 20
N_REFERENCE_FITS = 5


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--fits", nargs="+", type=int, help=f"when to look (default: {CHECKPOINTS}, slow peers fewer)")


def run(arguments) -> Report:
    """Two tables."""
    peers = {
        peer: arguments.fits or _checkpoints(peer, arguments.quick)
        for peer in chosen_peers(arguments.peers, arguments.quick)
    }
    looks = {peer.name: checkpoints for peer, checkpoints in peers.items()}
    report = Report("memory", {"fits": looks, "n_shapes_of_cycle": N_SHAPES_OF_CYCLE})
    rows = []
    for peer, checkpoints in peers.items():
        for shapes in ("cycle", "new") if peer.name == OURS else ("cycle",):
            rows += _watch(report, peer, checkpoints, shapes)
    notes = [
        "Fits: 200, 1000 or 2000 rows, 1, 5 or 20 epochs, networks of the wide space (of the mlp space for "
        f"MLPClassifier); {N_SHAPES_OF_CYCLE} shapes in a cycle. Growth is since the first look.",
        "The reference is always the same warm fit: 1000 x 20, (64,), batch 32, 5 epochs. "
        "Those before a look add to its memory.",
    ]
    report.tables.append(Table("Memory after fits of mixed shapes", rows, notes))
    if arguments.peers is None:
        _add_convolutions(report, QUICK_CHECKPOINTS if arguments.quick else CONVOLUTION_CHECKPOINTS)
    return report


def _add_convolutions(report: Report, checkpoints: list[int]) -> None:
    """A model of one's own, which Keras trains in one compiled step."""
    progress(f"memory: {checkpoints[-1]} convolutions")
    rows = in_fresh_process(measure_convolutions, checkpoints=checkpoints)
    report.ratios["convolutions: growth in MB"] = rows[-1]["memory_mb"] - rows[0]["memory_mb"]
    report.tables.append(Table("Memory after fits of a convolution of one's own", rows))


def _watch(report: Report, peer: Peer, checkpoints: list[int], shapes: str) -> list[dict]:
    """One peer: what it held and took at each checkpoint."""
    progress(f"memory: {peer.name}, {shapes} shapes, {checkpoints[-1]} fits")
    try:
        found = in_fresh_process(measure_memory, peer=peer.name, checkpoints=checkpoints, shapes=shapes)
    except ChildFailedError as failure:
        report.failures.append(f"{peer.name}, {shapes} shapes: {failure}")
        return []
    first, last = found[0], found[-1]
    what = f"{peer.name}, {shapes} shapes, after {last['fits']} fits / after {first['fits']}"
    report.ratios[f"{what}: memory"] = last["memory_mb"] / first["memory_mb"]
    report.ratios[f"{what}: time of the same fit"] = (
        last["milliseconds_of_reference"] / first["milliseconds_of_reference"]
    )
    return [
        {"peer": peer.name, "shapes": shapes, **row, "growth_mb": row["memory_mb"] - first["memory_mb"]}
        for row in found
    ]


def _checkpoints(peer: Peer, quick: bool) -> list[int]:
    if quick:
        return QUICK_CHECKPOINTS
    return SLOW_CHECKPOINTS if peer.slow else CHECKPOINTS


# --- in a fresh process --------------------------------------------------------------------------------


def measure_memory(peer: str, checkpoints: list[int], shapes: str) -> list[dict]:
    """Fit, and look at the process at each checkpoint."""
    import psutil

    contender = PEERS[peer]
    contender.load()
    fits = mixed_fits(contender, N_SHAPES_OF_CYCLE if shapes == "cycle" else checkpoints[-1])
    process, rows, seconds = psutil.Process(), [], []
    for done in range(1, checkpoints[-1] + 1):
        seconds.append(seconds_of(fits[(done - 1) % len(fits)]))
        if done in checkpoints:
            rows.append(
                {
                    "fits": done,
                    "fits_of_reference": len(rows) * (1 + N_REFERENCE_FITS),
                    "memory_mb": process.memory_info().rss / 2**20,
                    "milliseconds_per_fit_since": statistics.mean(seconds) * 1000,
                    "milliseconds_of_reference": time_calls(_reference(contender), N_REFERENCE_FITS).warm * 1000,
                }
            )
            seconds.clear()
    return rows


def measure_convolutions(checkpoints: list[int]) -> list[dict]:
    """Fit the same convolution, and look at the process at each checkpoint."""
    import psutil

    process, rows, fit = psutil.Process(), [], our_fit("convolution", epochs=2)
    for done in range(1, checkpoints[-1] + 1):
        fit()
        if done in checkpoints:
            rows.append({"fits": done, "memory_mb": process.memory_info().rss / 2**20})
    return rows


def mixed_fits(peer: Peer, n_shapes: int) -> list:
    """Functions that each fit another network on another table."""
    rng = np.random.default_rng(0)
    fits = []
    for candidate in draw_candidates(peer.spaces[-1], n_shapes):
        n_rows, epochs = int(rng.choice([200, 1000, 2000])), int(rng.choice([1, 5, 20]))
        n_features, n_classes = int(rng.choice([10, 30])), int(rng.choice([2, 4]))
        fits.append(_fit_of(peer, candidate, n_rows, n_features, n_classes, epochs))
    return fits


def _reference(peer: Peer):
    return _fit_of(peer, Candidate(), 1000, 20, 2, 5)


def _fit_of(peer: Peer, candidate: Candidate, n_rows: int, n_features: int, n_classes: int, epochs: int):
    def fit() -> None:
        X, y = random_table(n_rows, n_features, n_classes)
        peer.estimator(candidate, n_features, n_classes, epochs).fit(X, y)

    return fit
