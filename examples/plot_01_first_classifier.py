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

EPOCHS = 100

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# Fit and score
# -------------
# Two hidden layers, of 32 and 16 units. A tenth of the training rows is held out, and training stops
# when the loss on them has not improved for five epochs; the weights of the best epoch are kept.

network = KerasClassifier(
    hidden_layer_sizes=(32, 16),
    learning_rate=0.01,
    epochs=EPOCHS,
    early_stopping=True,
    patience=5,
    random_state=0,
)
classifier = make_pipeline(StandardScaler(), network).fit(X_train, y_train)

print(f"Accuracy on {len(y_test)} rows held out: {classifier.score(X_test, y_test):.3f}")
print(f"Probabilities of the first row: {classifier.predict_proba(X_test[:1]).round(3)}")

# %%
# What happened in training
# -------------------------
# ``history_`` has one value per epoch, and ``model_`` is the Keras model.

print(f"{network.n_iter_} epochs, the best was number {network.best_epoch_ + 1}")
print(f"Recorded in each epoch: {', '.join(network.history_)}")
network.model_.summary()

figure, axes = plt.subplots(layout="constrained")
epochs = range(1, network.n_iter_ + 1)
axes.plot(epochs, network.history_["loss"], label="training rows")
axes.plot(epochs, network.history_["val_loss"], label="rows held out from training")
axes.set(xlabel="epoch", ylabel="loss (cross-entropy)", title="Loss after each epoch")
axes.legend()
figure.savefig("first_classifier.png", dpi=150)
print("Picture: first_classifier.png")
