"""What Hypothesis draws from: estimators, parameters, tables, targets, weights."""

import math
from fractions import Fraction

import numpy as np
from drawn_fits import Case
from drawn_metrics import LOSSES, METRICS, Made
from drawn_tables import CONTAINERS, DTYPES, LAYOUTS, SPOILT, TARGETS, VALUES, WEIGHTS, Table
from hypothesis import strategies as st

from sknn_tune.specs import ACTIVATIONS, INITIALIZERS, OPTIMIZERS, SCHEDULES

#: What no parameter takes, and what some do that others do not.
ODD = (
    *(None, -1, 0, 1, 2, 0.0, 0.5, 1.0, 1.5, -0.5, math.nan, math.inf, -math.inf, True, False, "", "nonsense", b"x"),
    *((), (0,), (3,), (3, 2), [4], (2.5,), ("a",), (None,), {}, {"a": 1}, 3j, 1e-320, 1e300, Fraction(1, 3)),
    *(np.float32(0.1), np.int64(3), np.bool_(True), np.array([3, 2]), np.array(3), np.nan, range(3), int, 2**70),
)

_SMALL = st.sampled_from([0.0, 1e-3, 0.1, 1.0, 1e10, 1e300])
VALID = {
    "hidden_layer_sizes": st.sampled_from([(), 1, 3, (4,), (3, 2), [5], (70,), (33, 17, 9), np.int64(4)]),
    "activation": st.sampled_from([*sorted(ACTIVATIONS), ["relu"], ("tanh", "relu")]),
    "negative_slope": st.sampled_from([0.0, 0.2, 1.0, 5]),
    "output_activation": st.sampled_from(["auto", *sorted(ACTIVATIONS)]),
    "kernel_initializer": st.sampled_from(["auto", *sorted(INITIALIZERS)]),
    "batch_norm": st.sampled_from([True, False, "before", "after"]),
    "batch_norm_momentum": st.sampled_from([0.0, 0.5, 0.999]),
    "batch_norm_epsilon": st.sampled_from([1e-3, 1.0, 1e-300, 1e300]),
    "dropout": st.sampled_from([0.0, 0.3, 0.99, (0.2,), [0.5]]),
    "input_dropout": st.sampled_from([0.0, 0.3, 0.99]),
    "l1": _SMALL,
    "l2": _SMALL,
    "activity_l1": _SMALL,
    "activity_l2": _SMALL,
    "optimizer": st.sampled_from(sorted(OPTIMIZERS)),
    "learning_rate": st.sampled_from([1e-300, 1e-5, 0.01, 1.0, 1e5, 1e30, 1e300]),
    "momentum": st.sampled_from([0.0, 0.5, 0.99]),
    "nesterov": st.booleans(),
    "beta_1": st.sampled_from([None, 0.0, 0.5, 0.9999]),
    "beta_2": st.sampled_from([None, 0.0, 0.5, 0.9999]),
    "rho": st.sampled_from([None, 0.0, 0.5]),
    "epsilon": st.sampled_from([None, 1e-300, 1e-7, 1.0, 1e30]),
    "weight_decay": st.sampled_from([None, 0.0, 0.1, 1e10]),
    "clipnorm": st.sampled_from([None, 1e-30, 1.0, 1e300]),
    "learning_rate_schedule": st.sampled_from([None, *sorted(SCHEDULES)]),
    "decay_rate": st.sampled_from([1e-300, 0.5, 2.0, 1e300]),
    "decay_steps": st.sampled_from(["epoch", 1, 10**6]),
    "staircase": st.booleans(),
    "decay_boundaries": st.sampled_from([(0.5,), (0.1, 0.2), []]),
    "batch_size": st.sampled_from([1, 2, 7, 32, 1000, -1, 10**9]),
    "epochs": st.sampled_from([1, 2, 3, np.int64(2)]),
    "shuffle": st.booleans(),
    "early_stopping": st.booleans(),
    "validation_fraction": st.sampled_from([0.1, 0.5, 0.99, 1e-9]),
    "validation_split": st.sampled_from([None, 0.2, 0.0, 0.99]),
    "monitor": st.sampled_from(["val_loss", "loss", "val_accuracy", "accuracy", "nothing"]),
    "patience": st.sampled_from([0, 1, 10, math.inf]),
    "min_delta": st.sampled_from([0.0, 1.0, 1e300]),
    "restore_best_weights": st.booleans(),
    "n_members": st.sampled_from([1, 2, 3, 5]),
    "share_weights": st.sampled_from([False, True, 2, 3]),
    "warm_start": st.booleans(),
    "random_state": st.sampled_from([None, 0, 2**32 - 1]),
    "engine": st.sampled_from(["auto", "auto", "auto", "numba"]),
    "dtype": st.sampled_from(["float32", "float64"]),
    "verbose": st.just(0),
}
_OF_CLASSIFIERS = {
    "class_weight": st.sampled_from(["balanced", {0: 1.0, 1: 5.0}, {0: 0.0, 1: 1.0}, {"no": 1}, {0: 1e300, 1: 1}, {}]),
    "label_smoothing": st.sampled_from([0.0, 0.1, 0.99]),
    "loss": st.sampled_from(
        ["auto", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "mse", "hinge"]
    ),
}
_OF_REGRESSORS = {
    "loss": st.sampled_from(
        [
            *("auto", "mse", "mae", "huber", "log_cosh", "mape", "msle", "poisson", "binary_crossentropy"),
            "cosine_similarity",
        ]
    )
}
_OF_TABULAR = {
    "encoding": st.sampled_from(["auto", "piecewise", "smooth"]),
    "n_bins": st.sampled_from([1, 2, 16, 1000]),
    "max_categories": st.sampled_from([2, 3, 50]),
    "target_encoding": st.booleans(),
}
_OF_ENCODERS = {
    "PiecewiseLinearEncoder": {
        "n_bins": st.sampled_from([1, 2, 16, 1000]),
        "strategy": st.sampled_from(["quantile", "uniform"]),
        "keep": st.booleans(),
    },
    "SmoothRobustScaler": {"limit": st.sampled_from([1e-300, 1e-3, 3.0, 1e300])},
    "TableEncoder": {
        **{name: strategy for name, strategy in _OF_TABULAR.items() if name != "encoding"},
        "encoding": st.sampled_from(["piecewise", "smooth"]),
        "target_type": st.sampled_from(["auto", "continuous", "classes"]),
    },
}
_SPACES = ("uniform", "log_uniform", "int_uniform", "int_log_uniform", "one_minus_log_uniform", "topology")
_WAYS = ("fit", "fit", "fit and score", "partial_fit", "fit twice", "watched", "predict another")


def _mostly(usual, odd):
    """The first seven times of eight."""
    return st.integers(0, 7).flatmap(lambda number: odd if number == 7 else usual)


@st.composite
def _parameters(draw, valid, most):
    size = draw(st.integers(0, min(most, len(valid))))
    names = draw(st.lists(st.sampled_from(sorted(valid)), min_size=size, max_size=size, unique=True))
    found = {name: draw(_mostly(valid[name], st.sampled_from(ODD))) for name in names}
    if isinstance(found.get("epochs"), int) and found["epochs"] > 100:
        del found["epochs"]  # it is valid, and takes for ever
    return found


_tables = st.builds(
    Table,
    n_rows=st.sampled_from([40, 40, 40, 33, 20, 5, 3, 2, 1, 0]),
    n_columns=st.sampled_from([3, 3, 3, 1, 2, 7, 0]),
    values=_mostly(st.just("normal"), st.sampled_from(sorted(VALUES))),
    dtype=_mostly(st.sampled_from(["float64", "float32", "int64"]), st.sampled_from(DTYPES)),
    spoilt=_mostly(st.just(""), st.sampled_from(SPOILT)),
    layout=_mostly(st.just("C"), st.sampled_from(LAYOUTS)),
    container=_mostly(st.just("array"), st.sampled_from(CONTAINERS)),
    seed=st.integers(0, 3),
)
_weights = _mostly(st.just("none"), st.sampled_from(WEIGHTS))


def _fits(kind):
    valid = {**VALID, **(_OF_CLASSIFIERS if "Classifier" in kind else _OF_REGRESSORS)}
    valid |= _OF_TABULAR if kind.startswith("Tabular") else {}
    usual = ("two", "three", "text", "labels") if "Classifier" in kind else ("numbers", "two columns", "whole floats")
    return st.builds(
        Case,
        st.just(kind),
        _parameters(valid, 6),
        _tables,
        _mostly(st.sampled_from(usual), st.sampled_from(TARGETS)),
        _weights,
        st.sampled_from(_WAYS),
    )


def _encodings(kind):
    parameters, targets = _parameters(_OF_ENCODERS[kind], 2), st.sampled_from(TARGETS)
    return st.builds(Case, st.just(kind), parameters, _tables, targets, st.just("none"), st.just("fit"))


def _spaces(kind):
    ends = (0, 1, 3, 7, 1e-4, 0.9, 0.5, (1, 2), (4, 64))
    arguments = st.lists(_mostly(st.sampled_from(ends), st.sampled_from(ODD)), min_size=2, max_size=2)
    return st.fixed_dictionaries({"positional": arguments}).map(lambda parameters: Case(kind, parameters))


cases = st.one_of(
    *map(_fits, ("KerasClassifier", "KerasRegressor") * 4 + ("TabularClassifier", "TabularRegressor")),
    *map(_encodings, _OF_ENCODERS),
    st.sampled_from(_SPACES).flatmap(_spaces),
)


def _in_structures(names):
    """One, several, and as they are given for a model with several outputs."""
    several = st.lists(names, max_size=3)
    nested = st.lists(several, min_size=1, max_size=2)
    by_name = st.dictionaries(st.sampled_from(["output", "a"]), names, max_size=2)
    return st.one_of(names, several, several, several.map(tuple), nested, by_name).map(Made)


def _measured(kind):
    """Odd metrics mostly, and sometimes odd losses: of these Keras computes most, which takes its time."""
    targets = ("two", "three", "labels", "rare") if "Classifier" in kind else ("numbers", "two columns", "whole floats")
    others = {
        "metrics": _in_structures(st.sampled_from(sorted(METRICS))),
        "engine": st.sampled_from([*["auto"] * 9, "keras"]),
        "n_members": st.sampled_from([1, 1, 2]),
        "early_stopping": st.booleans(),
        "output_activation": _mostly(st.just("auto"), VALID["output_activation"]),
    }
    others |= {"class_weight": st.sampled_from([None, "balanced"])} if "Classifier" in kind else {}
    loss = st.fixed_dictionaries({"loss": st.sampled_from(sorted(LOSSES)).map(Made)})
    parameters = st.integers(0, 9).flatmap(lambda number: loss if number == 9 else st.fixed_dictionaries(others))
    tables = st.sampled_from([Table(n_rows=n_rows, seed=seed) for n_rows in (40, 20, 3) for seed in range(3)])
    weights = _mostly(st.just("none"), st.sampled_from(["random", "some zeros"]))
    ways = st.sampled_from(["fit", "fit twice", "watched", "partial_fit"])
    return st.builds(Case, st.just(kind), parameters, tables, st.sampled_from(targets), weights, ways)


measured_cases = st.one_of(_measured("KerasClassifier"), _measured("KerasRegressor"))
