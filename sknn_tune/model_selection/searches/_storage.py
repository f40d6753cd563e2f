"""Open the database of a search, or say what is wrong with its name."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ._url_with_password import without_password

#: How long a process waits for another one that writes into the same file. Sqlite's own 5 seconds are short for many
#: searches side by side.
_SQLITE_WAITS_SECONDS = 100
#: Several processes that open a new file at the same time create its tables at the same time. One succeeds.
_OPENED_BY_ANOTHER = re.compile("already exists|locked|UNIQUE constraint", re.IGNORECASE)
_ATTEMPTS = 10


def open_storage(optuna: ModuleType, given: Any) -> Any:
    """The storage of Optuna behind the `storage` of a search: a URL, a storage, or None."""
    if not isinstance(given, str):
        return given
    if not re.match(r"[A-Za-z][\w+.]*://", given):
        raise ValueError(
            "The 'storage' parameter of BayesianSearchCV must be the URL of a database, or a storage of Optuna. Got "
            f"{given!r} instead. For a file, write storage={_url_of_file(given)!r}; for a search that need not be "
            "kept, storage=None."
        )
    for attempt in range(_ATTEMPTS):
        try:
            return optuna.storages.RDBStorage(given, engine_kwargs=_engine_arguments(given))
        except ImportError as error:
            driver = getattr(error.__cause__, "name", None) or "driver of this database"
            raise ImportError(
                f"BayesianSearchCV needs the package '{driver}' for its storage {without_password(given)!r}, and it "
                "is not installed. A database in a file needs none: storage='sqlite:///search.db'."
            ) from error
        except Exception as error:
            if attempt + 1 < _ATTEMPTS and _OPENED_BY_ANOTHER.search(str(error)):
                time.sleep(random.uniform(0.05, 0.5))
                continue
            raise ValueError(_cannot_open(given, error)) from error
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def told_of_storage(optuna: ModuleType, given: Any) -> Iterator[None]:
    """Inside, a storage may stop working: a full disk, a server that is gone. Optuna would blame what was written."""
    try:
        yield
    except optuna.exceptions.StorageInternalError as error:
        cause = error.__cause__ or error
        reason = str(getattr(cause, "orig", None) or cause).strip().splitlines()[0].rstrip(".")
        shown = without_password(given) if isinstance(given, str) else type(given).__name__
        raise OSError(
            f"BayesianSearchCV can no longer use its storage {shown!r}: {reason}. Candidates that were finished are "
            "kept there, and once it works again (a full disk, a server that is gone) fit goes on behind them."
        ) from error


def _engine_arguments(url: str) -> dict[str, Any]:
    return {"connect_args": {"timeout": _SQLITE_WAITS_SECONDS}} if url.startswith("sqlite") else {}


def _url_of_file(name: str) -> str:
    """What was meant by ``"search.db"`` or ``"sqlite:search.db"``."""
    return "sqlite:///" + (re.sub(r"^sqlite:/{0,2}", "", name) or "search.db")


def _cannot_open(url: str, error: Exception) -> str:
    shown = without_password(url)
    reason = str(error).strip().splitlines()[0].replace(url, shown).rstrip(".")
    advice = ""
    if url.startswith("sqlite"):
        advice = (
            " The URL of a file has three slashes, as in 'sqlite:///search.db', or four before a path that begins with "
            "one; its folder must exist."
        )
    return f"BayesianSearchCV cannot open its storage {shown!r}: {reason}.{advice}"
