"""Metrics and losses made from plain descriptions: all of Keras', and what no metric and no loss is like."""

import functools
from typing import Any, NamedTuple

import keras
import numpy as np

M, L = keras.metrics, keras.losses


class Made(NamedTuple):
    """A name of `METRICS` or `LOSSES`, or lists, tuples and dicts of them: see `made`. Processes send names only."""

    of: Any


def of_rows(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def a_number(y_true, y_pred):
    return keras.ops.mean(y_pred)


def a_table(y_true, y_pred):
    return keras.ops.matmul(keras.ops.transpose(y_pred), y_pred)


def a_plain_number(y_true, y_pred):
    return 0.5


def nothing(y_true, y_pred):
    """Gives nothing."""


def text(y_true, y_pred):
    return "good"


def raises(y_true, y_pred):
    raise RuntimeError("it does not like these rows")


def raises_oddly(y_true, y_pred):
    raise KeyError("y")


def of_numpy(y_true, y_pred):
    return np.mean(np.abs(np.asarray(y_true) - np.asarray(y_pred)))


def of_three(y_true, y_pred, sample_weight):
    return keras.ops.mean(y_pred)


def of_one(y_true):
    return keras.ops.mean(y_true)


def of_none():
    return 1.0


def not_a_number(y_true, y_pred):
    return keras.ops.mean(y_pred) * float("nan")


def loss(y_true, y_pred):
    """Named as another key of the history."""
    return keras.ops.mean(y_pred)


def val_loss(y_true, y_pred):
    """Named as another key of the history."""
    return keras.ops.mean(y_pred)


class Callable:
    """No function, no name, no hash."""

    __hash__ = None

    def __call__(self, y_true, y_pred):
        return keras.ops.mean(y_pred)


class Own(M.Metric):
    """The user's own, which is told how to behave."""

    def __init__(self, name="own", fails=None, gives="number", **arguments):
        super().__init__(name=name, **arguments)
        self.fails, self.gives = fails, gives
        self.total = self.add_weight(name="total", initializer="zeros")
        if fails == "made":
            raise OSError("no metric today")

    def update_state(self, y_true, y_pred, sample_weight=None):
        if self.fails == "updated":
            raise OSError("no rows today")
        self.total.assign_add(keras.ops.mean(keras.ops.cast(y_pred, "float32")))

    def result(self):
        if self.fails == "asked":
            raise OSError("no result today")
        found = {"number": self.total, "none": None, "text": "good", "list": [self.total, self.total], "plain": 1}
        found |= {"dict": {"one": self.total, "two": 2 * self.total}, "nested": {"one": {"two": self.total}}}
        found |= {"empty": {}, "taken": {"loss": self.total}, "complex": 1j, "array": keras.ops.ones(3) * self.total}
        return found[self.gives]

    def reset_state(self):
        if self.fails == "reset":
            raise OSError("never")
        self.total.assign(0.0)

    def get_config(self):
        return {**super().get_config(), "fails": self.fails, "gives": self.gives}


class Forgetful(Own):
    """Cannot be copied by its configuration."""

    def __init__(self, needed, name="forgetful"):
        super().__init__(name=name)
        self.needed = needed

    def get_config(self):
        return {"name": self.name}


class Unweighted(M.Metric):
    """Takes no weights."""

    def update_state(self, y_true, y_pred):
        pass

    def result(self):
        return 0.5


class NoResult(M.Metric):
    """Half a metric."""


class NoKeras:
    """Looks a little like one."""

    name = "no_keras"

    def update_state(self, y_true, y_pred, sample_weight=None):
        pass

    def result(self):
        return 1.0


def _public(module: Any, kind: type, others: tuple[str, ...] = ()) -> list[str]:
    names = (name for name, value in vars(module).items() if callable(value) and name[0] != "_")
    return sorted(name for name in names if name not in {"deserialize", "get", "serialize", kind.__name__, *others})


#: Arguments by which what needs some is made.
_NEEDED = {
    "MeanIoU": {"num_classes": 3},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0, 1]},
    "OneHotMeanIoU": {"num_classes": 3},
    "IoU": {"num_classes": 3, "target_class_ids": [0]},
    "MeanMetricWrapper": {"fn": of_rows},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
}


def _of_keras(module: Any, names: list[str]) -> dict[str, Any]:
    """Each by its name, as a class or function, and as an object."""
    found: dict[str, Any] = {}
    for name in names:
        value = getattr(module, name)
        found |= {f"name {name}": lambda name=name: name, f"itself {name}": lambda value=value: value}
        if isinstance(value, type):
            make = functools.partial(value, **_NEEDED.get(name, {}))
            found |= {f"object {name}": make, f"named {name}": functools.partial(make, name="given")}
            if module is M:
                found[f"config {name}"] = lambda make=make: keras.metrics.serialize(make())
    return found


_OWN = (
    *(of_rows, a_number, a_table, a_plain_number, nothing, text, raises, raises_oddly, of_numpy, of_three, of_one),
    *(of_none, not_a_number, loss, val_loss, Callable, Own, Unweighted, NoResult, NoKeras, Forgetful),
)
_ODD = (
    *(None, 0, 1.5, True, b"x", "", "nonsense", "Accuracy", "ACC", "acc", "AUC ", "auc_1", "keras>AUC", "my>own", 3j),
    *((), [], {}, {"class_name": "AUC"}, {"class_name": "Nonsense", "config": {}}, {"a": 1}, set(), object, int, len),
    *(np.float32(1), np.array(["auc"]), np.array([1.0, 2.0]), range(2), "val_loss", "loss", "mse", "MAE", "f1", "r2"),
    *(lambda y_true, y_pred: keras.ops.mean(y_pred), functools.partial(of_rows), functools.partial(of_three), print),
)
_SETTINGS = {
    "F1Score": [
        *({"average": each} for each in (None, "micro", "macro", "weighted")),
        *({"average": "macro", "threshold": 0.5}, {"threshold": 0.3}),
    ],
    "FBetaScore": [{"beta": 2.0}, {"beta": 0.5, "average": "micro"}, {"average": "weighted", "threshold": 0.9}],
    "MeanIoU": [{"num_classes": n, "sparse_y_pred": sparse} for n in (2, 3, 9) for sparse in (True, False)],
    "IoU": [{"num_classes": 2, "target_class_ids": ids} for ids in ([1], [0, 1])],
    "BinaryIoU": [{"target_class_ids": [0, 1], "threshold": 0.3}, {"target_class_ids": [1]}],
    "OneHotIoU": [{"num_classes": n, "target_class_ids": [0]} for n in (2, 4)],
    "OneHotMeanIoU": [{"num_classes": n} for n in (1, 2, 4)],
    "TopKCategoricalAccuracy": [{"k": k} for k in (0, 1, 2, 100)],
    "SparseTopKCategoricalAccuracy": [{"k": k} for k in (0, 1, 2, 100)],
    "AUC": [
        *({"curve": "PR"}, {"multi_label": True}, {"multi_label": True, "num_labels": 3}, {"from_logits": True}),
        *({"num_thresholds": 2}, {"multi_label": True, "num_labels": 7}, {"label_weights": [1.0, 2.0], "curve": "PR"}),
    ],
    "Precision": [{"thresholds": [0.1, 0.5]}, {"top_k": 2}, {"class_id": 1}, {"class_id": 7}, {"top_k": 50}],
    "Recall": [{"thresholds": [0.1, 0.5]}, {"top_k": 1}, {"class_id": 0}, {"class_id": 5, "top_k": 2}],
    "FalsePositives": [{"thresholds": [0.1, 0.5]}, {"thresholds": 0.0}],
    "SensitivityAtSpecificity": [{"specificity": 1.0}, {"specificity": 0.0, "class_id": 1}, {"specificity": 0.5}],
    "PrecisionAtRecall": [{"recall": 0.9, "class_id": 3}, {"recall": 0.1, "num_thresholds": 1}],
    "R2Score": [{"class_aggregation": None}, {"class_aggregation": "variance_weighted_average"}, {"num_regressors": 2}],
    "CosineSimilarity": [{"axis": 0}, {"axis": -1}, {"axis": 3}],
    "BinaryAccuracy": [{"threshold": 0.0}, {"threshold": 2.0}, {"name": "loss"}, {"name": "accuracy"}, {"name": ""}],
    "CategoricalCrossentropy": [{"from_logits": True}, {"label_smoothing": 0.3}, {"axis": 0}],
    "SparseCategoricalCrossentropy": [{"from_logits": True}, {"axis": 0}, {"ignore_class": 1}],
    "Mean": [{"name": "average"}],
}
_BEHAVIOURS = [
    *({"fails": when} for when in ("updated", "asked", "reset")),
    *({"gives": what} for what in ("none", "text", "list", "plain", "dict", "nested", "empty", "taken", "complex")),
    *({"gives": "array"}, {"name": "val_loss"}, {"name": "a b/c$"}, {"name": "learning_rate"}, {"name": "ünïcode"}),
]

METRICS: dict[str, Any] = {
    **_of_keras(M, _public(M, M.Metric)),
    **{f"itself {each.__name__}": lambda each=each: each for each in _OWN},
    **{f"odd {number}": lambda each=each: each for number, each in enumerate(_ODD)},
    **{
        f"{name} of {given}": functools.partial(getattr(M, name), **given)
        for name, settings in _SETTINGS.items()
        for given in settings
    },
    **{f"own of {given}": functools.partial(Own, **given) for given in _BEHAVIOURS},
    "own that cannot be made": lambda: functools.partial(Own, fails="made"),
    "own that cannot be copied": lambda: Forgetful(1),
    "object Callable": Callable,
    "object Unweighted": Unweighted,
    "object NoKeras": NoKeras,
    "used": lambda: _used(),
}
LOSSES: dict[str, Any] = {
    **_of_keras(L, _public(L, L.Loss)),
    **{f"itself {each.__name__}": lambda each=each: each for each in _OWN},
    **{f"odd {number}": lambda each=each: each for number, each in enumerate(_ODD)},
    "object Callable": Callable,
}


def _used() -> Any:
    metric = M.AUC(name="used")
    metric.update_state([0, 1], [0.2, 0.7])
    return metric


def made(description: Any, makers: dict[str, Any] = METRICS) -> Any:
    """What is described, made anew."""
    if isinstance(description, Made):
        return made(description.of, makers)
    if isinstance(description, list | tuple):
        return type(description)(made(each, makers) for each in description)
    if isinstance(description, dict):
        return {key: made(each, makers) for key, each in description.items()}
    return makers[description]()
