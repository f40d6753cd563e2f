"""Arguments by name: refused where what they are for does not take them, with the names that are spelt most alike."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec

from ._nearest import did_you_mean

#: Arguments that Keras' classes and `keras.Model.compile` have, and that are ours to give or of no use to tell of.
_NOT_TOLD = frozenset({"self", "x", "name", "dtype", "reduction", "optimizer", "loss", "metrics"})


def check_accepted(
    what: str, function: Callable[..., Any], arguments: Iterable[str], prefix: str, *, base: type | None = None
) -> None:
    """Refuse the first argument that ``function``, a function or a class, does not take.

    Parameters
    ----------
    what : str
        What it is, to begin a sentence: ``"The loss Huber"``.
    function : callable
    arguments : iterable of str
    prefix : str
        That under which the arguments were routed to it.
    base : class, default=None
        What gets the ``**kwargs`` of ``function``; without it they may be anything.
    """
    known = _arguments_of(function)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        if base is None:
            return
        known |= _arguments_of(base)
    names = sorted(
        name
        for name, parameter in known.items()
        if name not in _NOT_TOLD and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    )
    for name in arguments:
        if name not in known:
            raise ValueError(
                f"{what} has no argument {name!r}, given as '{prefix}__{name}'{did_you_mean(name, names)}. "
                f"It has: {', '.join(names) or 'none'}."
            )


def _arguments_of(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Of a class those of its constructor, ``self`` among them."""
    called: Any = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    return dict(inspect.signature(called).parameters)


P = ParamSpec("P")


def names_the_nearest(constructor: Callable[P, None]) -> Callable[P, None]:
    """Decorate an ``__init__`` without ``**kwargs``: the refusal of an unknown name says which are spelt like it."""
    _, *names = inspect.signature(constructor).parameters

    @functools.wraps(constructor)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        for name in kwargs:
            if name not in names:
                elsewhere = f" (it is called {_ELSEWHERE[name]!r} here)" if _ELSEWHERE.get(name) in names else ""
                raise TypeError(
                    f"{type(args[0]).__name__}() got an unexpected keyword argument {name!r}"
                    f"{elsewhere or did_you_mean(name, names)}. It takes: {', '.join(names)}."
                )
        constructor(*args, **kwargs)

    return checked


#: What others call the arguments of our searches and pruners.
_ELSEWHERE = {
    **{"n_trials": "n_iter", "max_trials": "n_iter", "n_calls": "n_iter", "n_iters": "n_iter", "rounds": "n_rounds"},
    **{"param_grid": "param_distributions", "search_spaces": "param_distributions", "objective": "scoring"},
    **{"param_space": "param_distributions", "metric": "scoring", "scorer": "scoring", "seed": "random_state"},
    **{"n_startup_trials": "n_startup_fits", "n_warmup_steps": "n_warmup_epochs", "factor": "reduction_factor"},
    **{"min_resource": "min_epochs", "direction": "mode", "max_time": "timeout"},
}


def check_routes(what: str, given: Any, arguments: Mapping[str, Any], prefix: str) -> None:
    """Refuse arguments that lead to nothing in what was ``given``, or that it does not take.

    ``given`` is a class, or lists and dicts of classes and of finished objects, which take none. ``patience`` goes to
    all of them, ``0__patience`` to the first of a list, ``stop__patience`` to that of a dict with this key. ``what``
    they are is one word, such as "callback".
    """
    _check_routes(what, given, {name: f"{prefix}__{name}" for name in arguments}, prefix)


def _check_routes(what: str, given: Any, routes: Mapping[str, str], prefix: str) -> None:
    """``routes`` are names as they are from here on, each with that by which it was given."""
    entries = _entries(given)
    for_all = {name: full for name, full in routes.items() if "__" not in name}
    if entries is None:
        _check_leaf(what, given, routes, prefix)
        return
    for name, full in routes.items():
        head, separator, _ = name.partition("__")
        if separator and head not in entries:
            raise ValueError(
                f"{full!r} leads to no {what}: there is none under {head!r}{did_you_mean(head, entries)}. Those given "
                f"are: {', '.join(map(repr, entries))}."
            )
    for key, entry in entries.items():
        own = {name.removeprefix(f"{key}__"): full for name, full in routes.items() if name.startswith(f"{key}__")}
        _check_routes(what, entry, {**for_all, **own}, prefix)


def _check_leaf(what: str, given: Any, routes: Mapping[str, str], prefix: str) -> None:
    if not isinstance(given, type):
        for full in routes.values():
            raise TypeError(
                f"{full!r} was given, but the {what} {given!r} does not accept parameters because it's not a class: it "
                f"is finished. Give the class, or leave {full!r} out."
            )
        return
    for name, full in routes.items():
        head, separator, _ = name.partition("__")
        if separator and head not in routes:
            raise ValueError(f"{full!r} leads to nothing: {given.__name__} was given no {head!r}.")
        if not separator and not name.isdigit():  # numbers are for arguments by place
            check_accepted(f"The {what} {given.__name__}", given, [name], full.removesuffix(f"__{name}"))
    _check_complete(what, given, routes, prefix)


def _check_complete(what: str, given: type, routes: Mapping[str, str], prefix: str) -> None:
    if any(name.isdigit() for name in routes):
        return
    _, *known = _arguments_of(given).values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for parameter in known:
        if parameter.kind in kinds and parameter.default is parameter.empty and parameter.name not in routes:
            raise ValueError(
                f"The {what} {given.__name__} needs {parameter.name!r}. Give it as "
                f"'{prefix}__{parameter.name}', or give a finished {what}."
            )


def _entries(given: Any) -> dict[str, Any] | None:
    if isinstance(given, Mapping):
        return {str(key): entry for key, entry in given.items()}
    return {str(index): entry for index, entry in enumerate(given)} if isinstance(given, list | tuple) else None
