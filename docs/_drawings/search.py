"""Draw the picture of the first pages into ``docs/_static``: ``python docs/_drawings/search.py``.

It runs the code of ``docs/index.md`` with more candidates, and says what the search took. Needs the extra ``examples``.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image
from sknn_tune.display import SearchResultsDisplay

DOCS = Path(__file__).parents[1]
N_CANDIDATES, EPOCHS = 40, 20
#: Style of Matplotlib, and the ground of the page: what is drawn is told apart from it.
STYLES = {"light": ("default", "#ffffff"), "dark": ("dark_background", "#14181e")}
#: Enough for few colours and the edges of letters, a third of the bytes.
N_COLOURS = 64


def code_of_first_page() -> str:
    """Return the first Python block, with more candidates and epochs."""
    page = (DOCS / "index.md").read_text(encoding="utf-8")
    code = re.search(r"^```python\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE).group(1)
    code, changed = re.subn(r"n_iter=\d+", f"n_iter={N_CANDIDATES}", code)
    code, changed_too = re.subn(r"epochs=\d+", f"epochs={EPOCHS}", code)
    if not changed or not changed_too:
        raise ValueError("The code of docs/index.md has no n_iter or no epochs any more.")
    return code


def draw(search, mode: str) -> None:
    """Draw the search for light or for dark pages."""
    style, ground = STYLES[mode]
    file = DOCS / "_static" / f"search-{mode}.png"
    with plt.style.context(style):
        plt.rcParams.update(
            dict.fromkeys(["figure.facecolor", "axes.facecolor", "savefig.facecolor"], ground)
        )
        figure = SearchResultsDisplay.from_search(search).figure_
        figure.savefig(file, dpi=130)
        plt.close(figure)
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(N_COLOURS)
    few.save(file, optimize=True)


if __name__ == "__main__":
    names: dict = {}
    before = time.process_time()
    exec(compile(code_of_first_page(), "index.md", "exec"), names)
    print(f"{time.process_time() - before:.0f} processor seconds")
    for mode in STYLES:
        draw(names["search"], mode)
