"""The loss of the rows alone, which networks with different penalties are compared by.

Keras' ``loss`` has the penalties of weights and activations in it, and that is what early stopping watches. But the
one with the stronger penalty has the higher number even where it predicts better. So a network that has penalties
records the loss without them, too; of one that has none, the loss is that already.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence

_WITHOUT = "_without_penalty"

#: Recorded of the rows trained on, and with ``val_`` before it of those held out, by networks that have penalties.
LOSS_WITHOUT_PENALTY = f"loss{_WITHOUT}"
_LOSSES = ("loss", "val_loss")


def comparable_name(recorded: Container[str], name: str) -> str:
    """Of a loss, which of the numbers recorded means the same for all networks; any other name as it is.

    Parameters
    ----------
    recorded : container of str
        The names in a history.
    name : str
        "loss" and "val_loss", or the same without penalty, are looked up.
    """
    loss = name.removesuffix(_WITHOUT)
    if loss not in _LOSSES:
        return name
    alone = f"{loss}{_WITHOUT}"
    return alone if alone in recorded else loss


def comparable_values(history: Mapping[str, Sequence[float]], name: str) -> list[float]:
    """One value per epoch of the number that means the same for all networks; empty if it was not recorded.

    Training may have gone on with penalties after epochs without: of these, the loss is the one looked for.
    """
    found = comparable_name(history, name)
    values = list(history.get(found, ()))
    loss = history.get(name.removesuffix(_WITHOUT), ())
    if found.endswith(_WITHOUT) and len(loss) == len(values):
        return [whole if math.isnan(value) else value for value, whole in zip(values, loss, strict=True)]
    return values


def with_comparable_losses(history: Mapping[str, Sequence[float]]) -> dict[str, Sequence[float]]:
    """A history with the losses without penalty, also of a network that has no penalties."""
    found = {f"{loss}{_WITHOUT}": comparable_values(history, loss) for loss in _LOSSES if loss in history}
    return {**history, **found}


def is_loss_without_penalty(name: str) -> bool:
    """Whether a recorded number is one."""
    return name.removeprefix("val_") == LOSS_WITHOUT_PENALTY
