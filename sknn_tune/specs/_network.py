"""What a network is, before any of it exists: the facts an engine needs to build one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .._copies import StoredWithObjects
from ._vocabulary import ACTIVATION_ALIASES, INITIALIZER_ALIASES, canonical_name

#: Of weights and arithmetic.
DType = Literal["float32", "float64"]


@dataclass(frozen=True)
class LayerSpec(StoredWithObjects):
    """A Keras layer by its name and keyword arguments, for ``feature_layers``."""

    name: str
    arguments: tuple[tuple[str, Any], ...] = field(default=(), hash=False)


@dataclass(frozen=True)
class NetworkSpec(StoredWithObjects):
    """A feed-forward network: feature layers, hidden layers, an output layer.

    Everything a user may give once or once per layer is a tuple with one entry per layer here. Names are canonical
    once the spec is made, however they were typed: ``"swish"`` is ``"silu"`` and ``"HeNormal"`` is ``"he_normal"``.

    Attributes
    ----------
    input_shape : tuple of int
        Shape of one row, without the batch axis.
    n_outputs : int
        Units of the output layer.
    output_activation : str or callable
        Activation of the output layer, resolved (never ``"auto"``).
    feature_layers : tuple
        `LayerSpec` or Keras layer objects applied before the hidden layers.
    hidden_layer_sizes : tuple of int
        Units of each hidden layer.
    activations : tuple of (str or callable)
        One per hidden layer.
    kernel_initializers : tuple
        One per hidden layer and one for the output layer, resolved.
    batch_norm : {None, "before", "after"}
        Where batch normalisation stands, seen from the activation.
    dropouts : tuple of float
        Rate after each hidden layer.
    n_members : int
        Above one: so many networks in one, which share the kernels of their hidden layers and are averaged. They
        have no feature layers and no batch normalisation.
    """

    input_shape: tuple[int, ...]
    n_outputs: int
    output_activation: str | Callable[..., Any]
    feature_layers: tuple[Any, ...] = ()
    hidden_layer_sizes: tuple[int, ...] = ()
    activations: tuple[str | Callable[..., Any], ...] = ()
    negative_slope: float = 0.01
    kernel_initializers: tuple[Any, ...] = ("glorot_uniform",)
    batch_norm: Literal["before", "after"] | None = None
    batch_norm_momentum: float = 0.99
    batch_norm_epsilon: float = 1e-3
    dropouts: tuple[float, ...] = ()
    input_dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    activity_l1: float = 0.0
    activity_l2: float = 0.0
    n_members: int = 1
    dtype: DType = "float32"

    def __post_init__(self) -> None:
        self._use_canonical_names()
        n_hidden = len(self.hidden_layer_sizes)
        for name, expected in (
            ("activations", n_hidden),
            ("dropouts", n_hidden),
            ("kernel_initializers", n_hidden + 1),
        ):
            if len(getattr(self, name)) != expected:
                raise ValueError(
                    f"{name} must have {expected} entries for {n_hidden} hidden layers, got {len(getattr(self, name))}."
                )

    def _use_canonical_names(self) -> None:
        def canonical(given: Any, aliases: Mapping[str, str]) -> Any:
            return canonical_name(given, aliases) if isinstance(given, str) else given

        names = {
            "output_activation": canonical(self.output_activation, ACTIVATION_ALIASES),
            "activations": tuple(canonical(each, ACTIVATION_ALIASES) for each in self.activations),
            "kernel_initializers": tuple(canonical(each, INITIALIZER_ALIASES) for each in self.kernel_initializers),
        }
        for name, value in names.items():
            object.__setattr__(self, name, value)  # frozen from here on


@dataclass(frozen=True, eq=False)
class CustomNetworkSpec(StoredWithObjects):
    """A network that the user's own function (or Keras model) makes; SciKeras calls it.

    Attributes
    ----------
    model : callable or keras.Model
        What the user gave as ``model``.
    arguments : mapping
        Keyword arguments for it (the routed ``model__*`` ones and those its signature names).
    meta : mapping
        Facts about the data, handed over as ``meta`` when the signature asks for it.
    parameters : mapping
        All parameters of the estimator, handed over as ``params`` when the signature asks for it.
    example : ndarray, or list, tuple or dict of them; None
        A row as the model gets it, where a ``feature_encoder`` of the user's makes it; else as ``meta`` says.
    loss_is_given : bool
        Whether the loss is another than the default of the estimator.
    given : tuple of str
        Names of the parameters that are other than they come.
    """

    model: Any
    arguments: Mapping[str, Any]
    meta: Mapping[str, Any]
    parameters: Mapping[str, Any]
    dtype: DType = "float32"
    example: Any = None
    loss_is_given: bool = True
    given: tuple[str, ...] = ()
