"""The address at which workers on other machines reach the process of a search."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from joblib.parallel import get_active_backend

#: Environment variable: the address, for searches whose watchers are given none.
VARIABLE = "SKNN_TUNE_SEARCH_ADDRESS"


class Host(NamedTuple):
    """A name or number of this machine, and a port; 0 for any that is free."""

    name: str
    port: int = 0


def where_to_listen(address: str | None, owner: str) -> Host | None:
    """The address as given, else that of the environment, else the one that dask's scheduler knows.

    Parameters
    ----------
    address : str or None
        ``"host"`` or ``"host:port"``.
    owner : str
        Whose parameter it is.

    Returns
    -------
    host : Host or None
        None: all workers are on this machine.
    """
    if address is not None:
        return read_address(address, owner)
    if variable := os.environ.get(VARIABLE):
        return _read(variable, f"The environment variable {VARIABLE}")
    client = getattr(get_active_backend()[0], "client", None)
    return None if client is None else _known_to_dask(client)


def read_address(address: str, owner: str) -> Host:
    """The 'address' parameter of a watcher, or an error that says what it must be."""
    return _read(address, f"The 'address' parameter of {owner}")


def _read(text: str, what: str) -> Host:
    found = re.fullmatch(r"([^\s:/\[\]]+)(?::(\d+))?", text)
    if found is None or int(found[2] or 0) > 65535:
        raise ValueError(
            f"{what} must be a name or an IPv4 number of this machine that workers can reach, alone or with a port: "
            f"'10.0.0.7' or '10.0.0.7:5000'. Got {text!r} instead."
        )
    return Host(found[1], int(found[2] or 0))


def _known_to_dask(client: Any) -> Host | None:
    """The address from which this process reaches the scheduler, as workers do.

    Where the scheduler is on this very machine, that may be one by which nobody else can reach it. Then it is the
    scheduler's own, which its workers know.
    """
    own = urlsplit(client.scheduler_info()["address"])
    if own.scheme == "inproc" or own.hostname is None:  # its workers are threads of this process
        return None
    here = _way_to(urlsplit(client.scheduler.address))
    return Host(own.hostname if ipaddress.ip_address(here).is_loopback else here)


def _way_to(scheduler: Any) -> str:
    # Nothing is sent: it is asked only which of this machine's addresses would be used.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((scheduler.hostname, scheduler.port))
        return probe.getsockname()[0]
