import csv

import pytest

from astrogan.report.tables.layout import Line, Part, Table, Value, dash, escape, signed, text


@pytest.fixture
def table() -> Table:
    lines = (
        Line(("L*a*b | one",), (text("64.5409"), Value(-1.2345, -2, -0.5)), ("random weights",)),
        Line(("two",), (dash("not run"), dash("not run"))),
    )
    second = Part(("Model",), ("N",), (Line(("one",), (Value(16, digits=0),)),), "Below")
    return Table(
        "table1", "A caption of L*a*b", (Part(("Model",), ("L1, paper", "L1, ours"), lines), second), ("End.",)
    )


def test_a_fragment_is_a_numbered_directive_with_marks_and_notes(table):
    fragment = table.fragment()
    assert fragment.startswith("```{table} A caption of L\\*a\\*b\n:name: table1\n\n| Model |")
    assert "| L\\*a\\*b \\| one {sup}`a` | 64.5409 | −1.23 [−2.00,\u00a0−0.50] |" in fragment
    assert "| two | – {sup}`b` | – {sup}`b` |" in fragment
    assert "{sup}`a` Random weights." in fragment
    assert "{sup}`b` Not run." in fragment
    assert fragment.count("```{table}") == 1
    assert "**Below**\n\n| Model | N |" in fragment
    assert fragment.endswith("End.\n")


def test_without_a_caption_nothing_is_numbered(table):
    plain = Table("claims", "", table.parts)
    assert "{table}" not in plain.fragment()
    assert ":name:" not in plain.fragment()


def test_the_csv_holds_numbers_and_reasons_and_no_note_on_the_papers_cells(table, tmp_path):
    table.save(tmp_path)
    with open(tmp_path / "table1.csv", newline="") as file:
        records = list(csv.DictReader(file))
    assert records[0] == {
        "part": "", "row": "L*a*b | one", "column": "L1, paper", "value": "64.5409", "low": "", "high": "", "note": ""
    }  # fmt: skip
    assert float(records[1]["low"]) == -2
    assert records[1]["note"] == "random weights"
    assert records[2]["note"] == "not run"


def test_numbers_have_a_true_minus_and_no_negative_zero():
    assert signed(-0.001, 2) == "0.00"
    assert signed(-3.14159, 3) == "−3.142"
    assert signed(float("inf"), 2) == "infinite"
    assert escape("a*b|c<d`e$") == "a\\*b\\|c\\<d\\`e\\$"
