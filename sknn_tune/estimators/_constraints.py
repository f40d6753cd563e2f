"""One table: what each parameter may be. scikit-learn makes one sentence of it when something else comes.

``"The 'dropout' parameter of KerasClassifier must be a float in the range [0.0, 1.0). Got 1.2 instead."``
All of it is checked before TensorFlow is loaded.
"""

from __future__ import annotations

import os
from numbers import Integral, Real

from sklearn.utils._param_validation import HasMethods, Hidden, Interval, Options, StrOptions

from ..specs._vocabulary import ACTIVATIONS, INITIALIZERS, OPTIMIZERS, SCHEDULES, canonical_name

_RATE = Interval(Real, 0, 1, closed="left")
_NOT_NEGATIVE = Interval(Real, 0, None, closed="left")
_POSITIVE = Interval(Real, 0, None, closed="neither")
_COUNT = Interval(Integral, 1, None, closed="left")


class _Names(StrOptions):
    """Names that Keras takes in the spelling of their class, too: ``"HeNormal"`` is ``"he_normal"``."""

    def __init__(self, options: set, canonical):
        super().__init__(options)
        self._canonical = canonical

    def is_satisfied_by(self, val):
        return isinstance(val, str) and super().is_satisfied_by(self._canonical(val))


COMMON_CONSTRAINTS: dict = {
    # network
    "model": [callable, None],
    "feature_layers": [list, tuple, None],
    "hidden_layer_sizes": [_COUNT, "array-like"],
    "activation": [StrOptions(set(ACTIVATIONS)), list, tuple, callable],
    "negative_slope": [_NOT_NEGATIVE],
    "output_activation": [StrOptions({"auto", *ACTIVATIONS}), callable],
    "kernel_initializer": [_Names({"auto", *INITIALIZERS}, canonical_name), callable],
    "batch_norm": ["boolean", StrOptions({"before", "after"})],
    "batch_norm_momentum": [_RATE],
    "batch_norm_epsilon": [_POSITIVE],
    "dropout": [_RATE, "array-like"],
    "input_dropout": [_RATE],
    "l1": [_NOT_NEGATIVE],
    "l2": [_NOT_NEGATIVE],
    "activity_l1": [_NOT_NEGATIVE],
    "activity_l2": [_NOT_NEGATIVE],
    # optimisation
    "loss": [str, callable, Hidden(None)],
    "optimizer": [_Names(set(OPTIMIZERS), str.lower), HasMethods(["apply_gradients"])],
    "learning_rate": [_POSITIVE],
    "momentum": [_RATE],
    "nesterov": ["boolean"],
    "beta_1": [_RATE, None],
    "beta_2": [_RATE, None],
    "rho": [_RATE, None],
    "epsilon": [_POSITIVE, None],
    "weight_decay": [_NOT_NEGATIVE, None],
    "clipnorm": [_POSITIVE, None],
    "learning_rate_schedule": [StrOptions(set(SCHEDULES)), HasMethods(["get_config", "__call__"]), None],
    "decay_rate": [_POSITIVE],
    "decay_steps": [_COUNT, StrOptions({"epoch"})],
    "staircase": ["boolean"],
    "decay_boundaries": ["array-like"],
    "batch_size": [_COUNT, Options(Integral, {-1}), Hidden(None)],
    "epochs": [_COUNT],
    "shuffle": ["boolean"],
    # stopping
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "validation_split": [HasMethods(["split", "get_n_splits"]), _RATE, None],
    "monitor": [str],
    "patience": [Interval(Integral, 0, None, closed="left")],
    "min_delta": [_NOT_NEGATIVE],
    "restore_best_weights": ["boolean"],
    # run
    "metrics": [str, callable, list, tuple, dict, None],
    # A callback of scikit-learn's is let through, unnamed: fit answers with the door it should have taken.
    "callbacks": [list, tuple, dict, HasMethods(["set_model"]), Hidden(HasMethods(["on_fit_task_end"])), None],
    "warm_start": ["boolean"],
    "random_state": ["random_state"],
    "engine": [StrOptions({"auto", "numba", "keras"})],
    "dtype": [StrOptions({"float32", "float64"})],
    "device": [str, list, tuple, None],
    "memory": [str, os.PathLike, HasMethods(["cache"]), None],
    "verbose": ["verbose"],
}

CLASSIFIER_CONSTRAINTS: dict = {
    **COMMON_CONSTRAINTS,
    "class_weight": [dict, StrOptions({"balanced"}), None],
}
