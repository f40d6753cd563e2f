"""The integer from which all random numbers of a fit are derived."""

from __future__ import annotations

import numpy as np
from sklearn.utils import check_random_state


def seed_of(random_state: int | np.random.RandomState | None) -> int:
    """An integer. Without a ``random_state`` it is drawn afresh, never from NumPy's global generator."""
    if random_state is None:
        return int(np.random.default_rng().integers(2**31 - 1))
    return int(check_random_state(random_state).randint(2**31 - 1))
