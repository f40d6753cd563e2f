"""Routed parameters, the SciKeras way: ``model__units=64``, ``optimizer__beta_1=0.8``.

scikit-learn lists the parameters of an estimator from the signature of its constructor. The routed
ones are not in it, so ``get_params`` and ``set_params`` add them: they are kept as attributes of their
full name, which makes ``clone``, pickling and searches work on them like on any other.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from sklearn.base import BaseEstimator

from .._compat.scikit_learn import NamesTheNearest
from .._copies import kept, with_attributes
from .._documentation import LinkedToDocumentation
from .._nearest import nearest
from ._given_objects import check_is_as_given
from ._names_elsewhere import name_elsewhere

Estimator = TypeVar("Estimator", bound="RoutedParameters")

#: Where a routed name may lead.
PREFIXES = ("model", "optimizer", "loss", "metrics", "callbacks", "compile", "fit", "predict")


#: Constructor arguments of SciKeras that have another name here. Taken along with a ``model``.
SCIKERAS_NAMES = {"run_eagerly": "compile__run_eagerly", "validation_batch_size": "fit__validation_batch_size"}


class RoutedParameters(NamesTheNearest, LinkedToDocumentation, BaseEstimator):
    """An estimator whose ``get_params`` and ``set_params`` know routed parameters."""

    #: Parameters that ``set_params`` has set, as searches do.
    _set_later: tuple[str, ...] = ()

    model: Any

    #: Whether ``model`` was given as ``build_fn``, as it was called before SciKeras.
    _has_old_name = False

    #: A method that a subclass may have, as in SciKeras: it makes the model, in the place of ``model``.
    _keras_build_fn: Any = None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters of this estimator, the routed ones (``model__units``) among them.

        Parameters
        ----------
        deep : bool, default=True
            Makes no difference: no parameter is an estimator with parameters of its own.

        Returns
        -------
        params : dict
            Parameter names mapped to their values.
        """
        own = {name: getattr(self, name) for name in names_in_signature(self)}
        return {**own, **self._routed_parameters()}

    def _all_parameters(self) -> dict[str, Any]:
        """The same, with those that the constructor of a subclass does not take, but hands on to that of its base."""
        handed_on = {name: getattr(self, name) for name in all_defaults(self)}
        return {**handed_on, **self._routed_parameters()}

    def set_params(self: Estimator, **params: Any) -> Estimator:
        """Set parameters of this estimator, routed ones (``model__units``) among them.

        Parameters
        ----------
        **params : dict
            Parameter names and their new values.

        Returns
        -------
        self : estimator instance
            This estimator.
        """
        own, takes_routed = names_in_signature(self), _takes_routed(type(self))
        model = params["model"] if params.get("model") is not None else self._model_function
        for name in params:
            if name not in own and not (takes_routed and is_routed(name, model)):
                routed = ", and routed ones such as 'model__units' or 'optimizer__beta_1'" if takes_routed else ""
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}.{_close_names(name, own)} "
                    f"Valid parameters are: {own}{routed}."
                )
        if _may_derive(type(self)):
            # A constructor of the user's own may make some parameters from others: it makes them again.
            type(self).__init__(self, **{**self.get_params(deep=False), **params})
            return self
        for name, value in params.items():
            check_is_as_given(name, value)
        for name, value in params.items():
            setattr(self, name, value)
        self._set_later = tuple(sorted({*self._set_later, *params}))  # of a kind that skops takes
        return self

    def __sklearn_clone__(self: Estimator) -> Estimator:
        """Keras' own copies of its objects lack a part of what was given."""
        given = {name: kept(value) for name, value in self.get_params(deep=False).items()}
        return super(RoutedParameters, with_attributes(self, given)).__sklearn_clone__()

    def __getstate__(self) -> dict[str, Any]:
        return {name: kept(value) for name, value in dict(super().__getstate__()).items()}

    def __copy__(self: Estimator) -> Estimator:
        return with_attributes(self, {})

    @property
    def _model_function(self) -> Any:
        """What makes the model: ``model``, or the method with which a subclass written for SciKeras makes it."""
        return self.model if self.model is not None else self._keras_build_fn

    def _accept_routed(self, routed: Mapping[str, Any]) -> None:
        """Called by the constructor with what its signature does not name."""
        for name, value in routed.items():
            if name == "build_fn" and self.model is None:
                self.model, self._has_old_name = value, True
                continue
            if not is_routed(name, self._model_function):
                raise TypeError(
                    f"{type(self).__name__}() got an unexpected keyword argument {name!r}."
                    f"{_close_names(name, names_in_signature(self))} Routed names begin with one of: "
                    f"{', '.join(prefix + '__' for prefix in PREFIXES)}."
                )
            setattr(self, name, value)

    def _warn_of_old_name(self) -> None:
        if self._has_old_name:
            warnings.warn(
                "``build_fn`` will be renamed to ``model``, as SciKeras says: write model=... instead.",
                UserWarning,
                stacklevel=5,
            )

    def _routed_parameters(self) -> dict[str, Any]:
        if not _takes_routed(type(self)):
            return {}
        known, model = all_defaults(self), self._model_function
        return {name: value for name, value in dict(vars(self)).items() if name not in known and is_routed(name, model)}


def names_in_signature(estimator: BaseEstimator) -> list[str]:
    """The parameters that the constructor takes, in order of the alphabet as everywhere in scikit-learn."""
    return sorted(defaults_in_signature(estimator))


def defaults_in_signature(estimator: BaseEstimator) -> dict[str, Any]:
    """The same, with their defaults. Of a constructor that takes ``**kwargs``, those of its base, too."""
    estimator_class: Any = type(estimator)
    return _defaults(estimator_class)[0]


def all_defaults(estimator: BaseEstimator) -> dict[str, Any]:
    """Those of all constructors from that of the class upwards, whether it hands on what it does not know or not."""
    estimator_class: Any = type(estimator)
    return _defaults(estimator_class)[1]


@cache
def _defaults(estimator_class: Any) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Parameters that can be given, all there are, and whether routed ones can be given.

    Kept, because reading a signature takes as long as an epoch of a small network, and scikit-learn asks for the
    parameters six times for every fit of a search.
    """
    given: dict[str, Any] = {}
    everything: dict[str, Any] = {}
    reaches_base = True
    for each in estimator_class.__mro__:
        constructor = vars(each).get("__init__")
        if constructor is None or not issubclass(each, RoutedParameters):
            continue
        _, *parameters = inspect.signature(constructor).parameters.values()
        kinds = {parameter.kind for parameter in parameters}
        for parameter in parameters:
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                everything.setdefault(parameter.name, parameter.default)
                if reaches_base:
                    given.setdefault(parameter.name, parameter.default)
        reaches_base = reaches_base and inspect.Parameter.VAR_KEYWORD in kinds
    return given, everything, reaches_base


def _takes_routed(estimator_class: Any) -> bool:
    """Whether what a constructor does not know reaches the one that accepts routed names."""
    return _defaults(estimator_class)[2]


def _may_derive(estimator_class: Any) -> bool:
    """Whether the constructor is the user's own: those of this package only store what they are given."""
    return estimator_class.__init__.__module__.partition(".")[0] != __name__.partition(".")[0]


def is_routed(name: str, model: Any) -> bool:
    """``prefix__name``, or a plain name that the user's ``model`` function asks for."""
    prefix, separator, rest = name.partition("__")
    if separator:
        return prefix in PREFIXES and bool(rest)
    if model is None or name.startswith("_") or name.endswith("_"):
        return False
    return name in SCIKERAS_NAMES or _takes(model, name)


def routed_to(destination: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``parameters`` is routed to ``destination``, without the prefix."""
    prefix = f"{destination}__"
    names = [name for name in parameters if name.startswith(prefix)]
    return {name.removeprefix(prefix): parameters[name] for name in names}


def signature_names(function: Callable[..., Any]) -> tuple[set[str], bool]:
    """The names of the arguments of ``function``, and whether it takes any others (``**kwargs``)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return set(), False
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return named, any(p.kind is p.VAR_KEYWORD for p in parameters)


def _takes(model: Callable[..., Any], name: str) -> bool:
    names, takes_any = signature_names(model)
    return takes_any or name in names


def _close_names(name: str, known: Iterable[str]) -> str:
    elsewhere = name_elsewhere(name)
    if elsewhere:
        return elsewhere
    close = nearest(name, known)
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
