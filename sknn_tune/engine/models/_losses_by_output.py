"""Refuses losses by output that the outputs of a model of the user's do not have, in a sentence of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._tensorflow import keras


def check_losses_by_output(loss: Any, model: keras.Model, n_outputs: int) -> None:
    """Refuse a dict with other names than those of the outputs, and a list that has not one loss for each."""
    if isinstance(loss, Mapping):
        names = _names(model)
        if n_outputs > 1 if names is None else set(loss) == set(names):
            return
        wanted = "the loss itself" if n_outputs == 1 else "a loss for each, or None for one that is not to be taught"
        has = f"losses for the outputs {', '.join(map(repr, loss))}"
    elif isinstance(loss, list | tuple) and len(loss) != n_outputs:
        names = _names(model)
        wanted = "one for each, in this order, or None for one that is not to be taught" if n_outputs > 1 else "one"
        has = f"{len(loss)} losses" if len(loss) != 1 else "1 loss"
    else:
        return
    outputs = f"{n_outputs} outputs" if n_outputs > 1 else "1 output"
    named = f", {', '.join(map(repr, names))}" if names else ""
    raise ValueError(
        f"The 'loss' parameter has {has}, but the model given as 'model' has {outputs}{named}. Give {wanted}."
    )


def _names(model: keras.Model) -> list[str] | None:
    """Those of the outputs; None where they have none, as of a model by subclassing."""
    try:
        outputs = model.output
    except (AttributeError, ValueError):
        return None
    return list(outputs) if isinstance(outputs, dict) else getattr(model, "output_names", None)
