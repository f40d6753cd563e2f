"""Texts that have to fit: a label that is cut in the middle, or broken into lines."""

from __future__ import annotations

import re
import textwrap


def shortened(text: str, longest: int) -> str:
    """Both ends of a text that is too long: what tells two of them apart may stand at either.

    Examples
    --------
    >>> from sknn_tune.display.drawing import shortened
    >>> shortened("StandardScaler(with_mean=False)", 16), shortened("relu", 16)
    ('StandardS…False)', 'relu')
    """
    if len(text) <= longest:
        return text
    tail = (longest - 1) // 2 - 1
    return f"{text[: longest - 1 - tail]}…{text[-tail:]}"


def plainly(text: str) -> str:
    r"""A text whose dollar signs are dollar signs: Matplotlib takes what stands between two for a formula.

    Every text goes through here that holds a name or a value of the user's: of a parameter, a metric, a layer.

    Examples
    --------
    >>> from sknn_tune.display.drawing import plainly
    >>> print(plainly("price_$ per_$"))
    price_\$ per_\$
    """
    return text.replace("$", r"\$")


def wrapped(label: str, width: int) -> str:
    """Lines of a label, broken between its parts, if need be within them, with a remark in brackets as one.

    Names of parameters may be wider than their axis.

    Examples
    --------
    >>> from sknn_tune.display.drawing import wrapped
    >>> print(wrapped("hidden_layer_sizes (units in all)", 26))
    hidden_layer_sizes
    (units in all)
    >>> print(wrapped("columntransformer__hidden_layer_sizes", 26))
    columntransformer__
    hidden_layer_sizes
    """
    name, *remark = shortened(label, 4 * width).split(" (")
    parts = [f"{part}__" for part in name.split("__")]
    parts[-1] = parts[-1][:-2]
    lines: list[str] = []
    for part in parts + [f" ({text}" for text in remark]:
        if lines and len(lines[-1] + part) <= width:
            lines[-1] += part
        else:
            lines += _lines(part.strip(), width)
    return "\n".join(lines)


def _lines(part: str, width: int) -> list[str]:
    """Broken after spaces, and where there are none after underscores."""
    if len(part) <= width or " " in part:
        return textwrap.wrap(part, width, break_long_words=False) or [part]
    return [line.replace("_ ", "_") for line in textwrap.wrap(part.replace("_", "_ "), width)]


def lines_of(text: str, width: int) -> list[str]:
    """Lines broken after spaces, and words that are longer than a line after underscores.

    Examples
    --------
    >>> from sknn_tune.display.drawing import lines_of
    >>> lines_of("keras_classifier__learning_rate=0.1, epochs=5", 26)
    ['keras_classifier__', 'learning_rate=0.1,', 'epochs=5']
    """
    lines = [""]
    for word in text.split():
        space = " " if lines[-1] else ""
        for part in [word] if len(word) <= width else re.findall("[^_]+_*|_+", word):
            if len(lines[-1] + space + part) <= width:
                lines[-1] += space + part
            else:
                lines += textwrap.wrap(part, width)
            space = ""
    return [line for line in lines if line]
