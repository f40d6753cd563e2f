"""Where the documentation stands, and the "?" that scikit-learn's HTML repr of an estimator shows.

Problem: a link needs the address of published pages, which only those know who publish them. Choice: the package's
metadata say it, ``Project-URL: Documentation``, from ``setup.py``; where they do not, there is no link, not a dead one.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata

_PACKAGE = __name__.split(".")[0]
#: Rooms whose names are those of the package itself.
_AT_THE_TOP = {"estimators"}


def address_of_documentation() -> str:
    """Address of the published pages, with a slash in the end; empty if they are not published."""
    try:
        links = metadata(_PACKAGE).get_all("Project-URL") or []
    except PackageNotFoundError:  # a checkout on the path, not installed
        return ""
    for link in links:
        label, _, address = link.partition(",")
        if label.strip().lower() == "documentation":
            return address.strip().rstrip("/") + "/"
    return ""


def page_of(kind: type) -> str:
    """Address of the page about one of our public classes; empty if there is none, or if it is not ours."""
    package, _, rest = kind.__module__.partition(".")
    site = address_of_documentation()
    if package != _PACKAGE or not site:
        return ""
    room = rest.split(".")[0]
    public = _PACKAGE if room in _AT_THE_TOP else f"{_PACKAGE}.{room}"
    if kind.__name__ not in import_module(public).__all__:
        return ""
    return f"{site}generated/{public}.{kind.__name__}.html"


class LinkedToDocumentation:
    """An estimator whose HTML repr leads to our page of its class. To be named before ``BaseEstimator``."""

    _doc_link_module = _PACKAGE

    @property
    def _doc_link_template(self) -> str:
        """The address as it is: without a field, so scikit-learn's ``format`` leaves it alone; seen in 1.6 to 1.9."""
        return page_of(type(self))
