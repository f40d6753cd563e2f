"""
Handwritten digits, as a vector and as an image
===============================================

A picture of 8 × 8 pixels can be given to a network as 64 numbers, or as a picture. This example trains both, on the
same rows, and shows what a convolution knows that a dense layer does not: which pixels are neighbours.
"""

# %%
# 64 numbers
# ----------
# Every hidden unit has a weight for each pixel. That pixel 10 lies beside pixel 11 and below pixel 2 is nowhere
# written; for a dense layer the columns of a table have no order.

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tune import KerasClassifier
from sknn_tune.display import TrainingHistoryDisplay

EPOCHS = 30

digits = load_digits()
X, y = digits.data / 16, digits.target  # from 0, white, to 1, black
X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=500, stratify=y, random_state=0)
print(f"{len(X_train)} rows of {X_train.shape[1]} numbers to train on, {len(X_test)} to test")

settings = {"learning_rate": 0.005, "epochs": EPOCHS, "validation_split": 0.2, "random_state": 0}
vector = KerasClassifier(hidden_layer_sizes=(64,), **settings).fit(X_train, y_train)

# %%
# A picture
# ---------
# ``feature_layers`` come before the hidden layers, each by its name or as a pair of name and arguments. After each, a
# row has the shape behind the colon:
#
# * ``Reshape``, the numbers as a picture with one channel, grey: 8 × 8 × 1
# * ``Conv2D``, 16 filters of 3 × 3 pixels. A filter is a small linear model of 9 weights and a bias that moves over the
#   picture and gives a high value where it finds its pattern, such as an edge. ``padding="same"`` lets it go over the
#   border: 8 × 8 × 16
# * ``SpatialDropout2D``, in training only: some of the 16 channels are set to zero as a whole. Dropping single pixels
#   would hide little, since their neighbours say the same: 8 × 8 × 16
# * ``MaxPooling2D``, of each 2 × 2 values the largest. It says that the pattern is there, and only roughly
#   where: 4 × 4 × 16
# * ``Conv2D`` and ``MaxPooling2D`` again: patterns of patterns, in 32 channels: 2 × 2 × 32
# * ``Flatten``, everything in a row, for the dense layers: 128

image_layers = [
    ("Reshape", {"target_shape": (8, 8, 1)}),
    ("Conv2D", {"filters": 16, "kernel_size": 3, "padding": "same", "activation": "relu"}),
    ("SpatialDropout2D", {"rate": 0.1}),
    ("MaxPooling2D", {"pool_size": 2}),
    ("Conv2D", {"filters": 32, "kernel_size": 3, "padding": "same", "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": 2}),
    "Flatten",
]
image = KerasClassifier(feature_layers=image_layers, hidden_layer_sizes=(32,), **settings).fit(X_train, y_train)
print(image.engine_reason_)
for name, network in (("vector", vector), ("image", image)):
    print(f"{name:<7}{network.n_parameters_} parameters, {network.score(X_test, y_test):.1%} of the test rows right")

# %%
# *Look for* which of the two falls faster, and where the dashed curves, of the rows held out, come to lie.

TrainingHistoryDisplay.from_estimators({"vector": vector, "image": image}, metric=["loss", "accuracy"])
plt.show()

# %%
# *Found:* the vector is faster at first, the image knows its training rows better in the end, and on the rows held out
# it is a tie. These digits are small and stand in the middle of their pictures, so every pixel means nearly the same in
# all of them, and a weight for each is enough.
#
# Neighbours
# ----------
# Two experiments show what each of them has learned. In the first, the digits of the test rows lie one pixel
# further right, as on a sheet that was put down carelessly. In the second, all pictures, to train and to
# test, get their pixels in another order, the same for all: neighbours are torn apart.

moved = np.roll(X_test.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64)
order = np.random.default_rng(0).permutation(64)
for name, network in (("vector", vector), ("image", image)):
    mixed = clone(network).fit(X_train[:, order], y_train)
    print(f"{name:<7}as they are: {network.score(X_test, y_test):.1%}", end="")
    print(f", moved by a pixel: {network.score(moved, y_test):.1%}", end="")
    print(f", trained and tested on mixed pixels: {mixed.score(X_test[:, order], y_test):.1%}")

# %%
# *Found:* one pixel to the side is a different row for the dense network. The filters find their patterns wherever they
# are, so that the other network gets many more of the moved ones right (not all: its dense layers come
# after, and have a weight for each place). And when the pixels are mixed up, it is the convolutions that lose. Give
# a network a picture if there are neighbours, in a table there are none.
#
# What the first filters see
# --------------------------
# A Keras model that ends after the first ``Conv2D`` gives its 16 channels. Here are six of them, those that vary most,
# for two digits. *Look for* the sides of the strokes: left, right, upper, lower.

first_filters = keras.Model(image.model_.inputs, image.model_.get_layer("feature_1").output)
rows = X_test[[3, 9]]
channels = first_filters.predict(rows, verbose=0)
liveliest = np.argsort(channels.std(axis=(0, 1, 2)))[::-1][:6]
figure, axes = plt.subplots(2, 7, figsize=(9, 2.9), layout="constrained")
for row, picture, seen, drawn in zip(axes, rows, channels, y_test[[3, 9]], strict=True):
    row[0].imshow(picture.reshape(8, 8), cmap="Greys")
    row[0].set_ylabel(f"a {drawn}")
    for ax, channel in zip(row[1:], liveliest, strict=True):
        ax.imshow(seen[..., channel], cmap="viridis")
for ax, channel in zip(axes[0], ["picture", *liveliest], strict=True):
    ax.set_title(channel if channel == "picture" else f"filter {channel}", fontsize=10)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
plt.show()

# %%
# *Found:* some follow a stroke as a whole, others light up on one side of it or in one direction only. Nobody told them
# to: these are what the task needed.
