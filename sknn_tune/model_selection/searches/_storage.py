"""Open the database of a search, or say what is wrong with its name."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ..._compat.optuna import experiments_allowed
from ._url_with_password import without_password

#: How long a process waits for another one that writes into the same file. Sqlite's own 5 seconds are short for many
#: searches side by side.
_SQLITE_WAITS_SECONDS = 100
#: Several processes that open a new file at the same time create its tables at the same time. One succeeds.
_OPENED_BY_ANOTHER = re.compile("already exists|locked|UNIQUE constraint", re.IGNORECASE)
_ATTEMPTS = 10


def open_storage(optuna: ModuleType, given: Any) -> Any:
    """The storage of Optuna behind the `storage` of a search: a URL, a storage, or None."""
    if isinstance(given, os.PathLike):
        raise ValueError(_no_url(os.fspath(given), shown=given))
    if not isinstance(given, str):
        return given
    if not re.match(r"[A-Za-z][\w+.]*://", given):
        raise ValueError(_no_url(given, shown=given))
    for attempt in range(_ATTEMPTS):
        try:
            return _journal_on_redis(optuna, given) if _is_redis(given) else _database(optuna, given)
        except ImportError as error:
            # Optuna calls the package of Redis by its name, and hides that of a database behind a text of its own.
            driver = (
                "redis" if _is_redis(given) else getattr(error.__cause__, "name", None) or "driver of this database"
            )
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
        reason = _first_line(getattr(cause, "orig", None) or cause)
        shown = without_password(given) if isinstance(given, str) else type(given).__name__
        raise OSError(
            f"BayesianSearchCV can no longer use its storage {shown!r}: {reason}. Candidates that were finished are "
            "kept there, and once it works again (a full disk, a server that is gone) fit goes on behind them."
        ) from error


def _no_url(name: str, *, shown: Any) -> str:
    return (
        "The 'storage' parameter of BayesianSearchCV must be the URL of a database, or a storage of Optuna. Got "
        f"{shown!r} instead. For a file, write storage={_url_of_file(name)!r}; for a search that need not be kept, "
        "storage=None."
    )


def require_shareable(optuna: ModuleType, given: Any, sampler: Any) -> None:
    """Raise if several workers cannot search in this storage, or with this sampler, at the same time."""
    if isinstance(sampler, optuna.samplers.GridSampler):
        raise ValueError(
            "The 'sampler' parameter of BayesianSearchCV(shared=True) must not be a GridSampler: several workers would "
            "try the same points. Take optuna.samplers.BruteForceSampler(), which tries each combination once."
        )
    if given is None:
        reason = "None is the memory of one process"
    elif isinstance(given, optuna.storages.InMemoryStorage):
        reason = f"{type(given).__name__} is the memory of one process"
    elif _is_sqlite(given):
        reason = "SQLite may hand out one candidate to several workers"
    else:
        return
    shown = f"{without_password(given)!r}" if isinstance(given, str) else str(given and type(given).__name__)
    raise ValueError(
        "BayesianSearchCV(shared=True) needs a 'storage' that all workers reach and that keeps them apart: PostgreSQL "
        "('postgresql+psycopg://user@host/db'), Redis or Valkey ('redis://host:6379/0'), or a journal in a file of a "
        f"shared folder (Optuna's JournalStorage). Got {shown}: {reason}."
    )


def _is_sqlite(given: Any) -> bool:
    url = given if isinstance(given, str) else getattr(given, "url", "")
    return str(url).startswith("sqlite")


def _is_redis(url: str) -> bool:
    return re.match(r"(rediss?|unix)://", url) is not None


def _journal_on_redis(optuna: ModuleType, url: str) -> Any:
    with experiments_allowed(optuna):
        return optuna.storages.JournalStorage(optuna.storages.journal.JournalRedisBackend(url))


def _database(optuna: ModuleType, url: str) -> Any:
    if _is_sqlite(url):
        arguments: dict[str, Any] = {"connect_args": {"timeout": _SQLITE_WAITS_SECONDS}}
    else:
        arguments = {"pool_pre_ping": True}  # a connection that was idle during a long fit may have been cut
    return optuna.storages.RDBStorage(url, engine_kwargs=arguments)


def _url_of_file(name: str) -> str:
    """What was meant by ``"search.db"`` or ``"sqlite:search.db"``."""
    return "sqlite:///" + (re.sub(r"^sqlite:/{0,2}", "", name) or "search.db")


def _first_line(error: Any) -> str:
    """What an error says before it goes into details, without its full stop."""
    return str(error).strip().splitlines()[0].rstrip(".")


def _cannot_open(url: str, error: Exception) -> str:
    shown = without_password(url)
    reason = _first_line(error).replace(url, shown)
    advice = ""
    if _is_sqlite(url):
        advice = (
            " The URL of a file has three slashes, as in 'sqlite:///search.db', or four before a path that begins with "
            "one; its folder must exist."
        )
    return f"BayesianSearchCV cannot open its storage {shown!r}: {reason}.{advice}"
