import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.audit import Grade, casts, distances, fingerprint, pictures, statements, training
from astrogan.report.audit.items import ITEMS, save_audit
from astrogan.report.paper import rows
from astrogan.report.paper.consistency import by_uint8
from astrogan.report.paper.numbers import load
from astrogan.tasks.predictions import from_rgb

ROOT = Path(__file__).parents[2]

KEYS = [
    "wrap", "impossible", "float16", "signed-mean", "grey", "text", "consistency", "casts", "cast", "display", "figure5",
    "discriminator", "leak", "sr-adversarial", "sr-swap", "sr-order",
]  # fmt: skip
WITHOUT_TABLE = {"unconditional", "collapse", "batch-norm", "sr-cast"}


@pytest.fixture
def folder(full_run):
    return Results.open(full_run)


def _numbers(part) -> dict[tuple[str, ...], list]:
    return {line.labels: [value.number for value in line.values] for line in part.lines}


def test_every_item_has_a_table_a_verdict_and_a_grade_with_or_without_rows(make_run, full_run):
    made = save_audit(full_run)
    assert set(made.values()) == {"made"}
    assert [name for name in made if name.startswith("audit-")] == [f"audit-{key}" for key in [*KEYS, "summary"]]
    summary = (full_run / "tables" / "audit-summary.md").read_text().splitlines()
    assert len(summary) - 2 == len(KEYS) + len(WITHOUT_TABLE) == len(ITEMS)
    run = make_run(only=())
    bare = save_audit(run)
    assert bare["audit-float16"] == "made"  # the paper's part needs no run
    assert "no predictions of" in bare["figure-audit-cast"]
    assert "This row is not in the run." in (run / "tables" / "audit-leak.md").read_text()
    # ours stand between the paper's numbered tables
    assert not any(":name:" in path.read_text() for path in (run / "tables").glob("audit-*.md"))


def test_the_wrapped_l1_is_256_p_plus_the_mean_error(folder):
    part = distances.impossible(folder).parts[1]
    for mean, absolute, root, share, identity, l1 in _numbers(part).values():
        assert mean <= absolute <= root
        assert 0 <= share <= 1
        assert identity == pytest.approx(l1, abs=1e-9)


def test_no_row_of_the_paper_can_be_honest_and_the_implied_shares_are_the_appendixs():
    for table in ("table1", "table6"):
        assert all(row.l1 > row.l2 for row in load().tables[table].rows.values())
    low, high = distances.implied_share(64.6078, 3.4531)
    assert (round(low, 2), round(high, 2)) == (0.24, 0.27)


def test_the_pages_use_the_three_grades_and_no_other_word():
    for page in ("audit", "authors"):
        words = set(re.findall(r"\{bdg-\w+\}`([^`]+)`", (ROOT / "book" / f"{page}.md").read_text()))
        assert words == set(get_args(Grade)), page
    said = fingerprint.badges()
    assert said.startswith(
        "{bdg-success}`verified` for Table 4, Table 2 and Table 1 in L\\*a\\*b\\*; {bdg-info}`inferred`"
    )
    for item in ITEMS:
        assert item(_Nothing()).grade.split()[0] in get_args(Grade)


def test_the_signed_mean_is_smaller_than_the_mean_absolute_and_that_than_the_root(folder):
    for signed, absolute, root in _numbers(distances.signed_mean(folder).parts[1]).values():
        assert abs(signed) <= absolute <= root


def test_grey_ranks_first_in_the_papers_table_1(folder):
    found = _numbers(distances.grey(folder).parts[0])
    assert found["L1, wrapped", "Table 1, grey on a stand-in for the truth"][0] == "1 of 5"
    rank = int(found["MAE", "this run"][0].split()[0])
    means = {row: folder.measured(row).values["mae_rgb"].mean() for row in rows_in("table1")}
    assert rank == 1 + sum(value < means[rows.GREY] for value in means.values())


def test_blue_that_is_too_low_turns_blue_when_cast_and_not_when_clipped(folder):
    item = casts.blue(folder)
    found = _numbers(item.parts[0])
    clipped, cast = (found[label(rows.RGB), version] for version in ("clipped", "cast"))
    assert clipped[3] < 0 < cast[3] - clipped[3]
    assert cast[4] > clipped[4]
    assert f"{label(rows.RGB)}: the cast makes it bluer by {cast[3] - clipped[3]:.2f}." in item.remarks


def test_a_run_whose_blue_does_not_wrap_says_so(make_run, made_rows, put_row):
    """Red 0.15 too low: the cast turns it red. And outputs that stay in range: nothing happens."""
    run = make_run(only=(rows.RGB,))
    made = made_rows[rows.RGB]
    x = made.truth / 255
    put_row(run, rows.RGB, from_rgb(made.truth, x - [0.15, 0, 0], made.observation, made.tile))
    put_row(run, rows.BASIC, from_rgb(made.truth, x, made.observation, made.tile))
    item = casts.blue(Results.open(run))
    assert any(f"{label(rows.RGB)}: the cast moves blue by −" in remark for remark in item.remarks)
    assert any(f"{label(rows.BASIC)}: hardly a value leaves" in remark for remark in item.remarks)
    (dashed,) = (line for line in item.parts[0].lines if line.labels[0] == label(rows.RGB_EQUAL))
    assert {value.reason for value in dashed.values} == {"this row is not in the run"}


def test_the_display_formula_halves_and_lifts(folder, made_rows):
    found = _numbers(pictures.display(folder).parts[0])
    correct, shown = found["Shown correctly",], found["Shown as 0.5 x + 0.5",]
    assert shown[1] == pytest.approx(correct[1] / 2 + 127.5, abs=1)
    assert shown[0] > correct[0]


def double_sigmoid_loss(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """Loss, real plus fake, of the answers p in [0, 1] when binary cross-entropy takes them for logits."""
    return np.log1p(np.exp(-real)) + np.log1p(np.exp(fake))


def test_the_least_loss_under_two_sigmoids_and_the_best_constant_answer():
    answers = np.linspace(0, 1, 1001)
    real, fake = np.meshgrid(answers, answers)
    every = double_sigmoid_loss(real, fake)
    assert every.min() == pytest.approx(training.DOUBLE_SIGMOID_LEAST)
    assert every.min() == pytest.approx(1.006, abs=5e-4)
    constant = double_sigmoid_loss(answers, answers)
    assert constant.min() == pytest.approx(2 * np.log(2))
    levels = _numbers(training.discriminator(_Nothing()).parts[0])
    assert [value for (value,) in levels.values()] == pytest.approx([2 * np.log(2), 1.0064, 0], abs=1e-4)


class _Nothing:
    """A run without anything."""

    histories = metrics = {}  # noqa: RUF012

    def holds(self, _row: str) -> bool:
        return False

    has_pixels = holds


def test_sentences_that_the_tables_do_not_carry():
    found = _numbers(statements.sentences(None).parts[0])
    carried = {labels: values[-1] for labels, values in found.items()}
    assert carried["Fine-tuning is better in red", "Table 4, L1"] == "yes"
    for channel, said in (("red", "better"), ("green", "worse"), ("blue", "worse")):
        assert carried[f"Fine-tuning is {said} in {channel}", "Table 4, L2"] == "no"


def test_tables_6_and_7_order_the_networks_the_other_way_round():
    (line,) = statements.sr_order(None).parts[0].lines[:1]
    assert line.values[2].number == pytest.approx(-0.6)
    assert line.values[0].number.startswith("WD-SRGAN")
    assert line.values[1].number.startswith("SRGAN fine-tuned")


def test_every_cast_stands_beside_its_clipped_self(folder, made_rows):
    item = casts.casts(folder)
    parts = {part.title: {line.labels[0]: line.values for line in part.lines} for part in item.parts}
    every = [name for title, lines in parts.items() if ":" not in title for name in lines]
    assert every == [label(row) for row in rows_in("casts")]
    for row, title in ((rows.RGB, "Colourization"), (rows.EDSR, "Super-resolution")):
        predictions = made_rows[row]
        cast = by_uint8(predictions.truth, predictions.floor)
        clipped = by_uint8(predictions.truth, np.clip(predictions.floor, 0, 255))
        numbers = [value.number for value in parts[title][label(row)]]
        expected = [each[norm].mean() for norm in ("l1", "l2") for each in (cast, clipped)]
        assert numbers == pytest.approx(expected, abs=2**-9)
        assert all(value.low is None for value in parts[title][label(row)])
        mae = parts[f"{title}: errors"][label(row)]
        assert mae[0].number > mae[1].number
        assert mae[0].low is None
        assert mae[1].low is not None
    between = next(part for part in item.parts if part.title == "Super-resolution: distances between populations")
    assert between.value_columns[:2] == ("FWD, cast", "FWD, clipped")
    cast, clipped, *_ = parts[between.title][label(rows.EDSR)]
    assert cast.number > clipped.number
