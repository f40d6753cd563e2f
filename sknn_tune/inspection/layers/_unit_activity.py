"""The facts that `dead_units` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._optional import import_optional


@dataclass(frozen=True, eq=False, repr=False)
class LayerActivity:
    """What the units of one hidden layer do on some rows.

    Indices count the units of the layer from 0; the units of a convolution are its channels.

    Parameters
    ----------
    name : str
        Name of the layer, as in ``model_.summary()`` (``"hidden_0"`` is the first hidden layer).
    activation : str
        Its activation.
    active_fraction : ndarray of shape (n_units,)
        Share of the rows that activate each unit, from 0 to 1 (of rows and positions for a convolution). NaN for
        softmax and others that mix units.
    saturated_fraction : ndarray of shape (n_units,) or None
        Share of the rows on which each unit is saturated. None for activations that do not saturate at both ends.
    dead : ndarray of int of shape (n_dead,)
        Units that no row activates.
    saturated : ndarray of int of shape (n_saturated,)
        Units that are saturated on every row.
    constant : ndarray of int of shape (n_constant,)
        Units whose output is the same for every row, for whatever reason; dead units of relu are among them.
    waking_rows : ndarray of int of shape (n_dead,)
        For each dead unit, the row of X that comes nearest to waking it (from 0).
    lacking : ndarray of shape (n_dead,)
        By how much the unit's value before the activation would have to rise on that row. NaN if that cannot wake it.
    """

    name: str
    activation: str
    active_fraction: np.ndarray
    saturated_fraction: np.ndarray | None
    dead: np.ndarray
    saturated: np.ndarray
    constant: np.ndarray
    waking_rows: np.ndarray
    lacking: np.ndarray

    @property
    def n_units(self) -> int:
        """Units of the layer."""
        return len(self.active_fraction)

    def __repr__(self) -> str:
        text = f"{self.name}: {self.n_units} {self.activation} units"
        if not np.isnan(self.active_fraction).all():
            text += f", active on {self.active_fraction.mean():.0%} of the rows"
        for what in ("dead", "saturated"):
            units = getattr(self, what)
            text += f"; {len(units)} {what} ({_listed(units)})" if len(units) else ""
        others = np.setdiff1d(self.constant, np.union1d(self.dead, self.saturated))
        return text + (f"; {len(others)} more constant ({_listed(others)})" if len(others) else "")


@dataclass(frozen=True, eq=False, repr=False)
class DeadUnits:
    """What the units of a network do on some rows, as found by `dead_units`. Its text is a line per layer.

    Parameters
    ----------
    layers : tuple of LayerActivity
        The hidden layers, from input to output.
    n_rows : int
        Rows that were looked at.
    """

    layers: tuple[LayerActivity, ...]
    n_rows: int

    @property
    def n_dead(self) -> int:
        """Dead units of all layers."""
        return sum(len(layer.dead) for layer in self.layers)

    @property
    def n_saturated(self) -> int:
        """Units of all layers that are saturated on every row."""
        return sum(len(layer.saturated) for layer in self.layers)

    @property
    def n_units(self) -> int:
        """Units of all layers."""
        return sum(layer.n_units for layer in self.layers)

    def to_frame(self) -> Any:
        """Return a DataFrame with one row per layer.

        Returns
        -------
        table : DataFrame
            Indexed by ``layer``, with the columns ``activation``, ``n_units``, ``active`` and ``saturated`` (the
            fractions of rows, as means over the units, to four digits), ``n_dead``, ``n_saturated`` and ``n_constant``:
            as wide as a terminal of 80 columns.
        """
        pandas = import_optional("pandas", purpose="to_frame")
        table = {
            "activation": [layer.activation for layer in self.layers],
            "n_units": [layer.n_units for layer in self.layers],
            "active": [layer.active_fraction.mean() for layer in self.layers],
            "saturated": [
                np.nan if layer.saturated_fraction is None else layer.saturated_fraction.mean() for layer in self.layers
            ],
            "n_dead": [len(layer.dead) for layer in self.layers],
            "n_saturated": [len(layer.saturated) for layer in self.layers],
            "n_constant": [len(layer.constant) for layer in self.layers],
        }
        return pandas.DataFrame(table, index=pandas.Index([layer.name for layer in self.layers], name="layer")).round(4)

    def __repr__(self) -> str:
        head = f"{self.n_dead} of {self.n_units} hidden units dead, {self.n_saturated} saturated, on {self.n_rows} rows"
        return "\n".join([head, *(f"  {layer!r}" for layer in self.layers)])


def _listed(units: np.ndarray) -> str:
    return ", ".join(map(str, units[:8].tolist())) + (", …" if len(units) > 8 else "")
