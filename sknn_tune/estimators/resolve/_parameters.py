"""The parameters of one fit: those of the estimator, with what was routed to them under another name."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._routing import SCIKERAS_NAMES, RoutedParameters, all_defaults, routed_to
from ._plain import plain
from ._routed import check_routed


class Parameters(dict[str, Any]):
    """The parameters of one fit, with the name of their estimator for messages."""

    def __init__(self, estimator: RoutedParameters) -> None:
        super().__init__({name: plain(value) for name, value in estimator._all_parameters().items()})
        self["model"] = estimator._model_function
        self.estimator = type(estimator).__name__
        if estimator.model is not None and estimator._keras_build_fn is not None:
            raise ValueError(
                f"{self.estimator} cannot implement ``_keras_build_fn``, which makes its model, and have a 'model' "
                "parameter, too. Leave 'model' out, or take a class that has no such method."
            )
        self.defaults = all_defaults(estimator)
        for theirs, ours in SCIKERAS_NAMES.items():
            if self.pop(theirs, None) is not None:
                self[ours] = getattr(estimator, theirs)
        check_routed(self, estimator._parameter_constraints, self.estimator)
        #: Parameters that were given beside another value of theirs, routed under the name that each has here.
        self.overridden: dict[str, str] = {}
        for destination in ("fit", "compile", "optimizer"):
            for name, value in routed_to(destination, dict(self)).items():
                if name not in self.defaults or name == "clipnorm":  # which Keras has for each weight by itself
                    continue
                if name == "callbacks":
                    self[name] = _with_more(self[name], value)
                    continue
                if self.is_given(name) and not np.array_equal(self[name], value):
                    self.overridden[name] = f"{destination}__{name}"
                if destination != "optimizer":  # of which Keras may take what we do not
                    self[name] = value

    def is_given(self, name: str) -> bool:
        """Whether a parameter is other than it comes; a routed one always is, if it is there."""
        if name in self.overridden:
            return True
        return name in self and not (name in self.defaults and np.array_equal(self[name], self.defaults[name]))

    @property
    def n_networks(self) -> int:
        """How many networks a fit trains: members that share weights are one."""
        return int(self["n_members"]) // self.n_sharing

    @property
    def n_sharing(self) -> int:
        """How many members share the weights of one network."""
        if isinstance(self["share_weights"], bool):
            return int(self["n_members"]) if self["share_weights"] else 1
        return min(int(self["share_weights"]), int(self["n_members"]))

    @property
    def stops_on_held_out_rows(self) -> bool:
        """Whether early stopping watches rows that are held out: a number of the rows trained on needs none."""
        return bool(self["early_stopping"]) and str(self["monitor"]).startswith("val_")

    def number(self, name: str) -> float:
        """One that the network computes with: what its dtype cannot hold would be infinite there."""
        largest = float(np.finfo(self["dtype"]).max)
        if self[name] > largest:
            raise self.error(name, f"at most {largest:.2g}, the largest number of dtype={self['dtype']!r}")
        return float(self[name])

    def error(self, name: str, expected: str) -> ValueError:
        """scikit-learn's sentence."""
        return ValueError(f"The {name!r} parameter of {self.estimator} must be {expected}. Got {self[name]!r} instead.")


def _with_more(callbacks: Any, more: Any) -> Any:
    """Callbacks with those that are for the fit alone behind them."""
    if callbacks is None:
        return more
    if isinstance(callbacks, dict):
        return {**callbacks, "fit__callbacks": more}
    own = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]
    return [*own, *(more if isinstance(more, list | tuple) else [more])]
