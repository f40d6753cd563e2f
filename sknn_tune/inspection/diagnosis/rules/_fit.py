"""Rules about bias and variance: how well the network fits the rows it has seen, and those it has not."""

from __future__ import annotations

import numpy as np

from ..evidence import Evidence
from ._finding import Finding, NotChecked
from ._rate import creeps, is_still_falling

#: A forest of fewer rows says little.
MIN_ROWS = 30
#: Points of accuracy or R² that are worth a finding.
GAP = 0.05
#: Standard errors that a gap must exceed not to be taken for chance: of many questions, one in twenty is too often.
N_ERRORS = 3.0
#: Part of its gain that a validation loss may give back.
GIVEN_BACK = 0.1
#: Share of the loss that may be explained on the training rows, but not on others.
EXPLAINED_GAP = 0.4
#: Share of the gain that a penalty may take.
MOST_OF_THE_GAIN = 0.5
#: Epochs before which there is nothing to call flat.
MIN_EPOCHS = 10
#: Change of the loss, in units of the best constant prediction's, that is no change.
FLAT = 0.02


def underfitting(evidence: Evidence) -> Finding | NotChecked | None:
    """The network does badly on the very rows it was trained on: high bias.

    The score on the training rows (accuracy or R²) is more than 0.05 below what a random forest reaches out of
    bag.

    What error cannot be avoided is not known; the forest, which needs no tuning, shows on rows it has not
    seen that at least so much can be had.
    """
    reason = why_no_reference(evidence)
    if reason:
        return NotChecked(reason)
    if not is_underfitted(evidence):
        return None
    penalties = dict.fromkeys([name for name in ("dropout", "l1", "l2") if np.any(evidence.parameters[name])], "lower")
    return Finding(
        name="underfitting",
        severity="problem",
        sentence=(
            f"The network scores {evidence.train_score:.3f} on the rows it was trained on, where a random forest "
            f"scores {evidence.reference_score:.3f} on rows it has not seen: it has not learnt what can be learnt."
        ),
        evidence={"train_score": evidence.train_score, "reference_score": evidence.reference_score},
        turn={
            **(penalties if holds_back(evidence) else {}),
            "hidden_layer_sizes": "raise: more units, or another layer",
            "epochs": "raise, if the loss is still falling",
            "learning_rate": "search on a log scale",
            **penalties,
        },
    )


def is_underfitted(evidence: Evidence) -> bool:
    """Whether the training score is clearly below the forest's, which is asked only if it can be."""
    return evidence.train_score < 1 - GAP and evidence.reference_score - evidence.train_score > GAP


def why_no_reference(evidence: Evidence) -> str | None:
    """Why the network cannot be compared with a forest, if it cannot."""
    if not evidence.is_usable:
        return "The network diverged and cannot predict."
    if evidence.n_rows < MIN_ROWS:
        return f"Needs at least {MIN_ROWS} rows, but there are {evidence.n_rows}."
    return None


def penalty_too_strong(evidence: Evidence) -> Finding | NotChecked | None:
    """The penalty on the weights keeps the network from learning.

    ``underfitting`` applies, and the penalties of ``l1`` and ``l2`` are more than half of what the network gains: of
    the difference between the loss of the best constant prediction and the training loss without the penalties. Where
    it gains less than 0.02 of the loss of the best constant prediction, they would be more than half of that loss for
    weights as at the start. And after at least 10 epochs, neither ``stopped_too_early`` nor ``rate_too_small`` applies.

    The training goes where the sum of both is lowest. Where the penalty takes nearly all of the gain, that is a network
    whose weights are close to zero, which costs nothing and says nothing.
    """
    reason = why_no_reference(evidence)
    if reason:
        return NotChecked(reason)
    if evidence.penalty and evidence.n_epochs < MIN_EPOCHS:
        return NotChecked(f"Needs at least {MIN_EPOCHS} epochs, but there were {evidence.n_epochs}.")
    if not holds_back(evidence):
        return None
    names = [name for name in ("l1", "l2") if evidence.parameters[name]]
    gain = _gain(evidence)
    cost = (
        f"costs {evidence.penalty / gain:.0%} of what the network gains over a constant prediction"
        if gain > FLAT
        else "has drawn them to nearly zero, and with them what the network gains over a constant prediction"
    )
    return Finding(
        name="penalty_too_strong",
        severity="problem",
        sentence=f"The penalty of {' and '.join(names)} on the weights {cost}. It has not learnt what can be learnt.",
        evidence={"penalty": evidence.penalty, "gain": gain, "penalty_at_start": evidence.penalty_at_start},
        turn=dict.fromkeys(names, "lower, to a tenth"),
    )


def holds_back(evidence: Evidence) -> bool:
    """Whether the penalty on the weights is what keeps the network from learning."""
    if not evidence.penalty or evidence.n_epochs < MIN_EPOCHS:
        return False
    gain = _gain(evidence)
    share = evidence.penalty / gain if gain > FLAT else evidence.penalty_at_start
    if share <= MOST_OF_THE_GAIN:
        return False
    return not is_still_falling(evidence) and not creeps(evidence) and is_underfitted(evidence)


def _gain(evidence: Evidence) -> float:
    """By how much the training loss, without the penalty, is below that of a constant prediction."""
    return 1 - float(evidence.loss.values[evidence.kept_epoch]) + evidence.penalty


def overfitting(evidence: Evidence) -> Finding | NotChecked | None:
    """The network does better on the rows it was trained on than on others: high variance.

    The training loss is below that of the best constant prediction, and one of these. With at least 10 rows in
    ``X_val``: their score is below that of the training rows by more than 0.05 and by more than three standard
    errors. With a validation loss in ``history_``: at the epoch whose weights are kept, it has risen again by more
    than a tenth of its whole gain, and by more than 0.02 of the loss of the best constant prediction, while the
    training loss fell; or it is above the training loss by more than 0.4 of that of the best constant prediction.

    The gain of the validation loss counts from the first epoch, or from the best constant prediction
    if that is lower, to the lowest epoch.
    """
    if not evidence.is_usable:
        return NotChecked("The network diverged and cannot predict.")
    if evidence.why_no_validation_score and evidence.validation_loss is None:
        return NotChecked(evidence.why_no_validation_score)
    if not evidence.loss.values[evidence.kept_epoch] < 1:
        return None  # it has learnt nothing yet, not even too well
    return _score_gap(evidence) or _risen_again(evidence) or _loss_gap(evidence)


def _overfitted(sentence: str, facts: dict[str, float]) -> Finding:
    turn = {
        "early_stopping": "True",
        "dropout": "raise, to 0.2 to 0.5",
        "l2": "raise, from 1e-4",
        "hidden_layer_sizes": "lower",
    }
    return Finding("overfitting", "problem", sentence, facts, turn)


def _score_gap(evidence: Evidence) -> Finding | None:
    if evidence.validation_score is None:
        return None
    gap = evidence.train_score - evidence.validation_score
    if not gap > max(GAP, N_ERRORS * evidence.validation_score_error):
        return None
    sentence = (
        f"The network scores {evidence.train_score:.3f} on the rows it was trained on, but only "
        f"{evidence.validation_score:.3f} on the validation rows."
    )
    facts = {
        "train_score": evidence.train_score,
        "validation_score": evidence.validation_score,
        "standard_error": evidence.validation_score_error,
    }
    return _overfitted(sentence, facts)


def _risen_again(evidence: Evidence) -> Finding | None:
    curve = evidence.validation_loss
    if curve is None or not curve.is_finite:
        return None
    best = int(curve.values.argmin())
    kept, lowest = float(curve.values[evidence.kept_epoch]), float(curve.values[best])
    gain = min(float(curve.values[0]), 1.0) - lowest
    # Without any gain there is nothing to give back, and noise would pass for a rise.
    rise = kept - lowest
    if not (
        rise > GIVEN_BACK * gain
        and rise > FLAT
        and evidence.loss.values[best] > evidence.loss.values[evidence.kept_epoch]
    ):
        return None
    sentence = (
        f"The validation loss was lowest in epoch {best + 1} and has risen since, while the training loss "
        "went on falling."
    )
    return _overfitted(sentence, {"best_epoch": best + 1, "gain": gain, "given_back": rise / max(gain, rise)})


def _loss_gap(evidence: Evidence) -> Finding | None:
    curve = evidence.validation_loss
    if curve is None:
        return None
    seen, unseen = (float(each.values[evidence.kept_epoch]) for each in (evidence.loss, curve))
    if not unseen - seen > EXPLAINED_GAP:
        return None
    sentence = (
        f"The network takes away {1 - seen:.0%} of the loss of a constant prediction on the rows it was trained on, "
        f"but only {1 - unseen:.0%} on the validation rows."
    )
    return _overfitted(sentence, {"explained": 1 - seen, "validation_explained": 1 - unseen})


def plateau(evidence: Evidence) -> Finding | NotChecked | None:
    """The training stands still, although there is more to learn.

    ``underfitting`` applies, and over the last half of at least 10 epochs a line through the training loss has fallen
    by less than 0.02 of the loss of the best constant prediction, without jumps of more than that, and without
    ``rate_too_small`` and ``penalty_too_strong``.

    More epochs would not help: the training is stuck, or the network cannot represent more.
    """
    reason = why_no_reference(evidence)
    if reason:
        return NotChecked(reason)
    if evidence.n_epochs < MIN_EPOCHS:
        return NotChecked(f"Needs at least {MIN_EPOCHS} epochs, but there were {evidence.n_epochs}.")
    fall = evidence.loss.fall_in_the_last(0.5)
    if fall >= FLAT or evidence.loss.jumps > FLAT or creeps(evidence) or not is_underfitted(evidence):
        return None
    if holds_back(evidence):
        return None
    return Finding(
        name="plateau",
        severity="problem",
        sentence=(
            f"The loss has stood still for the last {evidence.n_epochs // 2} epochs at "
            f"{evidence.loss.values[-1]:.2f} of that of a constant prediction, although more can be learnt."
        ),
        evidence={"fall": fall, "loss": float(evidence.loss.values[-1]), "reference_score": evidence.reference_score},
        turn={
            "learning_rate": "sweep from far too small to far too large",
            "hidden_layer_sizes": "raise",
            "activation": "relu or another that does not saturate",
            "batch_norm": "True",
            **{name: "lower" for name in ("l1", "l2") if evidence.parameters[name]},
        },
    )
