"""What searches that call ``evaluate_candidates`` again and again need of scikit-learn."""

from __future__ import annotations

from typing import Any


def begin_task(search: Any, callback_ctx: Any, **subtask) -> Any:
    """A task for the callbacks of scikit-learn >= 1.9; None before."""
    return None if callback_ctx is None else callback_ctx.subcontext(**subtask).call_on_fit_task_begin(estimator=search)


def end_task(search: Any, context: Any) -> None:
    """Tell the callbacks that it is over."""
    if context is not None:
        context.call_on_fit_task_end(estimator=search)


def says_all_failed(error: ValueError) -> bool:
    """Whether scikit-learn raised it because no fit of a call could be made, and not one of the fits themselves."""
    return str(error).startswith("\nAll the ")
