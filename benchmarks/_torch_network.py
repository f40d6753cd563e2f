"""The network of a candidate in PyTorch, for skorch."""

from __future__ import annotations

import torch
from torch import nn

_ACTIVATIONS = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "silu": nn.SiLU,
}
OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "nadam": torch.optim.NAdam,
}


class TorchNetwork(nn.Module):
    """One output per class, without softmax: the loss of PyTorch has it inside."""

    def __init__(self, n_features=1, n_outputs=2, hidden_layer_sizes=(64,), activation="relu", batch_norm=False):
        super().__init__()
        layers, width = [], n_features
        for units in hidden_layer_sizes:
            layers.append(_glorot(nn.Linear(width, units, bias=not batch_norm)))
            if batch_norm:
                layers.append(nn.BatchNorm1d(units, eps=1e-3, momentum=0.01))  # Keras' defaults
            layers.append(_ACTIVATIONS[activation]())
            width = units
        self.layers = nn.Sequential(*layers, _glorot(nn.Linear(width, n_outputs)))

    def forward(self, X):
        """Logits."""
        return self.layers(X)


def _glorot(linear: nn.Linear) -> nn.Linear:
    nn.init.xavier_uniform_(linear.weight)
    if linear.bias is not None:
        nn.init.zeros_(linear.bias)
    return linear
