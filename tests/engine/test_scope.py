"""Which fits machine code covers, which engine is chosen, and that both are said in a sentence."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from reference import TARGETS, problem

from sknn_tune.engine._devices import Placement
from sknn_tune.engine._scope import why_no_numba, why_not_machine_code
from sknn_tune.engine._way import OPERATIONS_FOR_A_CARD, choose_engine

CPU, CARD = Placement("CPU:0", chosen=False), Placement("GPU:0", chosen=False)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_covered(target):
    assert why_not_machine_code(*problem(target)) is None


@pytest.mark.parametrize(
    ("network", "training", "words"),
    [
        ({"feature_layers": ("Flatten",)}, {}, "it has feature_layers"),
        ({"input_shape": (2, 2)}, {}, "a row of X has the shape (2, 2)"),
        ({"activations": (np.tanh,)}, {}, "is not given by name"),
        ({"activations": ("sparsemax",)}, {}, "the activation 'sparsemax' has no machine code"),
        ({}, {"loss": "hinge"}, "the loss 'hinge' has no machine code"),
        ({}, {"loss_arguments": (("from_logits", True),)}, "loss__from_logits is set"),
        ({}, {"loss_arguments": (("label_smoothing", np.array([0.1])),)}, "loss__label_smoothing is set"),
        ({}, {"loss": "mean_squared_error", "loss_arguments": (("label_smoothing", 0.1),)}, "label_smoothing is set"),
        ({}, {"optimizer": "lion"}, "the optimizer 'lion' is not one of"),
        ({}, {"compile_arguments": (("jit_compile", True),)}, "compile__jit_compile is set"),
    ],
)
def test_what_goes_to_keras_is_said_in_a_sentence(network, training, words):
    engine, sentence = choose_engine("auto", *problem(network=network, **training), CPU)
    assert engine == "keras" and words in sentence
    assert sentence.startswith("Keras trains this network because") and sentence.endswith(".")


@pytest.mark.parametrize(
    ("module", "words"),
    [(None, "cannot be imported"), (SimpleNamespace(config=SimpleNamespace(DISABLE_JIT=1)), "NUMBA_DISABLE_JIT")],
    ids=["missing", "switched off"],
)
def test_without_numba_keras_trains_and_it_is_said(module, words, monkeypatch):
    why_no_numba.cache_clear()
    monkeypatch.setitem(sys.modules, "numba", module)
    try:
        engine, reason = choose_engine("auto", *problem(), CPU)
        with pytest.raises(ValueError, match="cannot train this network because Numba, which would be faster"):
            choose_engine("numba", *problem(), CPU)
    finally:
        why_no_numba.cache_clear()
    assert engine == "keras" and "Numba, which would be faster," in reason and words in reason


@pytest.mark.parametrize(
    ("wanted", "hidden", "placement", "engine", "words"),
    [
        ("auto", (5,), CPU, "numba", "Machine code trains dense networks on the processor"),
        ("keras", (5,), CPU, "keras", "engine='keras' was asked for"),
        ("auto", (5,), CARD, "numba", "is too small for a card"),
        ("auto", (4096, 4096), CARD, "keras", "is large enough for a card"),
        ("numba", (4096, 4096), CARD, "numba", "engine='numba' was asked for"),
        ("auto", (5,), Placement("GPU:0", chosen=True), "keras", "device='GPU:0' was asked for"),
        ("auto", (4096, 4096), Placement("CPU:0", chosen=True), "numba", "on the processor"),
    ],
)
def test_the_engine_follows_from_the_fit_and_the_card(wanted, hidden, placement, engine, words):
    network, training = problem(hidden=hidden)
    found, reason = choose_engine(wanted, network, training, placement)
    assert found == engine and words in reason and reason.endswith(".")


def test_a_card_that_was_asked_for_cannot_run_machine_code():
    with pytest.raises(ValueError, match="cannot train this network because device='GPU:1' was asked for"):
        choose_engine("numba", *problem(), Placement("GPU:1", chosen=True))


def test_the_rule_for_a_card_is_a_number_of_operations():
    """6 operations for each row, and each weight and bias: 1 000 inputs, one hidden layer, one output."""
    units = OPERATIONS_FOR_A_CARD // (6 * 8 * 1002)
    for n_units, engine in ((units - 1, "numba"), (units + 1, "keras")):
        network, training = problem(hidden=(n_units,), network={"input_shape": (1000,)})
        assert choose_engine("auto", network, training, CARD)[0] == engine


WITHOUT_TENSORFLOW = """
import sys
import numpy as np
from pathlib import Path
Path.exists = lambda path: True  # a machine that may have a card
from sknn_tune import KerasClassifier
X = np.random.default_rng(0).normal(size=(40, 3))
network = KerasClassifier(hidden_layer_sizes=(4,), epochs=2, random_state=0, device={device!r}).fit(X, X[:, 0] > 0)
network.predict(X)
assert "tensorflow" not in sys.modules
print(network.device_)
"""


@pytest.mark.few(1)
@pytest.mark.parametrize(("device", "hidden_cards"), [("CPU:0", None), (None, "-1"), (None, "")])
def test_the_processor_needs_no_tensorflow(device, hidden_cards, monkeypatch):
    if hidden_cards is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden_cards)
    program = WITHOUT_TENSORFLOW.format(device=device)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "CPU:0"
