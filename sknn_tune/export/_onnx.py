"""Converters for skl2onnx, which writes a fitted pipeline of scikit-learn as one ONNX graph.

Keras exports `model_` by way of tf2onnx, which knows the network but none of the steps before it. Here the few kinds of
layers of a dense network are written as ONNX operators, so that a pipeline can be converted as a whole, without
TensorFlow. skl2onnx is a package of its own, so it is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .._optional import import_optional
from ..engine import TrainedNetwork, why_no_formula
from ..estimators import KerasClassifier, KerasRegressor
from ..specs import NetworkSpec

#: Activations that ONNX has under another name, or as others put together.
_ACTIVATIONS: dict[str, Callable[[Any, Any, float], Any]] = {
    "linear": lambda ops, z, slope: z,
    "relu": lambda ops, z, slope: ops.Relu(z),
    "leaky_relu": lambda ops, z, slope: ops.LeakyRelu(z, alpha=slope),
    "elu": lambda ops, z, slope: ops.Elu(z, alpha=1.0),
    "selu": lambda ops, z, slope: ops.Selu(z),
    "silu": lambda ops, z, slope: ops.Mul(z, ops.Sigmoid(z)),
    "gelu": lambda ops, z, slope: _gelu(ops, z),
    "mish": lambda ops, z, slope: ops.Mul(z, ops.Tanh(ops.Softplus(z))),
    "softplus": lambda ops, z, slope: ops.Softplus(z),
    "softsign": lambda ops, z, slope: ops.Softsign(z),
    "tanh": lambda ops, z, slope: ops.Tanh(z),
    "sigmoid": lambda ops, z, slope: ops.Sigmoid(z),
    "hard_sigmoid": lambda ops, z, slope: ops.HardSigmoid(z, alpha=1 / 6, beta=0.5),
    "exponential": lambda ops, z, slope: ops.Exp(z),
    "softmax": lambda ops, z, slope: ops.Softmax(z, axis=1),
}


def register_onnx_converters() -> None:
    """Let skl2onnx convert `KerasClassifier` and `KerasRegressor`, alone or at the end of a pipeline.

    Afterwards ``skl2onnx.to_onnx(pipeline, X[:1])`` gives one graph from the columns of X to what is predicted, if
    skl2onnx knows the steps before the network (those of scikit-learn). TensorFlow is not needed. Needs the
    package skl2onnx (extra ``onnx``).

    Dense networks can be converted, with their batch normalisation and any ``n_members``. Those of ``model`` or
    ``feature_layers``, members that share weights, multilabel targets, and losses whose outputs are no probabilities
    (such as hinge) cannot: ``model_.export("network.onnx", format="onnx")`` of Keras takes the network alone.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.export import register_onnx_converters
    >>> X, y = load_iris(return_X_y=True)
    >>> pipeline = make_pipeline(StandardScaler(), KerasClassifier(epochs=5, random_state=0)).fit(X, y)
    >>> import skl2onnx  # doctest: +SKIP
    >>> register_onnx_converters()  # doctest: +SKIP
    >>> graph = skl2onnx.to_onnx(pipeline, X[:1].astype("float32"), options={"zipmap": False})  # doctest: +SKIP
    >>> [output.name for output in graph.graph.output]  # doctest: +SKIP
    ['label', 'probabilities']
    """
    skl2onnx = import_optional("skl2onnx", purpose="register_onnx_converters")
    shapes = import_optional("skl2onnx.common.shape_calculator", purpose="register_onnx_converters")
    skl2onnx.update_registered_converter(
        KerasClassifier,
        "SknnTuneKerasClassifier",
        shapes.calculate_linear_classifier_output_shapes,
        _convert_classifier,
        options={"zipmap": [True, False, "columns"], "nocl": [True, False], "output_class_labels": [False, True]},
    )
    skl2onnx.update_registered_converter(
        KerasRegressor,
        "SknnTuneKerasRegressor",
        shapes.calculate_linear_regressor_output_shapes,
        _convert_regressor,
    )


def _convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    estimator = operator.raw_operator
    ops = _Operators(container, estimator.dtype)
    target = estimator._target
    if estimator.target_type_ not in ("binary", "multiclass") or target.is_one_hot or len(target.classes) < 2:
        raise _cannot(estimator, "only targets with one label in each row, of two classes or more, can be converted")
    label, probabilities = operator.outputs
    table = _mean_of_networks(ops, estimator, operator.inputs[0], lambda out, net: _probabilities(ops, out, net))
    classes = target.classes
    classes = classes.astype(np.int64) if classes.dtype.kind in "biuf" else classes.astype(str).astype(object)
    ops.Gather(classes, ops.ArgMax(table, axis=1, keepdims=0), axis=0, output_names=[label]).add_to(scope, container)
    ops.cast(table, _kind_of(probabilities), output_names=[probabilities]).add_to(scope, container)


def _convert_regressor(scope: Any, operator: Any, container: Any) -> None:
    estimator = operator.raw_operator
    ops = _Operators(container, estimator.dtype)
    [predicted] = operator.outputs
    table = _mean_of_networks(ops, estimator, operator.inputs[0], lambda out, net: _numbers(ops, out, net))
    ops.cast(table, _kind_of(predicted), output_names=[predicted]).add_to(scope, container)


class _Operators:
    """ONNX operators by their names, in the version that is asked for."""

    def __init__(self, container: Any, dtype: str):
        self.dtype = dtype  # ONNX puts only numbers of one kind together
        self._version = container.target_opset
        self._all = import_optional("skl2onnx.algebra.onnx_ops", purpose="register_onnx_converters")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operator = getattr(self._all, f"Onnx{name}")
        return lambda *inputs, **arguments: operator(*inputs, op_version=self._version, **arguments)

    def cast(self, values: Any, kind: int, **arguments: Any) -> Any:
        return self.Cast(values, to=kind, **arguments)


def _kind_of(variable: Any) -> int:
    return import_optional("skl2onnx.common.data_types", purpose="register_onnx_converters").guess_proto_type(
        variable.type
    )


def _mean_of_networks(ops: Any, estimator: Any, rows: Any, interpret: Callable[[Any, TrainedNetwork], Any]) -> Any:
    trained = estimator._trained
    networks = [trained] if isinstance(trained, TrainedNetwork) else trained.networks
    tables = [interpret(_outputs(ops, estimator, network, rows), network) for network in networks]
    return tables[0] if len(tables) == 1 else ops.Mean(*tables)


def _probabilities(ops: Any, outputs: Any, trained: Any) -> Any:
    """One column for each class, of outputs that are logits or probabilities."""
    one_unit = trained.network.n_outputs == 1
    if _meaning(trained) == "logits":
        outputs = ops.Sigmoid(outputs) if one_unit else ops.Softmax(outputs, axis=1)
    if one_unit:
        return ops.Concat(ops.Sub(np.array([1], ops.dtype), outputs), outputs, axis=1)
    sums = ops.MatMul(outputs, np.ones((trained.network.n_outputs, 1), ops.dtype))
    return ops.Div(outputs, sums)


def _numbers(ops: Any, outputs: Any, trained: Any) -> Any:
    """What a regressor predicts: of logits their probabilities."""
    taught = trained.training.taught
    if taught is None or taught.outputs != "logits":
        return outputs
    is_row = taught.exclusive and trained.network.n_outputs > 1
    return ops.Softmax(outputs, axis=1) if is_row else ops.Sigmoid(outputs)


def _meaning(trained: Any) -> str:
    """What the outputs of a network say."""
    taught = trained.training.taught
    return ("logits" if trained.gives_logits else "probabilities") if taught is None else taught.outputs


def _outputs(ops: Any, estimator: Any, trained: TrainedNetwork, rows: Any) -> Any:
    """What one network makes of the rows."""
    network = trained.network
    reason = why_no_formula(network)
    if reason is None and isinstance(network, NetworkSpec) and network.n_members > 1:
        reason = "its members share weights"
    if reason is None and _meaning(trained) == "signs":
        reason = "its loss gives no probabilities"
    if reason is not None:
        raise _cannot(estimator, reason)
    assert isinstance(network, NetworkSpec)
    for activation in map(str, (*network.activations, network.output_activation)):
        if activation not in _ACTIVATIONS:
            raise _cannot(estimator, f"there is no converter for the activation {activation!r}")
    weights = iter(np.asarray(array, network.dtype) for array in trained.weights)
    values = ops.cast(rows, {"float32": 1, "float64": 11}[network.dtype])  # numbers of TensorProto.DataType
    for activation in map(str, network.activations):
        values = _hidden_layer(ops, network, activation, weights, values)
    sums = ops.Add(ops.MatMul(values, next(weights)), next(weights))
    return _ACTIVATIONS[str(network.output_activation)](ops, sums, network.negative_slope)


def _hidden_layer(ops: Any, network: NetworkSpec, activation: str, weights: Iterator[Any], values: Any) -> Any:
    z = ops.MatMul(values, next(weights))
    if network.batch_norm == "before":
        return _ACTIVATIONS[activation](ops, _normalised(ops, network, weights, z), network.negative_slope)
    active = _ACTIVATIONS[activation](ops, ops.Add(z, next(weights)), network.negative_slope)
    return _normalised(ops, network, weights, active) if network.batch_norm else active


def _gelu(ops: Any, z: Any) -> Any:
    """``z`` times the share of the normal distribution below it, (1 + erf(z / √2)) / 2."""
    share = ops.Add(ops.Erf(ops.Mul(z, np.array([2**-0.5], ops.dtype))), np.array([1], ops.dtype))
    return ops.Mul(ops.Mul(z, np.array([0.5], ops.dtype)), share)


def _normalised(ops: Any, network: NetworkSpec, weights: Iterator[Any], z: Any) -> Any:
    gamma, beta, mean, variance = (next(weights) for _ in range(4))
    factor = (gamma / np.sqrt(variance + network.batch_norm_epsilon)).astype(network.dtype)
    return ops.Add(ops.Mul(z, factor), beta - mean * factor)


def _cannot(estimator: Any, reason: str) -> NotImplementedError:
    return NotImplementedError(
        f"This {type(estimator).__name__} cannot be converted to ONNX here: {reason}. Keras takes the network alone, "
        'without the steps before it: model_.export("network.onnx", format="onnx").'
    )
