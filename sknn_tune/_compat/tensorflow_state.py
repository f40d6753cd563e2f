"""TensorFlow: what can be asked of it without importing it."""

from __future__ import annotations

import sys
from typing import Any


def has_computed() -> bool:
    """Whether TensorFlow has computed anything in this process, and so has threads.

    There is no public way to ask that does not begin to compute. ``tensorflow.python.eager.context``, its ``_context``
    and that one's ``_initialized``: seen in TensorFlow 2.18 to 2.21. If one is gone, the answer is no, and a forked
    child of a process that has used TensorFlow waits for ever in its first fit through Keras, as without us.
    """
    module: Any = sys.modules.get("tensorflow.python.eager.context")
    return bool(getattr(getattr(module, "_context", None), "_initialized", False))
