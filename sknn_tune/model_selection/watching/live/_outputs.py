"""Where a live view is shown: the cell of a notebook, a terminal, or plain lines for all else."""

from __future__ import annotations

import multiprocessing
import os
import sys
from typing import Any, Protocol, TextIO
from uuid import uuid4

from ...._forks import ForkSafeLock
from ...._optional import import_optional
from ._html import html
from ._in_terminal import PURPOSE, renderable
from ._lines import lines, progress_line
from ._snapshot import Snapshot


class Output(Protocol):
    """A place to show a view at."""

    def show(self, snapshot: Snapshot) -> None:
        """Show how it stands; from any thread, but from one at a time."""

    def close(self, snapshot: Snapshot) -> None:
        """Show how it ended, and give everything back."""


class Notebook:
    """One output of a cell, which is replaced again and again, so that the last is what is saved."""

    def __init__(self, shell: Any) -> None:
        self._publisher = shell.display_pub
        self._name = uuid4().hex
        self._is_shown = False

    def show(self, snapshot: Snapshot) -> None:
        data = {"text/plain": "\n".join(lines(snapshot)), "text/html": html(snapshot)}
        self._publisher.publish(data=data, metadata={}, transient={"display_id": self._name}, update=self._is_shown)
        self._is_shown = True

    def close(self, snapshot: Snapshot) -> None:
        self.show(snapshot)


#: Whether a view has the terminal; others write lines meanwhile.
_terminal_is_taken = False
_taking = ForkSafeLock()


class Terminal:
    """The last lines of a terminal, drawn anew by rich. What else is printed comes to stand above.

    For that, rich has ``sys.stdout`` and ``sys.stderr`` as long as the view is open, as it has for scikit-learn's own
    progress bar.
    """

    def __init__(self, console: Any = None) -> None:
        console = console or import_optional("rich.console", purpose=PURPOSE).Console()
        live = import_optional("rich.live", purpose=PURPOSE)
        self._console = console
        self._live = live.Live(console=console, auto_refresh=False)

    def show(self, snapshot: Snapshot) -> None:
        if not self._live.is_started:
            self._live.start()
        self._live.update(renderable(snapshot, self._console.width), refresh=True)

    def close(self, snapshot: Snapshot) -> None:
        global _terminal_is_taken
        try:
            self.show(snapshot)
        finally:
            _terminal_is_taken = False
            self._live.stop()


class Lines:
    """A plain line whenever a tenth of all candidates is done, and all there is to say at the end.

    Of a search that does not say how many there are: whenever their number has doubled.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._next = 1

    def show(self, snapshot: Snapshot) -> None:
        if snapshot.n_candidates < self._next or snapshot.state != "searching":
            return
        done, planned = snapshot.n_candidates, snapshot.n_planned
        tenth = max(1, (planned or 0) // 10)
        self._next = 2 * done if planned is None else (done // tenth + 1) * tenth
        self._write(progress_line(snapshot))

    def close(self, snapshot: Snapshot) -> None:
        for line in lines(snapshot):
            self._write(line)

    def _write(self, line: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"  # a log file may not know every sign
        print(line.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)


def output_for(kind: str) -> Output:
    """The one that was asked for, or that fits to where this runs."""
    shell = _notebook_shell()
    if kind == "notebook":
        if shell is None:
            raise RuntimeError(
                "The 'output' parameter of LiveSearch is 'notebook', but this process is not the kernel of a notebook. "
                "Leave it at 'auto', or set 'terminal' or 'lines'."
            )
        return Notebook(shell)
    if kind == "lines":
        return Lines()
    if kind == "terminal":
        return _terminal()
    if shell is not None:
        return Notebook(shell)
    return _terminal() if _is_drawable() else Lines()


def _terminal() -> Output:
    """Of several searches that run at the same time, one has it."""
    global _terminal_is_taken
    with _taking:
        if _terminal_is_taken:
            return Lines()
        found = Terminal()
        _terminal_is_taken = True
        return found


def _is_drawable() -> bool:
    """Whether standard output is a terminal of this very process that can be drawn on, and rich is there."""
    stream = sys.stdout
    is_own = stream is not None and stream is sys.__stdout__  # not what somebody catches to print it elsewhere
    is_terminal = is_own and stream.isatty() and os.environ.get("TERM") != "dumb"
    knows_bars = (getattr(stream, "encoding", None) or "").lower().startswith("utf")
    if not is_terminal or not knows_bars or multiprocessing.current_process().name != "MainProcess":
        return False
    try:
        import_optional("rich.live", purpose=PURPOSE)
    except ImportError:
        return False
    return True


def _notebook_shell() -> Any:
    """The shell of a Jupyter kernel, if this is one; IPython in a terminal has no kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return shell if getattr(shell, "kernel", None) is not None else None
