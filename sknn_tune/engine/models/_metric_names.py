"""What a user gives as ``metrics``, as Keras objects with the names by which they are recorded.

A metric is recorded under the name that the user wrote: a string as it is, a function by its name, an object by its
own. A class has a name of its own, too, which Keras numbers on through the life of a process (``auc``, ``auc_1``, ...);
the number is taken off, so that a metric has the same name in every fit.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..._accepted import check_routes
from ..._compat.scikeras import metrics_by_output, metrics_with_arguments
from ..._nearest import meant_by
from ...specs import LOSS_ALIASES, METRICS_ELSEWHERE, TrainingSpec, arrays_in, map_arrays
from .._tensorflow import keras
from ._copies import copied_metric

#: Names for which Keras chooses the accuracy that fits the targets.
_ANY_ACCURACY = ("accuracy", "acc")

#: The accuracies among which it chooses.
_ACCURACIES = {"binaryaccuracy", "categoricalaccuracy", "sparsecategoricalaccuracy"}

#: Keys that a history has without metrics.
_TAKEN = ("loss", "learning_rate")

_WHAT_TO_GIVE = "Give a name of keras.metrics, a class or object of it, or a function of (y_true, y_pred)."


class NamedMetric(NamedTuple):
    """A metric for one fit. ``metric`` is None for the accuracy that fits the targets."""

    name: str
    metric: Any


def named_metrics(given: Any, arguments: Mapping[str, Any], parameter: str = "metrics") -> list[NamedMetric]:
    """Metrics made anew; ``arguments`` are those routed to them, ``parameter`` is how the user gave them."""
    given = _without_configs(given, parameter)
    entries = [] if given is None else list(_entries(given))
    for entry in entries:
        _check_is_metric(entry, parameter)
    made = list(entries)
    if arguments:
        routed = {f"metrics__{name}": value for name, value in arguments.items()}
        classes = _as_classes(given if isinstance(given, list | tuple | dict) else [given])
        check_routes("metric", classes, arguments, "metrics")
        made = list(_flat(metrics_with_arguments(classes, routed)))
    is_named = any(name.rpartition("__")[2] == "name" for name in arguments)
    metrics = [_named(*pair, is_named, parameter) for pair in zip(entries, made, strict=True)]
    for name, _ in metrics:
        if name in _TAKEN or name.startswith("val_"):
            raise ValueError(
                f"The {parameter!r} parameter has a metric named {name!r}, but that key of history_ has another "
                "meaning. Give the metric another name."
            )
    return _told_apart(metrics)


def metrics_of_outputs(spec: TrainingSpec) -> Any:
    """Metrics made anew for a model with several outputs, in the structure in which they are given."""
    if spec.metrics is None:
        return None
    arguments = dict(spec.metrics_arguments)
    given = made = _without_configs(spec.metrics, "metrics")
    if arguments:
        classes = _as_classes(given)
        check_routes("metric", classes, arguments, "metrics")
        made = metrics_by_output(classes, {f"metrics__{name}": value for name, value in arguments.items()})
    is_named = any(name.rpartition("__")[2] == "name" for name in arguments)
    entries = iter(arrays_in(given))
    return map_arrays(lambda each: _of_output(next(entries), each, is_named), made)


def _of_output(entry: Any, made: Any, is_named: bool) -> Any:
    """As Keras takes it, under the name that it is given by; Keras puts that of the output before."""
    if entry is None or (isinstance(entry, str) and entry.lower() in _ANY_ACCURACY):
        return entry
    _check_is_metric(entry, "metrics")
    name, metric = _named(entry, made, is_named, "metrics")
    if not isinstance(metric, keras.metrics.Metric):
        return keras.metrics.MeanMetricWrapper(metric, name=name)
    metric.name = name
    return metric


def _flat(given: Any) -> Iterator[Any]:
    """Metrics in lists, tuples and dicts, however nested; of several outputs one may have none."""
    return (entry for entry in _entries(given) if entry is not None)


def _entries(given: Any) -> Iterator[Any]:
    """Entries of lists, tuples and dicts, however nested."""
    if isinstance(given, Mapping):
        given = list(given.values())
    if not isinstance(given, list | tuple):
        given = [given]
    for entry in given:
        if isinstance(entry, list | tuple | Mapping):
            yield from _entries(entry)
        else:
            yield entry


def _without_configs(given: Any, parameter: str) -> Any:
    """The same with an object for each dict that ``keras.metrics.serialize`` has made of one."""
    if isinstance(given, Mapping) and "class_name" in given:
        try:
            return keras.metrics.deserialize(dict(given))
        except Exception as error:  # whatever a class raises for its arguments
            raise ValueError(
                f"The {parameter!r} parameter has a dict with a 'class_name', of which Keras makes no metric: "
                f"{first_line(error)} Give what keras.metrics.serialize(metric) gives, or the metric itself."
            ) from error
    if isinstance(given, Mapping):
        return {name: _without_configs(entry, parameter) for name, entry in given.items()}
    if isinstance(given, list | tuple):
        return [_without_configs(entry, parameter) for entry in given]
    return given


def _as_classes(given: Any) -> Any:
    """Names as what they name, in the same lists and dicts: SciKeras finds some only."""
    if isinstance(given, Mapping):
        return {name: _as_classes(entry) for name, entry in given.items()}
    if isinstance(given, list | tuple):
        return [_as_classes(entry) for entry in given]
    is_accuracy = isinstance(given, str) and given.lower() in _ANY_ACCURACY
    return _known(given) if isinstance(given, str) and not is_accuracy else given


def _named(entry: Any, made: Any, is_named: bool, parameter: str) -> NamedMetric:
    """The metric of an entry; ``made`` is what SciKeras made of it where there are arguments."""
    if isinstance(entry, str) and entry.lower() in _ANY_ACCURACY:
        return NamedMetric(str(entry), None)
    if isinstance(made, str):
        made = _known(made)
    metric = _new(made, entry, parameter) if isinstance(made, type) else _copied(made, parameter)
    if is_named and isinstance(metric, keras.metrics.Metric):
        return NamedMetric(metric.name, metric)
    if isinstance(entry, str):
        return NamedMetric(str(entry), metric)
    if isinstance(entry, type):
        return NamedMetric(_name_of_new(metric), metric)
    return NamedMetric(_name_of(metric), metric)


def _new(metric: type, entry: Any, parameter: str) -> Any:
    """An object of a class. Those of Keras' get their name: a number of Keras' would be used up by each fit."""
    try:
        return metric(name=_default_name(metric)) if metric.__module__.startswith("keras.") else metric()
    except Exception as error:  # whatever the user's own may raise
        where = "keras.metrics." if metric.__module__.startswith("keras.") else ""
        why = f"needs arguments: {error}" if isinstance(error, TypeError) else f"cannot be made: {first_line(error)}"
        raise ValueError(
            f"The {parameter!r} parameter gives the metric {entry if isinstance(entry, str) else entry.__name__!r}, "
            f"which {why}. Give it as an object, such as {where}{metric.__name__}(...)."
        ) from error


def _copied(metric: Any, parameter: str) -> Any:
    try:
        return copied_metric(metric)
    except Exception as error:  # whatever the user's own may raise
        raise ValueError(
            f"The {parameter!r} parameter has the metric {_name_of(metric)!r}, of which each fit takes a copy that "
            f"begins anew, but that fails: {first_line(error)} Let its get_config give all that its class takes, and "
            "reset_state what it begins with."
        ) from error


def first_line(error: Exception) -> str:
    """What kind of error it is, and what it says, without the names of TensorFlow's functions."""
    lines = [line.strip() for line in re.sub(r"\{\{.*?\}\}| \[Op:.*", "", str(error)).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"


@functools.cache
def _default_name(metric: type) -> str:
    return _name_of_new(metric())


def _name_of(metric: Any) -> str:
    """Of an object its own name, of a function that by which it was defined."""
    if isinstance(metric, functools.partial):
        return _name_of(metric.func)
    name = getattr(metric, "name", None) or getattr(metric, "__name__", None) or type(metric).__name__
    return str(name)


def _name_of_new(metric: Any) -> str:
    """The name of an object of a class that was just made, without Keras' number."""
    name = _name_of(metric)
    plain = re.sub(r"_\d+$", "", name)
    is_automatic = plain.replace("_", "") == type(metric).__name__.replace("_", "").lower()
    return plain if is_automatic else name


def _told_apart(metrics: list[NamedMetric]) -> list[NamedMetric]:
    """A second of one name is numbered, as by Keras."""
    seen: Counter[str] = Counter()
    names = []
    for name, _ in metrics:
        names.append(f"{name}_{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return [NamedMetric(name, metric) for name, (_, metric) in zip(names, metrics, strict=True)]


def missing_metrics(given: Any, has: Any) -> tuple[list[str], list[str]]:
    """The names of those that were given and are not among the others, and the names of these."""
    known = set().union(*(_keys(entry, own=True) for entry in _flat(has)))
    return [_shown(entry) for entry in _flat(given) if not _keys(entry) & known], [
        _shown(entry) for entry in _flat(has)
    ]


def _keys(metric: Any, *, own: bool = False) -> set[str]:
    """Names that mean this metric; with ``own``, that of the class of an object, too, whatever the object is named."""
    if isinstance(metric, str):
        found = None if metric.lower() in _ANY_ACCURACY else _known(metric)
        keys = {_folded("accuracy" if metric.lower() in _ANY_ACCURACY else metric)}
        return keys if found is None else keys | _keys(found)
    if isinstance(metric, type):
        keys = {_folded(metric.__name__)}
    else:
        keys = {_folded(re.sub(r"_\d+$", "", _name_of(metric)))}
        if own:
            keys |= {_folded(type(each).__name__) for each in (metric, getattr(metric, "metric", metric))}
    return keys | ({"accuracy"} if keys & _ACCURACIES else set())


def _shown(metric: Any) -> str:
    return repr(
        metric if isinstance(metric, str) else metric.__name__ if isinstance(metric, type) else _name_of(metric)
    )


# --- names that Keras knows ------------------------------------------------------------------------------


@functools.cache
def _known(name: str) -> Any:
    """A class or function of Keras', or one that the user has registered with it; None if there is none."""
    if ">" in name:
        return keras.saving.get_registered_object(name)
    try:
        found = keras.metrics.get(name)
    except ValueError:  # of its functions Keras finds some only
        public = {_folded(each): each for each in sorted(_public())}
        name = public.get(_folded(LOSS_ALIASES.get(name.lower(), name)), "")
        return getattr(keras.metrics, name, None)
    except TypeError:  # Keras makes an object of a class, which may need arguments
        return next((value for key, value in vars(keras.metrics).items() if _folded(key) == _folded(name)), None)
    return type(found) if isinstance(found, keras.metrics.Metric) else found


def _check_is_metric(entry: Any, parameter: str) -> None:
    if isinstance(entry, str):
        _check_known(entry, parameter)
    elif not callable(entry) and not isinstance(entry, keras.metrics.Metric):
        raise ValueError(f"The {parameter!r} parameter has {entry!r:.100}, which is no metric. {_WHAT_TO_GIVE}")


def _check_known(name: str, parameter: str) -> None:
    if name.lower() in _ANY_ACCURACY or _known(name) is not None:
        return
    close = meant_by(name, _public() | {"accuracy", "mse", "mae"}, METRICS_ELSEWHERE)
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise ValueError(
        f"The {parameter!r} parameter names the metric {name!r}, which Keras does not know.{hint} {_WHAT_TO_GIVE}"
    )


def _public() -> set[str]:
    """What Keras offers as metrics: classes and functions."""
    others = {"Metric", "MeanMetricWrapper", "deserialize", "get", "serialize"}
    return {name for name, value in vars(keras.metrics).items() if callable(value) and name[0] != "_"} - others


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
