"""Loss and metrics of networks, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._compat.scikit_learn import StrOptions, validate_parameter_constraints
from ._curves import draw_curves, draw_legend
from ._histories import compared_by, histories_of, histories_of_members, lowest_validation_loss, require_metrics
from ._network_labels import labels_of_differences
from .drawing import height_of_legend, panels_of

_CONSTRAINTS: dict = {
    "metric": [str, list, tuple],
    "scale": [StrOptions({"auto", "linear", "log"})],
    "rows": [StrOptions({"both", "training", "validation"})],
    "label": [str, None],
}


class TrainingHistoryDisplay:
    """Learning curves over the epochs: what happened in training, of one network or of several.

    The first picture to look at. Where the loss still falls at the end, more epochs help, or a higher learning rate;
    where it jumps up and down, a lower one. Where the validation loss rises while the training loss falls, the network
    overfits: stop early, or regularise. Where both stay high, it underfits: give it more units or a better rate.

    Each network has one colour and marker. The line of its training rows is solid, that of its validation rows dashed
    (there is one if ``fit`` held rows out, with ``early_stopping``, ``validation_split`` or ``X_val``). A star
    marks the best epoch, a cross at the upper edge the epoch in which a training diverged: there the loss was not
    a finite number. Keras measures the loss of the training rows during the epoch, while the network still changes and
    with dropout on, but that of the validation rows after it, so the dashed line may well begin below the solid one.

    Of several members (``n_members``) the line is their mean, in each epoch over those that were still training. Behind
    it `from_estimator` draws each of them as a thin line, and the stars are theirs.

    Make one with `from_estimator`, `from_estimators` or `from_history`.

    Parameters
    ----------
    histories : dict of str to dict
        For each network its name and its ``history_``: lists with one value per epoch. The name "" is not shown.
    best_epochs : dict of str to (int or None)
        For each network the index of its best epoch, from 0; None marks none.
    metric : str or list of str, default="loss"
        What to draw, names in ``history_`` without ``val_``. A list makes a panel of each.
    scale : {"auto", "linear", "log"}, default="auto"
        Scale of the vertical axis. "auto": "log" if the values are positive and span more than two decades.
    rows : {"both", "training", "validation"}, default="both"
        The curves of which rows to draw. One kind only makes a picture of many networks easier to read.
    members : dict of str to list of (dict, int or None), default=None
        For a network that is the mean of several, the ``history_`` of each of these and the index of its best epoch.
        None: there are none.

    Attributes
    ----------
    ax_ : matplotlib Axes or list of Axes
        What was drawn on; a list if ``metric`` is one.
    figure_ : matplotlib Figure
        Where these axes are.
    lines_ : dict of (str, str) to Line2D
        The lines by network and name in ``history_``, such as ``("", "val_loss")``.

    See Also
    --------
    sknn_tune.model_selection.HistoryRecorder : Keeps the histories of all fits of a search.
    sklearn.model_selection.LearningCurveDisplay : Score against the number of training rows.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.display import TrainingHistoryDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(8,), epochs=5, random_state=0)
    >>> display = TrainingHistoryDisplay.from_estimator(network.fit(X, y))
    >>> display.ax_.get_xlabel()
    'epoch'
    """

    def __init__(
        self,
        histories: Mapping[str, Mapping],
        best_epochs: Mapping[str, int | None],
        *,
        metric: str | Sequence[str] = "loss",
        scale: str = "auto",
        rows: str = "both",
        members: Mapping[str, Sequence[tuple[Mapping, int | None]]] | None = None,
    ) -> None:
        self.histories = histories
        self.best_epochs = best_epochs
        self.metric = metric
        self.scale = scale
        self.rows = rows
        self.members = members

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        metric: str | Sequence[str] = "loss",
        *,
        label: str | None = None,
        scale: str = "auto",
        rows: str = "both",
        ax: Any = None,
    ) -> TrainingHistoryDisplay:
        """Draw the history of one network, or of the members of one estimator and their mean.

        Parameters
        ----------
        estimator : estimator
            Fitted `KerasClassifier` or `KerasRegressor`, or a ``Pipeline`` that ends with one. Another estimator
            will do if it has a ``history_`` like theirs.
        metric : str or list of str, default="loss"
            Names in ``history_`` without ``val_``, such as "accuracy" or "learning_rate"; a list makes a panel of each.
        label : str, default=None
            Name of the network in the legend. Axes that have curves already take those of a further network.
        scale : {"auto", "linear", "log"}, default="auto"
            Scale of the vertical axis. "auto": "log" if the values are positive and span more than two decades.
        rows : {"both", "training", "validation"}, default="both"
            The curves of which rows to draw. One kind only makes a picture of many networks easier to read.
        ax : matplotlib Axes or sequence of Axes, default=None
            Where to draw, one per metric; None makes a figure. The legend stands to the right of the (last) axes, so
            a figure without a layout gets matplotlib's "constrained" one.

        Returns
        -------
        display : TrainingHistoryDisplay
            With the figure as ``figure_``. The best epoch is the one that early stopping found; without early
            stopping, that of the lowest validation loss, if there is one.

        Raises
        ------
        NotFittedError
            If the estimator has not been fitted.
        ValueError
            If it has no history, or its history no such metric.
        """
        _check("from_estimator", metric=metric, scale=scale, rows=rows, label=label)
        name = label or ""
        histories, best_epochs = histories_of({name: estimator})
        members = {name: histories_of_members(estimator)}
        return cls(histories, best_epochs, metric=metric, scale=scale, rows=rows, members=members).plot(ax)

    @classmethod
    def from_estimators(
        cls,
        estimators: Mapping[str, Any] | Iterable[Any],
        metric: str | Sequence[str] = "loss",
        *,
        scale: str = "auto",
        rows: str = "both",
        ax: Any = None,
    ) -> TrainingHistoryDisplay:
        """Draw the histories of several networks over each other, to see what a choice does.

        Parameters
        ----------
        estimators : dict of str to estimator, or list of estimators
            Fitted estimators as in `from_estimator`, by their names in the legend. Those of a list are named after
            the parameters in which they differ. Up to eight can be told apart at a glance, and sixteen have a
            colour each. Of members the mean is
            drawn alone; give ``members_`` to compare them.
        metric : str or list of str, default="loss"
            As in `from_estimator`. Where any of the networks has penalties (``l2``, ...), "loss" is drawn of all
            without them ("loss_without_penalty"), or the curves would show the penalties rather than the fit.
        scale : {"auto", "linear", "log"}, default="auto"
            As in `from_estimator`.
        rows : {"both", "training", "validation"}, default="both"
            As in `from_estimator`.
        ax : matplotlib Axes or sequence of Axes, default=None
            As in `from_estimator`.

        Returns
        -------
        display : TrainingHistoryDisplay
            With the figure as ``figure_``.

        Raises
        ------
        NotFittedError
            If an estimator has not been fitted.
        TypeError
            If there is a single estimator instead.
        ValueError
            If there is no estimator, or the history of one has no such metric.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sknn_tune import KerasClassifier
        >>> from sknn_tune.display import TrainingHistoryDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> networks = [
        ...     KerasClassifier(hidden_layer_sizes=(8,), learning_rate=rate, epochs=5, random_state=0).fit(X, y)
        ...     for rate in (0.001, 0.1)
        ... ]
        >>> display = TrainingHistoryDisplay.from_estimators(networks)
        >>> list(display.histories)
        ['learning_rate=0.001', 'learning_rate=0.1']
        """
        _check("from_estimators", metric=metric, scale=scale, rows=rows)
        if not isinstance(estimators, Iterable):
            raise TypeError(
                "The 'estimators' parameter must be a dict or a list of fitted estimators. Got "
                f"{type(estimators).__name__} instead: for a single one, take TrainingHistoryDisplay.from_estimator."
            )
        if not isinstance(estimators, Mapping):
            estimators = list(estimators)
            estimators = dict(zip(labels_of_differences(estimators), estimators, strict=True))
        if not estimators:
            raise ValueError("The 'estimators' parameter must have at least one fitted estimator. Got none.")
        histories, best_epochs, metric = compared_by(estimators, metric)
        return cls(histories, best_epochs, metric=metric, scale=scale, rows=rows).plot(ax)

    @classmethod
    def from_history(
        cls,
        history: Mapping,
        metric: str | Sequence[str] = "loss",
        *,
        label: str | None = None,
        scale: str = "auto",
        rows: str = "both",
        ax: Any = None,
    ) -> TrainingHistoryDisplay:
        """Draw a history that is at hand as a dict, for example that of ``keras.Model.fit`` or one read from a file.

        Parameters
        ----------
        history : dict of str to list of float
            One value per epoch, such as ``{"loss": [0.7, 0.4], "val_loss": [0.8, 0.6]}``.
        metric : str or list of str, default="loss"
            As in `from_estimator`.
        label : str, default=None
            As in `from_estimator`.
        scale : {"auto", "linear", "log"}, default="auto"
            As in `from_estimator`.
        rows : {"both", "training", "validation"}, default="both"
            As in `from_estimator`.
        ax : matplotlib Axes or sequence of Axes, default=None
            As in `from_estimator`.

        Returns
        -------
        display : TrainingHistoryDisplay
            With the figure as ``figure_``. The best epoch is that of the lowest validation loss, if there is one.

        Raises
        ------
        TypeError
            If it is no dict.
        ValueError
            If the history has no such metric, or is empty.

        Examples
        --------
        >>> from sknn_tune.display import TrainingHistoryDisplay
        >>> history = {"loss": [0.7, 0.4, 0.3], "val_loss": [0.8, 0.6, 0.7]}
        >>> TrainingHistoryDisplay.from_history(history).best_epochs
        {'': 1}
        """
        _check("from_history", metric=metric, scale=scale, rows=rows, label=label)
        if not isinstance(history, Mapping):
            raise TypeError(
                "The 'history' parameter must be a dict of lists by name, such as history_ of a network, or the "
                f"'history' of what keras.Model.fit returns. Got {type(history).__name__} instead."
            )
        name = label or ""
        return cls(
            {name: history}, {name: lowest_validation_loss(history)}, metric=metric, scale=scale, rows=rows
        ).plot(ax)

    def plot(self, ax: Any = None) -> TrainingHistoryDisplay:
        """Draw, again or elsewhere.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of Axes, default=None
            Where to draw, one per metric; None makes a figure.

        Returns
        -------
        display : TrainingHistoryDisplay
            Itself, with the figure as ``figure_``.
        """
        metrics = [self.metric] if isinstance(self.metric, str) else list(self.metric)
        for name, history in self.histories.items():
            require_metrics(history, metrics, name, self.rows)
        height = max(
            4.0, height_of_legend([*self.histories, "training", "validation", "members", "best epoch", "diverged"])
        )
        self.figure_, axes = panels_of(ax, len(metrics), (2.4 + 4.2 * len(metrics), height))
        self.lines_: dict[tuple[str, str], Any] = {}
        for axis, metric in zip(axes, metrics, strict=True):
            self.lines_ |= draw_curves(
                axis, metric, self.histories, self.best_epochs, self.scale, self.rows, self.members or {}
            )
        draw_legend(axes)
        self.ax_ = axes[0] if isinstance(self.metric, str) else axes
        return self


def _check(method: str, **given: Any) -> None:
    constraints = {name: _CONSTRAINTS[name] for name in given}
    validate_parameter_constraints(constraints, given, caller_name=f"TrainingHistoryDisplay.{method}")
    if not len(given["metric"]):
        raise ValueError("The 'metric' parameter must name at least one entry of history_, such as 'loss'. Got none.")
