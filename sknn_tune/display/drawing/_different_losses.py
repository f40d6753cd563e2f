"""A word of warning where curves of losses stand side by side that do not measure the same."""

from __future__ import annotations

import warnings
from collections.abc import Sequence


def warn_of_different_losses(parameters: Sequence[str], drawn: str, instead: str) -> None:
    """Say that the curves of ``drawn`` cannot be compared, because of which parameters, and what to draw instead."""
    warnings.warn(
        f"The curves of {drawn!r} cannot be compared with each other: the networks differ in "
        f"{' and '.join(map(repr, parameters))}, so their losses measure different things. Draw a metric that all have "
        f"recorded, such as {instead}.",
        UserWarning,
        stacklevel=3,
    )
