"""Pages that draw: their Python blocks are run, and each is followed by the pictures it has drawn.

Problem: Matplotlib's ``plot`` directive does not work in Markdown, and its code is no plain Python block, which the
tests would run. Choice: the build adds pictures to pages as they are; listed in ``pages_with_pictures``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

_BLOCK = re.compile(
    r"^```python\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", flags=re.DOTALL | re.MULTILINE
)
_IMAGE = "\n```{{image}} /{path}\n:alt: what the code above draws\n:width: {width:.0f}px\n```\n"
_DOTS_PER_INCH = 160


def add_pictures(text: str, page: str, folder: Path) -> str:
    """Run the blocks of a page one after the other and write their figures into ``folder``, in the docs' folder."""
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    names: dict = {"__name__": page}

    def with_pictures(block: re.Match) -> str:
        exec(compile(block.group(1), f"{page}.md", "exec"), names)
        pictures = []
        for number in plt.get_fignums():
            figure = plt.figure(number)
            file = folder / f"{page.replace('/', '-')}-{block.start()}-{number}.png"
            figure.savefig(file, dpi=_DOTS_PER_INCH)
            path = file.relative_to(folder.parents[1]).as_posix()
            pictures.append(_IMAGE.format(path=path, width=100 * figure.get_figwidth()))
        plt.close("all")
        return block.group(0) + "".join(pictures)

    return _BLOCK.sub(with_pictures, text)


def _run_page(app, docname: str, source: list[str]) -> None:
    if docname not in app.config.pages_with_pictures:
        return
    before = Path.cwd()
    with TemporaryDirectory() as elsewhere:  # code may write files
        os.chdir(elsewhere)
        try:
            source[0] = add_pictures(
                source[0], docname, Path(app.srcdir) / "generated" / "pictures"
            )
        finally:
            os.chdir(before)


def setup(app) -> dict:
    """Called by Sphinx."""
    app.add_config_value("pages_with_pictures", [], "env")
    app.connect("source-read", _run_page)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
