"""Which encoding is better for a table: by the loss of rows that are held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import KFold

from ..._forks import cached_property
from ..._held_back import held_back
from ...engine import derived_seed
from ...specs import comparable_values
from .._rows import GivenRows
from .._splits import for_rows, seeded
from ..resolve import Parameters
from ._tried_members import TriedMembers

#: Rows that are tried, at most: for more of them the choice would take longer than it is worth.
_ROWS_TRIED = 10_000

#: How often rows are held out, drawn anew, to compare two encodings: seldom for many rows, often for few, of which so
#: few are held out that the wrong encoding is often the better one by chance.
_FEWEST_TRIALS, _MOST_TRIALS = 3, 8

#: By what share of its loss single networks have to be better with the challenger. On 9 of 14 tables they favoured
#: smooth scaling more than their mean did, by 0.4 % of the loss in the median of all 14, with a wide scatter.
_LEAST_LEAD = 0.02


class Encoding(NamedTuple):
    """How a table may be encoded."""

    numbers: str
    calendar_days: bool = False
    target_encoding: bool = False

    def __str__(self) -> str:
        names = ("calendar days", "target means")
        added = [name for name, is_there in zip(names, self[1:], strict=True) if is_there]
        return self.numbers + (f" with {' and '.join(added)}" if added else "")


class EncodingChoice:
    """Encodings of the rows of a fit, and how well a network does with each on rows that it has not seen.

    Parameters
    ----------
    new_network : callable
        ``new_network()`` makes the network alone, with the parameters of the fit.
    rows : GivenRows
        Of the fit, with a weight.
    target : callable
        What the network is taught of the targets of some rows.
    new_encoder : callable
        ``new_encoder(encoding)`` makes an encoder that is not fitted.
    splitter : object
        The ``validation_split`` of the fit, for these rows.
    seed : int
    members : TriedMembers or None
        Members of the fit that may be tried; after them, or without any, networks of their own are.

    Attributes
    ----------
    losses : dict of str to list of float
        For each encoding that was tried the loss of the rows held out, trial by trial.
    """

    def __init__(
        self,
        new_network: Callable[[], Any],
        rows: GivenRows,
        target: Callable[[np.ndarray], np.ndarray],
        new_encoder: Callable[[Encoding], Any],
        splitter: Any,
        seed: int,
        members: TriedMembers | None = None,
    ) -> None:
        self._new_network, self._rows, self._target = new_network, rows, target
        self._new_encoder, self._splitter, self._seed, self._members = new_encoder, splitter, seed, members
        self._encoded: dict[Encoding, tuple[Any, np.ndarray]] = {}
        self.losses: dict[str, list[float]] = {}

    def encoded(self, encoding: Encoding) -> tuple[Any, np.ndarray]:
        """The fitted encoder, and the rows as it encodes them."""
        if encoding not in self._encoded:
            encoder = self._new_encoder(encoding)
            # What there is to say of the columns, the first one has said.
            with held_back(UserWarning) if self._encoded else nullcontext():
                self._encoded[encoding] = encoder, encoder.fit_transform(self._rows.X, self._rows.y)
        return self._encoded[encoding]

    def better(self, challenger: Encoding, than: Encoding, by: float = _LEAST_LEAD) -> Encoding:
        """The challenger if its loss is lower ``by`` that share and a standard error of the trials, else the other one.

        Where there are few trials and the first is against it, there is no second: most choices for large tables take
        two networks.
        """
        tables = self.encoded(challenger)[1], self.encoded(than)[1]
        if np.array_equal(*tables):  # there is nothing that the two encode differently
            return than
        n_trials = int(np.clip(_ROWS_TRIED // len(self._rows.y), _FEWEST_TRIALS, _MOST_TRIALS))
        leads: list[float] = []
        for trial in range(n_trials):
            losses = self._losses_in((than, challenger), trial)
            if not np.isfinite(losses).all():  # one that diverged is not the better one
                return challenger if np.isfinite(losses[1]) else than
            leads.append(losses[0] - losses[1] - by * abs(losses[0]))
            if _is_settled(leads, n_trials):
                break
        return challenger if _mean_is_above(leads, 1) else than

    def _losses_in(self, encodings: Sequence[Encoding], trial: int) -> list[float]:
        """What the encodings lose in a trial; infinite for a network that diverged."""
        untried = [each for each in encodings if len(self.losses.setdefault(str(each), [])) == trial]
        # What there is to say, the fit itself says; but what has no effect, once in a process.
        with held_back(UserWarning, r"(?!The '\w+' parameter of \w+ has no effect)"):
            found = self._tried(untried, trial)
        for encoding, loss in zip(untried, found, strict=True):
            self.losses[str(encoding)].append(loss if np.isfinite(loss) else float("inf"))
        return [self.losses[str(each)][trial] for each in encodings]

    def _tried(self, encodings: Sequence[Encoding], trial: int) -> list[float]:
        """The mean loss of rows held out, without penalties: more columns have more weights to be penalised."""
        if self._members is not None and trial < self._members.n_members:
            return self._members.losses(encodings, trial)
        return [self._loss_of_another(each, trial) for each in encodings]

    def _loss_of_another(self, encoding: Encoding, trial: int) -> float:
        """That of a network that is no member of the fit."""
        table = self.encoded(encoding)[1]
        chosen = self._rows_tried
        y = self._rows.y[chosen]
        weights, groups = (None if each is None else np.asarray(each)[chosen] for each in self._rows[2:])
        if not hasattr(self._splitter, "split"):
            groups = None  # nothing would look at them, as the fit itself says
        self._network.set_params(**self._parameters(len(y), trial))
        self._network.fit(table[chosen], self._target(y), weights, groups=groups)
        return float(comparable_values(self._network.history_, "val_loss")[self._network.best_epoch_])

    @cached_property
    def _network(self) -> Any:
        return self._new_network()

    @cached_property
    def _rows_tried(self) -> np.ndarray | slice:
        """All of a table of ordinary size."""
        n_rows = len(self._rows.y)
        if n_rows <= _ROWS_TRIED:
            return slice(None)
        return np.sort(np.random.default_rng(self._seed).choice(n_rows, _ROWS_TRIED, replace=False))

    @cached_property
    def _given(self) -> Parameters:
        """Those of the fit, before the network is given others."""
        return Parameters(self._network)

    def _parameters(self, n_rows: int, trial: int) -> dict[str, Any]:
        """What differs in a fit of one network that is to show how well it does on rows that it holds out."""
        given, seed = self._given, derived_seed(self._seed, "trial", trial)
        tried: dict[str, Any] = {"random_state": seed, "warm_start": False, "callbacks": None, "verbose": 0}
        tried |= {"n_members": given.n_sharing, "validation_split": self._splitter}
        if hasattr(self._splitter, "split"):
            places = np.arange(len(self._rows.y))[self._rows_tried]
            splitter = seeded(for_rows(self._splitter, places, len(self._rows.y)), seed)
            tried["validation_split"] = _SplitterOfTargets(splitter, self._rows.y[self._rows_tried])
        elif given.n_networks > 1:  # as many rows as each network of the fit holds out
            tried["validation_split"] = KFold(min(given.n_networks, max(n_rows, 2)), shuffle=True, random_state=seed)
        elif not self._splitter:
            tried["validation_split"] = given["validation_fraction"]
        return tried


class _SplitterOfTargets:
    """A splitter of the user's, who may look at targets: it is given them as they are, not as a network is taught."""

    def __init__(self, splitter: Any, y: np.ndarray) -> None:
        self._splitter, self._y = splitter, y

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Any:
        """By the splitter."""
        return self._splitter.split(X, self._y, groups)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # copies ask for these before there is a splitter
            raise AttributeError(name)
        return getattr(self._splitter, name)

    def __repr__(self) -> str:
        return repr(self._splitter)


def _mean_is_above(leads: list[float], n_errors: float) -> bool:
    """Whether the mean is above zero by so many of its standard errors."""
    error = np.std(leads, ddof=1) / np.sqrt(len(leads)) if len(leads) > 1 else 0.0
    return bool(np.mean(leads) > n_errors * error)


def _is_settled(leads: list[float], n_trials: int) -> bool:
    """Whether further trials are not worth their time."""
    if len(leads) == 1:
        return n_trials == _FEWEST_TRIALS and leads[0] <= 0
    enough = len(leads) >= _FEWEST_TRIALS  # two that happen to be alike say little of how they scatter
    return bool(np.mean(leads) <= 0) or (enough and _mean_is_above(leads, 2))
