"""The command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import _backends, _device, _fit, _large, _memory, _predict, _pruning, _quality, _scaling, _search, _spaces
from ._peers import PEERS

BENCHMARKS = {
    "search": _search,
    "fit": _fit,
    "predict": _predict,
    "device": _device,
    "memory": _memory,
    "scaling": _scaling,
    "large": _large,
    "backends": _backends,
    "spaces": _spaces,
    "pruning": _pruning,
    "quality": _quality,
}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Each benchmark adds the options that only it has."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=sys.modules["benchmarks"].__doc__)
    commands = parser.add_subparsers(dest="benchmark", required=True)
    for name, benchmark in BENCHMARKS.items():
        command = commands.add_parser(name, help=benchmark.__doc__.splitlines()[0], description=benchmark.__doc__)
        command.add_argument("--quick", action="store_true", help="a few seconds: shows that it runs, measures nothing")
        command.add_argument("--json", type=Path, help="where the numbers go (benchmarks/results/<name>.json)")
        if getattr(benchmark, "COMPARES_PEERS", True):
            command.add_argument(
                "--peers", nargs="+", choices=list(PEERS), help="only these (default: all that are installed)"
            )
        benchmark.add_arguments(command)
    return parser.parse_args(arguments)


def main() -> int:
    """Run one benchmark; the status is 1 if a peer failed."""
    arguments = parse()
    report = BENCHMARKS[arguments.benchmark].run(arguments)
    path = arguments.json or Path(__file__).parent / "results" / f"{arguments.benchmark}.json"
    print(report.text())
    report.write(path)
    print(f"\nWritten to {path}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
