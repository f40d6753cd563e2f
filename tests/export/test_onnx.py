"""ONNX Runtime predicts what the pipeline predicts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.export import _onnx, register_onnx_converters

skl2onnx = pytest.importorskip("skl2onnx", reason="writes the graphs; the extra onnx brings it")
onnxruntime = pytest.importorskip("onnxruntime", reason="runs the graphs; the extra onnx brings it")

SHORT = {"hidden_layer_sizes": (5, 4), "epochs": 2, "learning_rate": 0.01, "random_state": 0}


@pytest.fixture(autouse=True)
def _registered():
    register_onnx_converters()


def run(estimator, inputs: dict, example) -> list:
    options = {"zipmap": False} if hasattr(estimator, "predict_proba") else None
    types = example if isinstance(example, list) else None
    graph = skl2onnx.to_onnx(estimator, None if types else example, initial_types=types, options=options)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


@pytest.mark.few(2)
@pytest.mark.parametrize("activation", sorted(_onnx._ACTIVATIONS))
@pytest.mark.parametrize("batch_norm", [False, "after", True])
def test_probabilities_and_labels(activation, batch_norm, multiclass_data):
    X, y = np.float32(multiclass_data[0]), np.array(["a", "bb", "ccc"])[multiclass_data[1]]
    network = KerasClassifier(**SHORT, activation=activation, batch_norm=batch_norm)
    pipeline = make_pipeline(StandardScaler(), network).fit(X, y)
    labels, probabilities = run(pipeline, {"X": X}, X[:1])
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(X), atol=1e-5)
    assert (labels == pipeline.predict(X)).mean() > 0.99


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "parameters",
    [{}, {"n_members": 2}, {"dtype": "float64"}, {"loss": "binary_crossentropy", "loss__from_logits": True}],
    ids=str,
)
def test_two_classes(parameters, binary_data):
    X, y = np.float32(binary_data[0]), binary_data[1] == 1
    network = KerasClassifier(**SHORT, **parameters).fit(X, y)
    labels, probabilities = run(network, {"X": X}, X[:1])
    np.testing.assert_allclose(probabilities, network.predict_proba(X), atol=1e-5)
    assert (labels == network.predict(X)).mean() > 0.99


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_numbers(n_outputs, regression_data):
    X, y = np.float32(regression_data[0]), regression_data[1]
    y = y if n_outputs == 1 else np.column_stack([y, -y])
    pipeline = make_pipeline(StandardScaler(), KerasRegressor(**SHORT)).fit(X, y)
    [numbers] = run(pipeline, {"X": X}, X[:1])
    np.testing.assert_allclose(numbers, pipeline.predict(X).reshape(-1, n_outputs), rtol=1e-5, atol=1e-5)


def test_a_table_of_numbers_and_strings(binary_data):
    pandas = pytest.importorskip("pandas")
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    X, y = binary_data
    table = pandas.DataFrame({"age": np.float32(X[:, 0]), "place": np.where(X[:, 1] > 0, "town", "village")})
    preparation = ColumnTransformer([("n", StandardScaler(), ["age"]), ("s", OneHotEncoder(), ["place"])])
    pipeline = Pipeline([("prepare", preparation), ("network", KerasClassifier(**SHORT))]).fit(table, y)
    types = [("age", FloatTensorType([None, 1])), ("place", StringTensorType([None, 1]))]
    _, probabilities = run(pipeline, {name: table[[name]].to_numpy() for name in table}, types)
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(table), atol=1e-5)


@pytest.mark.parametrize(
    ("parameters", "multilabel", "reason"),
    [
        ({"n_members": 2, "share_weights": True}, False, "its members share weights"),
        ({"loss": "hinge", "output_activation": "tanh"}, False, "its loss gives no probabilities"),
        ({"activation": "squareplus"}, False, "there is no converter for the activation 'squareplus'"),
        ({}, True, "only targets with one label in each row"),
    ],
    ids=str,
)
def test_what_cannot_be_converted_says_why(parameters, multilabel, reason, binary_data):
    X, y = np.float32(binary_data[0]), binary_data[1]
    y = np.column_stack([y, 1 - y, y]) if multilabel else y
    network = KerasClassifier(**SHORT | parameters).fit(X, y)
    with pytest.raises(NotImplementedError, match=f"This KerasClassifier cannot be converted to ONNX here: {reason}"):
        run(network, {"X": X}, X[:1])
