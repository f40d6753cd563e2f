"""Optimizers as one linear formula on one flat vector, with its coefficients worked out beforehand.

With ``g`` the gradient, every optimizer here is an instance of::

    m <- m_decay * m + m_gain * g            (if it has a first moment)
    v <- v_decay * v + v_gain * g * g        (if it has a second moment)
    w <- keep * w - (from_m * m + from_g * g) / (sqrt(v_scale * v + v_shift) + epsilon)

The coefficients depend on the number of the update alone, so NumPy works them out in float64 for
many updates at once and the program reads one row per update. Learning-rate schedules, bias
correction, Nadam's product, weight decay: none of them is in the program, and optimizers of one
form share it. RMSProp with momentum applies the two moments in the other order and is a form of its
own. Not taken: Keras' optimizers inside the program, one set of operations per weight array, which
takes several times as long to compile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...specs import ScheduleSpec
from ._schedules import learning_rates

#: Coefficients of one update, by the names of the formula.
COLUMNS = ("m_decay", "m_gain", "v_decay", "v_gain", "from_m", "from_g", "v_scale", "v_shift", "epsilon", "keep")

#: Form -> moments it carries, in the order in which Keras stores them for each weight array.
MOMENTS = {
    "plain": (),
    "momentum": ("m",),
    "scaled": ("v",),
    "adaptive": ("m", "v"),
    "scaled_momentum": ("v", "m"),
}


@dataclass(frozen=True)
class Optimizer:
    """An optimizer by name, with all its arguments.

    Attributes
    ----------
    name : {"sgd", "adagrad", "rmsprop", "adam", "adamw", "nadam"}
    arguments : mapping
        Given ones and Keras' defaults.
    learning_rate : float
    schedule : ScheduleSpec or None
    """

    name: str
    arguments: Mapping[str, Any]
    learning_rate: float
    schedule: ScheduleSpec | None

    @property
    def form(self) -> str:
        """Which moments it carries and in which order they are applied: a key of `MOMENTS`."""
        if self.name == "sgd":
            return "momentum" if self.arguments["momentum"] else "plain"
        if self.name == "rmsprop":
            return "scaled_momentum" if self.arguments["momentum"] else "scaled"
        return "scaled" if self.name == "adagrad" else "adaptive"

    @property
    def initial_moment(self) -> float:
        """What its moments begin with."""
        return self.arguments["initial_accumulator_value"] if self.name == "adagrad" else 0.0

    @property
    def n_leading_variables(self) -> int:
        """Variables that Keras stores before the moments: the step count and, unscheduled, the rate."""
        return 1 if self.schedule is not None else 2

    def read_variables(self, variables: list[np.ndarray]) -> tuple[list[list[np.ndarray]], int, float]:
        """For each moment its arrays, iterations and Nadam's product, out of Keras' list."""
        arrays = list(variables[self.n_leading_variables :])
        u_product = float(arrays.pop()) if self.name == "nadam" else 1.0
        n_moments = len(MOMENTS[self.form])
        if self._keeps_moments_apart:
            size = len(arrays) // n_moments
            moments = [arrays[i * size : (i + 1) * size] for i in range(n_moments)]
        else:
            moments = [arrays[i::n_moments] for i in range(n_moments)]
        return moments, int(variables[0]), u_product

    def write_variables(
        self, moments: list[list[np.ndarray]], iterations: int, u_product: float, dtype: str
    ) -> list[np.ndarray]:
        """Keras' list, from the moments of each weight array."""
        leading: list[np.ndarray] = [np.asarray(iterations, np.int64), rate_as_variable(self.learning_rate)]
        last = [np.asarray(u_product, dtype)] if self.name == "nadam" else []
        groups: Any = moments if self._keeps_moments_apart else zip(*moments, strict=True)
        return [*leading[: self.n_leading_variables], *(array for group in groups for array in group), *last]

    @property
    def _keeps_moments_apart(self) -> bool:
        """Keras keeps the moments of one weight array side by side, but for RMSProp with momentum."""
        return self.form == "scaled_momentum"

    def rates(self, first_step: int, n_steps: int) -> np.ndarray:
        """Learning rates of updates ``first_step``, ``first_step + 1``, ..."""
        return learning_rates(self.learning_rate, self.schedule, np.arange(first_step, first_step + n_steps))

    def coefficients(self, first_step: int, n_steps: int, u_product: float = 1.0) -> tuple[np.ndarray, float]:
        """One row of `COLUMNS` per update, shape (n_steps, 10), and Nadam's product after them."""
        rate = self.rates(first_step, n_steps)
        c: dict[str, Any] = dict.fromkeys(COLUMNS, 0.0)
        c["keep"] = 1 - rate * (self.arguments["weight_decay"] or 0.0)
        step = np.arange(first_step + 1, first_step + n_steps + 1, dtype=np.float64)
        u_product = getattr(self, f"_{self.name}")(c, rate, step, u_product)
        table = np.empty((n_steps, len(COLUMNS)))
        for column, name in enumerate(COLUMNS):
            table[:, column] = c[name]
        return table, u_product

    def _sgd(self, c: dict, rate: np.ndarray, step: np.ndarray, u_product: float) -> float:
        momentum = self.arguments["momentum"]
        if not momentum:
            c.update(from_g=rate)
        # Keras keeps the velocity with the sign of the step: m <- momentum * m - rate * g.
        elif self.arguments["nesterov"]:
            c.update(m_decay=momentum, m_gain=-rate, from_m=-momentum, from_g=rate)
        else:
            c.update(m_decay=momentum, m_gain=-rate, from_m=-1.0)
        return u_product

    def _adagrad(self, c: dict, rate: np.ndarray, step: np.ndarray, u_product: float) -> float:
        c.update(v_decay=1.0, v_gain=1.0, from_g=rate, v_scale=1.0, v_shift=self.arguments["epsilon"])
        return u_product

    def _rmsprop(self, c: dict, rate: np.ndarray, step: np.ndarray, u_product: float) -> float:
        rho = self.arguments["rho"]
        c.update(v_decay=rho, v_gain=1 - rho, from_g=rate, v_scale=1.0, v_shift=self.arguments["epsilon"])
        c.update(m_decay=self.arguments["momentum"])
        return u_product

    def _adam(self, c: dict, rate: np.ndarray, step: np.ndarray, u_product: float) -> float:
        beta_1, beta_2 = self._moment_decay(c)
        c.update(from_m=rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step), v_scale=1.0)
        return u_product

    _adamw = _adam

    def _nadam(self, c: dict, rate: np.ndarray, step: np.ndarray, u_product: float) -> float:
        beta_1, beta_2 = self._moment_decay(c)
        u = beta_1 * (1 - 0.5 * 0.96**step)
        u_next = beta_1 * (1 - 0.5 * 0.96 ** (step + 1))
        products = u_product * np.cumprod(u)
        c.update(
            from_m=rate * u_next / (1 - products * u_next),
            from_g=rate * (1 - u) / (1 - products),
            v_scale=1 / (1 - beta_2**step),
        )
        return float(products[-1]) if len(products) else u_product

    def _moment_decay(self, c: dict) -> tuple[float, float]:
        beta_1, beta_2 = self.arguments["beta_1"], self.arguments["beta_2"]
        c.update(m_decay=beta_1, m_gain=1 - beta_1, v_decay=beta_2, v_gain=1 - beta_2)
        c.update(epsilon=self.arguments["epsilon"])
        return beta_1, beta_2


def rate_as_variable(learning_rate: float) -> np.ndarray:
    """As Keras keeps it, whatever the dtype of the weights: beyond float32 it is infinite, and training diverges."""
    with np.errstate(over="ignore"):
        return np.asarray(learning_rate, np.float32)
