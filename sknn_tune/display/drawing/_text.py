"""Texts that have to fit: a label that is cut in the middle, or broken into lines."""

from __future__ import annotations

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


def wrapped(label: str, width: int) -> str:
    """Lines of a label, broken at spaces and after underscores, with a remark in brackets as one.

    Names of parameters may be wider than their axis.

    Examples
    --------
    >>> from sknn_tune.display.drawing import wrapped
    >>> print(wrapped("hidden_layer_sizes (units in all)", 26))
    hidden_layer_sizes
    (units in all)
    """
    name, *remark = shortened(label, 4 * width).replace("_", "_ ").split(" (")
    words = " (".join([name, *(text.replace(" ", "\xa0") for text in remark)])
    lines = textwrap.wrap(words, width)
    return "\n".join(line.replace("_ ", "_").replace("\xa0", " ") for line in lines)
