"""One update of all weights inside a TensorFlow program: the formula of `_fused_optimizers`."""

from __future__ import annotations

from typing import Any

from ._fused_optimizers import MOMENTS
from ._tensorflow import tf

Tensor = Any


def apply_update(form: str, weights: Tensor, moments: list[Tensor], gradient: Tensor, c: dict) -> tuple[Tensor, list]:
    """One update: new weights and new moments, ``c`` holding the coefficients by name."""
    state = dict(zip(MOMENTS[form], moments, strict=True))
    if "v" in state:
        state["v"] = c["v_decay"] * state["v"] + c["v_gain"] * (gradient * gradient)
        deviation = tf.sqrt(c["v_scale"] * state["v"] + c["v_shift"]) + c["epsilon"]
    if form == "scaled_momentum":
        state["m"] = c["m_decay"] * state["m"] + c["from_g"] * gradient / deviation
        return c["keep"] * weights - state["m"], [state["v"], state["m"]]
    step = c["from_g"] * gradient
    if "m" in state:
        state["m"] = c["m_decay"] * state["m"] + c["m_gain"] * gradient
        # Only Nesterov's variants look ahead with the gradient itself; for the others from_g is zero.
        step += c["from_m"] * state["m"]
    if "v" in state:
        step /= deviation
    return c["keep"] * weights - step, [state[name] for name in MOMENTS[form]]
