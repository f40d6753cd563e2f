"""A network of several members that share the kernels of their hidden layers, as layers of Keras.

Gorishniy et al. (2025), "TabM", https://arxiv.org/abs/2410.24210, in the form of Wen et al. (2020), "BatchEnsemble",
https://arxiv.org/abs/2002.06715. Between the layers values have the shape (rows, members, units), so that whatever else
works on units, an activation or dropout, works on those of each member.

In training each member has a loss of its own: the network gives the outputs of all members, those of a row one after
the other, and its training step repeats the targets. Otherwise it gives the mean over the members, so that Keras' own
``predict`` and ``evaluate`` are those of the averaged network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._tensorflow import keras

_serializable = keras.saving.register_keras_serializable(package="sknn_tune")


@_serializable
class SharedNetwork(keras.Sequential):
    """Layers of which the first is `EachMember` and the last `MemberHeads`."""

    def train_step(self, data: Any) -> Any:
        """One update by the mean of the members' losses."""
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        n_members = self.layers[-1].n_members
        y = keras.ops.repeat(y, n_members, axis=0)
        if sample_weight is not None:
            sample_weight = keras.ops.repeat(sample_weight, n_members, axis=0)
        return super().train_step((x, y, sample_weight))


@_serializable
class EachMember(keras.layers.Layer):
    """Gives every member the row: (rows, units) becomes (rows, members, units).

    Parameters
    ----------
    n_members : int
    """

    def __init__(self, n_members: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.n_members = n_members

    def call(self, inputs: Any) -> Any:
        return keras.ops.repeat(keras.ops.expand_dims(inputs, 1), self.n_members, axis=1)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], self.n_members, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n_members": self.n_members}


class _OfMembers(keras.layers.Layer):
    """What both layers with weights have in common."""

    n_members: int

    def __init__(self, units: int, *, kernel_regularizer: Any = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.units = units
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def get_config(self) -> dict[str, Any]:
        regularizer = keras.regularizers.serialize(self.kernel_regularizer)
        return {**super().get_config(), "units": self.units, "kernel_regularizer": regularizer}


@_serializable
class SharedDense(_OfMembers):
    """``output_scale * ((input_scale * x) @ kernel) + bias``, of which only the kernel is the same for all members.

    Parameters
    ----------
    units : int
    kernel_regularizer : keras.regularizers.Regularizer, default=None
    """

    def build(self, input_shape: tuple) -> None:
        self.n_members, n_inputs = input_shape[-2:]
        kernel = (n_inputs, self.units)
        self.kernel = self.add_weight(shape=kernel, regularizer=self.kernel_regularizer, name="kernel")
        self.input_scale = self.add_weight(shape=input_shape[-2:], initializer="ones", name="input_scale")
        shape = (self.n_members, self.units)
        self.output_scale = self.add_weight(shape=shape, initializer="ones", name="output_scale")
        self.bias = self.add_weight(shape=shape, initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        rows = keras.ops.reshape(inputs * self.input_scale, (-1, inputs.shape[-1]))  # one product for all members
        products = keras.ops.reshape(keras.ops.matmul(rows, self.kernel), (-1, self.n_members, self.units))
        return products * self.output_scale + self.bias

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (*input_shape[:-1], self.units)


@_serializable
class MemberHeads(_OfMembers):
    """The output layers of the members, nothing of which they share, and the mean of what they give.

    Parameters
    ----------
    units : int
    activation : str or callable, default=None
    kernel_regularizer : keras.regularizers.Regularizer, default=None
    """

    def __init__(
        self,
        units: int,
        *,
        activation: str | Callable[..., Any] | None = None,
        kernel_regularizer: Any = None,
        **arguments: Any,
    ) -> None:
        super().__init__(units, kernel_regularizer=kernel_regularizer, **arguments)
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: tuple) -> None:
        self.n_members, n_inputs = input_shape[-2:]
        shape = (self.n_members, n_inputs, self.units)
        self.kernel = self.add_weight(shape=shape, regularizer=self.kernel_regularizer, name="kernel")
        self.bias = self.add_weight(shape=(self.n_members, self.units), initializer="zeros", name="bias")

    def call(self, inputs: Any, training: bool = False) -> Any:
        sums = keras.ops.einsum("bki,kio->bko", inputs, self.kernel) + self.bias
        if training:  # the activation comes last: crossentropies look for the sums before it
            return self.activation(keras.ops.reshape(sums, (-1, self.units)))
        return keras.ops.mean(self.activation(sums), axis=1)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": keras.activations.serialize(self.activation)}
