"""Searches that train their candidates for different numbers of epochs, each with as many epochs in all.

Hyperband says how many: the epochs of all its brackets, where a candidate goes on from rung to rung. Random search and
scikit-learn's halving get as many candidates as that is enough for. How many a pruner needs is known afterwards
only: it gets more candidates than it can use, and those after its epochs are spent do not count.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ._clock import seconds_of
from ._spaces_setting import space_of_networks, split, standard_error


def epoch_notes(settings: dict) -> list[str]:
    """What stands below the table."""
    return [
        f"{settings['folds']} folds, at most {settings['most_epochs']} epochs. Epochs: in each fold, in all, without "
        "the refit. Candidates: those that were begun. Pruners hold out a fifth of the training rows to compare "
        "losses; for the score on held-out rows, the best candidate is refit on all of them, as every other.",
    ]


def measure_at_equal_epochs(table: str, seed: int, settings: dict) -> list[dict]:
    """Random search, pruners, one bracket of halving, and Hyperband."""
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingRandomSearchCV, RandomizedSearchCV

    from sknn_tune.model_selection import HyperbandSearchCV, MedianPruner, SuccessiveHalvingPruner
    from sknn_tune.model_selection.searches._brackets import brackets

    (X, X_test, y, y_test), folds, network, scoring = split(table, seed, settings["folds"])
    most, factor = settings["most_epochs"], settings["factor"]
    network.set_params(epochs=most)
    plan = brackets(1, most, factor)
    n_epochs = sum(_epochs_of(bracket) for bracket in plan)
    in_one_bracket = max(n for n in range(1, n_epochs) if _epochs_of(_halving(n, plan[0], factor)) <= n_epochs)
    common = {"cv": folds, "scoring": scoring, "n_jobs": 1, "random_state": seed}
    halving = {"resource": "epochs", "min_resources": 1, "max_resources": most, "factor": factor, "refit": False}
    held_out_losses = network.__class__(**network.get_params()).set_params(validation_split=0.2)
    space, n_random = space_of_networks(), n_epochs // most

    def random(estimator, n_iter):
        return RandomizedSearchCV(estimator, space, n_iter=n_iter, refit=False, **common)

    searches = {
        "random": random(network, n_random),
        "halving, one bracket": HalvingRandomSearchCV(network, space, n_candidates=in_one_bracket, **halving, **common),
        "Hyperband": HyperbandSearchCV(network, space, factor=factor, refit=False, **common),
    }
    watchers = {
        "random, median pruner": MedianPruner(n_warmup_epochs=max(1, most // 10)),
        "random, halving pruner": SuccessiveHalvingPruner(min_epochs=max(1, most // 10), reduction_factor=factor),
    }
    if hasattr(RandomizedSearchCV, "set_callbacks"):
        for name, watcher in watchers.items():
            searches[name] = random(held_out_losses, (12 if "halving" in name else 4) * n_random).set_callbacks(watcher)
    rows = []
    for name, search in searches.items():
        seconds = seconds_of(lambda search=search: search.fit(X, y))
        best, n_run, n_begun = _best_within(search, n_epochs)
        kept = network.__class__(**network.get_params()).set_params(**search.cv_results_["params"][best]).fit(X, y)
        search.best_index_ = best
        rows.append(
            {
                "table": table,
                "search": name,
                "seed": seed,
                "epochs": n_run,
                "candidates": n_begun,
                "best_score": float(search.cv_results_["mean_test_score"][best]),
                "held_out": float(_scorer(scoring)(kept, X_test, y_test)),
                "standard_error": standard_error(search),
                "seconds": seconds,
            }
        )
    return rows


def _epochs_of(bracket) -> int:
    """In each fold, if candidates go on."""
    before = [0, *(rung.n_resources for rung in bracket)]
    return sum(rung.n_candidates * (rung.n_resources - less) for rung, less in zip(bracket, before, strict=False))


def _halving(n_candidates: int, bracket: list, factor: int) -> list:
    """The rungs of scikit-learn's halving, which rounds up."""
    rungs = []
    for rung in bracket:
        rungs.append(replace(rung, n_candidates=n_candidates))
        n_candidates = math.ceil(n_candidates / factor)
    return rungs


def _best_within(search, n_epochs: int) -> tuple[int, float, int]:
    """Row of the best of those for which the epochs were enough, the epochs, and how many candidates were begun."""
    import numpy as np

    results = search.cv_results_
    if "mean_n_epochs" in results:  # a pruner looked on, and candidates came one after the other
        spent = np.cumsum(results["mean_n_epochs"])
        within = spent <= n_epochs
        scores = np.where(within & ~results["pruned"], results["mean_test_score"], np.nan)
        return int(np.nanargmax(scores)), float(spent[within][-1]), int(within.sum())
    trained: dict[str, int] = {}
    for params, epochs in zip(results["params"], results.get("n_resources", [0] * len(results["params"])), strict=True):
        name = str(sorted((key, value) for key, value in params.items() if key != "epochs"))
        trained[name] = int(epochs or search.estimator.epochs)
    return int(search.best_index_), float(sum(trained.values())), len(trained)


def _scorer(scoring: str):
    from sklearn.metrics import get_scorer

    return get_scorer(scoring)
