"""The rows that a fit is given as two sides: those it is trained on, and those it is watched on."""

from __future__ import annotations

from typing import Any

from ..engine import derived_seed
from ._holdout import Sides, check_can_hold_out, held_out_rows
from ._rows import GivenRows, Rows, check_rows
from ._streams import is_stream
from ._targets import Target
from .resolve import Parameters


def sides_of_fit(estimator: Any, parameters: Parameters, rows: Rows, target: Target, watched: GivenRows) -> Sides:
    """The rows to train on, and those held out, if any are; for each member of the fit."""
    if watched.X is not None:
        if watched.y is None and not is_stream(watched.X):
            raise ValueError("X_val was given without y_val. Give both, or neither.")
        return Sides(rows, watched=_check_watched(estimator, watched, target))
    for name, given in (("y_val", watched.y), ("sample_weight_val", watched.sample_weight)):
        if given is not None:
            raise ValueError(f"{name} was given without X_val. Give both, or neither.")
    if rows.stream is not None and (parameters.stops_on_held_out_rows or parameters["validation_split"]):
        check_can_hold_out(rows.stream, parameters)
    splits = held_out_rows(
        parameters,
        rows.X,
        rows.y,
        class_index=target.class_index(rows.y),
        groups=rows.groups,
        seed=derived_seed(estimator._seed, "validation_split"),
        counted=rows.counted,
    )
    return Sides(rows, splits)


def _check_watched(estimator: Any, watched: GivenRows, target: Target) -> Rows:
    try:
        rows = check_rows(estimator, watched, reset=False, weights_name="sample_weight_val")
        estimator._check_target_range(Parameters(estimator), rows.y)
        target.check_same(rows.y, None)
        target.check_names_of(watched.y)
        return rows
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"In X_val, y_val or sample_weight_val: {error}") from error
