"""
Under the hood: training a network with TensorFlow alone
========================================================

What does ``KerasClassifier.fit`` do? This example does the same in a few lines of TensorFlow: tensors and
variables, a gradient tape, updates, a compiled function, a dataset. It ends with the same weights as the
estimator, to the last digits.
"""

# %%
# Rows
# ----
# Breast tumours, 30 measurements each, standardised. Everything here is computed in ``float64``, so that
# sums which are added up in another order still agree in many digits. (Networks are usually trained in
# ``float32``, which is faster and exact enough.)

import time

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras.initializers import HeNormal
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier

N_UNITS = 16
LEARNING_RATE = 1 / 64  # fractions that are exact in float32, too, in which Keras keeps them
MOMENTUM = 7 / 8
BATCH_SIZE = 32
N_EPOCHS = 8

X, y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
n_rows, n_features = X.shape
print(f"{n_rows} rows of {n_features} measurements")

# %%
# Constants and variables
# -----------------------
# A *tensor* is an array that TensorFlow computes with; ``tf.constant`` makes one of a NumPy array, and it
# never changes. A ``tf.Variable`` holds a tensor that can be replaced, by ``assign`` and its like: what is
# learned is kept in variables. Here these are two matrices of weights, *kernels*, and two vectors of
# *biases*.
#
# The kernels are drawn at random. If all were zero, all units of the hidden layer would compute the same,
# get the same gradient, and stay the same for ever. He's initializer draws with the variance 2 / inputs,
# such that values keep their size from one layer of rectified units to the next.

initializer = HeNormal(seed=0)


def new_weights():
    """Variables as an untrained network has them."""
    return [
        tf.Variable(initializer((n_features, N_UNITS), dtype="float64")),  # kernel of the hidden layer
        tf.Variable(tf.zeros(N_UNITS, dtype="float64")),  # its bias
        tf.Variable(initializer((N_UNITS, 1), dtype="float64")),  # kernel of the output layer
        tf.Variable(tf.zeros(1, dtype="float64")),  # its bias
    ]


rows, targets = tf.constant(X), tf.constant(y, dtype="float64")
weights = new_weights()
print("Shapes of the variables:", [tuple(variable.shape) for variable in weights])

try:
    rows.assign(rows + 1)
except AttributeError:
    print("A constant cannot be assigned to.")

# %%
# Forward: from rows to a loss
# ----------------------------
# The hidden layer is a product, a sum and ``relu``. The output layer gives a *logit* :math:`z` for each
# row, and the probability of class 1 is :math:`p = 1 / (1 + e^{-z})`. The loss is the cross-entropy
#
# .. math:: -y \log p - (1 - y) \log(1 - p) = \log(1 + e^z) - y z,
#
# averaged over the rows. TensorFlow takes the logits, since :math:`\log p` would be :math:`-\infty` where
# :math:`p` has been rounded to zero.


def logits_of(rows, weights):
    hidden_kernel, hidden_bias, output_kernel, output_bias = weights
    hidden = tf.nn.relu(rows @ hidden_kernel + hidden_bias)
    return (hidden @ output_kernel + output_bias)[:, 0]


def loss_of(rows, targets, weights):
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits_of(rows, weights))
    return tf.reduce_mean(losses)


print(f"Loss of the untrained network: {loss_of(rows, targets, weights):.3f}")
print(f"Loss of always answering 'one half': {np.log(2):.3f}")

# %%
# Backward: a tape of what was computed
# -------------------------------------
# A ``GradientTape`` records every operation on variables inside its block. Asked for the gradient, it goes
# through them in reverse, by the chain rule. The result says how fast the loss rises with each weight.
# To trust it, compare one number with a difference quotient.

with tf.GradientTape() as tape:
    loss = loss_of(rows, targets, weights)
gradients = tape.gradient(loss, weights)

step = 1e-6
nudged = [tf.identity(variable) for variable in weights]
nudged[3] = nudged[3] + step
print(f"Slope in the output bias, from the tape:   {gradients[3][0]:.6f}")
print(f"Slope in the output bias, by a small step: {(loss_of(rows, targets, nudged) - loss) / step:.6f}")

# %%
# An update
# ---------
# Gradient descent goes a step against the gradient :math:`g`. With momentum it goes on in the direction of
# the steps before: each weight :math:`w` has a velocity :math:`v`, which begins at zero, and
#
# .. math:: v \leftarrow \mu v - \eta g, \qquad w \leftarrow w + v
#
# with the learning rate :math:`\eta` and the momentum :math:`\mu`. So an optimizer has variables, too.


def update(rows, targets, weights, velocities):
    with tf.GradientTape() as tape:
        loss = loss_of(rows, targets, weights)
    for variable, velocity, gradient in zip(weights, velocities, tape.gradient(loss, weights), strict=True):
        velocity.assign(MOMENTUM * velocity - LEARNING_RATE * gradient)
        variable.assign_add(velocity)
    return loss


velocities = [tf.Variable(tf.zeros_like(variable)) for variable in weights]
before = update(rows[:BATCH_SIZE], targets[:BATCH_SIZE], weights, velocities)
after = loss_of(rows[:BATCH_SIZE], targets[:BATCH_SIZE], weights)
print(f"Loss of {BATCH_SIZE} rows: {before:.3f}, after one update with them: {after:.3f}")

# %%
# ``tf.function``: from Python to a graph
# ---------------------------------------
# So far Python calls TensorFlow for each product and each sum. The decorator ``tf.function`` runs the
# Python code once for inputs of a new shape, notes its operations in a *graph*, and from then on runs the
# graph, without Python in between. Two things follow: ``print`` in such a function prints only while it is
# traced, and each new shape costs a trace. Here the last batch of an epoch has fewer rows than the others,
# which makes two shapes.

compiled_update = tf.function(update)


def seconds_per_update(function, n_updates=100):
    weights = new_weights()
    velocities = [tf.Variable(tf.zeros_like(variable)) for variable in weights]
    batch = rows[:BATCH_SIZE], targets[:BATCH_SIZE]
    function(*batch, weights, velocities)  # the first call traces
    start = time.perf_counter()
    for _ in range(n_updates):
        function(*batch, weights, velocities)
    return (time.perf_counter() - start) / n_updates


print(f"An update takes {1e3 * seconds_per_update(update):.2f} ms called from Python,", end=" ")
print(f"{1e3 * seconds_per_update(compiled_update):.2f} ms as a graph")

# %%
# A dataset
# ---------
# ``tf.data.Dataset`` hands out rows, batch by batch. It could read them from files that do not fit into
# memory, and ``prefetch`` prepares the next batch while the present one is computed. An epoch takes all
# rows once: rows / batch size updates, rounded up.

dataset = tf.data.Dataset.from_tensor_slices((rows, targets)).batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)
n_updates = -(-n_rows // BATCH_SIZE)
print(f"{n_rows} rows / {BATCH_SIZE} = {n_rows / BATCH_SIZE:.2f}: {n_updates} updates per epoch")
print(f"Rows of the last batch: {len(list(dataset)[-1][0])}")

# %%
# The whole training
# ------------------
# The loss of an epoch is the mean over its rows, each by the weights before the update that it was part of.

weights = new_weights()
velocities = [tf.Variable(tf.zeros_like(variable)) for variable in weights]
loss_of_update, loss_of_epoch = [], []
for _ in range(N_EPOCHS):
    sum_of_losses = 0.0
    for batch, batch_targets in dataset:
        loss = float(compiled_update(batch, batch_targets, weights, velocities))
        loss_of_update.append(loss)
        sum_of_losses += len(batch) * loss
    loss_of_epoch.append(sum_of_losses / n_rows)
print("Loss of each epoch:", np.round(loss_of_epoch, 4))

# %%
# The same with the estimator
# ---------------------------
# ``shuffle=False`` keeps the order of the rows, and the initializer with a seed draws the same kernels.
# (Without one, ``random_state`` decides both.) The estimator trains this network by machine code of
# its own, with the gradients written out, so TensorFlow has no part in it. It is trained once more by Keras, from
# the dataset.

classifier = KerasClassifier(
    hidden_layer_sizes=(N_UNITS,),
    kernel_initializer=initializer,
    optimizer="sgd",
    learning_rate=LEARNING_RATE,
    momentum=MOMENTUM,
    batch_size=BATCH_SIZE,
    epochs=N_EPOCHS,
    shuffle=False,
    dtype="float64",
).fit(X, y)
print(classifier.engine_reason_)

by_keras = clone(classifier).set_params(engine="keras", batch_size=32).fit(dataset)  # which has batches of its own
print(by_keras.engine_reason_)

for name, other in (("machine code", classifier), ("Keras", by_keras)):
    differences = [np.abs(own - others).max() for own, others in zip(weights, other.model_.get_weights(), strict=True)]
    print(f"Largest difference between a weight of ours and of the estimator by {name}: {max(differences):.0e}")
    assert max(differences) < 1e-12
    np.testing.assert_allclose(loss_of_epoch, other.history_["loss"], rtol=1e-6)  # Keras averages in float32

# %%
# A picture
# ---------
# Each point of the thin line is an update of ours: the loss of one batch, before the update. The
# batches differ, so it is ragged. The circles are the estimator's ``history_``, one per epoch. *Look for* whether
# they lie in the middle of the updates of their epoch.

figure, axes = plt.subplots(layout="constrained")
axes.plot(
    np.arange(1, len(loss_of_update) + 1), loss_of_update, color="0.6", linewidth=1, label="our updates, one batch"
)
axes.plot(
    (np.arange(N_EPOCHS) + 0.5) * n_updates,
    classifier.history_["loss"],
    "o",
    color="#0072B2",
    label="history_ of the estimator, one epoch",
)
axes.set(xlabel="updates", ylabel="loss (cross-entropy)", yscale="log", title="The same training, twice")
axes.legend()
plt.show()

# %%
# *Found:* they do. And the thin line repeats itself every 18 updates, since without shuffling the batches of all
# epochs are the same. That is why ``shuffle=True`` is the default: new batches in every epoch keep the noise
# of the gradient from pulling the same way each time.
