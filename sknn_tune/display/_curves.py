"""Curves over epochs: lines that tell networks apart, marks of best and diverged epochs, and their legend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .._optional import import_optional
from .drawing import ink, legend_beside, marker_style, paper, plainly

#: By these the lines of networks and the marks are found again in axes that have some already.
_TRAINING, _VALIDATION = "training curve", "validation curve"
_BEST, _DIVERGED, _MEMBER = "best epoch", "diverged", "curve of a member"
_LOOKS: dict[str, dict[str, Any]] = {
    _TRAINING: {"linestyle": "-", "markersize": 5},
    _VALIDATION: {"linestyle": "--", "markersize": 5},
}

_STAR = {"marker": "*", "markersize": 13, "markeredgewidth": 0.8, "linestyle": "none"}
_THIN = {"linewidth": 0.8, "alpha": 0.7}
_SMALL = {"markersize": 8, "markeredgewidth": 0.6}
_CROSS = {"marker": "X", "markersize": 9, "markeredgewidth": 0.8, "linestyle": "none"}

#: What a history has once, for no rows in particular: such a number is drawn in any case, and no epoch is its best.
OF_NO_ROWS = ("learning_rate",)
#: A line has markers at about so many of its points: enough to tell it from others in grey.
_N_MARKERS = 10
_LOG_FROM = 100
_MANY_EPOCHS = 200


def draw_curves(
    ax: Any,
    metric: str,
    histories: Mapping[str, Mapping],
    best_epochs: Mapping[str, int | None],
    scale: str,
    rows: str,
    members: Mapping[str, Sequence[tuple[Mapping, int | None]]],
) -> dict[tuple[str, str], Any]:
    """Lines of one metric, of several networks. Axes that have some already get further ones."""
    lines: dict[tuple[str, str], Any] = {}
    for index, (name, history) in enumerate(histories.items(), start=len(_networks(ax))):
        of_rows = {
            (name, key): _draw_line(ax, history[key], name, index, kind)
            for key, kind in _keys(metric, rows)
            if key in history
        }
        colour = marker_style(index, ax)["color"]
        _draw_members(ax, metric, members.get(name, ()), rows, colour)
        if metric not in OF_NO_ROWS and not members.get(name):
            _mark_best(ax, list(of_rows.values())[-1], best_epochs[name], colour)
        _mark_divergence(ax, history, colour)
        lines |= of_rows
    ax.set(xlabel="epoch", ylabel=plainly(_written(metric)))
    _set_axes(ax, scale)
    return lines


def _keys(metric: str, rows: str) -> Iterator[tuple[str, str]]:
    """Names in a history of what is to be drawn, and the kind of line of each."""
    if rows != "validation" or metric in OF_NO_ROWS:
        yield metric, _TRAINING
    if rows != "training":
        yield f"val_{metric}", _VALIDATION


def _draw_line(ax: Any, values: Any, name: str, index: int, kind: str) -> Any:
    values = _finite(values)
    spacing = -(-len(values) // _N_MARKERS)
    (line,) = ax.plot(
        np.arange(1, len(values) + 1),
        values,
        **marker_style(index, ax),
        **_look_of(kind, ax),
        markevery=((index * spacing // 4) % spacing, spacing),  # side by side, where lines are one over the other
        linewidth=1.0 if len(values) > _MANY_EPOCHS else 1.6,
        label=name or "_",  # one without a name, which matplotlib's own legend leaves out too
        gid=kind,
    )
    return line


def _look_of(kind: str, ax: Any) -> dict[str, Any]:
    """Dashes of a kind of line; the markers of validation rows are hollow."""
    return _LOOKS[kind] | ({"markerfacecolor": paper(ax)} if kind == _VALIDATION else {})


def _edged(mark: dict[str, Any], ax: Any) -> dict[str, Any]:
    return mark | {"markeredgecolor": ink(ax)}


def _draw_members(ax: Any, metric: str, members: Sequence[tuple[Mapping, int | None]], rows: str, colour: str) -> None:
    """Thin lines behind that of the mean, from which they are told without colours; each has a best epoch of its own.

    The mean goes on without those that have stopped, so its lowest value says little.
    """
    for history, best_epoch in members:
        for key, kind in _keys(metric, rows):
            if key in history:
                values = _finite(history[key])
                look = {**_THIN, "linestyle": _LOOKS[kind]["linestyle"], "zorder": 1.5}
                (line,) = ax.plot(np.arange(1, len(values) + 1), values, color=colour, label="_", gid=_MEMBER, **look)
        if metric not in OF_NO_ROWS:
            _mark_best(ax, line, best_epoch, colour, **_SMALL)


def _mark_best(ax: Any, line: Any, epoch: int | None, colour: str, **look: Any) -> None:
    if epoch is not None and 1 < len(line.get_ydata()) > epoch:  # of a single one there is no best
        position = [epoch + 1], [line.get_ydata()[epoch]]
        ax.plot(*position, color=colour, label="best epoch", gid=_BEST, zorder=5, **{**_edged(_STAR, ax), **look})


def _mark_divergence(ax: Any, history: Mapping, colour: str) -> None:
    """A cross at the upper edge, where the loss has gone. In other numbers a gap may just be an epoch without them."""
    without_loss = np.flatnonzero(~np.isfinite(np.asarray(history.get("loss", []), dtype=float)))
    if len(without_loss):
        position = [int(without_loss[0]) + 1], [1.0]
        look = {"transform": ax.get_xaxis_transform(), "clip_on": False, "zorder": 6, **_edged(_CROSS, ax)}
        ax.plot(*position, color=colour, label="diverged: loss not finite", gid=_DIVERGED, **look)


def _finite(values: Any) -> Any:
    """With gaps where there is no number."""
    values = np.asarray(values, dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def _set_axes(ax: Any, scale: str) -> None:
    ticker = import_optional("matplotlib.ticker", purpose="A picture")
    lines = [line for kind in (*_LOOKS, _MEMBER) for line in _lines([ax], kind)]
    n_epochs = max(len(line.get_xdata()) for line in lines)
    margin = max(0.5, 0.02 * n_epochs)
    ax.set_xlim(max(0.5, 1 - margin), n_epochs + margin)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    values = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in lines])
    values = values[np.isfinite(values)]
    if scale == "log" or (scale == "auto" and len(values) and 0 < values.min() * _LOG_FROM < values.max()):
        ax.set_yscale("log")
    else:
        ax.set_yscale("linear")


def draw_legend(axes: Sequence[Any]) -> None:
    """Beside the last axes: networks by colour and marker, then what dashes and marks mean. One needs no name.

    Where there are solid lines only, nobody asks what they mean.
    """
    line_of = import_optional("matplotlib.lines", purpose="A picture").Line2D
    networks = _networks(axes[0])
    alone = {"color": networks[0].get_color(), "marker": networks[0].get_marker()}
    look, handles = alone, []
    if len(networks) > 1 or not networks[0].get_label().startswith("_"):
        look = {"color": ink(axes[-1]), "markerfacecolor": paper(axes[-1])}
        for number, line in enumerate(networks, start=1):
            name = f"network {number}" if line.get_label().startswith("_") else line.get_label()
            handles.append(line_of([], [], color=line.get_color(), marker=line.get_marker(), markersize=5, label=name))
    of_rows = [ax for ax in axes if ax.get_ylabel() not in map(_written, OF_NO_ROWS)]
    for kind, label in ((_TRAINING, "training"), (_VALIDATION, "validation")):
        if _lines(of_rows, kind) and _lines(of_rows, _VALIDATION):
            handles.append(line_of([], [], **{**look, **_look_of(kind, axes[-1])}, label=label))
    has_members = bool(_lines(axes, _MEMBER))
    if has_members:
        handles.append(line_of([], [], color=look["color"], **_THIN, label="each member"))
    for kind, mark in ((_BEST, _STAR), (_DIVERGED, _CROSS)):
        if marks := _lines(axes, kind):
            single = f" ({marks[0].get_xdata()[0]})" if kind == _BEST and len(networks) == 1 and not has_members else ""
            handles.append(line_of([], [], **{**look, **_edged(mark, axes[-1])}, label=marks[0].get_label() + single))
    legend_beside(axes[-1], handles)


def _written(metric: str) -> str:
    return metric.replace("_", " ")


def _networks(ax: Any) -> list[Any]:
    """The first line of each network: those of one have its colour and marker."""
    first: dict[tuple[str, str], Any] = {}
    for line in ax.lines:
        if line.get_gid() in _LOOKS:
            first.setdefault((line.get_color(), line.get_marker()), line)
    return list(first.values())


def _lines(axes: Sequence[Any], kind: str) -> list[Any]:
    return [line for ax in axes for line in ax.lines if line.get_gid() == kind]
