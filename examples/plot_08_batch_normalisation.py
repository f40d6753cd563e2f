"""
Batch normalisation, its gamma and beta, and the bias it makes useless
======================================================================

Batch normalisation standardises what reaches each hidden layer, as ``StandardScaler`` does for the first. This example
shows what that does to training, computes the layer by hand, and shows why the layer before it has no bias.
"""

# %%
# What the layer does
# -------------------
# For each unit, with :math:`\mu` and :math:`\sigma^2` the mean and variance of its sums :math:`z` over the rows
# of the *batch*:
#
# .. math:: \hat z = \frac{z - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y = \gamma\,\hat z + \beta
#
# :math:`\gamma` (``gamma``) and :math:`\beta` (``beta``) are weights, one of each per unit, which are trained
# like the others and begin at one and zero: the network may give the unit any spread and mean it needs, but
# these are now two numbers of their own instead of an accident of all weights before. :math:`\epsilon`
# (``batch_norm_epsilon``) keeps the division from failing.
#
# ``batch_norm=True`` puts the layer before the activation, ``"after"`` puts it after. Four layers of sigmoids
# could not learn the digits at all in the example on activations. *Look for* what becomes of them here.

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit, softmax
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tune import KerasClassifier
from sknn_tune.display import TrainingHistoryDisplay

EPOCHS = 20

X, y = load_digits(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X / 16, y, test_size=0.3, stratify=y, random_state=0)


def network_with(**parameters):
    network = KerasClassifier(
        hidden_layer_sizes=(32, 32, 32, 32),
        activation="sigmoid",
        epochs=EPOCHS,
        random_state=0,
    )
    if "batch_norm" in parameters:
        parameters = {"batch_norm_momentum": 0.9, **parameters}
    return network.set_params(**parameters).fit(X_train, y_train, X_val=X_val, y_val=y_val)


networks = {
    "without": network_with(),
    "before the activation": network_with(batch_norm="before"),
    "after the activation": network_with(batch_norm="after"),
}
TrainingHistoryDisplay.from_estimators(networks, metric=["loss", "accuracy"])
plt.show()
for name, network in networks.items():
    print(
        f"{name:<23}accuracy {network.score(X_val, y_val):.3f} on validation rows, {network.n_parameters_} parameters"
    )

# %%
# *Found:* without normalisation the loss stays where it began for five epochs, and gets going slowly. With it,
# the sums that reach each sigmoid lie around zero from the first update on, where its slope is largest, and all
# layers learn at once.
#
# The layer by hand
# -----------------
# For prediction a row must not depend on the rows beside it. So the layer keeps *moving statistics*, of which each
# update takes in a little: :math:`\text{moving} \leftarrow m \cdot \text{moving} + (1 - m) \cdot \text{batch}`, with
# :math:`m` the ``batch_norm_momentum``. With them, gamma and beta, the prediction of a network with one
# hidden layer is:

network = network_with(hidden_layer_sizes=(32,), batch_norm=True)
for layer in network.model_.layers:
    print(f"{layer.name:<24}weights of shape {[array.shape for array in layer.get_weights()]}")

(kernel,) = network.model_.get_layer("hidden_0").get_weights()
gamma, beta, moving_mean, moving_variance = network.model_.get_layer("hidden_0_normalization").get_weights()
kernel_out, bias_out = network.model_.get_layer("output").get_weights()

sums = X_val @ kernel
normalised = (sums - moving_mean) / np.sqrt(moving_variance + network.batch_norm_epsilon)
hidden = expit(gamma * normalised + beta)
by_hand = softmax(hidden @ kernel_out + bias_out, axis=1)
print(f"\nLargest difference from predict_proba: {np.abs(by_hand - network.predict_proba(X_val)).max():.0e}")
print(
    f"gamma is now between {gamma.min():.2f} and {gamma.max():.2f}, beta between {beta.min():.2f} and {beta.max():.2f}"
)

# %%
# The useless bias
# ----------------
# The hidden layer above has a kernel only. A bias would add the same number to a unit's sum in every row, and
# so to the mean, which is then taken away again:


def normalise(sums):
    return (sums - sums.mean(axis=0)) / np.sqrt(sums.var(axis=0) + network.batch_norm_epsilon)


biases = np.random.default_rng(0).normal(size=32)
difference = np.abs(normalise(sums + biases) - normalise(sums)).max()
print(f"Adding a bias of up to {np.abs(biases).max():.1f} changes the normalised sums by {difference:.0e}")

# %%
# Its gradient is zero, too: it would never be trained, and only cost time. What shifts the unit is ``beta``.
# After the activation it is different: there a bias moves the sums along the activation, so with
# ``batch_norm="after"`` the layers keep theirs.
#
# Moving statistics need updates
# ------------------------------
# They begin at a mean of zero and a variance of one. After :math:`k` updates this start still has a weight of
# :math:`m^k`. Keras' default for :math:`m`, and ours, is 0.99, which is right for a thousand updates and more. Here
# are 50, of batches of 256 rows. *Look for* the gap between the solid curves, for which the statistics of the batch
# were used, and the dashed ones, for which the moving ones were.

few_updates = [
    network_with(batch_norm=True, batch_norm_momentum=momentum, batch_size=256, epochs=10, learning_rate=0.01)
    for momentum in (0.99, 0.9)
]
TrainingHistoryDisplay.from_estimators(few_updates, metric="accuracy")
plt.show()
for network in few_updates:
    momentum, updates = network.batch_norm_momentum, network.n_steps_
    print(
        f"batch_norm_momentum={momentum}: {updates} updates, the start still weighs {momentum**updates:.1%}, "
        f"accuracy on training rows {network.score(X_train, y_train):.3f}"
    )

# %%
# *Found:* the two solid curves lie on each other: the same network was trained both times. With 0.99 it is of
# no use all the same, because it predicts with statistics that are mostly still those of the start. When a
# network with batch normalisation is good in training and bad on the *same* rows afterwards, lower
# ``batch_norm_momentum``, or make more updates.
#
# Batches should not be too small either: mean and variance of a handful of rows are mostly noise. And
# inputs still need scaling, since the layer comes after the first multiplication.
#
# (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167)
