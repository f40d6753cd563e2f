"""Members that share weights: which parameters they cannot have."""

from __future__ import annotations

from ._loss import takes_logits
from ._parameters import Parameters

#: Parameters that must be as they come, and why.
_NOT_WITH_SHARING = {
    "model": "share_weights shares the hidden layers that 'hidden_layer_sizes' describes, and a 'model' has its own",
    "feature_layers": "only Dense layers can be shared by members",
    "batch_norm": "normalisation would mix the members",
}


def check_sharing(parameters: Parameters) -> None:
    """Refuse what ``share_weights`` does not go with."""
    if parameters.n_sharing == 1 and parameters["share_weights"] is not True:
        return
    if parameters["n_members"] % parameters.n_sharing:
        size, n_members = parameters.n_sharing, parameters["n_members"]
        raise ValueError(
            f"The 'share_weights' parameter of {parameters.estimator} is {size}, so many members share a network, but "
            f"n_members={n_members} is no multiple of it. Set n_members={size * max(round(n_members / size), 1)}, say."
        )
    if parameters["n_members"] == 1:
        raise ValueError(
            f"The 'share_weights' parameter of {parameters.estimator} is True, but n_members=1 leaves nobody to share "
            "with. Set n_members=16, say, or share_weights=False."
        )
    for name, reason in _NOT_WITH_SHARING.items():
        if parameters[name] != parameters.defaults[name]:
            raise ValueError(
                f"The 'share_weights' and {name!r} parameters of {parameters.estimator} cannot be used together: "
                f"{reason}. Set {name}={parameters.defaults[name]!r}, or share_weights=False."
            )
    if takes_logits(parameters, parameters["loss"]):
        raise ValueError(
            f"The 'share_weights' parameter of {parameters.estimator} is True, but the 'loss' takes logits "
            "(from_logits=True), and what members say is averaged as probabilities. Leave from_logits out and "
            "output_activation='auto', or set share_weights=False."
        )
