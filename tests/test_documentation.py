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
import sklearn

import sknn_tune
from sknn_tune._compat.scikit_learn import HAS_CALLBACKS

PROJECT = Path(__file__).parents[1]
#: Rooms whose public objects are the users' own; the others are for those who read the code.
PUBLIC_ROOMS = {
    "estimators",
    "estimators.tabular",
    "preprocessing",
    "search_space",
    "model_selection",
    "inspection",
    "display",
    "export",
}


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
            room = import_module(".".join(parts[:2]))
            exported = in_public_room and name in room.__all__ and getattr(room, name) is value
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


PAGES = [
    PROJECT / "README.md",
    *sorted(
        page
        for page in (PROJECT / "docs").rglob("*.md")
        if not page.relative_to(PROJECT / "docs").parts[0].startswith(("_", "auto_", "generated"))
    ),
]


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def python_blocks(markdown: str) -> list[tuple[str, str | None]]:
    """Code of each Python block, and what it prints: a ``text`` block right after it, if there is one."""
    blocks = re.findall(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", markdown, flags=re.DOTALL | re.MULTILINE)
    return [(code, printed or None) for code, printed in blocks]


def means_the_same(expected: str, printed: str) -> bool:
    """As in a doctest with ``...``; but fractions and percentages may differ a little, as between processors."""
    fraction = re.compile(r"(-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+(?:e[+-]?\d+|(?=%)))")
    numbers = [[float(number) for number in fraction.findall(text)] for text in (expected, printed)]
    texts = [fraction.sub("0", text) for text in (expected, printed)]
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if not doctest.OutputChecker().check_output(*texts, options):
        return False
    return "..." in expected or numbers[1] == pytest.approx(numbers[0], rel=0.1, abs=0.03)


@pytest.mark.parametrize(
    ("printed", "same"),
    [("R² 0.61, 30 rows\n", True), ("R² 0.43, 30 rows\n", False), ("R² 0.61, 31 rows\n", False), ("R² 1\n", False)],
)
def test_output_of_a_page_may_differ_in_the_last_digits_of_fractions(printed, same):
    assert means_the_same("R² 0.62, 30 rows\n", printed) is same


@pytest.mark.parametrize(
    "page", [page for page in PAGES if python_blocks(page.read_text(encoding="utf-8"))], ids=name_of
)
def test_python_code_of_the_pages_runs_and_prints_what_they_say(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)  # code may write files
    monkeypatch.setenv("COLUMNS", "120")
    names = {"__name__": page.stem}
    for number, (code, expected) in enumerate(python_blocks(page.read_text(encoding="utf-8")), start=1):
        if needs_newer_scikit_learn(code):
            continue
        capsys.readouterr()
        exec(compile(code, f"{page.name}, block {number}", "exec"), names)
        printed = capsys.readouterr().out
        assert expected is None or means_the_same(expected, printed), f"block {number} prints:\n{printed}"


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


def broken_links(page: Path) -> list[str]:
    """Links of a page to files that are not there; pages that the build makes are written as what they are made of."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    return [link for link in links if not (page.parent / link).exists() and not MADE_BY_THE_BUILD.search(link)]


MADE_BY_THE_BUILD = re.compile(r"^(\.\./)*auto_examples/(index\.rst|images/)")


@pytest.mark.parametrize("page", [*PAGES, PROJECT / "CHANGELOG.md"], ids=name_of)
def test_links_to_files_lead_somewhere(page):
    assert broken_links(page) == []


# Pages that claim to be complete


@pytest.mark.parametrize("room", sorted(PUBLIC_ROOMS))
def test_api_page_has_every_public_name(room):
    page = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   (\w+)$", page, flags=re.MULTILINE))
    assert sorted(set(import_module(f"sknn_tune.{room}").__all__) - listed) == []


def techniques() -> list[tuple[str, list[str], list[Path]]]:
    """Of each row of the page: the technique, what to write for it, and the pages that show it."""
    page = PROJECT / "docs" / "techniques.md"
    rows = re.findall(
        r"^\| (?!technique )([^|]+) \| ([^|]+) \| ([^|]+) \|$", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [
        (
            technique,
            re.findall(r"`([^`]+)`", code),
            [page.parent / link for link in re.findall(r"\]\(([^)]+)\)", pages)],
        )
        for technique, code, pages in rows
    ]


def test_page_of_techniques_has_them_all():
    assert len(techniques()) >= 80
    named = {word for _, code, _ in techniques() for word in code}
    assert named >= {"softsign", "SpatialDropout3D", "RepeatVector", "adagrad", "inverse_time", "GradientTape", "panda"}


@pytest.mark.parametrize(("technique", "code", "pages"), techniques(), ids=[row[0] for row in techniques()])
def test_technique_is_shown_where_the_page_says(technique, code, pages):
    assert code and pages, f"{technique}: nothing to write, or no page"
    texts = {page.name: page.read_text(encoding="utf-8") for page in pages}
    assert [word for word in code if not any(word in text for text in texts.values())] == []
    assert [name for name, text in texts.items() if not any(word in text for word in code)] == []


# Examples: run as they are, apart from these constants, which make those with many fits quick

QUICK = {"EPOCHS": 2, "N_CANDIDATES": 3, "N_JOBS": 1}


@pytest.mark.parametrize("example", sorted((PROJECT / "examples").glob("plot_*.py")), ids=lambda example: example.stem)
def test_example_runs(example, tmp_path, monkeypatch, capsys):
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)  # examples save pictures
    source = example.read_text(encoding="utf-8")
    if needs_newer_scikit_learn(source):
        pytest.skip("callbacks came with scikit-learn 1.9")
    if "import KerasClassifier as SciKerasClassifier" in source and sklearn.__version__.startswith("1.6."):
        pytest.skip("SciKeras' own classifier, to which the example compares, fails on scikit-learn 1.6")
    constants = re.compile(rf"^({'|'.join(QUICK)}) = \d+$", flags=re.MULTILINE)
    source = constants.sub(lambda constant: f"{constant.group(1)} = {QUICK[constant.group(1)]}", source)
    # As they come, these make many networks of up to two hundred epochs; docs/guide/tables.md is run with all of them.
    source = re.sub(r"\bTabularClassifier\((?=\w)", "TabularClassifier(epochs=2, ", source)
    (tmp_path / example.name).write_text(source, encoding="utf-8")
    try:
        runpy.run_path(str(tmp_path / example.name), run_name="__main__")
        assert plt.get_fignums(), "the example shows no picture"
    finally:
        plt.close("all")
    assert capsys.readouterr().out
    pictures = re.findall(r'"(\w+\.png)"', source)
    assert all((tmp_path / picture).stat().st_size > 10_000 for picture in pictures)
