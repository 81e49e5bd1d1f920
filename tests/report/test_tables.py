import csv
import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Results
from astrogan.evaluation.metrics import COLOURS
from astrogan.experiments.catalogue import label
from astrogan.report.paper import rows
from astrogan.report.paper.consistency import assert_ours, by_uint8, paper_checks
from astrogan.report.paper.numbers import load
from astrogan.report.provenance import table as provenance_table
from astrogan.report.tables.cells import conditions, score, size_and_seeds, spread
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, escape, signed, text
from astrogan.report.tables.numbered import numbered
from astrogan.report.tables.setup import save_tables
from astrogan.run import Run

NAMES = [*(f"table{number}" for number in range(1, 8)), "setup"]


@pytest.fixture
def run(full_run):
    return full_run


def _records(run, name) -> dict[tuple[str, str, str], dict]:
    with open(run / "tables" / f"{name}.csv", newline="") as file:
        return {(record["part"], record["row"], record["column"]): record for record in csv.DictReader(file)}


def test_all_tables_are_made_and_the_papers_numbers_stand_as_printed(run):
    assert save_tables(run) == dict.fromkeys(NAMES, "made")
    for name in NAMES:
        fragment = (run / "tables" / f"{name}.md").read_text()
        assert fragment.count(f":name: {name}\n") == (name != "setup")
    printed = {
        Decimal(record["value"])
        for name in NAMES[:7]
        for (_, row, column), record in _records(run, name).items()
        if "paper" in (column + row) and record["value"]
    }
    stated = {
        value
        for table in load().tables.values()
        for row in table.rows.values()
        for column in table.columns
        for value in (getattr(row, column) if isinstance(getattr(row, column), tuple) else [getattr(row, column)])
    }
    assert stated <= printed


def test_table_1_gives_the_rgb_model_cast_and_clipped_and_baselines_last(run, made_rows):
    table = numbered(Results.open(run), "table1")
    labels = [line.labels[0] for line in table.parts[0].lines]
    assert labels[-5:] == [label(row) for row in ("grey", "constant", "table", "neighbours", "random-palette")]
    cast, clipped = (next(line for line in table.parts[1].lines if line.labels[0].endswith(end)) for end in
                     ("RGB, pre-trained, cast unclipped", "RGB, pre-trained, clipped"))  # fmt: skip
    assert cast.values[0].number > clipped.values[0].number
    predictions = made_rows[rows.RGB]
    assert clipped.values[0].number == pytest.approx(
        np.abs(predictions.rounded.astype(float) - predictions.truth).mean()
    )
    assert clipped.values[0].low < clipped.values[0].number < clipped.values[0].high
    assert "random weights" in table.fragment()


def test_the_channels_of_table_4_average_to_table_1(run):
    folder = Results.open(run)
    overall = next(
        line for line in numbered(folder, "table1").parts[0].lines if line.labels == (label(rows.FINETUNED),)
    )
    channels = {
        line.labels[1]: line for line in numbered(folder, "table4").parts[0].lines if "fine-tuned" in line.labels[0]
    }
    for index, norm in ((2, "L1, ours"), (3, "L2, ours")):
        mean = np.mean([value.number for value in channels[norm].values])
        assert overall.values[index].number == pytest.approx(mean, rel=2e-3)
    second = [line for line in numbered(folder, "table2").parts[0].lines if "fine-tuned" in line.labels[0]]
    assert [line.values for line in second] == [channels[line.labels[1]].values for line in second]


def _swapped(values):
    """Red and green exchanged, so that their mean is as before."""
    return [values[1], values[0], values[2]]


@pytest.mark.parametrize("norm", ["l1", "l2"])
@pytest.mark.parametrize("change", [_swapped, lambda values: [values[0] * 1.01, *values[1:]]])
def test_metrics_that_are_not_of_the_predictions_are_refused(make_run, norm, change):
    run = make_run(only=(rows.FINETUNED,))
    path = run / "metrics" / f"{rows.FINETUNED}.json"
    metrics = json.loads(path.read_text())
    names = [f"published_{norm}_{channel}" for channel in COLOURS]
    metrics["values"] |= zip(names, change([metrics["values"][name] for name in names]), strict=True)
    path.write_text(json.dumps(metrics))
    with pytest.raises(AstroganError, match=r"lab-resnet18-finetune\.json is not of these.*evaluation stage again"):
        save_tables(run)


def test_a_table_1_that_is_not_of_the_predictions_is_refused(make_run, made_rows):
    run = make_run(only=(rows.RGB,))
    folder = Results.open(run)
    tables = {name: numbered(folder, name) for name in ("table1", "table2", "table4")}
    assert_ours(folder, tables)
    # clipped before the table was made: its cast numbers are those of another file
    clipped = replace(made_rows[rows.RGB], floor=np.clip(made_rows[rows.RGB].floor, 0, 255))
    clipped.save(run / "predictions" / f"{rows.RGB}.npz")
    with pytest.raises(AstroganError, match="Table 1 gives L1 of rgb-resnet18-adversarial"):
        assert_ours(folder, tables)


def test_numpys_arithmetic_is_the_published_one():
    truth, floor = np.array([[[[10, 200, 5]]]], np.uint8), np.array([[[[12, 190, 305]]]], np.int16)
    found = by_uint8(truth, floor)
    assert found["l1"].tolist() == [254, 10, 212]  # 305 is held as 49
    assert found["l2"] == pytest.approx([2, 10, 12], abs=5e-3)  # 212 squared, modulo 256, is 144


def test_a_missing_row_or_metric_is_a_dash_with_its_reason(make_run):
    run = make_run(only=(rows.FINETUNED,))
    assert save_tables(run) == dict.fromkeys(NAMES, "made")
    records = _records(run, "table1")
    missing = records["", label(rows.PRETRAINED), "L1, ours"]
    assert missing["value"] == ""
    assert missing["note"] == "this row is not in the run"
    assert records["", label(rows.PRETRAINED), "L1, paper"]["value"] == "64.5409"
    fid = _records(run, "table5")["", label(rows.FINETUNED), "FID, ours"]
    assert fid["note"].startswith("left out, as asked")
    with pytest.raises(AstroganError, match="is not a folder"):
        save_tables(run / "nowhere")


def test_super_resolution_is_scored_clipped_and_cast(run):
    save_tables(run)
    sixth, seventh = _records(run, "table6"), _records(run, "table7")
    name = label(rows.EDSR)
    distances = [float(seventh[part, f"{name}, {version}", "FWD"]["value"])
                 for part in {key[0] for key in seventh} if part
                 for version in ("cast unclipped", "clipped")]  # fmt: skip
    assert distances[0] > distances[1]
    assert {("", f"{name}, clipped", "L1, ours"), ("", label(rows.BICUBIC), "L1, ours")} <= sixth.keys()


def test_a_score_has_its_interval_its_channel_and_its_scale(run, made_metrics, monkeypatch):
    folder = Results.open(run)
    found = score(folder, rows.FINETUNED, "mae_b")
    metrics = made_metrics[rows.FINETUNED]
    assert found.number == metrics["values"]["mae_b"]
    assert [found.low, found.high] == metrics["intervals"]["mae_b"]
    monkeypatch.setitem(METRICS, "psnr", replace(METRICS["psnr"], scale=2))
    psnr = score(folder, rows.FINETUNED, "psnr")
    assert (psnr.number, psnr.low) == (2 * metrics["values"]["psnr"], 2 * metrics["intervals"]["psnr"][0])


def test_a_row_of_an_extra_is_a_dash_that_says_so_where_the_other_baselines_are(run, make_run):
    folder = Results.open(run)
    reason = "the extra `peers` is not installed"
    assert score(folder, "real-esrgan", "psnr") == dash(reason)
    assert size_and_seeds(folder, "real-esrgan") == (dash(reason),) * 2
    line = next(line for line in numbered(folder, "table6").parts[1].lines if line.labels == (label("real-esrgan"),))
    assert {value.reason for value in line.values} == {reason}
    colour_alone = Results.open(make_run(only=(rows.GREY,)))
    assert score(colour_alone, "real-esrgan", "psnr") == dash("this row is not in the run")
    assert score(colour_alone, "constant", "psnr") == dash("this row is not in the run")


def test_who_trained_a_baseline_is_said(make_run, made_rows, put_row):
    run = make_run(only=(rows.GREY,))
    put_row(run, "real-esrgan", made_rows[rows.BICUBIC])
    folder = Results.open(run)
    assert size_and_seeds(folder, rows.GREY)[1] == dash("a baseline is not trained")
    assert size_and_seeds(folder, "real-esrgan") == (text(16), dash("trained by its makers"))


def test_conditions_and_the_spread_over_seeds(make_run, made_metrics):
    run = make_run(only=(rows.FINETUNED, rows.GREY))
    folder = Results.open(run)
    words = conditions(folder, (rows.FINETUNED, rows.GREY))
    assert "32 px tiles of 8 observations, intervals over observations" in words
    assert spread(folder, rows.FINETUNED, ("mae_rgb",)) is None
    other = json.loads(json.dumps(made_metrics[rows.FINETUNED]))
    other["values"]["mae_rgb"], other["seeds"] = 1.0, [1]
    (run / "metrics" / "lab-resnet18-seed1-finetune.json").write_text(json.dumps({"format": 2} | other))
    words = spread(Results.open(run), rows.FINETUNED, ("mae_rgb",))
    assert "over the seeds 0, 1: MAE, RGB 1.00 to" in words


def test_the_papers_one_inconsistent_cell_is_found():
    wrong = [check for check in paper_checks() if not check.agrees]
    assert len(wrong) == 1
    assert "fine-tuned: L2" in wrong[0].what
    assert wrong[0].first == pytest.approx(2.761, abs=1e-4)
    assert wrong[0].second == 2.62


def test_setup_puts_the_papers_settings_before_ours(run):
    save_tables(run)
    fragment = (run / "tables" / "setup.md").read_text()
    lines = [line for line in fragment.splitlines() if "Basic U-net RGB " in line or "Basic U-net RGB |" in line]
    assert "| paper | 100 |" in lines[0]
    assert "| ours | 20 of 20 | 20 | 16 | 96 | 0.0002 | 0.050 |" in lines[1]


def test_setup_notes_what_the_paper_did_not_do(make_run):
    run = make_run(only=(rows.FINETUNED,))
    path = run / "history" / f"{rows.FINETUNED}.json"
    history = json.loads(path.read_text())
    history["config"] |= {
        "cosine": True,
        "ema": 0.95,
        "keep": "last",
        "losses": {"adversarial": 1.0, "l1": 100.0, "colours": 50.0},
    }
    path.write_text(json.dumps(history))
    save_tables(run)
    fragment = (run / "tables" / "setup.md").read_text()
    for words in (
        "The rate falls from its value along half a cosine",
        "A moving average of the weights is validated and kept",
        "The last epoch's weights are kept",
        "How far a batch's colours are from the truth's, wherever they stand, weight 50",
    ):
        assert fragment.count(words) == 1
    assert "chroma" not in fragment


def test_provenance_is_flat_and_names_each_stage(make_run):
    run = make_run(only=())
    facts = {"commit": "abc", "versions": {"torch": "2"}, "seeds": [0, 1], "stages_by_commit": {"abc": 9, "def": 2}}
    (run / "provenance.json").write_text(json.dumps(facts))
    (run / "stages" / "pretrain.json").write_text(
        json.dumps({"format": 2, "start_s": 1.5, "work_s": 20.0, "peak_mb": 900})
    )
    fragment = provenance_table(Results.open(run)).fragment()
    assert "| versions: torch | 2 |" in fragment
    assert "| seeds | 0, 1 |" in fragment
    assert "| stages by commit | 9 at abc, 2 at def |" in fragment
    assert "| pretrain | 1.5 | 20.0 | 900 |" in fragment


def test_a_further_seed_is_called_after_its_row():
    assert label("lab-resnet18-seed2-finetune") == f"{label(rows.FINETUNED)}, seed 2"
    assert label("mine-finetune") == "mine-finetune"


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
    assert escape("a*b|c<d`e$") == "a\\*b\\|c\\<d\\`e\\$"
