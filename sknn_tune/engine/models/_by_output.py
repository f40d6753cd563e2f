"""Refuses losses and metrics by output that the outputs of a model of the user's do not have, in a sentence of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from .._tensorflow import keras

#: Parameter -> what one of it is, several are, and what is done with an output that has none.
_WORDS = {"loss": ("loss", "losses", "not to be taught"), "metrics": ("metric", "metrics", "not to be measured")}


def check_by_output(parameter: Literal["loss", "metrics"], given: Any, model: keras.Model, n_outputs: int) -> None:
    """Refuse a dict with other names than those of the outputs, and a list that has not one entry for each.

    Each output needs a loss, or None; metrics may leave outputs out by their names.
    """
    one, several, not_done = _WORDS[parameter]
    names = _names(model)
    if isinstance(given, Mapping):
        fits = n_outputs > 1 if names is None else set(given) <= set(names)
        if fits and (parameter == "metrics" or names is None or set(given) == set(names)):
            return
        wanted = f"the {one} itself" if n_outputs == 1 else f"a {one} for each, or None for one that is {not_done}"
        has = f"{several} for the outputs {', '.join(map(repr, given))}"
    elif parameter == "metrics" and given is not None and not isinstance(given, list | tuple):
        wanted, has = "a list with an entry for each, or a dict by their names", f"1 {one} for all"
    elif isinstance(given, list | tuple) and len(given) != n_outputs:
        wanted = f"one for each, in this order, or None for one that is {not_done}" if n_outputs > 1 else "one"
        has = f"{len(given)} {several if len(given) != 1 else one}"
    else:
        return
    outputs = f"{n_outputs} outputs" if n_outputs > 1 else "1 output"
    named = f", {', '.join(map(repr, names))}" if names else ""
    raise ValueError(
        f"The {parameter!r} parameter has {has}, but the model given as 'model' has {outputs}{named}. Give {wanted}."
    )


def _names(model: keras.Model) -> list[str] | None:
    """Those of the outputs; None where they have none, as of a model by subclassing."""
    try:
        outputs = model.output
    except (AttributeError, ValueError):
        return None
    return list(outputs) if isinstance(outputs, dict) else getattr(model, "output_names", None)
