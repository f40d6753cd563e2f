"""
Dying units and vanishing gradients, seen and cured
===================================================

Two diseases keep a network from learning while everything looks right: units that are silent for all rows, and
gradients that do not reach the first layers. This example makes both, shows how they are seen, and cures them.
"""

# %%
# Units that die
# --------------
# A unit with ``relu`` passes on zero for all sums below zero, and its slope is zero there, too. If one large
# update moves its bias and weights such that the sum is below zero for *all* rows, no gradient reaches it
# any more: it is dead, and stays so. Too high a learning rate does that, and so do inputs that are not scaled.
#
# Handwritten digits, three hidden layers, and a rate of 0.2, which is too much for ``sgd`` with momentum 0.9.
# ``UnitActivityDisplay`` has a cell for each unit: the brighter, the more rows activate it. *Look for* crosses.

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tune import KerasClassifier
from sknn_tune.display import GradientFlowDisplay, UnitActivityDisplay
from sknn_tune.inspection import activation_statistics, dead_units, diagnose, gradient_norms

EPOCHS = 20

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.3, stratify=y, random_state=0)

too_fast = KerasClassifier(
    hidden_layer_sizes=(64, 64, 32), optimizer="sgd", learning_rate=0.2, epochs=EPOCHS, random_state=0
).fit(X_train, y_train)

units = dead_units(too_fast, X_train)
UnitActivityDisplay(units).plot()
plt.show()

print(f"Accuracy {too_fast.score(X_test, y_test):.3f}, loss {too_fast.history_['loss'][-1]:.2f}")
print(units.to_frame()[["n_units", "n_dead", "active"]].round(2))

# %%
# *Found:* nearly all units are dead, and in the last hidden layer there is none left. Whatever the digit, the output
# layer gets nothing but zeros: the network gives the same answer for every row, and no gradient gets past
# that layer to change it. The loss stays at that of a guess, :math:`\log 10 \approx 2.3`.
#
# For each dead unit, ``waking_rows`` is the row that comes nearest to waking it, and ``lacking`` by how much its sum
# falls short. Large numbers say that the unit will not come back by chance:

last = units.layers[-1]
for unit, row, lacking in zip(last.dead[:3], last.waking_rows, last.lacking, strict=False):
    print(f"{last.name}, unit {unit}: row {row} comes nearest, its sum lacks {lacking:.2f}")

# %%
# The cures: a lower rate; batch normalisation, which puts each unit's sums around zero, so that some rows always
# activate it; an activation with a slope below zero. The last cannot die, but the rate must be right all the same.
# The picture shows the network with the lower rate.

cures = {
    "rate 0.2": {},
    "rate 0.02": {"learning_rate": 0.02},
    "rate 0.2, batch norm": {"batch_norm": True, "batch_norm_momentum": 0.9},
    "rate 0.02, leaky_relu": {"learning_rate": 0.02, "activation": "leaky_relu"},
}
for name, parameters in cures.items():
    network = clone(too_fast).set_params(**parameters).fit(X_train, y_train)
    units = dead_units(network, X_train)
    print(f"{name:<23}{units.n_dead:>3} of {units.n_units} units dead, accuracy {network.score(X_test, y_test):.3f}")
    if name == "rate 0.02":
        UnitActivityDisplay(units).plot()
plt.show()

# %%
# Gradients that vanish
# ---------------------
# On its way back, the gradient is multiplied in each layer by weights and by the slope of the activation. That of
# ``sigmoid`` is a quarter at most: after eight layers, little is left. ``GradientFlowDisplay`` shows for each
# layer the gradient per weight, relative to that of the last layer (left), and how far the next update moves
# the weights (right). *Look for* the slant of the upper curve, and how many powers of ten it spans.

deep = KerasClassifier(
    hidden_layer_sizes=(32,) * 8,
    activation="sigmoid",
    optimizer="sgd",
    learning_rate=0.01,
    epochs=EPOCHS,
    random_state=0,
)
deep_networks = {
    "sigmoid": clone(deep),
    "relu": clone(deep).set_params(activation="relu"),
    "sigmoid, batch norm": clone(deep).set_params(batch_norm=True, batch_norm_momentum=0.9),
}
figure, axes = plt.subplots(2, 2, figsize=(8.8, 7), layout="constrained")
for network in deep_networks.values():
    network.fit(X_train, y_train)
for ax, name in zip(axes, ("sigmoid", "relu"), strict=True):
    GradientFlowDisplay.from_estimator(deep_networks[name], X_train, y_train, ax=ax)
    ax[0].set_title(f"eight layers of {name}")
plt.show()

for name, network in deep_networks.items():
    gradients = gradient_norms(network, X_train, y_train)
    print(
        f"{name:<21}gradients {gradients.verdict}: the first layer's is {gradients.layers[0].relative_gradient:.0e} "
        f"of the last one's. Accuracy {network.score(X_test, y_test):.3f}"
    )

# %%
# *Found:* with sigmoids, the gradient loses about a factor of three per layer, and in the first layer it is
# more than ten thousand times smaller than in the last. That layer's weights stay what they were at the start,
# and all others learn from what it makes of the digits. With relu all layers get about the same. So do sigmoids
# with batch normalisation, since their sums are kept where the slope is largest.
#
# ``activation_statistics`` shows the way forward through the same networks: how much what a unit passes on differs
# between rows, averaged over the units of a layer. *Look for* the last line, and for numbers that grow or shrink from
# layer to layer.

spread = pd.DataFrame(
    {
        name: activation_statistics(network, X_train).query("stage == 'activated'").set_index("layer")["row_spread"]
        for name, network in deep_networks.items()
    }
)
print(spread.map("{:.2g}".format))

# %%
# *Found:* in the sick network the signal vanishes on its way forward, too: each layer keeps about a quarter of what
# tells one row from another, and the output is the same for all digits. With relu, each layer passes on a little more
# than it got. Batch normalisation holds all hidden layers at one spread.
#
# What to do
# ----------
# In this order: scale the inputs; lower the learning rate; take relu or its like in hidden layers, with the
# initializer that belongs to it (``kernel_initializer="auto"``); add ``batch_norm=True``; use fewer layers.
# ``diagnose`` looks for both diseases, and for what comes of them. It puts causes first.

print(diagnose(too_fast, X_train, y_train, X_test, y_test))

# %%

print(diagnose(deep_networks["sigmoid"], X_train, y_train, X_test, y_test))
