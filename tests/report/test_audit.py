from decimal import Decimal

import numpy as np
import pytest

from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.audit import distances, pictures, statements, training
from astrogan.report.audit.items import save_audit
from astrogan.report.paper import rows
from astrogan.report.paper.numbers import load

KEYS = [
    "wrap", "impossible", "float16", "signed-mean", "grey", "text", "consistency", "cast", "display", "figure5",
    "discriminator", "leak", "sr-adversarial", "sr-cast", "sr-swap", "sr-order",
]  # fmt: skip


@pytest.fixture
def folder(full_run):
    return Results.open(full_run)


def _numbers(part) -> dict[tuple[str, ...], list]:
    return {line.labels: [value.number for value in line.values] for line in part.lines}


def test_every_item_has_a_table_a_verdict_and_a_grade_with_or_without_rows(make_run, full_run):
    made = save_audit(full_run)
    assert set(made.values()) == {"made"}
    assert [name for name in made if name.startswith("audit-")] == [f"audit-{key}" for key in [*KEYS, "summary"]]
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


def test_table_4_is_float16_cut_to_four_decimals_and_chance_is_one_in_ten_million():
    values = [value for row in load().tables["table4"].rows.values() for value in row.l2_rgb]
    found = [distances.float16_under(value) for value in values]
    assert found == [3.2890625, 1.0439453125, 3.978515625, 3.453125, 1.025390625, 3.8046875]
    assert all(float(np.float16(number)) == number for number in found)
    chance = np.prod([distances.chance_of_float16(value) for value in values])
    assert chance == pytest.approx(7e-8, rel=0.1)
    # the chance as a share, counted: how many four-decimal numbers in [2, 4) are a float16 number cut
    grid = [Decimal(number).scaleb(-4) for number in range(20000, 40000, 7)]
    counted = np.mean([distances.float16_under(value) is not None for value in grid])
    assert counted == pytest.approx(distances.chance_of_float16(Decimal("3.2890")), rel=0.1)


def test_tables_1_and_6_are_shortest_prints_of_float16():
    values = [row.l2 for table in ("table1", "table6") for row in load().tables[table].rows.values()]
    assert all(distances.is_shortest_print(value) for value in values)
    assert not distances.is_shortest_print(Decimal("3.987"))
    assert distances.float16_under(Decimal("3.2889")) is None


def test_the_signed_mean_is_smaller_than_the_mean_absolute_and_that_than_the_root(folder):
    for signed, absolute, root in _numbers(distances.signed_mean(folder).parts[1]).values():
        assert abs(signed) <= absolute <= root


def test_grey_ranks_first_in_the_papers_table_1(folder):
    found = _numbers(distances.grey(folder).parts[0])
    assert found["L1, wrapped", "Table 1, grey on a stand-in for the truth"][0] == "1 of 5"
    rank = int(found["MAE", "this run"][0].split()[0])
    means = {row: folder.measured(row).values["mae_rgb"].mean() for row in rows_in("table1")}
    assert rank == 1 + sum(value < means[rows.GREY] for value in means.values())


def test_blue_that_is_too_low_turns_blue_when_cast_and_not_when_clipped(folder, made_rows):
    found = _numbers(pictures.cast(folder).parts[0])
    clipped, cast = (found[label(rows.RGB), version] for version in ("clipped", "cast"))
    assert clipped[3] < 0 < cast[3] - clipped[3]
    assert cast[4] > clipped[4]
    darker = pictures.darken_blue(made_rows[rows.FINETUNED], levels=8)
    assert (made_rows[rows.FINETUNED].floor - darker.floor == [0, 0, 8]).all()


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
    """A run without histories."""

    histories: dict = {}  # noqa: RUF012


def test_the_leaking_row_is_compared_in_pairs(folder):
    remark = training.leak(folder).remarks[0]
    means = [folder.measured(row).values["mae_rgb"].mean() for row in (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT)]
    assert f"−{means[1] - means[0]:.2f} [" in remark
    assert "over 16 tiles" in remark


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


def test_the_cast_harms_overflowing_outputs(folder):
    found = _numbers(pictures.sr_cast(folder).parts[0])
    for row in (rows.EDSR_SUPERVISED, rows.EDSR):
        clipped, cast = found[label(row), "clipped"], found[label(row), "cast"]
        assert clipped[0] == cast[0] > 0
        assert cast[2] > clipped[2]
        assert cast[3] > clipped[3]
