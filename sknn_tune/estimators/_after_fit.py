"""What is said when a fit is over and has not come to where it was to come."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ..exceptions import ConvergenceWarning
from .resolve import Parameters


def warn_of_outcome(estimator: Any, parameters: Parameters, n_epochs: int) -> None:
    """Say that training diverged, or that it did not come to rest; ``n_epochs`` were run."""
    if estimator._diverged_epoch is not None:
        warnings.warn(
            f"Training diverged: the loss was not finite in epoch {estimator._diverged_epoch + 1}. Most often the "
            f"learning rate is too high (learning_rate={estimator.learning_rate}): try a tenth of it, scale the "
            "inputs, or set clipnorm=1.0.",
            ConvergenceWarning,
            stacklevel=5,
        )
    elif n_epochs == int(parameters["epochs"]):
        _warn_if_not_converged(estimator, parameters)


def _warn_if_not_converged(estimator: Any, parameters: Parameters) -> None:
    """The loss of the rows trained on was to come to rest, and has not. That of held-out rows need not."""
    monitor, patience = parameters["monitor"], max(parameters["patience"], 1)
    if not parameters["early_stopping"] or parameters.stops_on_held_out_rows or math.isinf(patience):
        return
    networks = getattr(estimator, "members_", [estimator])
    still = [network for network in networks if network.n_iter_ - 1 - network.best_epoch_ < patience]
    if still:
        members = f" of {len(still)} of {len(networks)} members" if len(networks) > 1 else ""
        warnings.warn(
            f"Training did not converge: {monitor!r}{members} was still improving by more than min_delta="
            f"{parameters['min_delta']!r} within the last {patience} epochs when all of epochs="
            f"{parameters['epochs']} were run. Raise 'epochs' or 'min_delta', or set early_stopping=False.",
            ConvergenceWarning,
            stacklevel=6,
        )
