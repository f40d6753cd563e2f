"""Routed parameters, the SciKeras way: ``model__units=64``, ``optimizer__beta_1=0.8``.

scikit-learn lists the parameters of an estimator from the signature of its constructor. The routed
ones are not in it, so ``get_params`` and ``set_params`` add them: they are kept as attributes of their
full name, which makes ``clone``, pickling and searches work on them like on any other.
"""

from __future__ import annotations

import difflib
import inspect
from functools import cache

#: Where a routed name may lead.
PREFIXES = ("model", "optimizer", "loss", "metrics", "callbacks", "compile", "fit", "predict")


#: Constructor arguments of SciKeras that have another name here. Taken along with a ``model``.
SCIKERAS_NAMES = {"run_eagerly": "compile__run_eagerly", "validation_batch_size": "fit__validation_batch_size"}


class RoutedParametersMixin:
    """``get_params`` and ``set_params`` that know routed parameters."""

    @classmethod
    def _get_param_names(cls):
        """As scikit-learn's, which reads the signature anew each time, six times for every fit of a search."""
        return list(_names_in_signature(cls))

    def get_params(self, deep=True):
        """Get the parameters of this estimator, the routed ones (``model__units``) among them.

        Parameters
        ----------
        deep : bool, default=True
            Whether to list the parameters of parameters that are estimators, too.

        Returns
        -------
        params : dict
            Parameter names mapped to their values.
        """
        return {**super().get_params(deep=deep), **self._routed_parameters()}

    def set_params(self, **params):
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
        own = self._get_param_names()
        model = params.get("model", self.model)
        for name in params:
            if name not in own and not is_routed(name, model):
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}.{_close_names(name, own)} "
                    f"Valid parameters are: {own}, and routed ones such as 'model__units' or 'optimizer__beta_1'."
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def _accept_routed(self, routed: dict) -> None:
        """Called by the constructor with what its signature does not name."""
        for name, value in routed.items():
            if not is_routed(name, self.model):
                raise TypeError(
                    f"{type(self).__name__}() got an unexpected keyword argument {name!r}."
                    f"{_close_names(name, self._get_param_names())} Routed names begin with one of: "
                    f"{', '.join(prefix + '__' for prefix in PREFIXES)}."
                )
            setattr(self, name, value)

    def _routed_parameters(self) -> dict:
        own = set(self._get_param_names())
        return {
            name: value
            for name, value in vars(self).items()
            if name not in own and not name.startswith("_") and not name.endswith("_")
        }


@cache
def _names_in_signature(estimator_class: type) -> tuple[str, ...]:
    return tuple(super(RoutedParametersMixin, estimator_class)._get_param_names())


def is_routed(name: str, model) -> bool:
    """``prefix__name``, or a plain name that the user's ``model`` function asks for."""
    prefix, separator, rest = name.partition("__")
    if separator:
        return prefix in PREFIXES and bool(rest)
    return model is not None and not name.startswith("_") and (name in SCIKERAS_NAMES or _takes(model, name))


def routed_to(destination: str, parameters: dict) -> dict:
    """What of ``parameters`` is routed to ``destination``, without the prefix."""
    prefix = f"{destination}__"
    return {name.removeprefix(prefix): value for name, value in parameters.items() if name.startswith(prefix)}


def signature_names(function) -> tuple[set[str], bool]:
    """The names of the arguments of ``function``, and whether it takes any others (``**kwargs``)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return set(), False
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return named, any(p.kind is p.VAR_KEYWORD for p in parameters)


def _takes(model, name: str) -> bool:
    names, takes_any = signature_names(model)
    return takes_any or name in names


def _close_names(name: str, known) -> str:
    close = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
