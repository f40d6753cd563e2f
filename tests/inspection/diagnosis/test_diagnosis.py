"""What a diagnosis looks like: as text, as a table, as HTML; and the page that lists its rules."""

import inspect
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from sknn_tune import KerasClassifier
from sknn_tune.inspection import Diagnosis, Finding
from sknn_tune.inspection.diagnosis import judge
from sknn_tune.inspection.diagnosis.rules import RULES, rule_texts

NASTY = Finding(
    name="<script>alert(1)</script>",
    severity="problem",
    sentence="a < b & \"c\" > 'd'",
    evidence={"<b>": 0.123456},
    turn={"learning_rate<i>": "lower & <u>slower</u>"},
)
ADVICE = Finding("dead_units", "advice", "Some are dead.", {"dead_hidden_0": 0.25}, {"batch_norm": "True"})


@pytest.fixture
def diagnosis():
    return Diagnosis((NASTY, ADVICE), {"overfitting": "Needs <more> rows."}, ("dead_units", "underfitting", "plateau"))


def test_findings_are_found_by_name(diagnosis):
    assert diagnosis.names == (NASTY.name, "dead_units")
    assert diagnosis["dead_units"] is ADVICE
    assert "dead_units" in diagnosis
    assert "plateau" not in diagnosis
    with pytest.raises(KeyError, match=r"There is no finding 'plateau'. Found: .*, dead_units."):
        diagnosis["plateau"]


def test_text_has_everything(diagnosis):
    assert str(diagnosis).splitlines()[0] == "Diagnosis: 2 findings by 3 of 4 rules"
    for part in (
        "dead_units (advice)\n  Some are dead.\n  turn batch_norm: True\n  seen: dead_hidden_0=0.25",
        "not checked\n  overfitting: Needs <more> rows.",
    ):
        assert part in repr(diagnosis)


def test_text_without_findings():
    assert str(Diagnosis((), {}, ("plateau",))) == "Diagnosis: nothing found by 1 of 1 rules"


def test_frame_has_a_row_per_finding(diagnosis):
    table = diagnosis.to_frame()
    assert table.index.tolist() == list(diagnosis.names)
    assert table.columns.tolist() == ["severity", "sentence", "turn", "evidence"]
    assert table.loc["dead_units", "turn"] == {"batch_norm": "True"}
    assert Diagnosis((), {}, ()).to_frame().empty


class _Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("br", "wbr"):  # which have no end
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_html_is_well_formed_escaped_and_needs_nothing_from_elsewhere(diagnosis):
    html = diagnosis._repr_html_()
    page = _Reader(html)
    assert page.open == []
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "b", "i", "u", "more", "link", "img"})
    assert not any({"href", "src"} & set(attributes) for _, attributes in page.tags)
    assert "http" not in html
    for text in (
        NASTY.sentence,
        "lower & <u>slower</u>",
        "Needs <more> rows.",
        "0.123",
        "dead units",
        "not checked: 1",
    ):
        assert text in page.text


def test_html_breaks_names_after_underscores_only(diagnosis):
    html = diagnosis._repr_html_()
    assert "<code>batch_<wbr>norm</code>" in html
    assert "anywhere" not in html


def test_html_takes_its_colours_from_the_page(diagnosis):
    style = re.search(r"<style>(.*?)</style>", diagnosis._repr_html_(), flags=re.DOTALL).group(1)
    colours = set(re.findall(r"(?:color|background): ?([^;]+);", style)) | set(re.findall(r"solid ([^;]+);", style))
    assert colours <= {"inherit", "transparent", "rgba(128, 128, 128, 0.5)", "currentColor"}
    assert "text-align: left !important" in style  # notebooks align cells to the right
    selectors = re.findall(r"([^{}]+)\{", style)
    assert all(part.strip().startswith(".sknn-tune-") for selector in selectors for part in selector.split(","))


def test_html_without_findings_has_no_table():
    html = Diagnosis((), {}, ("plateau",))._repr_html_()
    assert "nothing found by 1 of 1 rules" in html
    assert "<table>" not in html
    assert "<details>" not in html


def advice_of(turn, parameters):
    """What is left of the advice of a rule for a network with these parameters."""
    finding = Finding("rule", "advice", "", {}, turn)
    return judge([SimpleNamespace(parameters=parameters)], [lambda evidence: finding])["rule"].turn


def test_advice_that_is_followed_already_is_left_out():
    turn = {"activation": "leaky_relu or elu", "kernel_initializer": "auto", "batch_norm": "True"}
    parameters = KerasClassifier(activation="elu").get_params()
    assert advice_of(turn, parameters) == {"batch_norm": "True"}


def test_advice_about_the_network_is_for_the_model_if_there_is_one():
    parameters = KerasClassifier(lambda meta: None).get_params()
    turn = {"activation": "relu", "learning_rate": "lower"}
    assert advice_of(turn, parameters) == {"model (activation)": "relu", "learning_rate": "lower"}


# The page


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_stands_in_the_docs_word_for_word(rule, project_folder):
    page = (project_folder / "docs" / "diagnose.md").read_text(encoding="utf-8")
    about, condition = rule_texts(rule)
    assert about.endswith(".")
    assert condition.endswith(".")
    row = f"| `{rule.__name__}` | {about} | {condition} |"
    assert row in page, f"docs/diagnose.md needs the row\n{row}"


def test_the_docs_have_no_other_rule(project_folder):
    page = (project_folder / "docs" / "diagnose.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE) == [rule.__name__ for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_thresholds_of_a_rule_are_those_of_its_code(rule):
    """Every number that a rule states is a constant of the module, or one of its helpers' modules."""
    stated = {float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", rule_texts(rule)[1])}
    words = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1, "two": 2.0, "twice": 2.0}
    constants = {
        float(part)
        for name, value in vars(inspect.getmodule(rule)).items()
        if name.isupper()
        for part in (value if isinstance(value, tuple) else (value,))
        if isinstance(part, int | float)
    }
    known = constants | set(words.values())
    assert stated <= known
