"""
A first classifier
==================

A neural network is fitted, looked at and scored like any other scikit-learn estimator. The table has
569 breast tumours, 30 measurements of each, and asks whether a tumour is benign.
"""

# %%
# Rows for training and rows for the score
# ----------------------------------------
# Networks learn best from inputs of similar size, so the pipeline standardises them first. It learns
# mean and standard deviation from the training rows only.

import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import TrainingHistoryDisplay
from sknn_tune.inspection import diagnose

EPOCHS = 100

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=4)

# %%
# Fit and score
# -------------
# Two hidden layers, of 32 and 16 units. ``epochs`` is the number of passes over the training rows, at most:
# with ``early_stopping``, a tenth of the training rows is held out, and training stops when the loss on these
# has not improved for five epochs (``patience``). The network then takes back the weights of its best epoch.
#
# There are three kinds of rows now. Those that are trained on set the weights, those held out by early stopping
# (the *validation* rows) say when to stop, and those in ``X_test`` have had no say in anything: the score on them
# is the one to believe.

network = KerasClassifier(
    hidden_layer_sizes=(32, 16),
    learning_rate=0.003,
    epochs=EPOCHS,
    early_stopping=True,
    patience=5,
    random_state=0,
)
classifier = make_pipeline(StandardScaler(), network).fit(X_train, y_train)

print(f"Accuracy on {len(y_test)} test rows: {classifier.score(X_test, y_test):.3f}")
print(f"Always the more frequent class: {max(y_test.mean(), 1 - y_test.mean()):.3f}")
print(f"Probabilities of the first row: {classifier.predict_proba(X_test[:1]).round(3)}")

# %%
# What happened in training
# -------------------------
# ``history_`` has one value per epoch. *Look for* two things in the picture of the loss: both curves should fall,
# and there should be an epoch from which only the solid one, of the training rows, goes on falling. From there on
# the network learns these rows by heart.

print(f"{network.n_iter_} epochs, the best was number {network.best_epoch_ + 1}")
print(f"Recorded in each epoch: {', '.join(network.history_)}")

TrainingHistoryDisplay.from_estimator(classifier, metric=["loss", "accuracy"])
plt.show()

# %%
# *Found:* the loss of the training rows falls to the end. That of the validation rows is lowest at the star, and
# after it for five epochs never as low again. So training stopped there, long before ``epochs``.
#
# The accuracy of some forty validation rows moves in steps, a row at a time. The loss sees every
# probability move, which is why it is what early stopping watches.
#
# Is anything wrong?
# ------------------
# ``diagnose`` compares what happened with a list of rules of thumb: over- and underfitting, rates too high or
# too low, dead units, inputs that were not scaled. Each finding names the parameter to turn.

print(diagnose(classifier, X_train, y_train, X_test, y_test))

# %%
# *Found:* nothing, this time. The examples that follow make one mistake after the other.
#
# The Keras model
# ---------------
# ``model_`` is a real ``keras.Model`` with these weights. Each Dense layer has (inputs + 1) × units parameters:
# a weight for each input and one more, the bias.

network.model_.summary()
print(f"Counted by hand: {(30 + 1) * 32} + {(32 + 1) * 16} + {(16 + 1) * 1} = {network.n_parameters_}")
