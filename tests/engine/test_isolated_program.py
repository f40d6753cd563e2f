"""A compiled program has the same name in every process, and gives its memory back."""

import gc
import weakref

import numpy as np
import pytest

from sknn_tune.engine._isolated_program import IsolatedProgram
from sknn_tune.engine._tensorflow import tf

SHAPES = (tf.TensorSpec([3], tf.float32), [tf.TensorSpec([], tf.int32), tf.TensorSpec([3], tf.float32)])


def _power(x, others):
    """``x * y ** n`` by a loop, so that there are functions inside the function."""
    n, y = others
    return {"power": tf.while_loop(lambda i, _: i < n, lambda i, z: (i + 1, z * y), (tf.constant(0), x))[1]}


def test_arrays_go_in_and_come_out_in_their_structure():
    program = IsolatedProgram(_power, SHAPES)
    found = program(np.ones(3, "float32"), [np.int32(2), tf.constant([1.0, 2.0, 3.0])])
    np.testing.assert_array_equal(found["power"], [1, 4, 9])


@pytest.mark.parametrize("one_thread", [False, True])
def test_one_thread_gives_the_same_and_leaves_tensorflow_its_own(one_thread):
    before = tf.config.threading.get_intra_op_parallelism_threads()
    program = IsolatedProgram(_power, SHAPES, one_thread=one_thread)
    found = program(np.full(3, 2, "float32"), [np.int32(3), tf.constant([1.0, 2.0, 3.0])])
    np.testing.assert_array_equal(found["power"], [2, 16, 54])
    assert (program._session._config.intra_op_parallelism_threads == 1) == one_thread
    assert tf.config.threading.get_intra_op_parallelism_threads() == before


def test_functions_are_named_alike_whatever_was_traced_before():
    """TensorFlow's key on disk holds these names."""
    names = []
    for _ in range(2):
        library = IsolatedProgram(_power, SHAPES)._graph.as_graph_def().library
        names.append(sorted(function.signature.name for function in library.function))
        tf.function(lambda x: x + 1).get_concrete_function(tf.TensorSpec([2], tf.float32))
    assert names[0] == names[1] and not any(name[-1].isdigit() for name in names[0])


def test_a_dropped_program_closes_its_session():
    program = IsolatedProgram(_power, SHAPES)
    session = weakref.ref(program._session)
    del program
    gc.collect()
    assert session() is None
