"""The network of a candidate in plain Keras, and the peers that train it.

The same layers as sknn_tune builds: normalisation stands before the activation, in place of the bias.
"""

from __future__ import annotations

import keras
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

# Else the wrapper of Keras draws a progress bar in every predict.
keras.config.disable_interactive_logging()


def build_keras(
    n_features, n_outputs, loss, *, hidden_layer_sizes, activation, optimizer, learning_rate, l2, batch_norm
):
    """A compiled model."""
    penalty = keras.regularizers.L2(l2)
    layers = [keras.Input((n_features,))]
    for units in hidden_layer_sizes:
        layers.append(keras.layers.Dense(units, use_bias=not batch_norm, kernel_regularizer=penalty))
        if batch_norm:
            layers.append(keras.layers.BatchNormalization())
        layers.append(keras.layers.Activation(activation))
    output = "sigmoid" if n_outputs == 1 else "softmax"
    layers.append(keras.layers.Dense(n_outputs, activation=output, kernel_regularizer=penalty))
    model = keras.Sequential(layers)
    model.compile(_optimizer(optimizer, learning_rate), loss)
    return model


def build_for_scikeras(meta, hidden_layer_sizes, activation, optimizer, learning_rate, l2, batch_norm):
    """SciKeras gives class numbers, so two classes need one output."""
    return _build_for_class_numbers(
        meta["n_features_in_"],
        meta["n_classes_"],
        hidden_layer_sizes=hidden_layer_sizes,
        activation=activation,
        optimizer=optimizer,
        learning_rate=learning_rate,
        l2=l2,
        batch_norm=batch_norm,
    )


def build_for_keras_wrapper(X, y, **network):
    """The wrapper of Keras gives a column per class, for two classes, too."""
    return build_keras(X.shape[1], y.shape[1], "categorical_crossentropy", **network)


class ModelFit(ClassifierMixin, BaseEstimator):
    """``Model.fit`` with nothing around it, in the least that a search needs."""

    def __init__(
        self,
        hidden_layer_sizes=(64,),
        activation="relu",
        optimizer="adam",
        learning_rate=1e-3,
        l2=0.0,
        batch_norm=False,
        batch_size=32,
        epochs=1,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.l2 = l2
        self.batch_norm = batch_norm
        self.batch_size = batch_size
        self.epochs = epochs

    def fit(self, X, y):
        """Build and train; y is numbers from zero on."""
        self.classes_ = np.unique(y)
        network = self.get_params()
        batch_size, epochs = network.pop("batch_size"), network.pop("epochs")
        self.model_ = _build_for_class_numbers(X.shape[1], len(self.classes_), **network)
        self.model_.fit(X, y, batch_size=batch_size, epochs=epochs, verbose=0)
        return self

    def predict_proba(self, X):
        """A column per class."""
        output = self.model_.predict(X, verbose=0)
        return np.hstack([1 - output, output]) if output.shape[1] == 1 else output

    def predict(self, X):
        """Class numbers."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def _build_for_class_numbers(n_features, n_classes, **network):
    if n_classes == 2:
        return build_keras(n_features, 1, "binary_crossentropy", **network)
    return build_keras(n_features, n_classes, "sparse_categorical_crossentropy", **network)


def _optimizer(name, learning_rate):
    if name == "sgd":
        return keras.optimizers.SGD(learning_rate, momentum=0.9, nesterov=True)
    return keras.optimizers.get({"class_name": name, "config": {"learning_rate": learning_rate}})
