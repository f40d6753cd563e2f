"""Who predicts: each method as an estimator that takes a table of `_quality_tables` as it is.

"As it comes" means the default settings. A search draws 20 candidates, compares them in 3 folds by log loss or R²,
and, but for ours, fits the best once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import pandas as pd

from ._fresh import CHECKOUT, threads_given
from ._quality_columns import MOST_CATEGORIES, PlainColumns, one_hot, standardised
from ._quality_tables import REGRESSION, is_date, is_number

OURS, OUR_SEARCH = "sknn_tune", "sknn_tune, search"
N_CANDIDATES, N_FOLDS = 20, 3
#: Of the candidates of our search, so many are refit with all members and compared.
N_REFIT = 3


@dataclass(frozen=True)
class Method:
    """One contender.

    Attributes
    ----------
    build : callable
        ``build(kind, X, seed)`` gives the estimator, for rows like those of ``X``.
    packages : tuple of str
        What it needs, by the names of the installed packages: their versions tell results apart.
    imports : tuple of str
        Modules that are loaded before the clock starts.
    what : str
        For the docs page.
    is_search : bool
        Whether it compares candidates.
    is_ours : bool
        Then the state of this checkout tells results apart as well, and a short fit precedes: machine code is there.
    limit_seconds : float, optional
        It is ended after so many of the processor.
    same_for_numbers : str, optional
        The method that it does not differ from where a number is predicted, and is not run again.
    """

    name: str
    build: Callable[[str, pd.DataFrame, int], Any]
    packages: tuple[str, ...]
    imports: tuple[str, ...]
    what: str
    is_search: bool = False
    is_ours: bool = False
    limit_seconds: float | None = None
    same_for_numbers: str | None = None

    def is_installed(self) -> bool:
        """Whether all it needs can be found; looks without importing it."""
        return all(find_spec(name.split(".")[0]) for name in self.imports)

    def load(self) -> None:
        """Import everything."""
        for name in self.imports:
            import_module(name)

    def versions(self) -> dict[str, str]:
        """What its results depend on besides the table."""
        found = {package: version(package) for package in self.packages}
        return {**found, "checkout": _digest_of_package()} if self.is_ours else found


def _digest_of_package() -> str:
    import hashlib

    hashed = hashlib.sha256()
    for path in sorted((CHECKOUT / "sknn_tune").rglob("*.py")):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()[:12]


def _searched(estimator, space: dict, kind: str, seed: int):
    from sklearn.model_selection import RandomizedSearchCV

    return RandomizedSearchCV(estimator, space, **_of_a_search(kind, seed))


def _of_a_search(kind: str, seed: int) -> dict[str, Any]:
    from sklearn.model_selection import KFold, StratifiedKFold

    folds = (KFold if kind == REGRESSION else StratifiedKFold)(N_FOLDS, shuffle=True, random_state=seed)
    scoring = "r2" if kind == REGRESSION else "neg_log_loss"
    return {"n_iter": N_CANDIDATES, "cv": folds, "scoring": scoring, "random_state": seed, "error_score": "raise"}


def _on_standardised_target(estimator, kind: str):
    """For networks that leave the scale of a target to their user."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    if kind != REGRESSION:
        return estimator
    return TransformedTargetRegressor(estimator, transformer=StandardScaler())


def _of_kind(kind: str, module: str, classifier: str, regressor: str) -> Callable:
    return getattr(import_module(module), regressor if kind == REGRESSION else classifier)


# --- boosting ------------------------------------------------------------------------------------------


def _boosting(kind: str, X: pd.DataFrame, seed: int, **settings):
    from sklearn.pipeline import Pipeline

    boosting = _of_kind(kind, "sklearn.ensemble", "HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
    return Pipeline(
        [
            ("columns", PlainColumns(categories=True, most_categories=MOST_CATEGORIES)),
            ("model", boosting(categorical_features="from_dtype", random_state=seed, **settings)),
        ]
    )


def _boosting_search(kind: str, X: pd.DataFrame, seed: int):
    from scipy.stats import loguniform, randint

    space = {
        "model__learning_rate": loguniform(0.01, 0.3),
        "model__max_leaf_nodes": randint(7, 64),
        "model__min_samples_leaf": randint(5, 101),
        "model__l2_regularization": loguniform(1e-3, 10),
        "model__max_features": [0.5, 0.75, 1.0],
    }
    # So many trees that a low rate can use them; early stopping, with the patience it comes with, finds their number.
    return _searched(_boosting(kind, X, seed, max_iter=1000, early_stopping=True), space, kind, seed)


def _catboost(kind: str, X: pd.DataFrame, seed: int):
    from sklearn.pipeline import make_pipeline

    boosting = _of_kind(kind, "catboost", "CatBoostClassifier", "CatBoostRegressor")
    texts = [name for name in X if not (is_number(X[name]) or is_date(X[name]))]
    settings = {"cat_features": texts, "random_seed": seed, "thread_count": threads_given()}
    quiet = {"verbose": False, "allow_writing_files": False}
    return make_pipeline(PlainColumns(), boosting(**settings, **quiet))


# --- networks ------------------------------------------------------------------------------------------


def _mlp_search(kind: str, X: pd.DataFrame, seed: int):
    from scipy.stats import loguniform
    from sklearn.pipeline import Pipeline

    network = _of_kind(kind, "sklearn.neural_network", "MLPClassifier", "MLPRegressor")
    where = "network__regressor__" if kind == REGRESSION else "network__"
    space = {
        f"{where}hidden_layer_sizes": [(64,), (128,), (256,), (64, 64), (128, 128), (256, 128)],
        f"{where}activation": ["relu", "tanh"],
        f"{where}learning_rate_init": loguniform(3e-4, 1e-2),
        f"{where}alpha": loguniform(1e-6, 1e-1),
        f"{where}batch_size": [64, 128, 256],
    }
    model = _on_standardised_target(network(early_stopping=True, random_state=seed), kind)
    return _searched(Pipeline([("columns", one_hot(standardised())), ("network", model)]), space, kind, seed)


def _pytabkit(name: str, **settings) -> Callable[[str, pd.DataFrame, int], Any]:
    def build(kind: str, X: pd.DataFrame, seed: int):
        from sklearn.pipeline import make_pipeline

        network = _of_kind(kind, "pytabkit", f"{name}_Classifier", f"{name}_Regressor")
        own = {key: value for key, value in settings.items() if kind != REGRESSION or key not in _OF_CLASSES}
        columns = PlainColumns(categories=True, fill_numbers=True)  # it takes gaps in categories only
        return make_pipeline(columns, network(random_state=seed, device="cpu", n_threads=threads_given(), **own))

    return build


_OF_CLASSES = ("use_ls", "val_metric_name")


def _tabular(kind: str, X: pd.DataFrame, seed: int):
    return _of_kind(kind, "sknn_tune", "TabularClassifier", "TabularRegressor")(random_state=seed)


def _tabular_search(kind: str, X: pd.DataFrame, seed: int):
    """A random search that begins with the default settings, one member a fit, and gives the best of it all members."""
    from sknn_tune.model_selection import CoarseToFineSearchCV, RefitWith
    from sknn_tune.search_space import default_space

    estimator = _tabular(kind, X, seed)
    n_members = estimator.n_members
    one = estimator.set_params(n_members=1)
    space = default_space(one, size="tabular")
    search = CoarseToFineSearchCV(one, space, n_rounds=1, **_of_a_search(kind, seed))
    return RefitWith(search, {"n_members": n_members}, n_candidates=N_REFIT)


_OUR_PACKAGES = ("sknn_tune", "scikit-learn", "numpy", "numba")
_OUR_IMPORTS = ("sknn_tune.estimators", "sknn_tune.engine.machine._runner", "sknn_tune.preprocessing")
_TORCH = ("pytabkit", "torch")

METHODS = {
    method.name: method
    for method in (
        Method(OURS, _tabular, _OUR_PACKAGES, _OUR_IMPORTS, "`TabularClassifier`, `TabularRegressor`", is_ours=True),
        Method(
            OUR_SEARCH,
            _tabular_search,
            _OUR_PACKAGES,
            _OUR_IMPORTS,
            "the same in a random search over `default_space(..., size='tabular')`, which begins with the default "
            f"settings and fits one member a time; the {N_REFIT} best and the default are refit with as many as a "
            "fit has, and the best of these by the rows that their members hold out is kept",
            is_search=True,
            is_ours=True,
        ),
        Method(
            "boosting",
            _boosting,
            ("scikit-learn",),
            ("sklearn.ensemble",),
            "scikit-learn's `HistGradientBoosting` with native categories, as it comes",
        ),
        Method(
            "boosting, search",
            _boosting_search,
            ("scikit-learn",),
            ("sklearn.ensemble", "sklearn.model_selection"),
            "the same in a random search",
            is_search=True,
        ),
        Method("CatBoost", _catboost, ("catboost",), ("catboost",), "CatBoost, as it comes"),
        Method(
            "MLP, search",
            _mlp_search,
            ("scikit-learn",),
            ("sklearn.neural_network", "sklearn.model_selection"),
            "scikit-learn's `MLPClassifier` and `MLPRegressor` on standardised and one-hot columns, in a random search",
            is_search=True,
        ),
        Method("RealMLP", _pytabkit("RealMLP_TD"), _TORCH, _TORCH, "RealMLP-TD of pytabkit, as it comes"),
        Method(
            "RealMLP, log loss",
            _pytabkit("RealMLP_TD", use_ls=False, val_metric_name="cross_entropy"),
            _TORCH,
            _TORCH,
            "the same without label smoothing, its best epoch chosen by log loss; the same where numbers are predicted",
            same_for_numbers="RealMLP",
        ),
        Method(
            "TabM",
            _pytabkit("TabM_D", num_emb_type="pwl"),
            _TORCH,
            _TORCH,
            "TabM of pytabkit with piecewise linear embeddings, where it ends within ten minutes of the processor",
            limit_seconds=600.0,
        ),
    )
}


def who_runs(name: str, kind: str) -> str:
    """The method whose result counts for this one in a kind of task: nearly always itself."""
    same = METHODS[name].same_for_numbers
    return same if same is not None and kind == REGRESSION else name
