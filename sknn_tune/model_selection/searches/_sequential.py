"""What our searches share: scikit-learn's parameters, a time budget, and batches that are tasks for its callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._compat.scikit_learn_searches import HookedSearchCV, begin_task, drop_task, end_task
from ..._documentation import LinkedToDocumentation
from ._budget import Budget


class SequentialSearchCV(LinkedToDocumentation, HookedSearchCV):
    """A search that calls ``evaluate_candidates`` again and again.

    scikit-learn reads the names of parameters from the constructor of the class itself, so each search lists all of
    its own. What they have in common is stored here; it is documented in each search.
    """

    _parameter_constraints: dict = {**HookedSearchCV._parameter_constraints, **Budget.constraints}

    # Attributes of scikit-learn's class, which has no types.
    estimator: Any
    n_splits_: int
    verbose: int

    def __init__(
        self,
        estimator: Any,
        *,
        timeout: float | None,
        scoring: Any,
        n_jobs: int | None,
        refit: bool | str | Callable,
        cv: Any,
        verbose: int,
        pre_dispatch: int | str,
        error_score: float | str,
        return_train_score: bool,
    ) -> None:
        super().__init__(
            estimator=estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.timeout = timeout

    def _evaluate_batch(
        self, evaluate_candidates: Callable, batch: list[dict], task_name: str, parent: Any, **arguments: Any
    ) -> dict:
        """Evaluate candidates as one task below ``parent`` (which is there from scikit-learn 1.9 on)."""
        context = None
        if parent is not None:
            context = arguments["callback_ctx"] = begin_task(
                self,
                parent,
                task_name=task_name,
                max_subtasks=len(batch) * self.n_splits_,
                sequential_subtasks=False,
            )
        # scikit-learn would announce each batch in the middle of the line of progress. What it prints of single fits,
        # it has made up its mind about before.
        verbose, self.verbose = self.verbose, 0
        try:
            return evaluate_candidates(batch, **arguments)
        except KeyboardInterrupt:
            drop_task(context)
            context = None
            raise
        finally:
            self.verbose = verbose
            end_task(self, context)
