"""Models of the user's with several inputs or outputs, or with one in a list: what they are given and what they give.

Above the engine a network takes one table and gives one. So the columns of the targets are shared out over the outputs
of a model, in their order, as many as each has units; unless someone has given structures that fit already.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...specs import ArrayData, CustomNetworkSpec, StreamData, arrays_in, map_arrays
from .._tensorflow import keras


def as_model_takes(model: keras.Model, spec: Any, data: ArrayData | StreamData | None) -> Any:
    """The same rows and targets in the structure of the inputs and outputs of ``model``, which ``spec`` describes."""
    if not isinstance(spec, CustomNetworkSpec) or not isinstance(data, ArrayData):
        return data
    return replace(data, X=as_inputs(model, data.X), y=_as_targets(outputs_of(model, spec), data.y))


def outputs_of(model: keras.Model, spec: CustomNetworkSpec) -> Any:
    """What the model makes of a batch, in its structure; asked with symbols, so nothing is computed."""
    if spec.example is None:
        _check_inputs(model, tuple(spec.meta["X_shape_"][1:]))
        symbols = keras.Input(spec.meta["X_shape_"][1:], dtype=spec.dtype)
    else:
        # A number for each row is a column, as Keras takes it, which of symbols without one loses an axis.
        symbols = map_arrays(lambda array: keras.Input(array.shape[1:] or (1,), dtype=str(array.dtype)), spec.example)
    return as_one_output(model(as_inputs(model, symbols)))


def _check_inputs(model: keras.Model, shape: tuple[int, ...]) -> None:
    """Refuse rows of another shape than the model was made for; one that has not said for which takes any."""
    try:
        wanted = list(model.inputs or ())
    except (AttributeError, ValueError):
        return
    if not wanted:
        return
    if len(wanted) > 1:
        raise ValueError(
            f"The model given as 'model' has {len(wanted)} inputs, but X is one table. Let the model have one input "
            "and cut it apart itself, or say in a subclass how, by a property 'feature_encoder'."
        )
    takes = tuple(wanted[0].shape[1:])
    if _fits(shape, takes):
        return
    made_for = f"rows with {takes[0]} columns" if len(takes) == 1 else f"rows of shape {takes}"
    has = f"{shape[0]} columns" if len(shape) == 1 else f"rows of shape {shape}"
    raise ValueError(
        f"The model given as 'model' takes {made_for}, but X has {has}. Give X as the model takes it, or let the model "
        f"have keras.Input({shape}): a function is told by 'meta', as meta['n_features_in_'] and meta['X_shape_'][1:]."
    )


def _fits(shape: tuple[int, ...], takes: tuple[int | None, ...]) -> bool:
    """Whether Keras takes the one for the other: None is any length, and a last axis of length 1 may be missing."""
    if len(shape) == len(takes):
        return all(one is None or one == other for one, other in zip(takes, shape, strict=True))
    if len(shape) == len(takes) + 1:
        return shape[-1] == 1 and _fits(shape[:-1], takes)
    return len(takes) == len(shape) + 1 and takes[-1] in (1, None) and _fits(shape, takes[:-1])


def widths_of(model: keras.Model, spec: CustomNetworkSpec) -> list[int | None]:
    """The units of each output."""
    return [output.shape[-1] for output in arrays_in(outputs_of(model, spec))]


def as_inputs(model: keras.Model, X: Any) -> Any:
    """``X`` in the list or dict that a model with a single input may want it in."""
    if isinstance(X, list | tuple | dict):
        return X
    try:
        wanted = model.input
    except (AttributeError, ValueError):  # by subclassing, or called before in another way
        return X
    return map_arrays(lambda _: X, wanted) if len(arrays_in(wanted)) == 1 else X


def as_one_output(outputs: Any) -> Any:
    """An output from the list or dict in which it is alone; several stay as they are."""
    leaves = arrays_in(outputs)
    return leaves[0] if len(leaves) == 1 else outputs


def _as_targets(outputs: Any, y: Any) -> Any:
    """The columns of ``y`` shared out over several outputs."""
    if isinstance(y, list | tuple | dict) or len(arrays_in(outputs)) == 1:
        return y
    widths = [int(output.shape[-1]) for output in arrays_in(outputs)]
    n_columns = 1 if y.ndim == 1 else y.shape[1]
    if sum(widths) != n_columns:
        raise ValueError(
            f"The model given as 'model' has {len(widths)} outputs with {widths} units, {sum(widths)} together, but y "
            f"has {n_columns} column(s). Give y a column for each unit, the model one output, or say in a subclass how "
            "y is shared out, by a property 'target_encoder'."
        )
    blocks = iter(np.split(y.reshape(len(y), -1), np.cumsum(widths)[:-1], axis=1))
    return map_arrays(lambda _: next(blocks), outputs)
