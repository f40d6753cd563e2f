"""The members of a fit: estimators of one network each, trained for the estimator whose predictions are their mean.

A member is what would come of fitting an estimator of one network, with the member's ``random_state``, on the rows
that the member sees. So everything that a fit can do (weights, custom models, ``memory``, going on) is done here
by what does it for one network, and member *k* of eight is member *k* of four where they see the same rows. (A fit
alone may share large updates among free cores, part by part; then it differs from a member in the last digits.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from .._copies import copy_of
from ..engine import (
    Ensemble,
    EnsembleResult,
    TrainingResult,
    derived_seed,
    places_for_members,
    train_members,
)
from ..specs import ArrayData, StreamData
from ._fit_memory import train_or_recall
from ._holdout import Sides
from ._observers import FitObserver
from ._run import Run
from ._seeds import seed_of
from ._targets import Target
from .resolve import Parameters

#: Attributes that only a fit with rows held out by several members leaves.
OF_MEMBERS_OUT_OF_FOLD = ("oof_prediction_", "oof_score_")


def check_same_members(estimator: Any, parameters: Parameters) -> None:
    """Refuse to go on from another number of networks."""
    before = len(getattr(estimator, "members_", [estimator]))
    if parameters.n_networks != before:
        sharing = " that share weights" if parameters["share_weights"] else ""
        keep = "n_members and share_weights as they were" if sharing else f"n_members={before}"
        raise ValueError(
            f"warm_start and partial_fit cannot go on with n_members={parameters['n_members']}{sharing} from {before} "
            f"trained network(s). Keep {keep}, or fit with warm_start=False."
        )


class MembersInFit:
    """The members while their estimator is fitted.

    Parameters
    ----------
    estimator : KerasClassifier or KerasRegressor
        With more than one member.
    goes_on, incremental : bool, default=False
        Whether the fit goes on from the present members, and whether it is a `partial_fit`.
    trained_before : mapping of int to TrainingResult, default=None
        What came of members, by their numbers, that were trained in this way before, if any were. Where somebody
        looks on, they are trained again.

    Attributes
    ----------
    trained : list of estimators
        Those that are trained, after `train`.
    data : ArrayData or StreamData
        What the first of them is taught, after `train`.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        goes_on: bool = False,
        incremental: bool = False,
        trained_before: Mapping[int, TrainingResult] | None = None,
    ) -> None:
        self._estimator, self._goes_on, self._incremental = estimator, goes_on, incremental
        self._trained_before = trained_before or {}
        parameters = Parameters(estimator)
        self._n_sharing = parameters.n_sharing
        self._members = [self._member(number) for number in range(parameters.n_networks)]
        self.trained: list[Any] = []
        self.data: ArrayData | StreamData

    def _member(self, number: int) -> Any:
        estimator = self._estimator
        seed = derived_seed(estimator._seed, "member", number)
        parameters = {**estimator._all_parameters(), "random_state": seed, "verbose": 0}
        parameters |= {"n_members": self._n_sharing, "share_weights": self._n_sharing > 1}
        before = vars(estimator.members_[number]) if self._goes_on else {}
        # Members cannot share callbacks: each would see the epochs of all. Those that go on keep theirs.
        known_before = "callbacks" in before and before.get("_callbacks_given") is estimator.callbacks
        parameters["callbacks"] = before["callbacks"] if known_before else copy_of(estimator.callbacks)
        member = type(estimator)(**estimator.get_params(deep=False))
        vars(member).update(parameters)  # the constructor of a subclass may not take them
        member._callbacks_given = estimator.callbacks
        if self._goes_on:
            of_fit = {name: value for name, value in before.items() if name not in parameters}
            vars(member).update({**of_fit, "_callbacks_given": estimator.callbacks})
        else:
            member._seed = seed_of(member.random_state)
        known = vars(estimator)
        vars(member).update({name: known[name] for name in estimator._learnt_from_rows if name in known})
        return member

    def train(self, sides: Sides, target: Target, observers: Sequence[FitObserver]) -> EnsembleResult:
        """Train all; ``observers`` see the mean of what they record."""
        for member in self._members:
            member._set_target_attributes(target)
        first, memory = self._run(0, sides, target), self._estimator.memory
        self.data = first.job.data

        def train(number: int, attendants: Sequence[Any]) -> TrainingResult:
            # The others are prepared when their turn comes: each has a copy of its rows.
            run = first if number == 0 else self._run(number, sides, target)
            if number in self._trained_before and not observers:
                return self._trained_before[number]
            return train_or_recall(memory, run.watched_by(attendants) if observers else run.ended_by(attendants))

        with places_for_members(first.job, engine=first.engine, device=first.device) as n_at_once:
            results = train_members(
                [partial(train, number) for number in range(len(self._members))],
                observers=observers,
                first_epoch=self._estimator.n_iter_ if self._goes_on else 0,
                n_at_once=n_at_once,
            )
        return self._put_together(results, target)

    def run_of_one(self, number: int, sides: Sides, target: Target) -> Run:
        """The training of one of them, ready to start: what comes of it is the same as with all."""
        self._members[number]._set_target_attributes(target)
        return self._run(number, sides, target)

    def _run(self, number: int, sides: Sides, target: Target) -> Run:
        member = self._members[number]
        parameters = member._parameters_of_fit(self._incremental)
        run = member._run(parameters, *sides.of(number), target, goes_on=self._goes_on, incremental=self._incremental)
        return run.beside_others

    def _put_together(self, results: Sequence[TrainingResult | None], target: Target) -> EnsembleResult:
        for member, result in zip(self._members, results, strict=True):
            if result is not None:
                member._store(result, target, self._goes_on)
        # Of those that Ctrl-C came before, those that go on have what they had.
        self.trained = [member for member in self._members if hasattr(member, "_trained")]
        networks = [member._trained for member in self.trained]
        made = [result for result in results if result is not None]
        return EnsembleResult.of(made, Ensemble(networks), interrupted=len(made) < len(results))

    def out_of_fold(self, sides: Sides) -> tuple[np.ndarray, float]:
        """For each row what the members predict that held it out; and the score of that."""
        rows = sides.rows
        predicted = [
            (held_out, member._predictions_of_rows(rows.X[held_out]))
            for member, (_, held_out) in zip(self._members, sides.splits, strict=True)
            if hasattr(member, "_trained")
        ]
        table = _mean_by_row(predicted, len(rows.y))
        was_held_out = np.unique(np.concatenate([held_out for held_out, _ in predicted]))
        weights = None if rows.sample_weight is None else rows.sample_weight[was_held_out]
        score = self._score(rows.y[was_held_out], table[was_held_out], weights)
        if rows.counted is not None:
            counted, table = table, np.full((len(rows.counted), table.shape[1]), np.nan)
            table[rows.counted] = counted
        return self.trained[0]._as_predicted(table), score

    def _score(self, y: np.ndarray, table: np.ndarray, sample_weight: np.ndarray | None) -> float:
        """NaN where a member has diverged."""
        if not np.isfinite(table).all():
            return float("nan")
        return self.trained[0]._score_of(y, table, sample_weight)


def _mean_by_row(predicted: Sequence[tuple[np.ndarray, np.ndarray]], n_rows: int) -> np.ndarray:
    """The mean of what was predicted for each row, as a table; NaN where nothing was."""
    total, count = np.zeros((n_rows, predicted[0][1].shape[1])), np.zeros((n_rows, 1))
    for rows, values in predicted:
        total[rows] += values
        count[rows] += 1
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
