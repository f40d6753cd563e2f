"""Rules about the learning rate and how long the training went on, by the loss curve alone."""

from __future__ import annotations

from ..evidence import Evidence, LossCurve
from ._finding import Finding, NotChecked

#: Epochs of which a curve can be told from a line.
MIN_EPOCHS = 6
#: Epochs that make a trend.
MIN_TREND = 3
#: Last part of the training that is asked for a trend, and the fall in it that is worth going on for.
LAST_PART, STILL_FALLING = 0.2, 0.02
#: A straight line: least share of the spread it explains, least slope at the end in units of that at the start.
STRAIGHT, NOT_BENT = 0.9, 0.5
#: Updates after which a curve that has not bent is no longer a matter of patience.
MANY_UPDATES = 200
#: Part of the loss of a constant prediction that is left where not even half has been learnt.
HALF = 0.5
#: A rate that is too large: jumps in units of the constant prediction's loss and of the present loss
#: (training, validation), share of rises.
JUMP, RELATIVE_JUMP, ROUGH_JUMP, RISES = 0.02, 0.1, 0.25, 0.25
#: Mean loss, in units of the constant prediction's, that no network has to put up with.
ABOVE_CONSTANT = 1.01
#: Rows of an update up to which jumps are those of small batches.
FEW_ROWS = 8


def divergence(evidence: Evidence) -> Finding | None:
    """The loss grows instead of falling.

    The training loss was not finite in some epoch, or is in the last epoch more than twice that of the first and
    more than twice that of the best constant prediction.
    """
    values = evidence.loss.values
    if evidence.loss.is_finite and not values[-1] > 2 * max(values[0], 1.0):
        return None
    diverged = int((~(abs(values) < float("inf"))).argmax()) if not evidence.loss.is_finite else len(values) - 1
    what = (
        "was not finite"
        if not evidence.loss.is_finite
        else f"had grown to {values[-1] / values[0]:.3g} times its start"
    )
    return Finding(
        name="divergence",
        severity="problem",
        sentence=f"The training loss {what} in epoch {diverged + 1}.",
        evidence={"epoch": diverged + 1, "learning_rate": evidence.parameters["learning_rate"]},
        turn={"learning_rate": "lower, to a tenth", "clipnorm": "1.0"},
    )


def stopped_too_early(evidence: Evidence) -> Finding | NotChecked | None:
    """The training ended while the loss was still falling.

    Over the last fifth of the epochs (at least 3), a line through the validation loss (without one: the training
    loss) has fallen by more than 0.02 of the loss of the best constant prediction, the lowest loss is among them, and
    ``rate_too_small`` does not apply.
    """
    curve = evidence.validation_loss or evidence.loss
    reason = _too_short(curve, MIN_TREND)
    if reason:
        return NotChecked(reason)
    fall = curve.fall_in_the_last(LAST_PART)
    if not is_still_falling(evidence) or creeps(evidence):
        return None
    ran_out = evidence.n_epochs >= evidence.parameters["epochs"]
    name = "epochs" if ran_out else "patience"
    return Finding(
        name="stopped_too_early",
        severity="advice",
        sentence=(
            f"The loss was still falling when the training ended after {evidence.n_epochs} epochs"
            f"{'' if ran_out else ', by early stopping'}: the last fifth of them took {fall:.2g} off it, in units of "
            "the loss of a constant prediction."
        ),
        evidence={"fall": fall, "n_epochs": evidence.n_epochs},
        turn={name: "raise", "learning_rate": "raise"},
    )


def is_still_falling(evidence: Evidence) -> bool:
    """Whether the end of the loss curve points down."""
    curve = evidence.validation_loss or evidence.loss
    return curve.is_finite and curve.n_epochs >= MIN_TREND and _falls(curve)


def _falls(curve: LossCurve) -> bool:
    is_lowest = curve.values[-curve.length_of_the_last(LAST_PART) :].min() <= curve.values.min()
    return is_lowest and curve.fall_in_the_last(LAST_PART) > STILL_FALLING


def rate_too_small(evidence: Evidence) -> Finding | NotChecked | None:
    """The loss creeps down in a straight line.

    After at least 6 epochs and 200 updates, more than half of the loss of the best constant prediction is left,
    a straight line through the training loss explains at least 0.9 of its spread, and it falls in the last third at
    least half as fast as in the first.

    A curve that bends has begun to arrive somewhere; one that creeps down straight has hardly set out. With few
    updates the epochs may be too few instead.
    """
    reason = _too_short(evidence.loss, MIN_EPOCHS)
    if reason:
        return NotChecked(reason)
    if not creeps(evidence):
        return None
    curve, rate = evidence.loss, evidence.parameters["learning_rate"]
    return Finding(
        name="rate_too_small",
        severity="problem",
        sentence=(
            f"The loss creeps: after {evidence.network.n_steps_} updates it still falls as fast as in the beginning, "
            f"and stands at {curve.values[-1]:.2f} of that of a constant prediction (learning_rate={rate:.3g})."
        ),
        evidence={
            "straightness": curve.straightness,
            "bend": curve.bend,
            "loss": float(curve.values[-1]),
            "n_updates": evidence.network.n_steps_,
        },
        turn={"learning_rate": "raise, to the tenfold", "epochs": "raise"},
    )


def creeps(evidence: Evidence) -> bool:
    """Whether the loss goes down in a straight line that has not yet led anywhere."""
    curve = evidence.loss
    if not curve.is_finite or curve.n_epochs < MIN_EPOCHS or evidence.network.n_steps_ < MANY_UPDATES:
        return False
    return bool(
        curve.values[-1] < curve.values[0]
        and curve.values[-1] > HALF
        and curve.straightness >= STRAIGHT
        and curve.bend >= NOT_BENT
    )


def rate_too_large(evidence: Evidence) -> Finding | NotChecked | None:
    """The loss jumps up and down instead of settling.

    In the second half of at least 6 epochs the training loss (with dropout, batch normalisation, ``feature_layers`` or
    ``model``: the validation loss) rises in at least a quarter of the steps from epoch to epoch, and the standard
    deviation of these steps is more than 0.02 of the loss of the best constant prediction. And it is more than a tenth
    of the mean loss (of a validation loss, which few rows make rougher: a quarter); or the validation loss jumps with
    the training loss: it rises as often, in steps of more than a tenth of its mean; or the mean training loss is more
    than 1.01 times that of the best constant prediction, which even the biases of the output layer could reach. With a
    ``batch_size`` of up to 8, jumps are ``batch_too_small``, unless the mean loss is above that of the best constant
    prediction.
    """
    reason = why_not_jumps(evidence)
    if reason or evidence.quiet_loss is None:
        return NotChecked(str(reason))
    curve, mean = evidence.quiet_loss, evidence.quiet_loss.mean
    hovers = curve is evidence.loss and mean > ABOVE_CONSTANT and is_rough(curve)
    if not hovers and (not jumps(evidence) or (evidence.batch_size <= FEW_ROWS and mean <= 1)):
        return None
    rate = evidence.parameters["learning_rate"]
    return Finding(
        name="rate_too_large",
        severity="problem",
        sentence=(
            f"The loss goes up and down by {curve.jumps / mean:.2g} of itself from epoch to epoch, at "
            f"{mean:.3g} of that of a constant prediction: updates overshoot (learning_rate={rate:.3g})."
        ),
        evidence={"jumps": curve.jumps, "relative_jumps": curve.jumps / mean, "rises": curve.rises, "mean_loss": mean},
        turn={
            "learning_rate": "lower, to a third or a tenth",
            "learning_rate_schedule": "cosine or exponential",
            "clipnorm": "1.0",
        },
    )


def why_not_jumps(evidence: Evidence) -> str | None:
    """Why it cannot be told whether the loss jumps, if it cannot."""
    if evidence.quiet_loss is None:
        return (
            "Needs a validation loss: dropout, batch normalisation and layers of one's own make the training loss "
            "jump by themselves. Fit with early_stopping=True, validation_split=0.1 or X_val."
        )
    return _too_short(evidence.quiet_loss, MIN_EPOCHS)


def jumps(evidence: Evidence) -> bool:
    """Whether the loss goes up and down where it should settle."""
    curve = evidence.quiet_loss
    if curve is None or not is_rough(curve):
        return False
    share = RELATIVE_JUMP if curve is evidence.loss else ROUGH_JUMP
    return curve.jumps > share * curve.mean or _others_jump_too(evidence)


def is_rough(curve: LossCurve, share: float = 0.0) -> bool:
    """Whether a loss rises often, and by more than chance and ``share`` of itself."""
    return curve.is_finite and curve.rises >= RISES and curve.jumps > max(JUMP, share * curve.mean)


def _others_jump_too(evidence: Evidence) -> bool:
    """Whether the validation loss jumps, where it is not the one that was asked before."""
    curve = evidence.validation_loss
    return curve is not None and curve is not evidence.quiet_loss and is_rough(curve, RELATIVE_JUMP)


def _too_short(curve: LossCurve, n_epochs: int) -> str | None:
    if not curve.is_finite:
        return "The loss was not finite."
    if curve.n_epochs < n_epochs:
        return f"Needs at least {n_epochs} epochs, but there were {curve.n_epochs}."
    return None
