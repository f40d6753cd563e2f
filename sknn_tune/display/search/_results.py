"""Pictures of a finished search, and its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..._compat.scikit_learn import StrOptions, validate_parameter_constraints
from ..._forks import cached_property
from ...model_selection.results import (
    ParameterImportance,
    SearchDescription,
    describe_search,
    describe_searches,
    importance_of,
)
from ._course import draw_best_over_time, draw_best_so_far, draw_curves, draw_rounds
from ._importance import draw_importance
from ._page import search_page
from ._panels import draw_panels
from ._parallel import draw_parallel
from ._summary import search_summary

_SINGLE = {
    "parallel": draw_parallel,
    "rounds": draw_rounds,
    "best_so_far": draw_best_so_far,
    "best_over_time": draw_best_over_time,
}
_KINDS = {"parameters", "importance", "curves", *_SINGLE}


class SearchResultsDisplay:
    """Pictures of a finished search of any kind, with any estimator.

    Make one with `from_search`, or of several with `from_searches`, which draw at once; `plot` draws the same in other
    ways, and `save_html` writes a page on which one can sort, point and filter. In a notebook, the object itself is
    shown as a table of the best candidates.

    In all pictures, higher scores are better. The chosen candidate has a star, or the thick black line; candidates
    that a pruner stopped are hollow or dashed; those that failed have no score and stand at the lower edge.

    Parameters
    ----------
    description : SearchDescription
        What `sknn_tune.model_selection.describe_search` found, or of several searches `from_searches`.

    Attributes
    ----------
    description : SearchDescription
        The facts that are drawn.
    importance : ParameterImportance
        Importance of the parameters, worked out when it is first asked for.
    figure_ : matplotlib Figure
        Figure of the latest picture.
    ax_ : matplotlib Axes
        Axes of the latest picture. For ``kind="parameters"`` the first panel or, if one axes was given to be divided
        into panels, that axes, which is now invisible.
    axes_ : ndarray of Axes
        All axes with data: for ``kind="parameters"`` the panels, in the order of the parameters; else one.

    See Also
    --------
    sknn_tune.model_selection.search_results : The search as a table.
    sknn_tune.model_selection.parameter_importance : The importances as numbers.

    Notes
    -----
    Parallel coordinates [1]_ show which values go together: lines that end far to the right share values on the axes
    that matter, and are spread on those that do not.

    References
    ----------
    .. [1] Inselberg (1985), "The plane with parallel coordinates", https://doi.org/10.1007/BF01898350

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import SGDClassifier
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknn_tune.display import SearchResultsDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> grid = {"alpha": [1e-4, 1e-2, 1], "penalty": ["l1", "l2"]}
    >>> search = GridSearchCV(SGDClassifier(random_state=0), grid).fit(X, y)
    >>> display = SearchResultsDisplay.from_search(search)
    >>> [panel.get_xlabel() for panel in display.axes_]
    ['alpha', 'penalty']
    >>> display.plot("best_so_far").ax_.get_xlabel()
    'candidate, in the order of the search'
    """

    def __init__(self, description: SearchDescription) -> None:
        self.description = description

    @classmethod
    def from_search(
        cls,
        search: Any,
        *,
        kind: str | None = "parameters",
        metric: str | None = None,
        curve: str | None = None,
        ax: Any = None,
    ) -> SearchResultsDisplay:
        """Draw a finished search.

        Parameters
        ----------
        search : estimator
            Fitted search with ``cv_results_``, of any kind, with any estimator.
        kind : str or None, default="parameters"
            As in `plot`. None: nothing is drawn, and matplotlib is not needed, e.g. to write the page only:
            ``SearchResultsDisplay.from_search(search, kind=None).save_html("search.html")``.
        metric : str, default=None
            Name of the metric to draw, for a search with several. None: the one that `refit` names, else the first.
        curve : str, default=None
            As in `plot`.
        ax : matplotlib Axes or array-like of Axes, default=None
            As in `plot`.

        Returns
        -------
        display : SearchResultsDisplay
            With ``figure_``, ``ax_`` and ``axes_`` if something was drawn.

        Raises
        ------
        NotFittedError
            If the search has not been fitted.
        InvalidParameterError
            If there is no such kind of picture or metric.
        """
        display = cls(describe_search(search, metric))
        return display if kind is None else display.plot(kind, curve=curve, ax=ax)

    @classmethod
    def from_searches(
        cls,
        searches: Mapping[str, Any] | Iterable[Any],
        *,
        kind: str | None = "best_so_far",
        metric: str | None = None,
        curve: str | None = None,
        ax: Any = None,
    ) -> SearchResultsDisplay:
        """Draw several finished searches in one picture, to compare how they search.

        Each has a colour and a marker. In "parameters" and "parallel", and on the page, which search a candidate is of
        stands beside its parameters. Those of the same name are one: give the searches the same kind of pipeline.

        Parameters
        ----------
        searches : dict of str to estimator, or list of estimators
            Fitted searches, by their names in the legend; two or three can be read. Those of a list are named after
            their classes.
        kind : str or None, default="best_so_far"
            As in `plot`, but for "rounds" and "importance", which are of one search.
        metric : str, default=None
            As in `from_search`; it must be one that all have.
        curve : str, default=None
            As in `plot`.
        ax : matplotlib Axes or array-like of Axes, default=None
            As in `plot`.

        Returns
        -------
        display : SearchResultsDisplay
            With ``figure_``, ``ax_`` and ``axes_`` if something was drawn.

        Raises
        ------
        NotFittedError
            If a search has not been fitted.
        ValueError
            If there is no search, or they have no metric in common.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.linear_model import SGDClassifier
        >>> from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
        >>> from sknn_tune.display import SearchResultsDisplay
        >>> from sknn_tune.search_space import log_uniform
        >>> X, y = load_iris(return_X_y=True)
        >>> network = SGDClassifier(random_state=0)
        >>> searches = {
        ...     "grid": GridSearchCV(network, {"alpha": [1e-4, 1e-2, 1]}),
        ...     "random": RandomizedSearchCV(network, {"alpha": log_uniform(1e-4, 1)}, n_iter=5, random_state=0),
        ... }
        >>> display = SearchResultsDisplay.from_searches({name: each.fit(X, y) for name, each in searches.items()})
        >>> display.description.n_candidates
        8
        """
        display = cls(describe_searches(searches, metric))
        return display if kind is None else display.plot(kind, curve=curve, ax=ax)

    @cached_property
    def importance(self) -> ParameterImportance:
        """Importance of the parameters; a few seconds for the first time."""
        if self.description.parts:
            raise ValueError(
                "The importance of parameters can be told of one search, not of several: take from_search for each."
            )
        return importance_of(self.description)

    def plot(self, kind: str = "parameters", *, curve: str | None = None, ax: Any = None) -> SearchResultsDisplay:
        """Draw the search in one of these ways.

        Parameters
        ----------
        kind : {"parameters", "parallel", "importance", "curves", "rounds", "best_so_far", "best_over_time"}, \
default="parameters"
            - "parameters": the score against each parameter that varies, a panel each, on the parameter's own scale.
              Bars are the standard deviation over the folds (up to 50 candidates). Shows where good values are, and,
              if they lie at an edge, that the space should go on there. Candidates whose optimizer or schedule does
              not use a parameter have no point there; those with equal values stand side by side.
            - "parallel": a line per candidate from the top down, through all its parameters to its score, the stronger
              the better. Shows which values go together.
            - "importance": which parameters decided about the scores.
            - "curves": a recorded number of each candidate over its epochs (`HistoryRecorder` or a pruner must have
              watched the search).
            - "rounds": the scores of each round of a coarse-to-fine, halving or Hyperband search.
            - "best_so_far", "best_over_time": the best score after each candidate, and against the time that the
              fits took, one after the other. A line that has long been flat says that more candidates will not help.
        curve : str, default=None
            For "curves", what to draw: "loss", "val_accuracy", … None: "val_loss" if it was recorded and the
            candidates have the same loss (where any has penalties, "val_loss_without_penalty"), else the first number
            of the validation rows, else the first.
        ax : matplotlib Axes or array-like of Axes, default=None
            Where to draw. For "parameters", one axes whose place is divided, or as many as there are parameters that
            vary. None: a new figure.

        Returns
        -------
        display : SearchResultsDisplay
            This object.

        Raises
        ------
        InvalidParameterError
            If there is no such kind of picture.
        ValueError
            If what is to be drawn is not there: no rounds, no curves recorded, too few candidates for importances.
        """
        validate_parameter_constraints(
            {"kind": [StrOptions(_KINDS)], "curve": [str, None]},
            {"kind": kind, "curve": curve},
            caller_name="SearchResultsDisplay",
        )
        if curve is not None and kind != "curves":
            raise ValueError(f"The 'curve' parameter is for kind='curves' only. Got kind={kind!r} and curve={curve!r}.")
        if kind == "parameters":
            self.figure_, self.ax_, self.axes_ = draw_panels(self.description, ax)
            return self
        if kind == "importance":
            self.figure_, self.ax_ = draw_importance(self.importance, ax)
        elif kind == "curves":
            self.figure_, self.ax_ = draw_curves(self.description, ax, curve)
        else:
            self.figure_, self.ax_ = _SINGLE[kind](self.description, ax)
        self.axes_ = np.array([self.ax_], dtype=object)
        return self

    def save_html(self, path: str | PathLike[str], *, title: str | None = None) -> Path:
        """Write the search, or several, as one page that opens in any browser, also without a network.

        It has the candidates as a table that can be sorted by every column, whose columns can be chosen, and which can
        be taken away as CSV; parallel coordinates, whose axes can be moved, hidden and limited; the score against each
        parameter; and the curves if they were recorded. To point at a candidate anywhere shows it everywhere, a click
        holds it. All works by the keyboard, and in light and dark. The file is small and loads nothing.

        Parameters
        ----------
        path : str or path-like
            Where to write, e.g. ``"search.html"``. A file that is there is replaced.
        title : str, default=None
            Title of the page. None: class of the search and of the estimator.

        Returns
        -------
        path : Path
            The file.
        """
        validate_parameter_constraints({"title": [str, None]}, {"title": title}, caller_name="save_html")
        path = Path(path)
        path.write_text(search_page(self.description, self._importances(), title), encoding="utf-8")
        return path

    def _importances(self) -> dict[str, ParameterImportance | str]:
        """Of each search by its name, or why it could not be told."""
        importances: dict[str, ParameterImportance | str] = {}
        for name, part in (self.description.parts or {"": self.description}).items():
            try:
                importances[name] = importance_of(part) if self.description.parts else self.importance
            except ValueError as error:
                importances[name] = str(error)
        return importances

    def _repr_html_(self) -> str:
        return search_summary(self.description)
