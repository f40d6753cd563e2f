"""While a search is watched: no word of steps that pass no callbacks on, such as a ``ColumnTransformer``.

scikit-learn warns of each in every fit of the search. It is of no concern to those who watch networks: whether any
was seen is known at the end, and said then. The filter is taken away again with the end of the search;
scikit-learn takes the filters that hold in the process of the search along to its workers.
"""

from __future__ import annotations

import warnings
from typing import Any


def silence() -> Any:
    """Silence these warnings; what is returned brings them back."""
    warnings.filterwarnings("ignore", r"The estimator \w+ does not support callbacks", UserWarning)
    return warnings.filters[0]


def speak_again(silenced: Any) -> None:
    """Take the filter away, wherever others have come to stand in the meantime."""
    filters: Any = warnings.filters
    if silenced in filters:  # two searches in threads share one filter
        filters.remove(silenced)
