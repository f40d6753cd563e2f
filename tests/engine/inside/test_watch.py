"""A watched model computes as before, and is watched only while the watch runs it."""

from __future__ import annotations

import numpy as np
import pytest

from sknn_tune.engine.inside._layers import layers_of
from sknn_tune.engine.inside._watch import Watch
from sknn_tune.engine.models import new_model
from sknn_tune.specs import NetworkSpec, TrainingSpec

ROWS = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


@pytest.fixture
def model():
    network = NetworkSpec(
        input_shape=(3,),
        n_outputs=2,
        output_activation="linear",
        hidden_layer_sizes=(4,),
        activations=("relu",),
        kernel_initializers=("he_normal", "glorot_uniform"),
        dropouts=(0.5,),
        batch_norm="before",
    )
    return new_model(network, TrainingSpec("mean_squared_error", "sgd", 0.1, 5, 1), seed=0)


def _watch(model) -> Watch:
    return Watch(model, {id(layer): layer.name for layer in layers_of(model)})


def test_a_watched_model_computes_the_same(model):
    before = np.asarray(model(ROWS, training=False))
    _, outputs = _watch(model).run(ROWS)
    np.testing.assert_array_equal(outputs, before)
    np.testing.assert_array_equal(model(ROWS, training=False), before)


def test_each_run_gives_its_own_calls_in_the_order_of_the_layers(model):
    watch = _watch(model)
    first, _ = watch.run(ROWS)
    second, outputs = watch.run(ROWS[:2])
    expected = [
        *(("hidden_0", "weighted_sum"), ("hidden_0_normalization", "normalized")),
        *(("hidden_0_activation", "activated"), ("output", "weighted_sum")),
    ]
    assert [(call.layer, call.stage) for call in first] == expected
    assert [(call.layer, call.stage) for call in second] == expected
    assert [len(call.values()) for call in first] == [5] * 4
    assert [len(call.values()) for call in second] == [2] * 4
    assert second[-1].after is outputs


def test_nothing_is_noted_outside_a_run(model):
    watch = _watch(model)
    calls, _ = watch.run(ROWS)
    n_calls = len(calls)
    model(ROWS, training=False)
    assert len(calls) == n_calls


def test_a_run_that_fails_leaves_nothing_behind(model):
    watch = _watch(model)
    with pytest.raises(ValueError, match="shape"):
        watch.run(ROWS[:, :2])
    calls, _ = watch.run(ROWS)
    assert len(calls) == 4
