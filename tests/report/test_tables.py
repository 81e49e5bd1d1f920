import csv
import json
import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Results
from astrogan.evaluation.metrics import COLOURS
from astrogan.experiments import catalogue
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.paper import rows
from astrogan.report.paper.consistency import assert_ours, by_uint8, paper_checks
from astrogan.report.paper.numbers import load
from astrogan.report.provenance import table as provenance_table
from astrogan.report.tables.cells import conditions, group, score, size_and_seeds, spread
from astrogan.report.tables.layout import Value, dash, escape, text
from astrogan.report.tables.numbered import numbered
from astrogan.report.tables.setup import end_of_curve, save_tables, setup

NAMES = [*(f"table{number}" for number in range(1, 8)), "skies", "setup"]


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
        assert fragment.count(f":name: {name}\n") == name.startswith("table")
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


def _line(part, row, *labels):
    return next(line for line in part.lines if line.labels == (label(row), *labels))


def test_table_1_gives_each_row_once_clipped_baselines_first(run, made_rows):
    table = numbered(Results.open(run), "table1")
    published, corrected = table.parts
    assert published.lines[0].labels == (label(rows.GREY),)
    for part in table.parts:
        assert len({line.labels for line in part.lines}) == len(part.lines)
    predictions = made_rows[rows.RGB]
    error = predictions.rounded.astype(float) - predictions.truth
    mae = _line(corrected, rows.RGB).values[corrected.value_columns.index("MAE, RGB")]
    assert mae.number == pytest.approx(np.abs(error).mean())
    assert mae.low < mae.number < mae.high
    theirs, _, ours, _ = _line(published, rows.RGB).values
    clipped = by_uint8(predictions.truth, np.clip(predictions.floor, 0, 255))["l1"].mean()
    assert ours.number == pytest.approx(clipped)
    assert theirs.number == "125.5554"
    assert "unclipped cast" in theirs.reason
    assert not _line(published, rows.PRETRAINED).values[0].reason
    assert "random weights" in table.fragment()
    assert "cast unclipped" not in table.fragment()


def test_numbers_of_the_wrapped_arithmetic_have_no_interval_on_the_page_and_one_in_the_csv(run):
    table = numbered(Results.open(run), "table1")
    _, _, ours, _ = _line(table.parts[0], rows.FINETUNED).values
    assert ours.interval == ""
    assert ours.text() == f"{ours.number:.2f}"
    record = next(r for r in table.records() if r["row"] == label(rows.FINETUNED) and r["column"] == "L1, ours")
    assert record["low"] < record["value"] == ours.number < record["high"]
    assert record["value"] != round(record["value"], 2)


def test_rows_stand_under_the_heading_of_their_group(run):
    headings = {group(row): row for row in (rows.GREY, rows.ADVERSARIAL, "lab-resnet18-seed1-finetune", rows.IMPROVED)}
    assert len(headings) == 3
    assert group("lab-resnet18-seed1-finetune") == group(rows.EDSR_SUPERVISED) == group(rows.FINETUNED)
    text = numbered(Results.open(run), "table1").fragment()
    places = [text.index(f"[{heading}]{{.group}}") for heading in dict.fromkeys(headings)]
    assert places == sorted(places)
    assert places[0] < text.index(f"| {escape(label(rows.GREY))} ") < places[1]


def test_table_2_is_the_one_model_of_table_4(run):
    folder = Results.open(run)
    second, fourth = (numbered(folder, name) for name in ("table2", "table4"))
    assert [line.labels for line in second.parts[0].lines] == [(label(rows.FINETUNED), of) for of in ("paper", "ours")]
    assert len(second.parts) == 1
    for of in ("paper", "ours"):
        assert _line(second.parts[0], rows.FINETUNED, of).values == _line(fourth.parts[0], rows.FINETUNED, of).values
    assert [len(part.lines) for part in fourth.parts[1:]] == [len(rows_in("table4"))] * 3
    assert "Table 4" in second.fragment()


def test_the_channels_of_table_4_average_to_table_1(run):
    folder = Results.open(run)
    overall = _line(numbered(folder, "table1").parts[0], rows.FINETUNED)
    channels = _line(numbered(folder, "table4").parts[0], rows.FINETUNED, "ours").values
    for index, values in ((2, channels[:3]), (3, channels[3:])):
        mean = np.mean([value.number for value in values])
        assert overall.values[index].number == pytest.approx(mean, rel=2e-3)


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
    # brighter than when the table was made: its numbers are those of another file
    brighter = replace(made_rows[rows.RGB], floor=made_rows[rows.RGB].floor + 3)
    brighter.save(run / "predictions" / f"{rows.RGB}.npz")
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
    fid = _records(run, "table5")["", label(rows.FINETUNED), "FID"]
    assert fid["note"].startswith("left out, as asked")
    with pytest.raises(AstroganError, match="is not a folder"):
        save_tables(run / "nowhere")


def test_a_row_that_neither_the_run_nor_the_paper_has_is_named_below(make_run):
    table = numbered(Results.open(make_run(only=(rows.FINETUNED,))), "table1")
    assert all(line.labels[0] != label(rows.IMPROVED) for part in table.parts for line in part.lines)
    (said,) = (remark for remark in table.remarks if "Not in this run" in remark)
    assert label(rows.IMPROVED) in said
    assert label(rows.PRETRAINED) in said
    assert f"{label(rows.FINETUNED)};" not in said
    assert [len(part.lines) for part in table.parts] == [len(load().tables["table1"].rows), 1]


def test_a_run_without_any_row_keeps_the_numbered_grids(make_run):
    folder = Results.open(make_run(only=()))
    for name in NAMES[:7]:
        fragment = numbered(folder, name).fragment()
        assert f":name: {name}\n" in fragment
        assert all(f"| {row[0]}" in fragment for row in [escape(label(row)) for row in load().tables[name].rows])
        assert fragment.count("| :-- |") == 1  # nothing corrected, so no further grid
        assert ("Not shown: " in fragment) == (name in ("table1", "table5", "table6", "table7"))


def test_distances_stand_beside_the_papers_fid_and_columns_of_dashes_are_one_sentence(run, monkeypatch):
    """FID and KID, which this run was asked to leave out, and one added distance."""
    monkeypatch.setitem(METRICS, "other", replace(METRICS["fwd"], name="other", label="Other", shown=""))
    table = numbered(Results.open(run), "table5")
    assert table.parts[0].value_columns[:2] == ("FID, paper", "FID")
    assert {"FWD", "KID x 1000", "Other"} < set(table.parts[0].value_columns)
    heads = table.fragment().splitlines()[3]
    assert heads == "| Model | FID, paper | FWD |"
    left_out = "FD, EfficientNet-Lite0; FD, SqueezeNet; KID x 1000; LPIPS. Left out, as asked."
    assert f"Not shown: FID; {left_out}" in table.fragment()
    assert "Not shown: Other. Other was not computed." in table.fragment()


def test_super_resolution_is_scored_once_a_row_clipped(run, made_metrics):
    folder = Results.open(run)
    sixth, seventh = numbered(folder, "table6"), numbered(folder, "table7")
    ours = _line(sixth.parts[0], rows.EDSR).values[2]
    assert ours.number == made_metrics[rows.EDSR]["values"]["clipped_published_l1_rgb"]
    assert ours.number != made_metrics[rows.EDSR]["values"]["published_l1_rgb"]
    fwd = _line(seventh.parts[0], rows.EDSR).values[seventh.parts[0].value_columns.index("FWD")]
    assert fwd.number == made_metrics[rows.EDSR]["values"]["fwd"]
    assert _line(seventh.parts[0], rows.EDSR).values[0].number == "159.5770"


def _marked(run, name, head):
    """The labels of the rows that a table shows in bold."""
    return {
        line.labels[0]
        for part in numbered(Results.open(run), name).parts
        for line in part.lines
        for column, value in zip(part.value_columns, line.values, strict=True)
        if column == head and value.best
    }


def test_the_best_and_what_is_not_told_from_it_are_bold(make_run, made_rows, put_row):
    """Planted: ours is best, a copy of ours cannot be told from it, the paper's model can."""
    run = make_run(only=(rows.FINETUNED, rows.IMPROVED, rows.GREY))
    assert _marked(run, "table1", "MAE, RGB") == _marked(run, "table1", "PSNR, ab, dB") == {label(rows.IMPROVED)}
    assert _marked(run, "table4", "Bias R") == _marked(run, "table1", "L1, ours") == set()
    put_row(run, rows.HUBBLE, made_rows[rows.IMPROVED])
    assert _marked(run, "table1", "MAE, RGB") == {label(rows.IMPROVED), label(rows.HUBBLE)}
    assert (
        f"**{score(Results.open(run), rows.IMPROVED, 'mae_rgb').shown}**"
        in numbered(Results.open(run), "table1").fragment()
    )


@pytest.mark.parametrize("why", ["control", "not trained", "few", "alone", "no measures"])
def test_a_column_has_no_bold_where_none_is_to_be_trusted(make_run, why, monkeypatch):
    run = make_run(only=(rows.FINETUNED, rows.IMPROVED, rows.GREY))
    path = run / "metrics" / f"{rows.IMPROVED}.json"
    if why == "control":
        monkeypatch.setattr("astrogan.report.tables.cells.is_control", lambda row: row == rows.IMPROVED)
    elif why == "not trained":
        path.write_text(json.dumps(json.loads(path.read_text()) | {"trained": False, "notes": ["not trained: x"]}))
        assert "Not trained: x." in numbered(Results.open(run), "table1").fragment()
    elif why == "few":
        monkeypatch.setattr("astrogan.evaluation.intervals.ENOUGH_OBSERVATIONS", 9)
    elif why == "no measures":
        for file in (run / "measures").iterdir():
            file.unlink()
    else:
        run = make_run(only=(rows.IMPROVED,))
    assert _marked(run, "table1", "MAE, RGB") == set()


def test_a_control_is_a_baseline_that_says_so(monkeypatch):
    listed = catalogue.Named(label="Random", short="random", color="grey", control=True)
    assert not catalogue.is_control(rows.GREY)
    assert not catalogue.is_control(rows.FINETUNED)
    monkeypatch.setitem(catalogue.read_catalogue().baselines, "random", listed)
    assert catalogue.is_control("random")


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
    assert f"{label('real-esrgan')} ({reason})" in numbered(folder, "table6").remarks[0]
    colour_alone = Results.open(make_run(only=(rows.GREY,)))
    assert score(colour_alone, "real-esrgan", "psnr") == dash("this row is not in the run")
    assert score(colour_alone, "constant", "psnr") == dash("this row is not in the run")


def test_who_trained_a_baseline_is_said(make_run, made_rows, put_row):
    run = make_run(only=(rows.GREY,))
    put_row(run, "real-esrgan", made_rows[rows.BICUBIC])
    folder = Results.open(run)
    assert size_and_seeds(folder, rows.GREY)[1] == dash("a baseline is not trained")
    assert size_and_seeds(folder, "real-esrgan") == (Value(16, digits=0), dash("trained by its makers"))


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


def test_a_row_of_several_trainings_is_their_mean_with_the_interval_of_both_chances(make_run, made_rows, put_row):
    """Planted: a second training that is far worse, so that which one is drawn says more than which tiles."""
    run, second = make_run(only=(rows.FINETUNED, rows.GREY)), "lab-resnet18-seed1-finetune"
    alone = score(Results.open(run), rows.FINETUNED, "mae_rgb")
    put_row(run, second, made_rows[rows.ADVERSARIAL])
    folder = Results.open(run)
    values = [folder.metrics[row]["values"]["mae_rgb"] for row in (rows.FINETUNED, second)]
    found = score(folder, rows.FINETUNED, "mae_rgb")
    assert found.number == pytest.approx(np.mean(values))
    assert found.high - found.low > abs(values[1] - values[0]) > alone.high - alone.low
    assert size_and_seeds(folder, rows.FINETUNED)[1] == text("0, 0")  # `put_row` calls every seed 0
    wrapped = score(folder, rows.FINETUNED, "published_l1_rgb")
    assert wrapped.number == folder.metrics[rows.FINETUNED]["values"]["published_l1_rgb"]
    folder.measures_file(second).unlink()
    assert score(folder, rows.FINETUNED, "mae_rgb").number == values[0]


def test_the_papers_one_inconsistent_cell_is_found():
    wrong = [check for check in paper_checks() if not check.agrees]
    assert len(wrong) == 1
    assert "fine-tuned: L2" in wrong[0].what
    assert wrong[0].first == pytest.approx(2.761, abs=1e-4)
    assert wrong[0].second == 2.62


def test_setup_puts_the_papers_settings_before_ours(run):
    save_tables(run)
    fragment = (run / "tables" / "setup.md").read_text()
    theirs, ours = (line for line in fragment.splitlines() if re.match(r"\| Basic U-net RGB (\{|\|)", line))
    # 100 epochs of 4,776 images in batches of 16; 20 epochs of 96
    assert "| paper | 477,600 | 29,850 | – {sup}`b` | 16 | 0.0002 | – {sup}`b` |" in theirs
    assert "| ours | 1,920 | 120 | 120 | 16 | 0.0002 | falls, " in ours
    assert "Hours" not in fragment.splitlines()[0]
    assert "24 for photographs" in fragment
    record = _records(run, "setup")["", f"{label(rows.BASIC)} | ours", "Hours"]
    assert float(record["value"]) == pytest.approx(0.05)


def _curve(values, **config):
    epochs = [{"valid": {"l1": value}, "seconds": 1.0} for value in values]
    return {"config": {"criterion": "l1", **config}, "epochs": epochs}


def test_the_end_of_a_curve_is_judged_by_a_line_against_its_scatter():
    """Closed forms: of 16 epochs the last quarter is 4, on a line from 1.0 down by 0.03 it falls by 3 %."""
    head = [3.0] * 12
    assert end_of_curve(_curve([*head, 1.00, 0.99, 0.98, 0.97])).text() == "falls, 3.0 %"
    assert end_of_curve(_curve([*head, 1.00, 1.02, 1.04, 1.06])).text() == "rises, 6.0 %"
    assert end_of_curve(_curve([*head, 1.00, 1.00, 1.00, 1.00])).text() == "flat"
    # the slope of 1, 1.03, 0.96, 0.99 is -0.01 an epoch, -0.03 in all; the residuals scatter by 0.04
    assert end_of_curve(_curve([*head, 1.00, 1.03, 0.96, 0.99])).text() == "flat"
    assert "fewer than 8 epochs" in end_of_curve(_curve([1.0] * 7)).reason
    assert "epochs without l1" in end_of_curve(_curve([1.0] * 7 + [float("nan")])).reason


def test_setup_says_when_a_training_stopped_early(make_run):
    run = make_run(only=(rows.FINETUNED,))
    path = run / "history" / f"{rows.FINETUNED}.json"
    history = json.loads(path.read_text())
    history["config"]["epochs"] = 30
    path.write_text(json.dumps(history))
    assert "Stopped after 20 of 30 epochs." in setup(Results.open(run)).fragment()


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
