"""The paper's numbers: typed right (checked against each other), refused when typed wrong."""

from decimal import Decimal

import numpy as np
import pytest
from pydantic import ValidationError

from astrogan.base import AstroganError
from astrogan.report.paper.numbers import Table, load


def test_the_seven_tables_have_the_papers_rows_and_columns():
    paper = load()
    assert list(paper.tables) == [f"table{n}" for n in range(1, 8)]
    assert [len(table.rows) for table in paper.tables.values()] == [4, 1, 2, 2, 3, 4, 4]


def test_table_1_is_the_channel_mean_of_table_4():
    """A slip of the keyboard in Table 4 would show here. Table 1's L1 is cut to 4 decimals, so 1e-4 either way."""
    paper = load()
    for row in ("lab-resnet18-pretrain", "lab-resnet18-finetune"):
        channels = paper.value("table4", row, "l1_rgb")
        assert float(sum(channels) / 3) == pytest.approx(float(paper.value("table1", row, "l1")), abs=1.01e-4)


def test_table_2_repeats_the_fine_tuned_row_of_table_4():
    paper = load()
    row = "lab-resnet18-finetune"
    for column in ("l1_rgb", "l2_rgb"):
        assert paper.value("table2", row, column) == paper.value("table4", row, column)


def test_l2_values_of_table_4_are_truncated_float16_numbers():
    """The audit's fingerprint, and a check of every digit typed: each is a float16 number cut to four decimals."""
    every_float16 = np.arange(0x3C00, 0x4500, dtype=np.uint16).view(np.float16).astype(float)
    cut = {f"{np.floor(value * 1e4) / 1e4:.4f}" for value in every_float16}
    for row in load().tables["table4"].rows.values():
        assert {str(value) for value in row.l2_rgb} <= cut
    assert len(cut) < 0.1 * 1e4 * 4, "a fingerprint that most numbers carry would prove nothing"


def test_printed_digits_survive():
    assert str(load().value("table4", "lab-resnet18-pretrain", "l2_rgb")[0]) == "3.2890"
    assert load().value("table7", "edsr-finetune", "fid") == Decimal("159.577")


def test_absent_row_is_none_and_unknown_names_are_errors():
    assert load().value("table1", "grey", "l1") is None
    with pytest.raises(AstroganError, match="no 'table8'"):
        load().value("table8", "grey", "l1")
    with pytest.raises(AstroganError, match="no column 'fid'"):
        load().value("table1", "grey", "fid")


def test_a_number_that_is_no_string_or_a_missing_cell_is_refused():
    row = {"label": "x", "space": "RGB", "l1": 1.5, "l2": "2"}
    with pytest.raises(ValidationError, match="digit for digit"):
        Table(title="t", section="4", columns=("l1", "l2"), rows={"a": row})
    with pytest.raises(ValidationError, match=r"the table has \['l1', 'l2'\]"):
        Table(title="t", section="4", columns=("l1", "l2"), rows={"a": {**row, "l1": "1", "l2": None}})
