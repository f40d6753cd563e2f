"""
Activations: functions, slopes, decision boundaries
===================================================

Without activations between them, many layers are no more than one. This example draws the usual activations and
their slopes, shows what they make of a decision boundary, and compares them on handwritten digits, everything
else, down to the initial weights, being the same.
"""

# %%
# What a unit does
# ----------------
# A unit adds up its inputs, each times a weight, and a bias: :math:`z = w_1 x_1 + \dots + w_n x_n + b`. What it
# passes on is :math:`f(z)`, with the activation :math:`f`:
#
# - ``sigmoid``: :math:`1 / (1 + e^{-z})`, between 0 and 1
# - ``hard_sigmoid``: :math:`\min(\max(z + 3, 0), 6) / 6`, between 0 and 1, with corners
# - ``tanh``: :math:`(e^z - e^{-z}) / (e^z + e^{-z})`, between −1 and 1
# - ``softsign``: :math:`z / (1 + |z|)`, between −1 and 1, which it approaches slowly
# - ``linear``: :math:`z`
# - ``relu``: :math:`\max(z, 0)`
# - ``leaky_relu``: :math:`z` above zero, :math:`0.01\,z` below
# - ``elu``: :math:`z` above zero, :math:`e^z - 1` below, so never less than −1
# - ``selu``: 1.05 times :math:`z` above zero, 1.05 times :math:`1.67\,(e^z - 1)` below
# - ``softplus``: :math:`\log(1 + e^z)`, above zero
# - ``exponential``: :math:`e^z`, above zero
#
# (0.01 is our ``negative_slope``; Keras' own default is 0.2.) The *output* layer has an activation of its own, which
# fits the target and is chosen for you: none (``linear``) for numbers, ``sigmoid`` for two classes, and for more
# classes ``softmax``, which turns the sums :math:`z_1, \dots, z_k` of its units into probabilities:
# :math:`p_i = e^{z_i} / (e^{z_1} + \dots + e^{z_k})`.
#
# *Look for* the slopes, on the right. On its way back through the layers, a gradient is multiplied by the slope
# of each. Where is it zero, and where is it one?

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import ActivationDisplay, TrainingHistoryDisplay

EPOCHS = 60

figure, axes = plt.subplots(2, 2, figsize=(9.6, 7.2), layout="constrained")
ActivationDisplay.from_names(["sigmoid", "hard_sigmoid", "tanh", "softsign"], ax=axes[0])
ActivationDisplay.from_names(["linear", "relu", "leaky_relu", "elu", "selu", "softplus", "exponential"], ax=axes[1])
plt.show()

# %%
# *Found:* all four of the upper row are flat on both sides: far from zero they *saturate*, their slope is near
# zero, and a unit hardly learns. The slope of ``sigmoid`` is a quarter at most, so that each layer of it makes
# a gradient at least four times smaller, weights aside. Those of the lower row have a slope of about one above zero,
# apart from ``softplus``, which comes close, and ``exponential``, which has no bound. Below zero ``relu`` is
# flat, so that a unit may die; ``leaky_relu`` lets a hundredth through.
#
# What an activation makes of a decision boundary
# -----------------------------------------------
# Handwritten digits, 64 pixels each, are projected on two axes. Is a digit a six? The same small network, of
# four hidden units, is trained with four activations. The line is where both answers have a probability of one
# half. *Look for* straight lines, corners and curves in it.

X, y = load_digits(return_X_y=True)
X_plane = PCA(2, random_state=0).fit_transform(X)
is_six = y == 6
shown = np.random.default_rng(0).choice(len(y), 400, replace=False)

figure, axes = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained", sharey=True)
for ax, activation in zip(axes, ("linear", "relu", "tanh", "sigmoid"), strict=True):
    network = KerasClassifier(
        hidden_layer_sizes=(4,), activation=activation, learning_rate=0.03, epochs=EPOCHS, random_state=0
    )
    classifier = make_pipeline(StandardScaler(), network).fit(X_plane, is_six)
    for method, look in (
        ("pcolormesh", {"cmap": "RdBu", "vmin": 0, "vmax": 1, "alpha": 0.6}),
        ("contour", {"levels": [0.5], "colors": "black"}),
    ):
        DecisionBoundaryDisplay.from_estimator(
            classifier,
            X_plane,
            grid_resolution=200,
            plot_method=method,
            response_method="predict_proba",
            ax=ax,
            **look,
        )
    for rows, marker in ((shown[~is_six[shown]], "s"), (shown[is_six[shown]], "o")):
        ax.plot(*X_plane[rows].T, marker, color="black", markerfacecolor="none", markersize=3, alpha=0.4)
    ax.set(title=activation, xlabel="first component")
    print(f"{activation:<8} accuracy {classifier.score(X_plane, is_six):.3f} (always 'no': {1 - is_six.mean():.3f})")
axes[0].set_ylabel("second component (circles: sixes)")
plt.show()

# %%
# *Found:* with ``linear`` the boundary is one straight line, whatever the number of units, and the sixes cannot
# be cut out by one. With ``relu`` it is made of straight pieces, whose corners lie where a unit switches on or
# off. With ``tanh`` and ``sigmoid`` it is curved. The accuracy of the last three hardly differs: with more
# units, each of them can draw any boundary.
#
# One seed, many activations
# --------------------------
# Four hidden layers of 32 units learn all ten digits. ``random_state`` and the initializer are the same
# for all, so the networks start from the same weights and see the rows in the same order: what differs is the
# activation. (By default ``kernel_initializer="auto"`` takes what suits the activation.) *Look for* the curve
# that stays behind.

X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.3, stratify=y, random_state=0)


def network_with(activation, seed=0):
    network = KerasClassifier(
        hidden_layer_sizes=(32, 32, 32, 32),
        activation=activation,
        kernel_initializer="glorot_uniform",
        optimizer="sgd",
        learning_rate=0.01,
        epochs=20,
        random_state=seed,
    )
    return network.fit(X_train, y_train)


activations = ("sigmoid", "softplus", "relu", "leaky_relu", "elu", "tanh", "selu")
networks = {activation: network_with(activation) for activation in activations}
TrainingHistoryDisplay.from_estimators(networks)
plt.show()

# %%
# One seed is one throw of the dice. How much of a difference is the activation, and how much the seed?

for activation in activations:
    scores = [network_with(activation, seed).score(X_test, y_test) for seed in range(3)]
    print(f"{activation:<11} accuracy on test rows with three seeds: {min(scores):.3f} to {max(scores):.3f}")

# %%
# *Found:* four layers of sigmoids learn nothing at all: their gradients vanish on the way back, and the
# accuracy stays that of a guess. Softplus starts late. The others lie close together: some of the differences
# between them are no larger than that between two seeds. Those that can be negative (tanh, elu, selu) have an
# advantage here, since their outputs are centred around zero, which is what the next layer likes as its inputs.
#
# To begin with, take ``relu``; try ``elu`` or ``selu`` against units that die, and ``tanh`` in small networks. Keep
# sigmoids for the output, or put batch normalisation before them, as a later example does.
