"""Rules about the table: inputs of very different scale, classes of very different size."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..evidence import Evidence
from ._finding import Finding, NotChecked
from ._fit import is_underfitted, why_no_reference

#: Mean or standard deviation of a feature for which initial weights are not made.
LARGE = 10.0
#: Standard deviation of which nothing is left after the first layer.
SMALL = 0.01
#: Ratio of the largest standard deviation to the median one that one learning rate cannot serve.
RATIO = 100.0
#: Layers before the hidden ones that scale.
SCALING_LAYERS = {"BatchNormalization", "LayerNormalization", "Normalization", "Rescaling"}
#: A class is rare below this share of the largest one's rows.
RARE = 0.2
#: A rare class is ignored if less of it is recognised.
RECALL = 0.5


def unscaled_inputs(evidence: Evidence) -> Finding | NotChecked | None:
    """Features are of very different scale, or far from zero.

    A feature, as the network gets it, has a mean (without sign) or standard deviation above 10, or the largest
    standard deviation is below 0.01 or more than 100 times the median one. Constant features do not count. Not judged
    for a ``model`` of one's own or ``feature_layers`` that scale.
    """
    if _may_scale(evidence):
        return NotChecked("feature_layers or a model of one's own may scale the inputs by themselves.")
    means, spreads = evidence.means_and_spreads
    varies = spreads > 0
    if not varies.any():
        return None
    means, spreads = np.abs(means[varies]), spreads[varies]
    facts = {
        "largest_mean": float(means.max()),
        "largest_standard_deviation": float(spreads.max()),
        "median_standard_deviation": float(np.median(spreads)),
    }
    is_large = max(means.max(), spreads.max()) > LARGE
    if not (is_large or spreads.max() < SMALL or spreads.max() / np.median(spreads) > RATIO):
        return None
    return Finding(
        name="unscaled_inputs",
        severity="problem",
        sentence=(
            f"The inputs are not scaled: features have standard deviations from {spreads.min():.2g} to "
            f"{spreads.max():.2g} and means up to {means.max():.2g}. Initial weights and learning rates are made for "
            "standard deviations of about one."
        ),
        evidence=facts,
        turn={"StandardScaler": "put it before the network, in a Pipeline"},
    )


def unscaled_target(evidence: Evidence) -> Finding | NotChecked | None:
    """The numbers to predict are large, and the network has not come to them.

    A column of y of a regressor has a mean (without sign) or standard deviation above 10, and ``underfitting`` applies.

    An output starts near zero, and has to grow there in steps of the learning rate.
    """
    if evidence.is_classifier:
        return None
    y = evidence.taught_targets
    mean, spread = float(np.abs(y.mean(axis=0)).max()), float(y.std(axis=0).max())
    if max(mean, spread) <= LARGE:
        return None
    reason = why_no_reference(evidence)
    if reason:
        return NotChecked(reason)
    if not is_underfitted(evidence):
        return None
    return Finding(
        name="unscaled_target",
        severity="problem",
        sentence=(
            f"The target has a mean of {mean:.3g} and a standard deviation of {spread:.3g}, but outputs begin at zero."
        ),
        evidence={"mean": mean, "standard_deviation": spread, "train_score": evidence.train_score},
        turn={"TransformedTargetRegressor": "put it around, with transformer=StandardScaler()"},
    )


def _may_scale(evidence: Evidence) -> bool:
    if evidence.parameters["model"] is not None:
        return True
    layers = evidence.parameters["feature_layers"] or ()
    return any(_layer_name(layer) in SCALING_LAYERS for layer in layers)


def _layer_name(layer: Any) -> str:
    if isinstance(layer, tuple | list):
        layer = layer[0]
    return layer if isinstance(layer, str) else type(layer).__name__


def class_imbalance_ignored(evidence: Evidence) -> Finding | NotChecked | None:
    """A rare class is hardly recognised.

    The rarest class has less than a fifth of the rows of the largest one, ``class_weight`` is None, and less
    than half of the rarest class is recognised (of the rows of ``X_val``, if given).
    """
    counts = evidence.class_counts
    if not counts or evidence.parameters["class_weight"] is not None:
        return None
    rarest, largest = next(iter(counts)), list(counts)[-1]
    share = counts[rarest] / counts[largest]
    if share >= RARE:
        return None
    if not evidence.is_usable:
        return NotChecked("The network diverged and cannot predict.")
    recall = evidence.recall_of(rarest)
    if recall >= RECALL:
        return None
    return Finding(
        name="class_imbalance_ignored",
        severity="problem",
        sentence=(
            f"Class {rarest!r} has {counts[rarest]} rows against {counts[largest]} of class {largest!r}, and only "
            f"{recall:.0%} of it is recognised."
        ),
        evidence={"ratio": share, "recall": recall, "n_rows_of_rarest": counts[rarest]},
        turn={"class_weight": "'balanced'"},
    )
