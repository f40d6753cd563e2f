"""Keys of dropout masks, from the seed, the update and the layer alone.

So a mask never depends on how updates are grouped into calls.
"""

from __future__ import annotations

import numpy as np


def dropout_keys(seed: int, first_step: int, n_steps: int, n_layers: int) -> np.ndarray:
    """Two 32-bit words for each update and layer, shape (n_steps, n_layers, 2).

    They are the halves of SplitMix64 (https://doi.org/10.1145/2714064.2660195) at that place.
    """
    places = np.arange(first_step, first_step + n_steps, dtype=np.uint64)[:, None] * np.uint64(max(n_layers, 1))
    places = places + np.arange(n_layers, dtype=np.uint64) + np.uint64(1)
    with np.errstate(over="ignore"):
        bits = _mixed(np.array([seed], np.uint64)) + places * np.uint64(0x9E3779B97F4A7C15)
        bits = _mixed(bits)
    halves = np.stack([bits >> np.uint64(32), bits & np.uint64(0xFFFFFFFF)], axis=-1)
    return halves.astype(np.uint32)


def _mixed(bits: np.ndarray) -> np.ndarray:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
