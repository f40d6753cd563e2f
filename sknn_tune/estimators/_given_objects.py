"""Objects of Keras that came as copies which may lack what the user gave.

scikit-learn copies the values of a search before an estimator sees them, and asks Keras for these copies, which are
made of configurations. An object whose configuration lacks an argument has its default in the copy. Where an object
has the default, nobody can tell whether it was given so.
"""

from __future__ import annotations

from typing import Any

from .._compat.keras_objects import forgotten_arguments, is_of_keras
from .._copies import keras_objects_in
from ..specs import canonical_name


def check_is_as_given(name: str, value: Any) -> None:
    """Refuse a value of ``set_params`` with an object that may be a copy with less than what was given."""
    for given in keras_objects_in(value):
        forgotten = forgotten_arguments(given)
        if forgotten:
            raise ValueError(_message(name, given, forgotten[0]))


def _message(name: str, given: Any, argument: str) -> str:
    cls = type(given).__name__
    problem = (
        f"The {name!r} parameter was set to a {cls} object whose {argument!r} may be another than the one you gave: a "
        f"search copies its values by Keras' get_config, and that of {cls} has no {argument!r}, so that copies have "
        f"its default. "
    )
    if name in ("loss", "optimizer"):
        spelling = repr(canonical_name(cls)) if is_of_keras(given) else f"{cls} (the class)"
        remedy = f"Give {name}={spelling} with {name}__{argument}=..., which can be searched as well"
    else:
        remedy = "Give the estimator the object when it is made, not as a value of a search"
    return problem + remedy + ("." if is_of_keras(given) else f", or let get_config of {cls} have {argument!r}.")
