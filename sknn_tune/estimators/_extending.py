"""A class that adds parameters to those of its base, and says only what it adds.

scikit-learn, ``inspect.signature``, IDEs and Sphinx read the signature of a constructor and the docstring of its
class. The decorators of this file complete both by what the base says.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from inspect import Parameter
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
Class = TypeVar("Class", bound=type)


def also_takes(
    base: Callable[P, None], *more: Callable[..., None]
) -> Callable[[Callable[..., None]], Callable[P, None]]:
    """Decorate an ``__init__`` that hands its ``**parameters`` on to that of its base: it gets the signature of both.

    Where ``more`` constructors stand between the two, theirs, too. A parameter that is named twice has the default of
    the later one. To type checkers it has the signature of the base, whose routed names let the added ones pass.
    """

    def with_all_signatures(init: Callable[..., None]) -> Callable[P, None]:
        signature = inspect.signature(base)
        *inherited, routed = signature.parameters.values()
        named = {parameter.name: parameter for parameter in inherited}
        for constructor in (*more, init):
            parameters = inspect.signature(constructor).parameters.values()
            named |= {each.name: each for each in parameters if each.kind is Parameter.KEYWORD_ONLY}
        init.__signature__ = signature.replace(parameters=[*named.values(), routed])  # type: ignore[attr-defined]
        return init

    return with_all_signatures


def completes_docstring_of(base: type) -> Callable[[Class], Class]:
    """Decorate a class: parameters and attributes that its docstring does not describe are described as by ``base``."""

    def with_both_docstrings(cls: Class) -> Class:
        if cls.__doc__ and base.__doc__:  # there is none under python -OO
            cls.__doc__ = completed(cls.__doc__, base.__doc__, order=list(inspect.signature(cls).parameters))
        return cls

    return with_both_docstrings


def completed(own: str, inherited: str, order: list[str]) -> str:
    """The docstring ``own`` with the entries of ``inherited`` that it lacks; parameters in the given order."""
    sections, of_base = _sections(own), _sections(inherited)
    parameters, attributes = (
        {**_entries(of_base[title]), **_entries(sections.pop(title, ""))} for title in ("Parameters", "Attributes")
    )
    introduction = sections.pop("")
    sections = {
        "Parameters": "\n".join(parameters[name] for name in sorted(parameters, key=order.index)),
        "Attributes": "\n".join(attributes.values()),
        **sections,
    }
    written = [f"{title}\n{'-' * len(title)}\n{text.strip()}\n" for title, text in sections.items()]
    return "\n".join([introduction, *written])


def _sections(docstring: str) -> dict[str, str]:
    """Title -> text; what stands before the first title is under ``""``."""
    introduction, *rest = re.split(r"^(.+)\n-+\n", inspect.cleandoc(docstring), flags=re.MULTILINE)
    return {"": introduction.strip() + "\n", **dict(zip(rest[::2], rest[1::2], strict=True))}


def _entries(section: str) -> dict[str, str]:
    """Name -> its entry, which begins at the margin: ``l1 : float, default=0.0`` or ``**arguments``."""
    entries = re.split(r"^(?=\S)", section.strip(), flags=re.MULTILINE)
    return {re.sub(r"\W.*", "", entry.lstrip("*"), flags=re.DOTALL): entry.rstrip() for entry in entries if entry}
