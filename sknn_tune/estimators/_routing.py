"""Routed parameters, the SciKeras way: ``model__units=64``, ``optimizer__beta_1=0.8``.

scikit-learn lists the parameters of an estimator from the signature of its constructor. The routed
ones are not in it, so ``get_params`` and ``set_params`` add them: they are kept as attributes of their
full name, which makes ``clone``, pickling and searches work on them like on any other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from sklearn.base import BaseEstimator

from .._compat.scikit_learn import NamesTheNearest
from .._copies import kept, with_attributes
from .._nearest import nearest
from ._given_objects import check_is_as_given

Estimator = TypeVar("Estimator", bound="RoutedParameters")

#: Where a routed name may lead.
PREFIXES = ("model", "optimizer", "loss", "metrics", "callbacks", "compile", "fit", "predict")


#: Constructor arguments of SciKeras that have another name here. Taken along with a ``model``.
SCIKERAS_NAMES = {"run_eagerly": "compile__run_eagerly", "validation_batch_size": "fit__validation_batch_size"}


class RoutedParameters(NamesTheNearest, BaseEstimator):
    """An estimator whose ``get_params`` and ``set_params`` know routed parameters."""

    #: Parameters that ``set_params`` has set, as searches do.
    _set_later: frozenset[str] = frozenset()

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
        own = names_in_signature(self)
        model = params.get("model", self.model)
        for name in params:
            if name not in own and not is_routed(name, model):
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}.{_close_names(name, own)} "
                    f"Valid parameters are: {own}, and routed ones such as 'model__units' or 'optimizer__beta_1'."
                )
        for name, value in params.items():
            check_is_as_given(name, value)
        for name, value in params.items():
            setattr(self, name, value)
        self._set_later = self._set_later | set(params)
        return self

    def __sklearn_clone__(self: Estimator) -> Estimator:
        """Keras' own copies of its objects lack a part of what was given."""
        given = {name: kept(value) for name, value in self.get_params(deep=False).items()}
        return super(RoutedParameters, with_attributes(self, given)).__sklearn_clone__()

    def __getstate__(self) -> dict[str, Any]:
        return {name: kept(value) for name, value in super().__getstate__().items()}

    def __copy__(self: Estimator) -> Estimator:
        return with_attributes(self, {})

    def _accept_routed(self, routed: Mapping[str, Any]) -> None:
        """Called by the constructor with what its signature does not name."""
        for name, value in routed.items():
            if not is_routed(name, self.model):
                raise TypeError(
                    f"{type(self).__name__}() got an unexpected keyword argument {name!r}."
                    f"{_close_names(name, names_in_signature(self))} Routed names begin with one of: "
                    f"{', '.join(prefix + '__' for prefix in PREFIXES)}."
                )
            setattr(self, name, value)

    def _routed_parameters(self) -> dict[str, Any]:
        own = set(names_in_signature(self))
        return {
            name: value
            for name, value in vars(self).items()
            if name not in own and not name.startswith("_") and not name.endswith("_")
        }


def names_in_signature(estimator: BaseEstimator) -> list[str]:
    """The parameters that the constructor names, in order of the alphabet as everywhere in scikit-learn."""
    return sorted(defaults_in_signature(estimator))


def defaults_in_signature(estimator: BaseEstimator) -> dict[str, Any]:
    """The same, with their defaults."""
    estimator_class: Any = type(estimator)
    return _defaults(estimator_class)


@cache
def _defaults(estimator_class: Any) -> dict[str, Any]:
    """Kept, because reading a signature takes as long as an epoch of a small network.

    scikit-learn asks for the parameters six times for every fit of a search.
    """
    parameters = inspect.signature(estimator_class).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is not each.VAR_KEYWORD}


def is_routed(name: str, model: Any) -> bool:
    """``prefix__name``, or a plain name that the user's ``model`` function asks for."""
    prefix, separator, rest = name.partition("__")
    if separator:
        return prefix in PREFIXES and bool(rest)
    return model is not None and not name.startswith("_") and (name in SCIKERAS_NAMES or _takes(model, name))


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
    close = nearest(name, known)
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
