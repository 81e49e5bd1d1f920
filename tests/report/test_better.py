import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import torchvision.models as tv

from astrogan.evaluation import METRICS, Estimate, Results
from astrogan.evaluation.metrics.perceptual import lpips_distances, with_trunk
from astrogan.experiments.catalogue import label
from astrogan.report import better
from astrogan.report.paper import rows
from astrogan.report.tables.layout import signed


@pytest.fixture(scope="module")
def run(make_run):
    path = make_run()
    metrics = json.loads((path / "metrics" / "grey.json").read_text())
    (path / "metrics" / "try-chroma-pretrain.json").write_text(json.dumps({"format": 2} | metrics | {"split": "valid"}))
    return path


@pytest.fixture(scope="module")
def saved(run):
    assert better.save_better(run) == {"better": "made", "recipes": "made"}
    return json.loads((run / "better.json").read_text())


def test_differences_are_those_of_the_pairs(run, saved):
    """Against numpy: the mean over tiles of the first row's error minus the second's."""
    folder = Results.open(run)
    ours, grey = (folder.predictions(row) for row in (rows.IMPROVED, rows.GREY))
    error = [np.abs(p.rounded.astype(float) - p.truth).mean(axis=(1, 2, 3)) for p in (ours, grey)]
    found = saved["improved-grey"]["mae_rgb"]
    assert found["value"] == pytest.approx((error[0] - error[1]).mean(), rel=1e-9)
    assert found["low"] < found["value"] < found["high"] < 0
    assert found["verdict"] == "better"
    fwd = saved["improved-finetuned"]["fwd"]
    assert fwd["value"] == pytest.approx(
        folder.metrics[rows.IMPROVED]["values"]["fwd"] - folder.metrics[rows.FINETUNED]["values"]["fwd"]
    )


def test_networks_are_compared_with_the_table_from_lightness(saved):
    assert saved["improved-table"]["mae_rgb"]["verdict"] == "better"
    assert saved["improved-table"]["mae_rgb"]["value"] > saved["improved-grey"]["mae_rgb"]["value"]
    assert saved["finetuned-table"]["mae_rgb"]["verdict"] == "better"


def test_the_same_outputs_are_undecided(saved):
    assert saved["finetuned-hubble"]["mae_rgb"] == {
        "value": 0.0,
        "low": 0.0,
        "high": 0.0,
        "p": 1.0,
        "verdict": "undecided",
    }


def test_the_best_upscaler_is_found_by_psnr(run, saved):
    assert saved["best_upscaler"]["row"] == rows.SRGAN_FINETUNED
    psnr = {row: Results.open(run).metrics[row]["values"]["psnr"] for row in (rows.SRGAN_FINETUNED, rows.BICUBIC)}
    found = saved["upscaler-bicubic"]["psnr"]
    assert found["value"] == pytest.approx(psnr[rows.SRGAN_FINETUNED] - psnr[rows.BICUBIC], abs=1e-6)
    assert found["verdict"] == "better"


def test_without_weights_lpips_is_a_dash_with_its_reason(run, saved):
    assert saved["improved-grey"]["lpips"]["value"] is None
    assert saved["reasons"]["improved-grey.lpips"] == "left out, as asked"
    assert "Left out, as asked" in (run / "tables" / "better.md").read_text()


def test_with_weights_lpips_is_paired(make_run, made_rows, put_row, monkeypatch):
    """Against the mean of the per-tile values of the same network."""
    torch.manual_seed(0)
    network = with_trunk(tv.squeezenet1_1(weights=None).state_dict())
    needs = replace(METRICS["lpips"].needs, network=lambda _find: network)
    monkeypatch.setitem(METRICS, "lpips", replace(METRICS["lpips"], needs=needs))
    run = make_run(only=())
    for row in (rows.IMPROVED, rows.GREY):
        put_row(run, row, made_rows[row], left_out=("fid", "kid", "fwd"))
    found, decidable = Results.open(run).difference([rows.IMPROVED], [rows.GREY], "lpips")
    values = [
        lpips_distances(network, made_rows[row].truth, made_rows[row].rounded) for row in (rows.IMPROVED, rows.GREY)
    ]
    assert found.value == pytest.approx((values[0] - values[1]).mean(), rel=1e-6)
    assert found.low < found.value < found.high
    assert decidable


def test_verdicts_turn_with_the_metric():
    below, above, across = Estimate(-1, -2, -0.5), Estimate(1, 0.5, 2), Estimate(1, -0.1, 2)
    assert [better.verdict("fwd", each) for each in (below, above, across)] == ["better", "worse", "undecided"]
    assert [better.verdict("psnr", each) for each in (below, above, across)] == ["worse", "better", "undecided"]
    assert better.verdict("fwd", Estimate(1, None, None)) == "undecided"
    assert better.verdict("fwd", below, decidable=False) == "undecided"


def test_a_run_that_decides_nothing_has_no_verdicts(make_run):
    path = make_run(only=(rows.FINETUNED, rows.GREY))
    better.save_better(path, decidable=False)
    pair = json.loads((path / "better.json").read_text())["finetuned-grey"]
    assert {cell["verdict"] for cell in pair.values()} == {"undecided", None}
    assert pair["mae_rgb"]["high"] < 0


def test_a_difference_its_interval_and_its_verdict_are_one_cell(run, saved):
    with open(run / "tables" / "better.csv", newline="") as file:
        records = {(record["row"], record["column"]): record for record in csv.DictReader(file)}
    found, shown = saved["improved-grey"]["mae_rgb"], records["ours minus Grey (a = b = 0)", "MAE, RGB"]
    assert [float(shown[key]) for key in ("value", "low", "high")] == [found[key] for key in ("value", "low", "high")]
    assert shown["note"] == found["verdict"] == "better"
    fragment = (run / "tables" / "better.md").read_text()
    assert f"**{signed(found['value'], 3)}** [\\[" in fragment  # bold, because it is decided
    assert "[better]{.word}" in fragment
    assert "| 0.000 [\\[0.000,\u00a00.000\\]]{.ci} [undecided]{.word} |" in fragment


def test_a_run_without_any_pair_says_so(make_run):
    path = make_run(only=())
    better.better_table({}).save(Results.open(path))
    assert (path / "tables" / "better.md").read_text() == "```{container} table-notes\nNo pair of rows was run.\n```\n"


def test_candidates_are_those_measured_on_validation(run, saved):
    table = (run / "tables" / "recipes.md").read_text()
    assert "MobileNetV2 to stride 16, L1 weighted by chroma" in table
    assert label(rows.FINETUNED) not in table


def test_a_run_without_our_recipe_has_no_such_pair(make_run):
    path = make_run(only=(rows.FINETUNED, rows.GREY))
    better.save_better(path)
    saved = json.loads((path / "better.json").read_text())
    assert set(saved) == {"finetuned-grey", "reasons"}
    assert "tries no other recipe" in (path / "tables" / "recipes.md").read_text()
