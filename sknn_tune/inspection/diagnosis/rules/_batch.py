"""Rules about the rows of an update."""

from __future__ import annotations

from ..evidence import Evidence
from ._finding import Finding, NotChecked
from ._rate import FEW_ROWS, is_still_falling, jumps, why_not_jumps

#: Updates of an epoch, and of the whole training, that are few.
FEW_UPDATES, FEW_UPDATES_IN_ALL = 4, 1000
#: A batch that is not large is not too large, whatever share of the table it is.
MANY_ROWS = 64


def batch_too_small(evidence: Evidence) -> Finding | NotChecked | None:
    """The loss jumps because an update sees few rows.

    ``batch_size`` is at most 8, the training loss jumps as in ``rate_too_large``, and its mean is below the loss
    of the best constant prediction.

    The gradient of a few rows points elsewhere each time. Averaging over more rows and smaller steps both help
    (https://arxiv.org/abs/1711.00489); more rows also make an epoch faster.
    """
    reason = why_not_jumps(evidence)
    if reason or evidence.quiet_loss is None:
        return NotChecked(str(reason))
    curve = evidence.quiet_loss
    if evidence.batch_size > FEW_ROWS or not jumps(evidence) or curve.mean > 1:
        return None
    return Finding(
        name="batch_too_small",
        severity="advice",
        sentence=(
            f"The loss jumps from epoch to epoch: an update sees {evidence.batch_size} rows only, whose "
            "gradient is mostly noise."
        ),
        evidence={
            "batch_size": evidence.batch_size,
            "jumps": curve.jumps,
            "relative_jumps": curve.jumps / curve.mean,
            "rises": curve.rises,
        },
        turn={"batch_size": "raise, to 32 or more", "learning_rate": "lower"},
    )


def batch_too_large(evidence: Evidence) -> Finding | None:
    """There were few updates, because each takes a large part of the table.

    An epoch has at most 4 updates of more than 64 rows each, the training had fewer than 1000 updates, and the
    loss was still falling in the end, as in ``stopped_too_early``.

    Each update costs a pass over a large part of the table. Smaller batches make many updates of the same work.
    """
    n_updates = evidence.network.n_steps_
    few = evidence.updates_per_epoch <= FEW_UPDATES and n_updates < FEW_UPDATES_IN_ALL
    if not few or evidence.batch_size <= MANY_ROWS or not is_still_falling(evidence):
        return None
    return Finding(
        name="batch_too_large",
        severity="advice",
        sentence=(
            f"{evidence.n_epochs} epochs made only {n_updates} updates, of {evidence.batch_size} rows each, and the "
            "loss was still falling."
        ),
        evidence={
            "batch_size": evidence.batch_size,
            "n_updates": n_updates,
            "updates_per_epoch": evidence.updates_per_epoch,
        },
        turn={"batch_size": "lower, to 32", "learning_rate": "raise", "epochs": "raise"},
    )
