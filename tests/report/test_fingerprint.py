from decimal import Decimal

import numpy as np
import pytest

from astrogan.report.audit import fingerprint
from astrogan.report.paper import rows
from astrogan.report.paper.numbers import load


def test_table_4_is_float16_cut_to_four_decimals_and_chance_is_one_in_ten_million():
    values = [value for row in load().tables["table4"].rows.values() for value in row.l2_rgb]
    found = [fingerprint.float16_of(value, "cut") for value in values]
    assert found == [3.2890625, 1.0439453125, 3.978515625, 3.453125, 1.025390625, 3.8046875]
    assert all(float(np.float16(number)) == number for number in found)
    whole = fingerprint.fingerprints()[0]
    assert whole.rule == "cut"
    assert whole.joint == pytest.approx(7e-8, rel=0.1)
    assert not all(fingerprint.passes(value, "shortest print") for value in values)


@pytest.mark.parametrize("printed", ["3.2890", "1.0439", "3.754", "5.953", "2.77", "9.04"])
def test_the_chance_of_a_cell_is_the_share_of_numbers_that_a_float16_prints(printed):
    """Against numpy alone: every number of as many decimals up to the next power of two, asked one by one."""
    printed = Decimal(printed)
    decimals = -printed.as_tuple().exponent
    low = 2 ** int(np.log2(float(printed)))
    numbers = [Decimal(n).scaleb(-decimals) for n in range(low * 10**decimals, 2 * low * 10**decimals)]
    floats = np.arange(0x3C00, 0x5000, dtype=np.uint16).view(np.float16)
    cut = {f"{np.floor(float(value) * 10**decimals + 1e-9) / 10**decimals:.{decimals}f}" for value in floats}
    assert np.mean([str(n) in cut for n in numbers]) == pytest.approx(fingerprint.chance(printed, "cut"))
    shortest = np.mean([Decimal(str(np.float16(float(n)))) == n for n in numbers])
    assert shortest == pytest.approx(fingerprint.chance(printed, "shortest print"))


def test_the_grades_of_the_wrap_around():
    assert fingerprint.grades() == {
        "verified": ["Table 4", "Table 2", "Table 1 in L*a*b*"],
        "inferred": ["Table 1 in RGB", "Table 6"],
    }
    sixth = fingerprint.fingerprints()[-1]
    assert sixth.rule == "shortest print"
    assert sixth.joint == pytest.approx(0.034, abs=1e-3)
    two_decimals = fingerprint.fingerprint("", (Decimal("2.77"), Decimal("2.62")))
    assert (two_decimals.joint, two_decimals.grade) == (1.0, "inferred")


def _with(table: str, row: str, **cells):
    tables = dict(load().tables)
    changed = tables[table].rows[row].model_copy(update={name: _decimal(value) for name, value in cells.items()})
    return tables | {table: tables[table].model_copy(update={"rows": tables[table].rows | {row: changed}})}


def _decimal(value):
    return tuple(map(Decimal, value)) if isinstance(value, list) else Decimal(value)


def test_a_number_that_the_arithmetic_cannot_produce_lets_the_grade_fall():
    planted = fingerprint.grades(_with("table4", rows.FINETUNED, l2_rgb=["3.4532", "1.0253", "3.8046"]))
    assert planted["unknown"] == ["Table 4", "Table 1 in L*a*b*"]  # whose means rest on Table 4
    assert "Table 2" in planted["verified"]
    planted = fingerprint.grades(_with("table6", rows.EDSR, l2="3.685"))
    assert planted["unknown"] == ["Table 6"]
    planted = fingerprint.grades(_with("table1", rows.PRETRAINED, l1="64.5415"))
    assert planted["unknown"] == ["Table 1 in L*a*b*"]


def test_a_number_of_fewer_decimals_is_a_weaker_witness():
    fewer = fingerprint.fingerprint("", tuple(map(Decimal, ("3.45", "1.02", "3.80", "3.28", "1.04", "3.97"))))
    assert fewer.grade == "inferred"
