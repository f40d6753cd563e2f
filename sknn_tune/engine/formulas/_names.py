"""One name for each activation and loss, whichever a user has given."""

from __future__ import annotations

from typing import Any

from ...specs._vocabulary import LOSS_ALIASES, canonical_name

#: Second names of activations.
_SYNONYMS = {"swish": "silu", "hard_swish": "hard_silu"}


def activation_name(activation: Any) -> str:
    """The one name of an activation, whichever it is given by."""
    name = canonical_name(str(activation))
    return _SYNONYMS.get(name, name)


def loss_name(loss: Any) -> str | None:
    """The name of a loss that is given by name, else None."""
    if not isinstance(loss, str):
        return None
    name = canonical_name(loss)
    return LOSS_ALIASES.get(name, name)
