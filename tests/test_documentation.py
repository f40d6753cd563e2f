"""The documentation is true: documented parameters and defaults, docstring examples, README, examples."""

from __future__ import annotations

import ast
import doctest
import inspect
import pkgutil
import re
import runpy
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import sknn_tune
from sknn_tune._compat import HAS_CALLBACKS

PROJECT = Path(__file__).parents[1]
#: Rooms whose public objects are the users' own; the others are for those who read the code.
PUBLIC_ROOMS = {"estimators", "search_space", "model_selection", "inspection", "display"}


# Parameters and defaults


def documented_parameters(docstring: str) -> dict[str, str] | None:
    """``{name: type and default}`` of the section ``Parameters``; None if there is no such section."""
    lines = inspect.cleandoc(docstring).splitlines()
    starts = [row + 2 for row in range(len(lines) - 1) if lines[row] == "Parameters" and set(lines[row + 1]) == {"-"}]
    if not starts:
        return None
    parameters = {}
    for row in range(starts[0], len(lines)):
        if row + 1 < len(lines) and lines[row + 1] and set(lines[row + 1]) == {"-"}:
            break  # the next section
        entry = re.match(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : (.*))?$", lines[row])
        if entry:
            names, specification = entry.groups()
            parameters.update({name.lstrip("*"): specification or "" for name in names.split(", ")})
    return parameters


def documented_default(specification: str) -> str | None:
    """``"int, default=3"`` -> ``"3"``."""
    found = re.search(r"default\s*[=:]\s*(.+)$", specification)
    return found.group(1).strip().strip("`") if found else None


def offences(function: Callable, docstring: str, every_parameter: bool) -> list[str]:
    """What the docstring says of the parameters that the signature does not, and the other way round.

    Functions for those who read the code need not name everything, but what they name must be true.
    """
    documented = documented_parameters(docstring)
    if documented is None and not every_parameter:
        return []
    actual = {name: value for name, value in inspect.signature(function).parameters.items() if name != "self"}
    if documented is None:
        return [f"no section Parameters, but there are {sorted(actual)}"] if actual else []
    found = [f"{name} is documented but does not exist" for name in documented if name not in actual]
    if every_parameter:
        found += [f"{name} is not documented" for name in actual if name not in documented]
    for name in actual.keys() & documented.keys():
        default, written = actual[name].default, documented_default(documented[name])
        if default is inspect.Parameter.empty:
            if written is not None:
                found.append(f"{name} is documented with the default {written} but has none")
        elif written is None:
            if every_parameter:
                found.append(f"{name} has the default {default!r}, which is not documented")
        elif not _means(written, default):
            found.append(f"{name} has the default {default!r}, documented as {written}")
    return found


def _means(written: str, default: Any) -> bool:
    try:
        value = ast.literal_eval(written)
    except (SyntaxError, ValueError):
        return written in {repr(default), getattr(default, "__name__", None)}
    return value == default and isinstance(value, type(default))


def _modules() -> list[str]:
    found = pkgutil.walk_packages(sknn_tune.__path__, prefix="sknn_tune.")
    return ["sknn_tune", *(module.name for module in found)]


def _documented_objects() -> Iterator[tuple[str, Callable, str, bool]]:
    """Classes, their methods, and functions: name, what has the signature, docstring, whether public."""
    for module_name in _modules():
        module = import_module(module_name)
        parts = module_name.split(".")
        in_public_room = len(parts) > 1 and parts[1] in PUBLIC_ROOMS
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module_name:
                continue
            full_name = f"{module_name}.{name}"
            exported = in_public_room and name in import_module(".".join(parts[:2])).__all__
            if inspect.isclass(value):
                yield full_name, value, value.__doc__ or "", exported
                # Methods come from our private base classes too, and count as those of the class.
                for method_name, method in inspect.getmembers(value, callable):
                    if not method_name.startswith("_") and (getattr(method, "__module__", None) or "").startswith(
                        "sknn_tune"
                    ):
                        yield f"{full_name}.{method_name}", method, inspect.getdoc(method) or "", exported
            elif inspect.isfunction(value):
                yield full_name, value, value.__doc__ or "", exported


def test_documented_parameters_and_defaults_are_those_of_the_signatures():
    found = {
        name: wrong
        for name, function, docstring, exported in _documented_objects()
        if (wrong := offences(function, docstring, every_parameter=exported))
    }
    assert found == {}


def test_every_public_object_has_a_docstring():
    assert [name for name, _, docstring, exported in _documented_objects() if exported and not docstring] == []


def test_estimators_are_among_the_documented_objects():
    public = [name for name, _, _, exported in _documented_objects() if exported]
    assert {name.rsplit(".", 1)[-1] for name in public} >= {"KerasClassifier", "KerasRegressor", "fit", "predict"}


def _example(units, rate=0.1, *, name="adam", **further): ...


TRUE_DOCSTRING = """Title.

    Parameters
    ----------
    units : int
        Text.
    rate : float, default=0.1
        Text: more text.
    name : {"adam", "sgd"}, default="adam"
        Text.
    **further : dict
        Text.

    Returns
    -------
    other : int
    """


@pytest.mark.parametrize(
    ("true", "false", "offence"),
    [
        ("units : int", "unit : int", "unit is documented but does not exist"),
        ("units : int", "unit : int", "units is not documented"),
        ("default=0.1", "default=0.01", "rate has the default 0.1, documented as 0.01"),
        ('default="adam"', 'default="sgd"', "name has the default 'adam', documented as \"sgd\""),
        ("float, default=0.1", "float", "rate has the default 0.1, which is not documented"),
        ("units : int", "units : int, default=1", "units is documented with the default 1 but has none"),
        ("Parameters\n    ----------", "", "no section Parameters"),
    ],
)
def test_offence_is_noticed(true, false, offence):
    assert offences(_example, TRUE_DOCSTRING, every_parameter=True) == []
    found = offences(_example, TRUE_DOCSTRING.replace(true, false), every_parameter=True)
    assert any(offence in line for line in found), found


# Code in the documentation


def needs_newer_scikit_learn(code: str) -> bool:
    """Callbacks came with scikit-learn 1.9; the rest of the documentation is for all versions."""
    return not HAS_CALLBACKS and "set_callbacks(" in code


@pytest.mark.parametrize("module_name", _modules())
def test_docstring_examples_run(module_name):
    import matplotlib.pyplot as plt

    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    runner = doctest.DocTestRunner(optionflags=options)
    for example in doctest.DocTestFinder(exclude_empty=True).find(import_module(module_name)):
        if not needs_newer_scikit_learn(example.docstring):
            runner.run(example)
    plt.close("all")
    assert runner.summarize().failed == 0


def python_blocks(markdown: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", markdown, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    "page", [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_python_code_of_the_pages_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # code may write files
    names = {"__name__": page.stem}
    for number, block in enumerate(python_blocks(page.read_text(encoding="utf-8")), start=1):
        if not needs_newer_scikit_learn(block):
            exec(compile(block, f"{page.name}, block {number}", "exec"), names)


def test_readme_has_python_code_and_both_commands():
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert python_blocks(text)
    for marker in ("main job command", "test command"):
        assert re.search(rf"<!-- {marker} -->\n+```\w*\n[^\n]+\n```", text), f"no one-line command after {marker}"


def test_readme_table_has_exactly_the_parameters_of_the_classifier():
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    table = text.split("## The parameters at a glance")[1].split("`help(")[0]
    parameters = inspect.signature(sknn_tune.KerasClassifier).parameters.values()
    actual = [parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]
    assert sorted(re.findall(r"`(\w+)`", table)) == sorted(actual)


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/contributing.md", "docs/design.md"])
def test_links_to_files_lead_somewhere(page):
    path = PROJECT / page
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


# Examples: run as they are, apart from these constants, which make those with many fits quick

QUICK = {"EPOCHS": 2, "N_CANDIDATES": 3, "N_JOBS": 1}


@pytest.mark.parametrize("example", sorted((PROJECT / "examples").glob("plot_*.py")), ids=lambda example: example.stem)
def test_example_runs(example, tmp_path, monkeypatch, capsys):
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)  # examples save pictures
    source = example.read_text(encoding="utf-8")
    if needs_newer_scikit_learn(source):
        pytest.skip("callbacks came with scikit-learn 1.9")
    constants = re.compile(rf"^({'|'.join(QUICK)}) = \d+$", flags=re.MULTILINE)
    source = constants.sub(lambda constant: f"{constant.group(1)} = {QUICK[constant.group(1)]}", source)
    (tmp_path / example.name).write_text(source, encoding="utf-8")
    try:
        runpy.run_path(str(tmp_path / example.name), run_name="__main__")
        assert plt.get_fignums(), "the example shows no picture"
    finally:
        plt.close("all")
    assert capsys.readouterr().out
    pictures = re.findall(r'"(\w+\.png)"', source)
    assert all((tmp_path / picture).stat().st_size > 10_000 for picture in pictures)
