"""Trains several networks that make one fit: one after the other, in threads, or in step where someone looks on.

Problem: who looks on a fit (a progress bar, a pruner) must hear of each epoch once and be able to stop it, but each
member of the fit is trained by a loop of its own. Choice: if there are any who look on, every member gets a thread and
waits at the end of each epoch for the others; the calling thread then shows the observers the mean of what the members
recorded. Not taken: a loop over epochs that knows of several runners, since both engines, their callbacks and what is
kept of a fit are made for one; nor observers that see the first member only, for they would stop a fit by an eighth of
it.

A member computes only while it has one of ``n_at_once`` places, so that threads do not fight for cores. Members know
nothing of one another, so the results do not depend on the number of places, nor on whether anyone looks on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from ..specs import mean_values
from ._ensemble import Ensemble
from ._job import Job, Observer
from ._result import TrainingResult
from ._threads import in_threads
from ._train import circumstances
from ._trained import TrainedNetwork

#: Trains a member, with these looking on.
TrainMember = Callable[[Sequence[Observer]], TrainingResult]
Snapshot = Callable[[], TrainedNetwork]

#: A thread that waits without a limit does not hear Ctrl-C on Windows, nor ``_thread.interrupt_main`` anywhere.
_SECONDS_WITHOUT_A_LOOK = 0.2


@contextmanager
def places_for_members(job: Job, *, engine: str, device: object) -> Iterator[int]:
    """How many members such as ``job`` are to be trained at once: as many as there are free cores, by machine code.

    Keras takes all cores for one network. And callbacks of the user's may not be made for threads.
    """
    chosen, *_ = circumstances(job, engine=engine, device=device)
    if chosen != "numba" or job.training.callbacks is not None:
        yield 1
        return
    from .machine import n_free_cores, one_blas_thread  # loads Numba

    with one_blas_thread():
        yield 1 + n_free_cores()


def train_members(
    members: Sequence[TrainMember], *, observers: Sequence[Observer] = (), first_epoch: int = 0, n_at_once: int = 1
) -> list[TrainingResult | None]:
    """What came of each member; None of those that had not begun when Ctrl-C ended it.

    Parameters
    ----------
    members : sequence of callable
    observers : sequence of Observer
        Who looks on the fit. What they change is not heeded, only whether they want to stop.
    first_epoch : int
        The number that the first epoch has for them.
    n_at_once : int
        How many members compute at the same time.
    """
    if observers:
        return _train_in_step(members, observers, first_epoch, n_at_once)
    if n_at_once == 1 or len(members) == 1:
        return _train_in_turn(members)
    return _train_in_threads(members, n_at_once)


def _train_in_turn(members: Sequence[TrainMember]) -> list[TrainingResult | None]:
    results: list[TrainingResult | None] = [None] * len(members)
    for number, train in enumerate(members):
        try:
            result = results[number] = train(())
        except KeyboardInterrupt:
            if number == 0:
                raise
            break
        if result.interrupted:
            break
    return results


def _train_in_threads(members: Sequence[TrainMember], n_at_once: int) -> list[TrainingResult | None]:
    end, interrupted = _End(), False
    with in_threads([partial(train, [end]) for train in members], n_at_once) as futures:
        try:
            _await_all(futures)
        except BaseException as error:  # Ctrl-C here, or an error there: the others need not go on
            interrupted = isinstance(error, KeyboardInterrupt)
            end.has_come = True
            for future in futures:
                future.cancel()
    return _results_of(futures, interrupted)


def _await_all(futures: Sequence[Future[TrainingResult]]) -> None:
    """Wait until all have ended, or one has failed."""
    running = set(futures)
    while running:
        ended, running = wait(running, timeout=_SECONDS_WITHOUT_A_LOOK, return_when=FIRST_EXCEPTION)
        for future in ended:
            future.result()


class _End:
    """Looks on a member, to end it between two epochs."""

    has_stopped = False
    has_come = False

    def on_epoch_begin(self, epoch: int) -> None:
        """End the training as Ctrl-C would, if the end has come."""
        if self.has_come:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch: int, values: dict[str, float], snapshot: Snapshot) -> bool:
        """Nothing to say."""
        return False

    def close(self) -> None:
        """Nothing is open."""


def _results_of(futures: Sequence[Future[TrainingResult]], interrupted: bool) -> list[TrainingResult | None]:
    """The results of threads that have ended. An error is raised, that of the first member that has one."""
    results: list[TrainingResult | None] = []
    for future in futures:
        error = None if future.cancelled() else future.exception()
        if error is not None and not isinstance(error, KeyboardInterrupt):
            raise error
        result = None if future.cancelled() or error is not None else future.result()
        results.append(replace(result, interrupted=True) if result is not None and interrupted else result)
    if all(result is None for result in results):
        raise KeyboardInterrupt
    return results


# --- in step -----------------------------------------------------------------------------------------------------


def _train_in_step(
    members: Sequence[TrainMember], observers: Sequence[Observer], first_epoch: int, n_at_once: int
) -> list[TrainingResult | None]:
    meeting = _Meeting(len(members), n_at_once)

    def train(number: int) -> TrainingResult:
        attendant = _Attendant(meeting, number)
        with meeting.attended_by(number):
            result = members[number]([attendant])
            meeting.networks[number] = result.trained
        return result

    interrupted = False
    with in_threads([partial(train, number) for number in range(len(members))], len(members)) as futures:
        try:
            meeting.lead(observers, first_epoch)
        except KeyboardInterrupt:
            interrupted = True
            meeting.end()
        except BaseException:
            meeting.end()
            raise
    return _results_of(futures, interrupted)


class _Report(NamedTuple):
    """What a member has to say after an epoch."""

    values: dict[str, float]
    snapshot: Snapshot


class _Attendant:
    """Looks on a member, and has it wait for the others."""

    def __init__(self, meeting: _Meeting, number: int) -> None:
        self._meeting, self._number = meeting, number
        self.has_stopped = False

    def on_epoch_begin(self, epoch: int) -> None:
        """Wait until all are ready for it."""
        self._meeting.wait_for_epoch(self._number)

    def on_epoch_end(self, epoch: int, values: dict[str, float], snapshot: Snapshot) -> bool:
        """Report, and wait for the answer."""
        self.has_stopped = self._meeting.answer_to(self._number, _Report(values, snapshot))
        return self.has_stopped

    def close(self) -> None:
        """Nothing is open."""


class _Meeting:
    """Where members wait for one another before and after each epoch.

    Attributes
    ----------
    networks : dict of int to TrainedNetwork
        Of the members that have left.
    """

    def __init__(self, n_members: int, n_at_once: int) -> None:
        self.networks: dict[int, TrainedNetwork] = {}
        self._places = threading.Semaphore(n_at_once)
        self._changed = threading.Condition()
        self._present = set(range(n_members))
        self._ready: set[int] = set()
        self._training: set[int] = set()
        self._reports: dict[int, _Report] = {}
        self._stops = False
        self._has_ended = False

    # What a member calls, in its thread.

    @contextmanager
    def attended_by(self, number: int) -> Iterator[None]:
        """The time that a member is there; but for where it waits it has a place."""
        self._places.acquire()
        try:
            yield
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt):
                self.end()
            raise
        finally:
            self._places.release()
            with self._changed:
                self._present.discard(number)
                self._training.discard(number)
                self._changed.notify_all()

    def wait_for_epoch(self, number: int) -> None:
        """Say that a member is ready, and wait until it may begin."""
        with self._without_place(), self._changed:
            self._ready.add(number)
            self._changed.notify_all()
            self._changed.wait_for(lambda: number not in self._ready or self._has_ended)
            self._raise_if_ended()

    def answer_to(self, number: int, report: _Report) -> bool:
        """Hand in what a member has recorded, and wait until it is told whether to stop."""
        with self._without_place(), self._changed:
            self._reports[number] = report
            self._training.discard(number)
            self._changed.notify_all()
            self._changed.wait_for(lambda: number not in self._reports or self._has_ended)
            self._raise_if_ended()
            return self._stops

    @contextmanager
    def _without_place(self) -> Iterator[None]:
        self._places.release()
        try:
            yield
        finally:
            self._places.acquire()

    def _raise_if_ended(self) -> None:
        """End the training of a member as Ctrl-C would: it keeps what it has."""
        if self._has_ended:
            raise KeyboardInterrupt

    # What the thread calls that has the observers.

    def lead(self, observers: Sequence[Observer], first_epoch: int) -> None:
        """Show the observers every epoch, until all members have left."""
        epoch = first_epoch
        while self._all_are_ready():
            for observer in observers:
                observer.on_epoch_begin(epoch)
            reports = self._run_epoch()
            if not reports:  # errors, which end it
                continue
            values = mean_values([report.values for _, report in sorted(reports.items())])
            # Each hears of every epoch, whatever another answers.
            answers = [observer.on_epoch_end(epoch, values, self._snapshot(reports)) for observer in observers]
            self._answer(any(answers))
            epoch += 1

    def end(self) -> None:
        """Let no member begin another epoch."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def _all_are_ready(self) -> bool:
        """Wait until all that are still there are ready; whether there are any."""
        with self._changed:
            self._wait_as_leader_for(lambda: self._ready == self._present or self._has_ended)
            return bool(self._present) and not self._has_ended

    def _run_epoch(self) -> dict[int, _Report]:
        with self._changed:
            self._training, self._ready = self._ready, set()
            self._changed.notify_all()
            self._wait_as_leader_for(lambda: not self._training)
            return dict(self._reports)

    def _wait_as_leader_for(self, condition: Callable[[], bool]) -> None:
        while not self._changed.wait_for(condition, timeout=_SECONDS_WITHOUT_A_LOOK):
            pass  # where Ctrl-C is heard

    def _answer(self, stops: bool) -> None:
        with self._changed:
            self._stops = stops
            self._reports.clear()
            self._changed.notify_all()

    def _snapshot(self, reports: dict[int, _Report]) -> Callable[[], Any]:
        def snapshot() -> Ensemble:
            networks = {**self.networks, **{number: report.snapshot() for number, report in reports.items()}}
            return Ensemble([network for _, network in sorted(networks.items())])

        return snapshot
