"""What a text in a column of numbers is."""

import pytest

from sknn_tune.tables._text import is_written_number, kind_of_text

KINDS = {
    "number": ["1", " 3\t", "-2.5e3", "inf", "1_000"],
    "written number": [
        "1,234.5",
        "1.234,5",
        "1 234",
        "1'234'567",
        "12%",
        "$3",
        "3 €",
        "(3)",
        "- 3",
        "2,5",
        "3 kg",
        "−1",
    ],
    "sign for a missing value": ["", " ", "?", "\t?", "n/a", "NULL", "none", "nan", "-", "<NA>"],
    "date in text": ["2026-01-31", "2026-01-31 12:00:00"],
    "text": ["red", "4wd", "192.168.0.1", "12-14", "True", "1,2,3", "10 Downing", "3rd"],
}


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for kind, texts in KINDS.items() for text in texts])
def test_kinds_of_text(text, kind):
    assert kind_of_text(text) == kind


def test_what_python_reads_is_not_written_for_people():
    assert not any(map(is_written_number, KINDS["number"] + KINDS["text"]))
