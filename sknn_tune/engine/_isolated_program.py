"""A compiled program in a session of its own: a name that never changes, and memory that comes back.

Problem: what XLA compiles for a ``tf.function`` stays in the process for ever (about 2 MB each, also
after the function is gone), and its key on disk holds a counter of functions traced before, so that
another process finds it only if it does everything in the same order. Choice: the traced function is
put into a graph and session of its own. Closing the session frees the code, and in the graph the
function can be given a fixed name. Not taken: resetting TensorFlow's counter, which all threads share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._tensorflow import tf

_COUNTER = re.compile(r"_\d+$")


class IsolatedProgram:
    """``run`` for arguments of fixed shapes, compiled; called with arrays, it gives arrays.

    Parameters
    ----------
    run : callable
        Of tensors, in the (nested) order of ``shapes``.
    shapes : sequence
        Tensor specs, lists of them allowed.
    one_thread : bool
        Whether each call keeps to one thread. That of small operations is faster by a third then, three times
        faster when calls meet in two threads of Python, and does not suffer from what else the machine does.
    """

    def __init__(self, run: Callable, shapes: Sequence, *, one_thread: bool = False):
        concrete = tf.function(run, jit_compile=True, autograph=False).get_concrete_function(*shapes)
        graph = tf.Graph()
        with graph.as_default():
            flat = [tf.compat.v1.placeholder(spec.dtype, spec.shape) for spec in tf.nest.flatten(shapes)]
            results = concrete(*tf.nest.pack_sequence_as(shapes, flat))
            fetches = tf.nest.flatten(results)
        definition = without_counters(graph.as_graph_def(add_shapes=False))
        self._results = tf.nest.map_structure(lambda tensor: None, results)
        self._graph = tf.Graph()
        with self._graph.as_default(), tf.device(current_device()):
            tf.import_graph_def(definition, name="")
            feeds, fetches = ([self._graph.get_tensor_by_name(t.name) for t in ts] for ts in (flat, fetches))
            self._session = tf.compat.v1.Session(graph=self._graph, config=_session_config(one_thread))
            self._call = self._session.make_callable(fetches, feeds)

    def __call__(self, *arguments: Any) -> Any:
        flat = self._call(*(np.asarray(argument) for argument in tf.nest.flatten(arguments)))
        return tf.nest.pack_sequence_as(self._results, flat)

    def __del__(self) -> None:
        if hasattr(self, "_session"):
            self._session.close()


def without_counters(definition: Any) -> Any:
    """The graph with its functions renamed: ``while_body_33`` is ``while_body`` in every process."""
    names: dict[str, str] = {}
    for function in definition.library.function:
        name = _COUNTER.sub("", function.signature.name)
        while name in names.values():
            name += "_"
        names[function.signature.name] = name
    for function in definition.library.function:
        function.signature.name = names[function.signature.name]
    for nodes in (definition.node, *(function.node_def for function in definition.library.function)):
        for node in nodes:
            node.op = names.get(node.op, node.op)
            for attribute in node.attr.values():
                if attribute.HasField("func"):
                    attribute.func.name = names.get(attribute.func.name, attribute.func.name)
    return definition


def _session_config(one_thread: bool) -> Any:
    """The devices, and unless told otherwise the threads, that TensorFlow uses outside of sessions."""
    config = tf.compat.v1.ConfigProto()
    config.CopyFrom(_eager_context().config)
    if one_thread:
        config.use_per_session_threads = True
        config.intra_op_parallelism_threads = 1  # calls that meet need a thread each between operations
    return config


def _eager_context() -> Any:
    from tensorflow.python.eager import context

    return context.context()


def current_device() -> str | None:
    """The device of the ``tf.device`` around, on which a program built here will run; None if there is none."""
    return _eager_context().device_name or None
