"""Formulas as MathML, which browsers draw themselves: Sphinx's own way loads MathJax from elsewhere."""

from __future__ import annotations

import inspect
import re

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml


def _mathml(tex: str, block: bool) -> str:
    """Formula as MathML; Docutils 0.22 turned its argument round, and it knows dots by where they stand only."""
    tex = re.sub(r"\\dots\b", r"\\ldots", tex)
    if "as_block" in inspect.signature(tex2mathml).parameters:
        return tex2mathml(tex, as_block=block)
    return tex2mathml(tex, inline=not block)


def _visit_inline(translator, node) -> None:
    translator.body.append(_mathml(node.astext(), block=False))
    raise SkipNode


def _visit_block(translator, node) -> None:
    translator.body.append(_mathml(node.astext(), block=True))
    raise SkipNode


def setup(app) -> dict:
    """Called by Sphinx."""
    app.add_html_math_renderer(
        "mathml", inline_renderers=(_visit_inline, None), block_renderers=(_visit_block, None)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
