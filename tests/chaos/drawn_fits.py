"""Runs what was drawn and judges it, in a process of its own: see `judged` for the law."""

import faulthandler
import linecache
import os
import pickle
import random
import re
import signal
import sys
import threading
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from drawn_metrics import LOSSES, Made, made
from drawn_tables import Table, made_table, made_target, made_weights
from scipy import sparse

import sknn_tune
from sknn_tune import preprocessing, search_space
from sknn_tune.exceptions import DivergedError

OURS = str(Path(sknn_tune.__file__).parent)
THEIRS = os.sep + "sklearn" + os.sep

#: What says that predictions are not finite, or may not be: before they are asked for, or when they are.
ANNOUNCES = re.compile(r"diverge|overflow|beyond|not finite|infinite|NaN|not well-defined", re.IGNORECASE)


class Case(NamedTuple):
    """What was drawn."""

    kind: str
    parameters: dict[str, Any] = {}
    table: Table = Table()
    target: str = "two"
    weights: str = "none"
    way: str = "fit"


def judged(case: Case) -> tuple[str, str]:
    """``("fits" | "refused" | "faulty", why)``.

    Either everything works and what is predicted is finite, or a warning has said that it may not be; or an error
    is raised by a statement of this package, or by scikit-learn's validation, in a sentence. Whatever comes, what was
    given is as it was, and so is all that processes have once.
    """
    X, y, weights = _given(case)
    given = {"X": X, "y": y, "sample_weight": weights, "parameters": case.parameters}
    before, world = {name: _picture(each) for name, each in given.items()}, _world()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        filters = list(warnings.filters)
        verdict = _tried(case, X, y, weights, said)
        if warnings.filters != filters:
            return (
                "faulty",
                f"warnings.filters have new ones: {[new for new in warnings.filters if new not in filters]}",
            )
    changed = [name for name, each in given.items() if _picture(each) != before[name]]
    changed += [name for name, state in _world().items() if state != world[name]]
    if changed:
        return "faulty", f"changed: {', '.join(changed)} ({verdict})"
    foreign = [f"{each.message} at {each.filename}:{each.lineno}" for each in said if not _may_be_said(each)]
    if foreign:
        return "faulty", f"a warning of somebody else: {foreign[0][:300]} ({verdict})"
    return verdict


def _given(case: Case) -> tuple[Any, Any, Any]:
    n_rows, seed = case.table.n_rows, case.table.seed
    return made_table(case.table), made_target(case.target, n_rows, seed), made_weights(case.weights, n_rows, seed)


def _tried(case: Case, X: Any, y: Any, weights: Any, said: list[Any]) -> tuple[str, str]:
    try:
        found = RUNS[case.way if case.kind.startswith(("Keras", "Tabular")) else case.kind](case, X, y, weights)
    except BaseException as error:
        return _of_error(error, _at_fault(case.parameters))
    announced = any(ANNOUNCES.search(str(each.message)) for each in said)
    for what, values, shape in found:
        values = values.data if sparse.issparse(values) else np.asarray(values)
        if shape is not None and values.shape != shape:
            return "faulty", f"{what} has the shape {values.shape} instead of {shape}"
        if values.dtype.kind in "fc" and not announced and not np.isfinite(values).all():
            return "faulty", f"{what} is not finite, and nothing was said"
    return "fits", ""


def _of_error(error: BaseException, names: list[str]) -> tuple[str, str]:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    raised = linecache.getline(frame.filename, frame.lineno or 0).lstrip()
    told = f"{type(error).__name__}: {str(error)[:300]}"
    where = f"{frame.filename}:{frame.lineno} ({raised.strip()[:80]})"
    ours = frame.filename.startswith(OURS) and raised.startswith("raise")
    if not ours and THEIRS not in frame.filename:
        return "faulty", f"{told}\n  at {where}"
    if not isinstance(error, (ValueError, TypeError, ImportError, MemoryError, AttributeError)) or (
        isinstance(error, AttributeError) and not ours
    ):
        return "faulty", f"{told}\n  at {where}"
    if len(str(error)) < 20 or " " not in str(error):
        return "faulty", f"no sentence: {told}\n  at {where}"
    if names and not isinstance(error, DivergedError) and not any(name in str(error) for name in names):
        return "faulty", f"names neither of {names}: {told}\n  at {where}"
    return "refused", told


def _may_be_said(warning: Any) -> bool:
    """Warnings for users; not those of NumPy about arithmetic, of Python about code that is old."""
    if issubclass(warning.category, (RuntimeWarning, SyntaxWarning, ResourceWarning)):
        return False
    if issubclass(warning.category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
        return "copy keyword" in str(warning.message)  # Keras' own, as in pyproject.toml
    return True


def _picture(thing: Any) -> Any:
    """All of its bytes."""
    if isinstance(thing, np.ndarray) and thing.dtype != object:
        return thing.dtype, thing.shape, thing.strides, thing.flags.writeable, thing.tobytes()
    if type(thing) is dict:  # each by itself: a masked array that was printed remembers what it fills gaps with
        return [(name, _picture(each)) for name, each in thing.items()]
    if sparse.issparse(thing):
        parts = ("data", "indices", "indptr", "coords")
        return type(thing), thing.shape, [_picture(getattr(thing, part, None)) for part in parts]
    if hasattr(thing, "to_pandas"):  # polars: what is pickled has an order of its own
        return thing.dtypes if hasattr(thing, "dtypes") else thing.dtype, repr(thing.to_numpy().tolist())
    if hasattr(thing, "iloc"):
        values = thing.to_numpy(dtype=object)
        return type(thing), list(thing.index), str(getattr(thing, "dtypes", "")), repr(values.tolist())
    with suppress(Exception):
        return pickle.dumps(thing)
    return repr(thing)


def _world() -> dict[str, Any]:
    """What a process has once, and nobody may change for others."""
    return {
        "numpy.random": repr(np.random.get_state()),
        "random": random.getstate(),
        "numpy.geterr": np.geterr(),
        "environment": dict(os.environ),
        "working directory": os.getcwd(),
        "signal handlers": [signal.getsignal(each) for each in signal.valid_signals()],
        "threads": threading.active_count(),
        "sys.path": list(sys.path),
        "print options": np.get_printoptions(),
        "recursion limit": sys.getrecursionlimit(),
        "umask": _umask(),
    }


def _umask() -> int:
    found = os.umask(0o77)
    os.umask(found)
    return found


# --- what is run; each gives (name, values, expected shape or None) ----------------------------------------


def _network(case: Case) -> Any:
    quick = {"epochs": 2, "random_state": 0, "hidden_layer_sizes": (5,)}
    if case.kind.startswith("Tabular"):
        quick |= {"n_members": 2, "share_weights": False}
    of_keras = {name: made(value, *[LOSSES] * (name == "loss")) for name, value in _described(case.parameters)}
    return getattr(sknn_tune, case.kind)(**{**quick, **case.parameters, **of_keras})


def _at_fault(parameters: dict[str, Any]) -> list[str]:
    """Of what an error has to name one: those described, the outputs that they are drawn beside, the number of rows."""
    names = [name for name, _ in _described(parameters)]
    return [*names, "output_activation", "n_samples"] if names else []


def _described(parameters: dict[str, Any]) -> list[tuple[str, Made]]:
    return [(name, value) for name, value in parameters.items() if isinstance(value, Made)]


def _predicted(model: Any, X: Any) -> list[tuple[str, Any, tuple[int, ...] | None]]:
    predicted = model.predict(X)  # refuses what has no rows
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    found = [("predict", predicted, None if predicted.ndim > 1 else (n_rows,))]
    if len(predicted) != n_rows:
        found.append(("predict", predicted, (n_rows,)))
    if hasattr(model, "classes_"):
        probabilities = model.predict_proba(X)
        found.append(("predict_proba", probabilities, (n_rows, len(model.classes_))))
    return found


def _fit(case: Case, X: Any, y: Any, weights: Any) -> Any:
    return _predicted(_network(case).fit(X, y, sample_weight=weights), X)


def _fit_and_score(case: Case, X: Any, y: Any, weights: Any) -> Any:
    model = _network(case).fit(X, y)
    return [*_predicted(model, X), ("score", model.score(X, y, weights), ())]


def _partial_fit(case: Case, X: Any, y: Any, weights: Any) -> Any:
    model = _network(case)
    arguments = {}
    if "Classifier" in case.kind and isinstance(y, np.ndarray):
        with suppress(TypeError):  # no order: then it is to say that classes are missing
            arguments["classes"] = np.unique(y) if y.ndim == 1 else np.arange(y.shape[1])
    for _ in range(2):
        model.partial_fit(X, y, sample_weight=weights, **arguments)
    return _predicted(model, X)


def _fit_twice(case: Case, X: Any, y: Any, weights: Any) -> Any:
    """Going on, and copied between."""
    model = pickle.loads(pickle.dumps(_network(case).set_params(warm_start=True).fit(X, y, sample_weight=weights)))
    return _predicted(model.fit(X, y, sample_weight=weights), X)


def _watched(case: Case, X: Any, y: Any, weights: Any) -> Any:
    return _predicted(_network(case).fit(X, y, X_val=X, y_val=y, sample_weight_val=weights), X)


def _predict_another(case: Case, X: Any, y: Any, weights: Any) -> Any:
    """A sound network gets the odd table."""
    sound = Table(n_rows=20, n_columns=case.table.n_columns)
    rows = np.random.default_rng(0).normal(size=(20, sound.n_columns))
    return _predicted(_network(case).fit(rows, np.arange(20) % 2), X)


def _transform(case: Case, X: Any, y: Any, weights: Any) -> Any:
    encoder = getattr(preprocessing, case.kind)(**case.parameters).fit(X, y)
    encoded = encoder.transform(X)
    names = encoder.get_feature_names_out()
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    if case.kind == "SmoothRobustScaler":  # what is missing stays so
        encoded = np.nan_to_num(encoded, posinf=np.inf, neginf=-np.inf)
    return [("transform", encoded, (n_rows, len(names)))]


def _space(case: Case, *_: Any) -> Any:
    """Made, drawn from, printed, narrowed."""
    arguments = case.parameters
    space = getattr(search_space, case.kind)(*arguments["positional"])
    drawn = [space.rvs(random_state=seed) for seed in range(5)]
    if any(value not in space for value in drawn):
        raise AssertionError(f"{drawn} of {space!r}")
    hash(space)
    narrowed = space.narrow(drawn[:2]) if hasattr(space, "narrow") else space
    return [("rvs", [0.0], None), ("narrow", [float(narrowed is not None)], None)]


RUNS = {
    "fit": _fit,
    "fit and score": _fit_and_score,
    "partial_fit": _partial_fit,
    "fit twice": _fit_twice,
    "watched": _watched,
    "predict another": _predict_another,
    **dict.fromkeys(("PiecewiseLinearEncoder", "SmoothRobustScaler", "TableEncoder"), _transform),
    **dict.fromkeys(
        ("uniform", "log_uniform", "int_uniform", "int_log_uniform", "one_minus_log_uniform", "topology"), _space
    ),
}


def serve(connection: Any) -> None:
    """Judge what comes, until there is no more."""
    faulthandler.enable()  # where a process ends by a signal, the test prints from where
    import tensorflow  # noqa: F401 - it sets variables of the environment when it is loaded

    judged(Case("KerasClassifier"))  # what is compiled once
    connection.send("ready")
    with suppress(EOFError):
        while True:
            connection.send(judged(connection.recv()))
