"""Refuses a model of the user's with one output that has not what y has: losses would compare by broadcasting."""

from __future__ import annotations

from ...specs import CustomNetworkSpec, arrays_in
from .._tensorflow import keras
from ._inputs_outputs import outputs_of


def check_output_units(model: keras.Model, spec: CustomNetworkSpec, n_columns: int) -> None:
    """Refuse an output that is not a number for each of ``n_columns``, or one for two classes.

    Several outputs share the columns, which is checked where they do. A shape that Keras does not know is let be.
    """
    outputs = arrays_in(outputs_of(model, spec))
    if len(outputs) > 1:
        return
    shape = tuple(outputs[0].shape[1:]) or (1,)  # a number for each row is a column
    if None in shape or shape in _shapes(spec.meta["target_type_"], n_columns):
        return
    has = _counted(shape[0], "output unit") if len(shape) == 1 else f"an output of shape {shape} for each row"
    raise ValueError(f"The model given as 'model' has {has}, but y has {_wanted(spec.meta['target_type_'], n_columns)}")


def _shapes(kind: str, n_columns: int) -> list[tuple[int, ...]]:
    """Those of an output for one row that fit; of a last axis of length 1 Keras' losses let go."""
    if not _is_of_classes(kind):
        return [(n_columns,), (n_columns, 1)]
    return [(n_columns,), (1,), (1, 1)] if n_columns <= 2 else [(n_columns,)]


def _wanted(kind: str, n_columns: int) -> str:
    """What y has, and what to do."""
    units, columns = _counted(n_columns, "unit"), _counted(n_columns, "column")
    if kind == "multilabel-indicator":
        return f"{columns} of labels. Give the output layer {units} with sigmoid."
    if _is_of_classes(kind):
        classes = _counted(n_columns, "class", "classes")
        return f"{classes}. Give the output layer {units} with softmax{' or one with sigmoid' * (n_columns == 2)}."
    return (
        f"{columns}. Give the output layer {units}, or say in a subclass what the outputs are taught, by a property "
        "'target_encoder'."
    )


def _is_of_classes(kind: str) -> bool:
    return kind.startswith(("binary", "multiclass"))


def _counted(number: int, one: str, several: str | None = None) -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
