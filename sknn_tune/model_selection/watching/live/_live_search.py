"""The callback that shows a running search."""

from __future__ import annotations

import sys
import warnings
from numbers import Integral, Real
from typing import Any
from uuid import UUID

from ...._accepted import names_the_nearest
from ...._compat.scikit_learn import EVALUATION_TASK, Interval, StrOptions, validate_parameter_constraints
from ...._compat.scikit_learn_searches import evaluation_under_way
from .._questions import Address, SearchUnreachable, ask, open_line
from .._requirements import require_address, require_callbacks, require_search
from .._where_to_listen import where_to_listen
from ._events import FitBegan, FitOver, fit_over
from ._html import html
from ._lines import lines
from ._snapshot import Snapshot
from ._view import VIEWS, Place, View, numbers, place_above

#: Searches that this process could not reach. Each is tried once: to wait for one that does not answer takes long.
_UNREACHABLE: set[Address] = set()


class LiveSearch:
    """Callback that shows a search while it runs: in a notebook, in a terminal, or as a few lines of a log.

    Set on any search, of scikit-learn (1.9 or later) or of this package, over any estimator, it shows how many
    candidates are done, the time elapsed and about left, the best candidate so far, the curves of the latest fits, and
    which candidates failed or were pruned. A search is easier to trust, and to end early, when it can be seen. It
    changes nothing: not the results, and not how networks are trained.

    Parameters
    ----------
    n_latest : int, default=5
        Fits to show, the latest first, each with a small curve of its loss: that of the rows that were held out, if
        the network holds any out (``validation_split`` or ``early_stopping``), else that of training. Other estimators
        have none.
    refresh_seconds : float, default=0.5
        Time between two drawings, at least. Raise it on slow connections.
    output : {"auto", "notebook", "terminal", "lines"}, default="auto"
        Where it is shown. "notebook": as one output of the cell, which is replaced, so that a notebook that is executed
        and saved has the last one. "terminal": in the last lines of the terminal, by the package rich. "lines": a plain
        line on standard output whenever a tenth of all candidates is done, and a summary. "auto": in a Jupyter kernel
        the first; else the second, if standard output is a terminal and rich is installed; else the third.
    address : str, default=None
        Where workers on other machines report, as for `HistoryRecorder`. Those that cannot reach it are fitted all the
        same, unseen, and a warning at the end says how many.

    See Also
    --------
    HistoryRecorder : Keeps all curves, for pictures of the finished search.
    MedianPruner : Stops fits whose curves fall behind.
    sknn_tune.display.SearchResultsDisplay : Pictures of a finished search.

    Notes
    -----
    **What "best so far" is.** The mean score over the folds by which the search chooses, of candidates of which all
    folds are done, were not pruned and did not fail. Where a search gives candidates different resources (halving,
    Hyperband), of those with the most so far. Once the search is over, its own choice is shown, which may be another
    one (``refit`` as a function, `one_standard_error`, `CapacitySearchCV`). scikit-learn has no public way to tell a
    callback the score of a fit, so it is read where scikit-learn has it, in the process of the fit. Should another
    version keep it elsewhere, the view goes by the lowest loss on held-out rows instead, and says so.

    **The time left** is what the candidates after the first have taken, times those that are left, or until
    ``timeout``. With rounds of more and more epochs or rows it counts those.

    Each fit sends two short messages to the process of the search; the epochs send none. Ctrl-C, an error or a timeout
    leave the view as it was at that moment, with a word on how it ended.

    In a notebook, a `LiveSearch` as the last expression of a cell shows the end of its latest search again.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.model_selection import LiveSearch
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(8,), epochs=10, random_state=0)
    >>> search = GridSearchCV(network, {"learning_rate": [0.01, 0.1]}, cv=3)
    >>> live = LiveSearch(output="lines", refresh_seconds=60)  # so this page has nothing but the end
    >>> search = search.set_callbacks(live).fit(X, y)  # doctest: +ELLIPSIS
    GridSearchCV of KerasClassifier: 2 of 2 candidates, 6 fits; finished in ...
      chosen: candidate ..., ... (accuracy, mean of 3 folds): learning_rate=...
    """

    @names_the_nearest
    def __init__(
        self,
        *,
        n_latest: int = 5,
        refresh_seconds: float = 0.5,
        output: str = "auto",
        address: str | None = None,
    ) -> None:
        name = type(self).__name__
        require_callbacks(name)
        validate_parameter_constraints(
            {
                "n_latest": [Interval(Integral, 0, None, closed="left")],
                "refresh_seconds": [Interval(Real, 0, None, closed="neither")],
                "output": [StrOptions({"auto", "notebook", "terminal", "lines"})],
            },
            {"n_latest": n_latest, "refresh_seconds": refresh_seconds, "output": output},
            caller_name=name,
        )
        require_address(address, name)
        self.n_latest = n_latest
        self.refresh_seconds = refresh_seconds
        self.output = output
        self.address = address
        self._addresses: dict[tuple[UUID, Place], Address] = {}
        self._last: Snapshot | None = None

    # --- scikit-learn's hooks --------------------------------------------------------------------------------
    #
    # It has no `max_propagation_depth`, so scikit-learn calls it for the tasks of the search alone, and the networks
    # are trained as if nobody looked on.

    def setup(self, estimator: Any, context: Any) -> None:
        """Open the view.

        Parameters
        ----------
        estimator : estimator
            The search.
        context : sklearn.callback.CallbackContext
            Its task.
        """
        name = type(self).__name__
        require_search(estimator, name)
        host = where_to_listen(self.address, name)
        view = View(estimator, context, self.n_latest, self.refresh_seconds, self.output)
        place = context.root_uuid, numbers(context)
        VIEWS[place] = view
        self._addresses[place] = view.address = open_line(view.answer, host)

    def teardown(self, estimator: Any, context: Any) -> None:
        """Close the view, however the search has ended.

        Parameters
        ----------
        estimator : estimator
            The search.
        context : sklearn.callback.CallbackContext
            Its task.
        """
        place = context.root_uuid, numbers(context)
        self._addresses.pop(place, None)
        view = VIEWS.pop(place, None)
        if view is not None:
            self._last = view.close(sys.exc_info()[1])
            for sentence in view.complaints():
                warnings.warn(f"{type(self).__name__} {sentence}", UserWarning, stacklevel=2)

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Hear of a round, a fit, or the refit.

        Parameters
        ----------
        estimator : estimator
            The search.
        context : sklearn.callback.CallbackContext
            Its task.
        """
        if context.task_name == EVALUATION_TASK:
            self._tell(context, FitBegan(numbers(context.parent), context.task_id))
        elif (place := place_above(context, VIEWS)) is not None:
            VIEWS[place].task_began(context)

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        """Hear of a fit, or of the whole search.

        Parameters
        ----------
        estimator : estimator
            The search.
        context : sklearn.callback.CallbackContext
            Its task.
        """
        if context.task_name == EVALUATION_TASK:
            evaluation = evaluation_under_way()
            if evaluation is None or not evaluation.is_interrupted:
                self._tell(context, fit_over(numbers(context.parent), context.task_id, evaluation))
        elif (view := VIEWS.get((context.root_uuid, numbers(context)))) is not None:
            view.search_ended()

    def _tell(self, context: Any, message: FitBegan | FitOver) -> None:
        """To the process of the search. A view that cannot be reached is no reason to end a fit."""
        place = place_above(context, self._addresses)
        if place is None or (address := self._addresses[place]) in _UNREACHABLE:
            return
        try:
            ask(address, message)
        except SearchUnreachable:
            _UNREACHABLE.add(address)

    # --- what is kept ----------------------------------------------------------------------------------------

    def _repr_html_(self) -> str:
        return html(self._last) if self._last is not None else f"<code>{self!r}</code>"

    def __repr__(self) -> str:
        if self._last is not None:
            return "\n".join(lines(self._last))
        given = {"n_latest": 5, "refresh_seconds": 0.5, "output": "auto", "address": None}
        named = [f"{name}={getattr(self, name)!r}" for name, usual in given.items() if getattr(self, name) != usual]
        return f"{type(self).__name__}({', '.join(named)})"

    def __getstate__(self) -> dict[str, Any]:
        # Pickled by another thread while a search may add an address.
        return {**self.__dict__, "_addresses": dict(self._addresses)}
