"""A whole search: the same candidates, folds, epochs and batch sizes for everyone.

Timed from the call of ``search.fit``, imports excluded, each search in a fresh process. "cold" is
sknn_tune without any compiled code on disk, "warm" after an earlier process has left some; the other
peers keep nothing between processes. Slow peers run some of the candidates and are scaled up.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from ._candidates import SPACES, Candidate, draw_candidates, typical_subset
from ._clock import seconds_of
from ._fresh import ChildFailedError, in_fresh_process
from ._peers import OURS, PEERS, Peer, chosen_peers
from ._report import Report, Table, progress
from ._tables import load_table

N_FOLDS = 3


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--rows", choices=["small", "large"], default="small", help="7 032 rows, or 50 000")
    parser.add_argument("--space", nargs="+", choices=list(SPACES), help="default: both")
    parser.add_argument("--jobs", nargs="+", type=int, help="values of n_jobs, default: 1 2")
    parser.add_argument("--candidates", type=int, help="default: 20")
    parser.add_argument("--slow-candidates", type=int, help="how many of them slow peers run, default: 4")
    parser.add_argument("--epochs", type=int, help="default: 20")
    parser.add_argument("--repeats", type=int, default=1, help="searches per row of the table: the median counts")


def run(arguments) -> Report:
    """Every space, number of jobs and peer, one after the other."""
    quick = arguments.quick
    settings = {
        "rows": "quick" if quick else arguments.rows,
        "spaces": arguments.space or (["mlp"] if quick else list(SPACES)),
        "jobs": arguments.jobs or ([1] if quick else [1, 2]),
        "candidates": arguments.candidates or (2 if quick else 20),
        "slow_candidates": arguments.slow_candidates or (1 if quick else 4),
        "epochs": arguments.epochs or (2 if quick else 20),
        "folds": N_FOLDS,
        "repeats": arguments.repeats,
    }
    report = Report("search", settings)
    peers = chosen_peers(arguments.peers, quick)
    for space in settings["spaces"]:
        for n_jobs in settings["jobs"]:
            report.tables.append(_compare(report, peers, space, n_jobs))
    return report


def _compare(report: Report, peers: list[Peer], space: str, n_jobs: int) -> Table:
    """One table: every peer on one space with one number of jobs."""
    settings = report.settings
    candidates = draw_candidates(space, settings["candidates"])
    common = typical_subset(candidates, settings["slow_candidates"])
    rows = []
    for peer in peers:
        if space not in peer.spaces:
            continue
        chosen = common if peer.slow else list(range(len(candidates)))
        progress(f"{space}, {n_jobs} jobs: {peer.name}, {len(chosen)} candidates")
        try:
            for state, runs in _runs(peer, candidates, chosen, n_jobs, settings).items():
                rows.append(_row(peer, state, runs, chosen, common, len(candidates)))
        except ChildFailedError as failure:
            report.failures.append(f"{peer.name}, {space}, {n_jobs} jobs: {failure}")
    title = f"Search: {settings['rows']} table, space {space!r}, n_jobs={n_jobs}"
    report.ratios.update(_add_ratios(rows, f"{settings['rows']}, {space}, {n_jobs} jobs"))
    return Table(title, rows, notes=_notes(settings, common), hidden=("runs", "candidate_scores"))


def _runs(peer: Peer, candidates: list[Candidate], chosen: list[int], n_jobs: int, settings: dict) -> dict:
    """Searches by state of the cache of those whose compiled code outlives a process."""
    found: dict[str, list] = {}
    for _ in range(settings["repeats"]):
        with tempfile.TemporaryDirectory(prefix="sknn_tune_benchmark_cache_") as cache:
            for state in ("cold", "warm") if peer.keeps_code else ("",):
                measured = in_fresh_process(
                    measure_search,
                    Path(cache),
                    peer=peer.name,
                    candidates=[asdict(candidates[i]) for i in chosen],
                    rows=settings["rows"],
                    n_jobs=n_jobs,
                    epochs=settings["epochs"],
                )
                found.setdefault(state, []).append(measured)
    return found


def _row(peer: Peer, state: str, runs: list[dict], chosen: list[int], common: list[int], n_candidates: int) -> dict:
    """Scaled up by the number of candidates, except for the refit, which there is once."""
    times = [
        (run["seconds"] - run["refit_seconds"]) * n_candidates / len(chosen) + run["refit_seconds"] for run in runs
    ]
    scores = dict(zip(chosen, runs[-1]["candidate_scores"], strict=True))
    return {
        "peer": peer.name,
        "cache": state,
        "candidates_run": len(chosen),
        "seconds_run": statistics.median(run["seconds"] for run in runs),
        "seconds_for_all": statistics.median(times),
        "best_score": runs[-1]["best_score"],
        "mean_score_of_common": statistics.mean(scores[i] for i in common),
        "peak_memory_mb": runs[-1]["peak_memory_mb"],
        "candidate_scores": scores,
        "runs": runs,
    }


def _add_ratios(rows: list[dict], where: str) -> dict[str, float]:
    """How many times sknn_tune's time each peer takes: into the rows, and by name."""
    ratios = {}
    for ours in [row for row in rows if row["peer"] == OURS]:
        for row in rows:
            if row["peer"] != OURS:  # our other ways, too
                ratio = row["seconds_for_all"] / ours["seconds_for_all"]
                row[f"times_{ours['cache']}"] = ratio
                ratios[f"{where}: {row['peer']} / {OURS} {ours['cache']}"] = ratio
    return ratios


def _notes(settings: dict, common: list[int]) -> list[str]:
    return [
        f"{settings['candidates']} candidates x {N_FOLDS} folds + refit, {settings['epochs']} epochs. Score: accuracy, "
        f"which differs a little by seed; common candidates: {common}.",
        "Who ran fewer candidates ran those with the mean numbers of updates and layers of all; seconds for all are "
        "scaled by the number of candidates, the refit apart.",
        "Two jobs: threads for sknn_tune (but for its row in processes), loky's processes for the others, started "
        "and imports done before the clock. Memory is that of the main process.",
    ]


# --- in a fresh process --------------------------------------------------------------------------------


def measure_search(peer: str, candidates: list[dict], rows: str, n_jobs: int, epochs: int) -> dict:
    """Run one search."""
    from joblib import parallel_config
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    contender = PEERS[peer]
    import_seconds = seconds_of(contender.load)
    X, y = load_table(rows)
    grid = [
        {name: [value] for name, value in contender.parameters(Candidate(**candidate), epochs).items()}
        for candidate in candidates
    ]
    search = GridSearchCV(
        contender.build(X.shape[1], int(y.max()) + 1),
        grid,
        scoring=accuracy,
        cv=StratifiedKFold(N_FOLDS, shuffle=True, random_state=0),
        n_jobs=n_jobs,
        error_score="raise",
    )
    if n_jobs > 1 and not contender.threads:
        _start_workers(peer, n_jobs)
    with parallel_config("threading") if contender.threads else nullcontext():
        seconds = seconds_of(lambda: search.fit(X, y))
    return {
        "seconds": seconds,
        "refit_seconds": search.refit_time_,
        "import_seconds": import_seconds,
        "best_score": float(search.best_score_),
        "candidate_scores": search.cv_results_["mean_test_score"].tolist(),
        "candidate_fit_seconds": search.cv_results_["mean_fit_time"].tolist(),
        "peak_memory_mb": peak_memory_mb(),
    }


def accuracy(estimator, X, y) -> float:
    """Made by hand: scikit-learn's own scorers do not take SciKeras for a classifier."""
    return float((estimator.predict(X) == y).mean())


def _start_workers(peer: str, n_jobs: int) -> None:
    """Start loky's processes and import there, since imports do not count; they stay for the search."""
    from joblib import Parallel, delayed

    Parallel(n_jobs=n_jobs)(delayed(_load_slowly)(peer) for _ in range(2 * n_jobs))


def _load_slowly(peer: str) -> None:
    PEERS[peer].load()
    time.sleep(0.5)  # or one worker would take all of these calls, and the other import later


def peak_memory_mb() -> float | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
