"""Whether a picture can be read: what is written in it, and where it would collide."""

from itertools import combinations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

#: Pixels by which boxes may overlap: the box of a text is a little larger than its letters.
_SLACK = 1.0


def legend_texts(ax):
    """What stands in the legend, line breaks undone."""
    return [text.get_text().replace("\n", " ") for text in ax.get_legend().get_texts()]


def collisions(figure):
    """Texts and legends of a figure that overlap, legends over data, and what sticks out of the figure."""
    figure.canvas.draw()
    boxes, leaning = [], []
    for ax in _all_axes(figure):
        boxes += [(text.get_text(), text.get_window_extent()) for text in _texts(ax) if not text.get_rotation() % 90]
        leaning += [_crowded(axis) for axis in (ax.xaxis, ax.yaxis)]
        if ax.get_legend() is not None:
            boxes.append(("the legend", ax.get_legend().get_window_extent()))
    found = [f"{one!r} on {other!r}" for (one, a), (other, b) in combinations(boxes, 2) if _overlap(a, b)]
    for ax in figure.axes:
        data = ("the data", ax.get_window_extent())
        found += [f"{name!r} on the data" for name, box in boxes if name == "the legend" and _overlap(box, data[1])]
    found += [f"{name!r} sticks out" for name, box in boxes if not _inside(box, figure.bbox)]
    return found + [text for texts in leaning for text in texts]


def _all_axes(figure):
    return [part for ax in figure.axes for part in (ax, *ax.child_axes)]


def _ticks(axis):
    low, high = sorted(axis.get_view_interval())
    places = axis.get_majorticklocs()
    return [
        (place, label)
        for place, label in zip(places, axis.get_majorticklabels(), strict=False)
        if low <= place <= high and label.get_visible() and label.get_text()
    ]


def _texts(ax) -> list[Text]:
    written = [label for axis in (ax.xaxis, ax.yaxis) for _, label in _ticks(axis)]
    others = [ax.xaxis.label, ax.yaxis.label, ax.title, *ax.texts]
    return written + [text for text in others if text.get_text() and text.get_visible()]


def _crowded(axis):
    """Leaning labels touch when the distance between their lines is less than the height of the letters."""
    labels = [label for _, label in _ticks(axis) if label.get_rotation() % 90]
    starts = [label.get_transform().transform(label.get_position()) for label in labels]
    return [
        f"{one.get_text()!r} on {other.get_text()!r}"
        for (one, a), (other, b) in combinations(zip(labels, starts, strict=True), 2)
        if abs(b - a)[0] * np.sin(np.radians(one.get_rotation())) < one.get_fontsize() * axis.figure.dpi / 72
    ]


def _overlap(a, b):
    return min(a.x1, b.x1) - max(a.x0, b.x0) > _SLACK and min(a.y1, b.y1) - max(a.y0, b.y0) > _SLACK


def _inside(box, outer):
    return (
        box.x0 > outer.x0 - _SLACK
        and box.x1 < outer.x1 + _SLACK
        and box.y0 > outer.y0 - _SLACK
        and box.y1 < outer.y1 + _SLACK
    )


def unseen(figure):
    """What is drawn in nearly the colour of the paper: lines, marks, bands, bars and texts, also of legends."""
    found = []
    for ax in _all_axes(figure):
        paper = np.array(to_rgb(ax.get_facecolor()))
        for part in ax.findobj(lambda part: isinstance(part, Line2D | Patch | Text | LineCollection)):
            if part is ax.patch or not part.get_visible():
                continue
            shown = [to_rgba(colour) for colour in _colours(part)]
            shown = [colour for colour in shown if colour[3] > 0]
            if shown and all(abs(np.array(colour[:3]) - paper).max() * colour[3] < 0.08 for colour in shown):
                found.append(f"{type(part).__name__} {part.get_label()!r}")
    return found


def _colours(part):
    if isinstance(part, Line2D):
        drawn = part.get_linestyle() != "None"
        marked = part.get_marker() not in ("None", None, "")
        return [part.get_color()] * drawn + [part.get_markerfacecolor(), part.get_markeredgecolor()] * marked
    if isinstance(part, Text):
        return [part.get_color()] if part.get_text().strip() else []
    if isinstance(part, LineCollection):
        return list(part.get_edgecolor())
    return [part.get_facecolor(), part.get_edgecolor()]
