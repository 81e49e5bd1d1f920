"""How a table shows itself: as MyST, as HTML, as CSV."""

import csv
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from astrogan.report.tables.layout import DASH, Line, Part, Table, Value, dash, escape, signed, text
from astrogan.report.tables.writing import letter
from astrogan.run import Run

WEIGHTS = "the weights are not at hand"


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
    assert "| L\\*a\\*b \\| one {sup}`a` | 64.5409 | −1.23 [\\[−2.00,\u00a0−0.50\\]]{.ci} |" in fragment
    assert "| two | – {sup}`b` | – {sup}`b` |" in fragment
    assert "{sup}`a` Random weights." in fragment
    assert "{sup}`b` Not run." in fragment
    assert fragment.count("```{table}") == 1
    assert "**Below**\n\n| Model | N |" in fragment
    assert fragment.endswith("End.\n```\n")
    assert fragment.count("```{container} table-notes\n{sup}`a`") == 1


def test_without_a_caption_nothing_is_numbered(table):
    plain = Table("claims", "", table.parts)
    assert "{table}" not in plain.fragment()
    assert ":name:" not in plain.fragment()


def test_the_csv_holds_numbers_and_reasons_and_no_note_on_the_papers_cells(table, tmp_path):
    table.save(Run(tmp_path))
    with open(Run(tmp_path).table_file("table1", "csv"), newline="") as file:
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
    assert signed(29850, 0) == "29,850"
    assert escape("a*b|c<d`e$[f]") == "a\\*b\\|c\\<d\\`e\\$\\[f\\]"
    assert [letter(number) for number in (0, 25, 26, 701, 702)] == ["a", "z", "aa", "zz", "aaa"]


def _table(*parts, caption="Caption"):
    return Table("table1", caption, parts)


def _cells(fragment):
    """The grids of a fragment as plain texts, by a Markdown parser: grid, row, cell."""
    inside = "\n".join(line for line in fragment.splitlines() if not line.startswith(("```", ":name:")))
    grids, cell = [], False
    for token in MarkdownIt().enable("table").parse(inside):
        if token.type == "table_open":
            grids.append([])
        elif token.type == "tr_open":
            grids[-1].append([])
        elif token.type in ("th_open", "td_open"):
            grids[-1][-1].append("")
        elif token.type == "inline" and cell:
            grids[-1][-1][-1] = token.content
        cell = token.type in ("th_open", "td_open")
    return grids


def test_a_column_of_dashes_alone_is_a_sentence():
    lines = (
        Line(("one",), (dash(WEIGHTS), Value(1.0), dash("a"))),
        Line(("two",), (dash(WEIGHTS), dash("b"), dash("c"))),
    )
    table = _table(Part(("Model",), ("FID", "MAE", "Mixed"), lines), Part(("Model",), ("FID",), lines[:0]))
    fragment = table.fragment()
    assert _cells(fragment) == [[["Model", "MAE"], ["one", "1.00"], ["two", f"{DASH} {{sup}}`a`"]]]
    assert "Not shown: FID. The weights are not at hand." in fragment
    assert "Not shown: Mixed. A; c." in fragment
    assert [r["column"] for r in table.records()] == ["FID", "MAE", "Mixed"] * 2
    assert table.records()[0]["note"] == WEIGHTS


def test_columns_that_share_a_reason_share_the_sentence():
    parts = [
        Part(("Model",), (name, "x"), (Line(("one",), (dash(WEIGHTS), text("y"))),)) for name in ("FID", "KID", "FID")
    ]
    assert _table(*parts).fragment().count("Not shown: FID; KID. The weights are not at hand.") == 1


def test_a_part_of_dashes_alone_is_left_out_and_a_numbered_one_keeps_its_rows():
    part = Part(("Model",), ("FID",), (Line(("one",), (dash(WEIGHTS),)),))
    assert _cells(_table(part, part).fragment()) == [[["Model"], ["one"]]]


def test_words_with_reasons_of_their_own_stay():
    lines = (Line(("first claim",), (dash("no row"),)), Line(("second",), (dash("no weights"),)))
    (grid,) = _cells(_table(Part(("Claim",), ("Verdict",), lines, words=True)).fragment())
    assert [row[0] for row in grid] == ["Claim", "first claim", "second"]
    assert grid[0][1:] == ["Verdict"]


def test_what_all_rows_share_is_said_once_and_what_differs_stays():
    def part(*numbers):
        lines = tuple(Line((f"row {n}",), (Value(number, digits=0), text("x"))) for n, number in enumerate(numbers))
        return Part(("Model",), ("N", "Other"), lines, common=("N",))

    assert "N: 1,597 throughout." in _table(part(1597, 1597)).fragment()
    assert _cells(_table(part(1597, 1597)).fragment())[0][0] == ["Model", "Other"]
    assert _cells(_table(part(1, 2)).fragment())[0][0] == ["Model", "N", "Other"]


def test_an_unseen_column_stands_in_the_csv_alone():
    table = _table(Part(("Model",), ("Steps", "Hours"), (Line(("one",), (text(1), Value(0.25))),), unseen=("Hours",)))
    assert "Hours" not in table.fragment() + table._repr_html_()
    assert table.records()[1]["value"] == 0.25


@pytest.mark.parametrize("count", [0, 1])
def test_no_row_and_one_row(count):
    lines = (Line(("one",), (Value(1.0),)),) * count
    table = _table(Part(("Model",), ("MAE",), lines))
    assert _cells(table.fragment())[0][1:] == ([["one", "1.00"]] if count else [["none", ""]])
    unnumbered = replace(table, caption="", remarks=("Nothing was run.",))
    assert len(_cells(unnumbered.fragment())) == len(_rows(unnumbered._repr_html_())) == count
    assert "Nothing was run." in unnumbered.fragment()
    assert _rows(table._repr_html_())[0][1:] == ([["one", "1.00"]] if count else [["none", ""]])


def test_rows_of_several_groups_stand_under_their_names():
    lines = tuple(Line((name,), (Value(1.0),), group=group) for name, group in (("a", "G"), ("b", "G"), ("c", "H|")))
    grids = _cells(_table(Part(("Model",), ("MAE",), lines)).fragment())
    assert [row[0] for row in grids[0]] == ["Model", "[G]{.group}", "a", "b", "[H|]{.group}", "c"]
    assert "group" not in _table(Part(("Model",), ("MAE",), lines[:2])).fragment()


def test_a_wide_part_is_cut_into_grids_that_all_name_their_rows():
    value = Value(12.34, 10.56, 23.45)
    lines = tuple(Line((f"row {n}",), (value,) * 8) for n in range(12))
    heads = tuple(f"M{n}" for n in range(8))
    grids = _cells(_table(Part(("Model",), heads, lines, "Corrected"), Part(("Model",), ("x",), lines[:0])).fragment())
    assert [head for grid in grids for head in grid[0][1:]] == list(heads)
    assert {len(grid) for grid in grids} == {13}
    assert max(len(grid[0]) for grid in grids) - min(len(grid[0]) for grid in grids) <= 1
    assert 1 < len(grids) < 4
    assert "**Corrected (continued)**" in _table(Part(("Model",), heads, lines, "Corrected")).fragment()


def test_numbers_are_filled_up_to_the_decimals_of_their_column():
    """A digit and a figure space are equally wide, so the points of a column stand below each other."""
    numbers = ("64.5409", "120.73", "7", DASH, "20 of 20")
    lines = tuple(Line((number,), (text(number),)) for number in numbers)
    shown = [row[1] for row in _cells(_table(Part(("Model",), ("L1",), lines)).fragment())[0][1:]]
    assert shown == ["64.5409", "120.73[\u2007\u2007]{.pad}", f"7[{5 * chr(0x2007)}]{{.pad}}", DASH, "20 of 20"]


class _Html(HTMLParser):
    """The texts of cells by table and row, the attributes of every tag, and whether tags nest."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.tags, self.open = [], [], []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.append((tag, dict(attributes)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "caption") and {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data


def _rows(page):
    return _Html(page).tables


def test_a_notebook_shows_the_table_as_html_that_can_be_scrolled_by_keyboard(table):
    page = _Html(table._repr_html_())
    first, second = page.tables
    assert first[1] == ["L*a*b | onea", "64.5409", "−1.23 [−2.00,\u00a0−0.50]"]
    assert first[2] == ["two", "–b", "–b"]
    assert second == [["Model", "N"], ["one", "16"]]
    regions = [found for tag, found in page.tags if tag == "div"]
    assert [(r["role"], r["tabindex"]) for r in regions] == [("region", "0")] * 2
    assert regions[0]["aria-label"] == "A caption of L*a*b"
    assert regions[1]["aria-label"] == "Below"
    assert "<p><sup>a</sup> Random weights.</p>" in table._repr_html_()
    assert [found["scope"] for tag, found in page.tags if tag == "th"].count("row") == 3


def test_html_quotes_what_is_no_tag():
    part = Part(
        ("Model <b>",), ("x",), (Line(('a "<i>" & b',), (Value(None, reason="<u>"),)), Line(("c",), (text("<s>"),)))
    )
    page = Table("t", 'A "caption" <x>', (part,), ("<remark>",))._repr_html_()
    assert not {"i", "u", "s", "x", "remark"} & {tag for tag, _ in _Html(page).tags}
    assert _rows(page)[0][1] == ['a "<i>" & b', "–a"]


def test_the_book_shows_what_the_fragment_has(table):
    assert table._repr_markdown_() == table.fragment()


def test_a_verdict_stands_below_its_number_and_in_the_csv():
    cell = Value(-0.46, -0.61, -0.32, best=True, word="better")
    table = _table(Part(("Difference",), ("FWD",), (Line(("ours minus grey",), (cell,)),)))
    assert "| ours minus grey | **−0.46** [\\[−0.61,\u00a0−0.32\\]]{.ci} [better]{.word} |" in table.fragment()
    assert table.records()[0] | {"part": ""} == {
        "part": "", "row": "ours minus grey", "column": "FWD", "value": -0.46, "low": -0.61, "high": -0.32, "note": "better"
    }  # fmt: skip


def test_a_note_may_be_on_a_number():
    table = _table(Part(("Model",), ("L1",), (Line(("one",), (Value("9.04", reason="of the cast"),)),)))
    assert "| one | 9.04 {sup}`a` |" in table.fragment()
    assert "{sup}`a` Of the cast." in table.fragment()
    assert table.records()[0]["note"] == "of the cast"
