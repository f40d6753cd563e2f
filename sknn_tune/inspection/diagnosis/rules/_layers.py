"""Rules about what happens inside: units that do nothing, gradients that do not arrive."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..evidence import Evidence
from ._finding import Finding, NotChecked

#: Share of a layer's units that may do nothing. A few always do.
MANY_UNITS = 0.2
#: Share of dead units that a layer cannot do without.
HALF = 0.5
#: A kernel whose norm is this part of the largest one of its layer has been drawn to nearly zero.
WITHERED = 0.1
#: Penalties that make units fall silent.
PENALTIES = ("l1", "l2", "activity_l1", "activity_l2")
#: Share of rows, over all units of a layer, on which they may be saturated.
MANY_ROWS = 0.5


def dead_units(evidence: Evidence) -> Finding | NotChecked | None:
    """A part of a layer gives the same for every row.

    In some hidden layer, at least a fifth of the units (and at least 2) do not activate on any training row, as
    `sknn_tune.inspection.dead_units` defines it. A problem if it is at least half of them, else advice. Advice, too,
    where a penalty may have silenced them: with ``activity_l1`` or ``activity_l2``, or with ``l1`` or ``l2`` where half
    of the dead units have kernels whose norm is less than a tenth of the largest one in their layer.

    A penalty takes away what is of little use, as it is meant to; a unit that died otherwise has the weights that
    killed it.
    """
    reason = _why_not(evidence, "units")
    if reason:
        return NotChecked(reason)
    layers = {
        layer.name: len(layer.dead) / layer.n_units
        for layer in evidence.units.layers
        if len(layer.dead) >= max(MANY_UNITS * layer.n_units, 2)
    }
    if not layers:
        return None
    worst = max(layers, key=lambda name: layers[name])
    if penalties := _silencing(evidence, layers):
        return _silenced(layers, worst, penalties)
    return Finding(
        name="dead_units",
        severity="problem" if layers[worst] >= HALF else "advice",
        sentence=f"{layers[worst]:.0%} of the units of {worst} are dead: they give the same for every row.",
        evidence={f"dead_{name}": share for name, share in layers.items()},
        turn={
            "learning_rate": "lower, to a tenth",
            "activation": "leaky_relu or elu",
            "batch_norm": "True",
            "kernel_initializer": "auto",
        },
    )


def _silencing(evidence: Evidence, layers: Mapping[str, float]) -> list[str]:
    """Penalties that may have silenced the units of all these layers; none where some have died otherwise."""
    if evidence.parameters["model"] is not None:
        return []
    given = [name for name in PENALTIES if evidence.parameters[name]]
    of_activity = any(name.startswith("activity") for name in given)
    return given if of_activity or (given and all(_has_withered(evidence, name) for name in layers)) else []


def _has_withered(evidence: Evidence, name: str) -> bool:
    layer = next(layer for layer in evidence.units.layers if layer.name == name)
    norms = evidence.weights_into(name, layer.n_units)
    return norms is not None and bool(np.median(norms[layer.dead]) < WITHERED * norms.max())


def _silenced(layers: Mapping[str, float], worst: str, penalties: list[str]) -> Finding:
    names = " and ".join(penalties)
    return Finding(
        name="dead_units",
        severity="advice",
        sentence=(
            f"{layers[worst]:.0%} of the units of {worst} give the same for every row: {names} may well have silenced "
            "those of little use. Where the network scores well, fewer units will do."
        ),
        evidence={f"dead_{name}": share for name, share in layers.items()},
        turn={
            "hidden_layer_sizes": "lower",
            **dict.fromkeys(penalties, "lower, if the network underfits"),
            "learning_rate": "lower, if the network underfits",
        },
    )


def saturated_units(evidence: Evidence) -> Finding | NotChecked | None:
    """A part of a layer is at an end of its range, where it hardly learns.

    In some hidden layer, at least a fifth of the units (and at least 2) are saturated on every training row, or
    the units are saturated on more than half of the rows on average, as `sknn_tune.inspection.dead_units` defines
    it.
    """
    reason = _why_not(evidence, "units")
    if reason:
        return NotChecked(reason)
    layers = {
        layer.name: float(layer.saturated_fraction.mean())
        for layer in evidence.units.layers
        if layer.saturated_fraction is not None
        and (len(layer.saturated) >= max(MANY_UNITS * layer.n_units, 2) or layer.saturated_fraction.mean() > MANY_ROWS)
    }
    if not layers:
        return None
    worst = max(layers, key=lambda name: layers[name])
    return Finding(
        name="saturated_units",
        severity="advice",
        sentence=(
            f"The units of {worst} are at an end of their range on {layers[worst]:.0%} of the rows, where their slope "
            "is close to zero and they hardly learn."
        ),
        evidence={f"saturated_{name}": share for name, share in layers.items()},
        turn={
            "activation": "relu",
            "learning_rate": "lower, to a tenth",
            "batch_norm": "True",
            "kernel_initializer": "auto",
        },
    )


def vanishing_gradients(evidence: Evidence) -> Finding | NotChecked | None:
    """The error does not reach the layers near the input.

    `sknn_tune.inspection.gradient_norms` finds a layer whose gradient per weight is less than a thousandth of
    the last layer's.
    """
    return _gradients(evidence, "vanishing")


def exploding_gradients(evidence: Evidence) -> Finding | NotChecked | None:
    """The error grows on its way back through the layers, or an update is larger than the weights.

    `sknn_tune.inspection.gradient_norms` finds a layer whose gradient per weight is more than a thousand times
    the last layer's, or whose next update is larger than its weights.
    """
    return _gradients(evidence, "exploding")


def _gradients(evidence: Evidence, verdict: str) -> Finding | NotChecked | None:
    reason = _why_not(evidence, "gradients")
    if reason:
        return NotChecked(reason)
    found = [layer for layer in evidence.gradients.layers if layer.verdict == verdict]
    if not found:
        return None
    layer = found[0]
    facts = {f"relative_gradient_{each.name}": each.relative_gradient for each in found}
    start = f"The gradient per weight of {layer.name} is {layer.relative_gradient:.1e} of the last layer's"
    if verdict == "vanishing":
        turn = {"activation": "relu", "batch_norm": "True", "kernel_initializer": "auto", "hidden_layer_sizes": "fewer"}
        return Finding("vanishing_gradients", "problem", f"{start}: what is near the input hardly learns.", facts, turn)
    facts |= {f"update_ratio_{each.name}": each.update_ratio for each in found}
    turn = {"clipnorm": "1.0", "learning_rate": "lower, to a tenth", "kernel_initializer": "auto"}
    sentence = f"{start}, and its next update {layer.update_ratio:.1e} of its weights: it throws away what was learnt."
    return Finding("exploding_gradients", "problem", sentence, facts, turn)


def _why_not(evidence: Evidence, what: str) -> str | None:
    if not evidence.is_usable:
        return "The network diverged and has no weights of use."
    if evidence.members_share_weights:
        return "Its members share weights, and their layers are not those of one network: see share_weights=False."
    try:
        getattr(evidence, what)
    except ValueError as error:  # a model of the user's own, of which not everything can be seen
        return str(error)
    return None
