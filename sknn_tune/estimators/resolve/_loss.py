"""Parameters -> what is minimised."""

from __future__ import annotations

import difflib
from typing import Any

from ...specs import INDEX_LOSSES, LOSS_ALIASES, LOSSES, canonical_name
from ._parameters import Parameters


def resolve_loss(parameters: Parameters, automatic: str) -> Any:
    """The loss by its canonical name, or the user's class, object or function."""
    loss = parameters["loss"]
    if loss is None:  # SciKeras' way to say so
        return automatic
    if not isinstance(loss, str):
        return loss
    if loss == "auto":
        return automatic
    name = canonical_name(loss, LOSS_ALIASES)
    registered = ">" in name  # by the user with keras.saving: "package>name"
    if name not in LOSSES and not registered:
        close = difflib.get_close_matches(name, LOSSES, n=2)
        hint = f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""
        raise parameters.error("loss", f"'auto', a loss class, object or function, or one of {', '.join(LOSSES)}{hint}")
    return name


def loss_compares_rows(loss: Any) -> bool:
    """Whether a multiclass target must be rows with a single one. Functions of unknown make get class numbers."""
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", None) or type(loss).__name__
    name = canonical_name(name, LOSS_ALIASES)
    return name in LOSSES and name not in INDEX_LOSSES
