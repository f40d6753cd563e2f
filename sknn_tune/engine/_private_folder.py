"""Folders that nobody else can change what is in: machine code that is read from one runs as the user.

The rules are those by which OpenSSH believes a file of keys: every folder on the way, and every symbolic link, belongs
to the user or to root, and nobody else may write in it; in one with the sticky bit, such as `/tmp`, others may write
but not rename or replace what is not theirs.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_MOST_LINKS = 40


class UnsafeFolderError(OSError):
    """Others can change what is in a folder; the message says how."""


def make_private(folder: Path) -> None:
    """Make a folder and those it is in, each for the user alone, unless they are there.

    Raises
    ------
    UnsafeFolderError
        If others can change what is in it.
    OSError
        If it cannot be made.
    """
    for parent in (*reversed(folder.parents), folder):
        if not parent.is_dir():
            parent.mkdir(mode=0o700, exist_ok=True)
    if os.name == "posix":
        _refuse_unsafe(folder)


def _refuse_unsafe(folder: Path) -> None:
    for place in _on_the_way(folder):
        status = place.lstat()
        if status.st_uid not in (0, os.geteuid()):
            raise UnsafeFolderError(f"{place} belongs to another user ({_name_of(status.st_uid)})")
        if stat.S_ISDIR(status.st_mode) and not status.st_mode & stat.S_ISVTX:
            if status.st_mode & stat.S_IWOTH:
                raise UnsafeFolderError(f"every user may write in {place}")
            if status.st_mode & stat.S_IWGRP and not _is_of_the_user_alone(status.st_gid):
                raise UnsafeFolderError(f"other users of group {status.st_gid} may write in {place}")
    if folder.stat().st_mode & stat.S_ISVTX:
        raise UnsafeFolderError(f"other users may write in {folder}")


def _on_the_way(folder: Path) -> Iterator[Path]:
    """All that decides what a path leads to: folders from the root on, links and what they lead to."""
    done, rest, n_links = Path(folder.anchor or "/"), list(folder.absolute().parts[1:]), 0
    yield done
    while rest:
        part = rest.pop(0)
        if part == "..":
            done = done.parent
            continue
        place = done / part
        yield place
        if not place.is_symlink():
            done = place
            continue
        n_links += 1
        if n_links > _MOST_LINKS:
            raise UnsafeFolderError(f"{folder} leads through too many symbolic links")
        target = Path(os.readlink(place))
        rest = [*target.parts[1 if target.is_absolute() else 0 :], *rest]
        done = Path(target.anchor) if target.is_absolute() else done


def _is_of_the_user_alone(group: int) -> bool:
    """Where each user has a group of the same name, as on many Linux systems, its right to write gives none away."""
    import grp
    import pwd

    try:
        user, found = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return group == user.pw_gid and found.gr_name == user.pw_name and set(found.gr_mem) <= {user.pw_name}


def _name_of(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
