"""threadpoolctl: what of it is private."""

from __future__ import annotations

from typing import Any


def set_threads(library: Any, n_threads: int) -> None:
    """Set the number of threads of a library, in whatever thread this is.

    Since threadpoolctl 3.7 only the thread that first set a limit may set another, and others are refused without a
    word; a fit may end in any thread. ``LibController.clear_controlling_thread``: seen in 3.7 and 3.8, and absent
    before, where it is not needed. If it is gone from a version that needs it, a limit set in another thread has no
    effect: a fit there is slower, and BLAS may round in another way than in a process.
    """
    let_any_thread = getattr(library, "clear_controlling_thread", lambda force: None)
    let_any_thread(force=True)
    library.set_num_threads(n_threads)
    let_any_thread(force=True)
