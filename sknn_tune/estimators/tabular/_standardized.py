"""Numbers that are taught standardised."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from .._targets import NumberTarget


@dataclass(frozen=True)
class StandardizedTarget(NumberTarget):
    """One or several numbers per row, each with its mean and deviation in the first ``fit``, and its range so far.

    Attributes
    ----------
    center, scale, lowest, highest : ndarray of shape (n_outputs,)
    """

    center: np.ndarray = field(compare=False)
    scale: np.ndarray = field(compare=False)
    lowest: np.ndarray = field(compare=False)
    highest: np.ndarray = field(compare=False)

    @classmethod
    def of(cls, y: np.ndarray) -> StandardizedTarget:
        plain = NumberTarget.of(y)
        table = y.reshape(len(y), -1).astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            deviation = table.std(axis=0)
        if not np.isfinite(deviation).all():
            raise ValueError(
                f"y has numbers as large as {np.abs(table).max():.3g}, whose spread cannot be worked out. Scale y "
                "before."
            )
        scale = np.where(deviation > 0, deviation, 1.0)
        return cls(plain.n_outputs, plain.is_flat, table.mean(axis=0), scale, table.min(axis=0), table.max(axis=0))

    def encode(self, y: np.ndarray, form: str, dtype: str) -> np.ndarray:
        """Standardised numbers of shape (n_rows, n_outputs)."""
        return ((y.reshape(len(y), -1) - self.center) / self.scale).astype(dtype)

    def with_more(self, y: np.ndarray) -> StandardizedTarget:
        """The same scale, and a range that further rows widen."""
        table = y.reshape(len(y), -1)
        lowest, highest = np.minimum(self.lowest, table.min(axis=0)), np.maximum(self.highest, table.max(axis=0))
        return replace(self, lowest=lowest, highest=highest)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs of the network as numbers of the user's, within the range of those seen."""
        return np.clip(outputs * self.scale + self.center, self.lowest, self.highest)
