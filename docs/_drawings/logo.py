"""Draw the logo and the favicon into ``docs/_static``: ``python docs/_drawings/logo.py``.

A network whose layers are the sliders of a tuner: the knobs are its units, and the one that counts is picked out.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

STATIC = Path(__file__).parents[1] / "_static"

#: Of a slider from left to right: where it stands, and at which heights its knobs are.
SLIDERS = ((14, (22, 42)), (32, (14, 32, 50)), (50, (36,)))
TOP, BOTTOM = 6, 58
ACCENT = "#e8702a"
#: Of sliders, of lines between units, of units: on a light and on a dark page.
INK = {"light": ("#c9d6e2", "#7d97b3", "#1f5f99"), "dark": ("#3c4c5c", "#7f9bb8", "#7db8ee")}


def drawing(ink: tuple[str, str, str], background: str = "") -> str:
    """Return the logo as SVG, 64 wide and 64 high."""
    rail, line, unit = ink
    parts = (
        [f'<rect width="64" height="64" rx="12" fill="{background}"/>'] if background else []
    )
    parts += [
        f'<path d="M{x} {TOP}V{BOTTOM}" stroke="{rail}" stroke-width="3" stroke-linecap="round"/>'
        for x, _ in SLIDERS
    ]
    for (x, heights), (next_x, next_heights) in pairwise(SLIDERS):
        parts += [
            f'<path d="M{x} {here}L{next_x} {there}" stroke="{line}" stroke-width="2"/>'
            for here in heights
            for there in next_heights
        ]
    *hidden, (last_x, (last_height,)) = SLIDERS
    parts += [
        f'<circle cx="{x}" cy="{y}" r="5.5" fill="{unit}"/>'
        for x, heights in hidden
        for y in heights
    ]
    parts.append(f'<circle cx="{last_x}" cy="{last_height}" r="8" fill="{ACCENT}"/>')
    body = "\n  ".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">\n  {body}\n</svg>\n'


if __name__ == "__main__":
    for mode, ink in INK.items():
        (STATIC / f"logo-{mode}.svg").write_text(drawing(ink), encoding="utf-8")
    # In a tab, whose colour nobody knows, it brings its own ground.
    (STATIC / "favicon.svg").write_text(
        drawing(INK["light"], background="#ffffff"), encoding="utf-8"
    )
