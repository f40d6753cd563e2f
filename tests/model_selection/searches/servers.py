"""PostgreSQL and Redis, started for the tests on ports of their own, and gone with them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import glob
from pathlib import Path

import pytest

_PATIENCE_SECONDS = 60


def binary(name: str, package: str) -> str:
    """Where a program of a Debian package is; without it the test is skipped, or fails where CI is set."""
    places = [shutil.which(name), *sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)]
    found = next(filter(None, places), None)
    if found is None:
        missing = f"needs {name}: apt-get install {package}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command: list[str], folder: str, port: int, **options) -> Iterator[None]:
    """A server, from when it listens until the end."""
    with open(Path(folder) / "log.txt", "wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **options)
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                yield
                return
            time.sleep(0.02)
        pytest.fail(f"{command[0]} did not start:\n" + (Path(folder) / "log.txt").read_text(errors="replace"))
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE_SECONDS)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server, without the name of a database."""
    initdb, postgres = binary("initdb", "postgresql"), binary("postgres", "postgresql")
    folder, port = tempfile.mkdtemp(prefix="sknn_tune-postgres-"), free_port()
    options = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root; Debian's package comes with a user for it
        shutil.chown(folder, "postgres", "postgres")
        options = {"user": "postgres", "group": "postgres", "extra_groups": []}
    made = subprocess.run(
        [initdb, "-D", f"{folder}/data", "-U", "ada", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8"],
        cwd=folder,
        capture_output=True,
        text=True,
        **options,
    )
    assert made.returncode == 0, made.stderr
    # The machine does not die during the tests, so nothing needs to be on the disk.
    settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", f"unix_socket_directories={folder}"]
    command = [postgres, "-D", f"{folder}/data", "-p", str(port), "-h", "127.0.0.1"]
    for setting in settings:
        command += ["-c", setting]
    with running(command, folder, port, **options):
        yield f"postgresql+psycopg://ada@127.0.0.1:{port}"


@contextmanager
def redis() -> Iterator[str]:
    """The URL of a Redis server, or of Valkey, which speaks the same."""
    server = shutil.which("valkey-server") or binary("redis-server", "redis-server")
    folder, port = tempfile.mkdtemp(prefix="sknn_tune-redis-"), free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
    with running(command, folder, port):
        yield f"redis://127.0.0.1:{port}"
