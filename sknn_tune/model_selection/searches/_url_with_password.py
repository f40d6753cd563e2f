"""The URL of a database whose password is not shown wherever parameters are."""

from __future__ import annotations

import re
from typing import Any

_PASSWORD = re.compile(r"://([^:/@]*):[^@]*@")


class UrlWithPassword(str):
    """A text that is itself for whoever connects, and shows no password.

    Parameters are shown in many ways: in the text and the HTML of an estimator, of a pipeline or a search around it,
    in messages. All of them ask the value for its ``repr``.
    """

    def __repr__(self) -> str:
        return repr(without_password(self))

    def __copy__(self) -> UrlWithPassword:
        return self

    def __deepcopy__(self, memo: dict) -> UrlWithPassword:
        return self  # a text does not change, and `clone` wants the parameter that it gives


def hiding_password(storage: Any) -> Any:
    """A URL that has a password as `UrlWithPassword`; anything else as it is."""
    is_plain = type(storage) is str
    return UrlWithPassword(storage) if is_plain and _PASSWORD.search(storage) else storage


def without_password(url: str) -> str:
    """The same with asterisks for the password."""
    return _PASSWORD.sub(r"://\1:***@", str(url))
