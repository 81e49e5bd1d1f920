"""What is added to the registry of metrics is measured, compared and shown, with nothing changed elsewhere."""

import numpy as np
import pytest

from astrogan.apply.models.cards import _headline
from astrogan.evaluation import METRICS, Metric, Results, metrics_in
from astrogan.evaluation.evaluate import summary
from astrogan.experiments.catalogue import label
from astrogan.report.better import save_better, verdict
from astrogan.report.paper import rows
from astrogan.report.tables.numbered import numbered
from tools.readme import headline

LARGEST = Metric(
    "largest_error",
    "Largest error",
    lambda pairs: np.abs(pairs.error).max(axis=(1, 2)),
    digits=1,
    better="lower",
    shown="table1 better-colour readme-colour card",
)


@pytest.fixture
def run(make_run, made_rows, put_row, monkeypatch):
    monkeypatch.setitem(METRICS, LARGEST.name, LARGEST)
    folder = make_run(only=())
    for row in (rows.IMPROVED, rows.GREY):
        put_row(folder, row, made_rows[row])
    return Results.open(folder)


def test_a_new_metric_is_one_entry(run, made_rows, tmp_path):
    grey = made_rows[rows.GREY]
    expected = np.abs(grey.rounded.astype(int) - grey.truth).max(axis=(1, 2, 3))
    assert run.measured(rows.GREY).values["largest_error"].tolist() == expected.tolist()
    record = run.metrics[rows.GREY]
    low, high = record["intervals"]["largest_error"]
    assert low < record["values"]["largest_error"] == expected.mean() < high
    line = next(line for line in summary(record).splitlines() if line.startswith("Largest error"))
    assert line.split()[2:] == [f"{expected.mean():.1f}", f"[{low:.1f},", f"{high:.1f}]"]

    found, _ = run.difference([rows.IMPROVED], [rows.GREY], "largest_error")
    ours = run.measured(rows.IMPROVED).values["largest_error"]
    assert found.value == pytest.approx((ours - expected).mean())
    assert verdict("largest_error", found) == ("better" if found.high < 0 else "undecided")
    save_better(run.path)
    assert set(run.record("better")["improved-grey"]["largest_error"]) == {"value", "low", "high", "p", "verdict"}
    assert "Largest error" in run.table_file("better").read_text()

    part = numbered(run, "table1").parts[1]
    line = next(line for line in part.lines if line.labels == (label(rows.GREY),))
    cell = dict(zip(part.value_columns, line.values, strict=True))["Largest error"]
    assert (cell.number, cell.low, cell.high) == (expected.mean(), low, high)
    run.record_file("provenance").write_text('{"profile": "small"}')
    assert f"| {cell.text()} |" in headline(run.path, tmp_path)
    assert _headline(record)["largest_error"] == expected.mean()


def test_entries_are_sound():
    assert all(name == metric.name for name, metric in METRICS.items())
    given = [column for metric in METRICS.values() if metric.function for column in metric.measures]
    assert len(set(given)) == len(given)
    assert {column for metric in METRICS.values() for column in metric.measures} == set(given)
    assert all(metric.combine or len(metric.measures) == 1 for metric in METRICS.values())
    assert [metric.name for metric in metrics_in("table6")] == [
        "psnr",
        "ssim",
        "psnr_y",
        "flux_error",
        "completeness",
        "purity",
    ]
    skippable = {metric.name for metric in METRICS.values() if metric.skippable}
    assert skippable == {"fid", "kid", "fwd", "lpips", "fd_efficientnet", "fd_squeezenet"}
    assert metrics_in("no such table") == ()


def test_no_metric_that_a_control_wins_stands_first_and_colour_shows_no_ssim():
    """The lightness is copied, so that SSIM says nothing of colour; a random palette has the smallest FWD."""
    named = {item: [metric.name for metric in metrics_in(item)] for item in ("table1", "readme-colour", "table5")}
    assert named["readme-colour"][:4] == ["mae_ab", "lpips", "r2_colour", "colourfulness_ratio"]
    assert not {"psnr", "ssim"} & {*named["table1"], *named["readme-colour"]}
    assert {"mae_ab", "rmse_ab", "psnr_ab", "ciede2000", "r2_colour", "colourfulness_ratio"} == set(named["table1"])
    assert {"lpips", "fwd", "fd_efficientnet", "fd_squeezenet"} == set(named["table5"])
    assert metrics_in("table5") == metrics_in("table7")
