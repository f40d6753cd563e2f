"""Which of the metrics of a search counts when it decides where to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_PREFIX = "mean_test_"


def metrics_of(results: Mapping[str, Any]) -> list[str]:
    """The names in ``cv_results_``, in the order of ``scoring``: ``["score"]`` if there is only one metric."""
    return [name.removeprefix(_PREFIX) for name in results if name.startswith(_PREFIX)]


def deciding_metric(results: Mapping[str, Any], refit: Any) -> str:
    """The one of ``cv_results_`` that counts."""
    return deciding(metrics_of(results), refit)


def deciding(metrics: Sequence[str], refit: Any) -> str:
    """The only one; of several the one that ``refit`` names; if it names none, the first."""
    return refit if isinstance(refit, str) and refit in metrics else metrics[0]
