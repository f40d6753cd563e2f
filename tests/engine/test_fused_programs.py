"""What is only a number compiles nothing; programs are shared by threads and bounded in number."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from fused_reference import SEED, TARGETS, initial_model, problem, rows

from sknn_tune.engine._cost_model import cheapest_way, why_not_machine_code
from sknn_tune.engine.loop._epochs import train_fused
from sknn_tune.engine._fused_rows import padded_batch_rows, steps_of_a_call
from sknn_tune.engine._scope import LOSSES, why_not_fused
from sknn_tune.engine.formulas._structure import Numbers, closed, layer_widths, network_structure, training_structure
from sknn_tune.engine._program import WeightLayout, clipped, gradients_of_batch
from sknn_tune.engine._program_cache import PROGRAMS, ProgramCache, programs_compiled
from sknn_tune.engine._tensorflow import tf
from sknn_tune.specs import ArrayData, ScheduleSpec, StoppingSpec

PENALISED = {"l2": 0.01, "dropouts": (0.2,), "batch_norm": "before", "input_dropout": 0.1}


def _data(n_rows):
    data = rows("binary", n_rows=n_rows)
    return ArrayData(data.X, data.y)


def _train(network, training, data, **how):
    weights = initial_model(network, training).get_weights()
    return train_fused(
        network,
        training,
        data,
        None,
        initial_weights=weights,
        initial_optimizer=None,
        row_order=lambda epoch: np.random.default_rng(epoch).permutation(data.n_rows),
        dropout_seed=SEED,
        **{"way": "compiled", **how},
    )


def _differences(one, other, path="program"):
    """Names of the fields in which two structures differ: what to look for after an unexpected compile."""
    if is_dataclass(one) and type(one) is type(other):
        pairs = (
            (f"{path}.{field.name}", getattr(one, field.name), getattr(other, field.name)) for field in fields(one)
        )
        return [name for field_path, a, b in pairs for name in _differences(a, b, field_path)]
    return [] if one == other else [f"{path}: {one!r} became {other!r}"]


def _assert_nothing_compiled_since(before, structures_before):
    new = [s for s in PROGRAMS.structures("compiled training") if s not in structures_before]
    reasons = [_differences(structures_before[-1], structure) for structure in new]
    assert programs_compiled() == before, f"compiled anew because of {reasons}"


@pytest.fixture(scope="module")
def base():
    """A program that is compiled once for all tests of what is only a number."""
    network, training = problem(network=PENALISED, epochs=2, batch_size=32)
    _train(network, training, _data(3333))
    return network, training


NUMBERS = {
    "one row more": ({}, {}, 3334),
    "twice the rows": ({}, {}, 6000),
    "learning rate": ({}, {"learning_rate": 0.3}, 3333),
    "epochs": ({}, {"epochs": 3}, 3333),
    "schedule": ({}, {"schedule": ScheduleSpec("cosine", 0.5, 100)}, 3333),
    "betas and decay": ({}, {"optimizer_arguments": (("beta_1", 0.8), ("epsilon", 1e-3), ("weight_decay", 0.1))}, 3333),
    "same form": ({}, {"optimizer": "nadam"}, 3333),
    "penalty": ({"l2": 0.5, "l1": 0.1}, {}, 3333),
    "dropout rates": ({"dropouts": (0.7,), "input_dropout": 0.3}, {}, 3333),
    "normalisation": ({"batch_norm_momentum": 0.5, "batch_norm_epsilon": 0.1}, {}, 3333),
}


@pytest.mark.parametrize("change", NUMBERS)
def test_a_number_compiles_nothing(base, change):
    network, training = base
    of_network, of_training, n_rows = NUMBERS[change]
    before, structures = programs_compiled(), PROGRAMS.structures("compiled training")
    _train(replace(network, **of_network), replace(training, **of_training), _data(n_rows))
    _assert_nothing_compiled_since(before, structures)


def test_sample_weights_compile_nothing(base):
    before, structures = programs_compiled(), PROGRAMS.structures("compiled training")
    _train(*base, replace(_data(3333), sample_weight=np.ones(3333, "float32")))
    _assert_nothing_compiled_since(before, structures)


def test_all_rows_as_one_batch_compile_once_for_folds_of_other_sizes():
    for n_rows in (3333, 3334):
        network, training = problem(hidden=(2,), epochs=1, batch_size=n_rows)
        _train(network, training, _data(n_rows))
        if n_rows == 3333:
            before, structures = programs_compiled(), PROGRAMS.structures("compiled training")
    _assert_nothing_compiled_since(before, structures)


def test_a_difference_of_structure_is_named():
    network, _ = problem()
    one, other = (network_structure(replace(network, activations=(name,))) for name in ("relu", "tanh"))
    assert "became" in _differences(one, other)[0] and "tanh" in _differences(one, other)[0]


def test_watched_and_unwatched_fits_give_the_same_bits(base):
    network, training = base
    stopping = StoppingSpec("loss", 100, 0.0, False)
    one, other = (
        _train(network, training, _data(300)),
        _train(network, replace(training, stopping=stopping), _data(300)),
    )
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_threads_compile_a_program_once_and_give_the_same_bits():
    network, training = problem(hidden=(9,), network={"dropouts": (0.3,)}, epochs=2)
    before = programs_compiled()
    start = threading.Barrier(4)

    def fit(_):
        start.wait()
        return _train(network, training, _data(60)).weights

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(fit, range(4)))
    assert programs_compiled() == before + 1
    alone = _train(network, training, _data(60)).weights
    for weights in results:
        for a, b in zip(weights, alone, strict=True):
            np.testing.assert_array_equal(a, b)


def test_compiled_or_not_the_weights_are_the_same_but_for_rounding(base):
    network, training = base
    one, other = (_train(network, training, _data(100), way=way) for way in ("compiled", "graph"))
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_the_cache_drops_the_least_recently_used():
    cache, built = ProgramCache(capacity=2), []

    def build(structure):
        built.append(structure)
        return lambda: structure

    for structure in ("a", "b", "a", "c", "a", "b"):
        assert cache.get("kind", structure, build)() == structure
    assert built == ["a", "b", "c", "b"]
    assert cache.structures("kind") == ["a", "b"] and cache.count("kind") == 4


def test_a_program_that_fails_to_build_is_tried_again():
    cache, attempts = ProgramCache(), []

    def build(structure):
        attempts.append(structure)
        if len(attempts) == 1:
            raise RuntimeError("no memory")
        return lambda: structure

    with pytest.raises(RuntimeError, match="no memory"):
        cache.get("kind", "a", build)
    assert cache.get("kind", "a", build)() == "a"


NAMES = {
    "numba": "machine code that Numba compiled once for all networks",
    "compiled": "a compiled program",
    "graph": "an uncompiled TensorFlow program",
}


@pytest.mark.parametrize(
    ("epochs", "network", "on_gpu", "way"),
    [
        (5, {}, False, "numba"),
        (20_000, {"batch_norm": "after"}, False, "numba"),
        (5, {"activations": ("gelu",)}, False, "numba"),
        (5, {}, True, "graph"),
        (20_000, {}, True, "compiled"),
    ],
)
def test_the_cheapest_way_is_taken_and_told(epochs, network, on_gpu, way):
    network, training = problem(epochs=epochs, network=network)
    found, reason = cheapest_way(network, training, 1000, on_gpu)
    assert found == way
    assert reason.startswith(f"It is trained by {NAMES[way]}") and reason.endswith(".")


@pytest.mark.parametrize(
    ("module", "words"),
    [(None, "cannot be imported"), (SimpleNamespace(config=SimpleNamespace(DISABLE_JIT=1)), "NUMBA_DISABLE_JIT")],
    ids=["missing", "switched off"],
)
def test_without_numba_programs_train_and_it_is_said(module, words, monkeypatch):
    why_not_machine_code.cache_clear()
    monkeypatch.setitem(sys.modules, "numba", module)
    try:
        way, reason = cheapest_way(*problem(), 1000)
    finally:
        why_not_machine_code.cache_clear()
    assert way == "graph" and "Numba, which would be faster," in reason and words in reason


def test_losses_and_activations_are_those_that_programs_have():
    from sknn_tune.engine import _fused_activations, _fused_losses, _fused_scope
    from sknn_tune.specs._vocabulary import ACTIVATIONS

    assert set(_fused_losses.OUTPUT_LOSSES) | set(_fused_scope.CROSSENTROPY_ACTIVATIONS) == LOSSES
    assert set(_fused_activations.ACTIVATIONS) == set(ACTIVATIONS) - _fused_scope._KERAS_ACTIVATIONS


def test_small_batches_keep_their_size_and_large_ones_stand_on_a_ladder():
    assert [padded_batch_rows(n) for n in (1, 33, 512, 513, 3333, 3334)] == [1, 33, 512, 576, 3584, 3584]
    assert all(padded_batch_rows(n) >= n for n in range(1, 5000))


def test_calls_are_bounded_in_rows_and_in_values():
    assert steps_of_a_call(32, 20) == 1024
    assert steps_of_a_call(32, 20, rows_of_an_epoch=2000) == 64
    assert steps_of_a_call(32, 10_000) == 8
    assert steps_of_a_call(100_000, 20) == 1


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_covered(target):
    assert why_not_fused(*problem(target), rows(target)) is None


@pytest.mark.parametrize(
    ("network", "training", "words"),
    [
        ({"feature_layers": ("Flatten",)}, {}, "it has feature_layers"),
        ({"input_shape": (2, 2)}, {}, "a row of X has the shape (2, 2)"),
        ({"activations": (np.tanh,)}, {}, "is not given by name"),
        ({"activations": ("sparsemax",)}, {}, "the activation 'sparsemax' has no compiled form"),
        ({}, {"loss": "hinge"}, "the loss 'hinge' has no compiled form"),
        ({}, {"loss_arguments": (("label_smoothing", 0.1),)}, "loss__label_smoothing is set"),
        ({}, {"optimizer": "lion"}, "the optimizer 'lion' is not one of"),
        ({}, {"compile_arguments": (("jit_compile", True),)}, "compile__jit_compile is set"),
    ],
)
def test_what_goes_to_keras_is_said_in_a_sentence(network, training, words):
    sentence = why_not_fused(*problem(network=network, **training), rows("binary"))
    assert words in sentence and sentence.startswith("Keras trains this network because") and sentence.endswith(".")


@pytest.mark.parametrize("batch_norm", [None, "before", "after"])
@pytest.mark.parametrize("activation", ["relu", "selu", "softmax"])
def test_networks_along_a_leading_axis_have_the_gradients_of_each_alone(batch_norm, activation):
    """Nothing trains so yet: see "Several networks at once" on the page about performance."""
    penalties = {"l2": 0.01, "activity_l1": 0.01, "activity_l2": 0.02}
    network, training = problem(
        "multiclass", hidden=(6, 5), activation=activation, network={"batch_norm": batch_norm, **penalties}
    )
    structure, widths = training_structure(network, training), layer_widths(network)
    structure = closed(structure, widths, 22, 1)
    layout = WeightLayout(structure.network, None)
    generator = np.random.default_rng(0)
    weights = generator.normal(size=(3, sum(layout.trained_sizes))).astype("float32")
    moving = generator.uniform(0.5, 2, (3, sum(layout.moving_sizes))).astype("float32")
    data, numbers = rows("multiclass"), Numbers(*map(tf.constant, Numbers.of(network, training)))
    share = tf.constant(np.full((22, 2), 1 / 22, "float32"))

    def found(own, own_moving):
        arrays = layout.unpack(tf.constant(own), tf.constant(own_moving))
        x, y = tf.constant(data.X), tf.constant(data.y[:, None].astype("float32"))
        gradients, moved, z, penalty = gradients_of_batch(structure, arrays, x, y, share, numbers, iter(()))
        gradient = clipped("norm", layout.pack(gradients), tf.constant(0.1))
        return [gradient, moved, z, *penalty]

    together = found(weights, moving)
    for index in range(3):
        for of_all, of_one in zip(together, found(weights[index], moving[index]), strict=True):
            of_one = np.asarray(of_one)
            if of_one.size:
                np.testing.assert_allclose(np.asarray(of_all)[index], of_one, rtol=1e-4, atol=1e-6)
