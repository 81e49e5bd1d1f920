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

    found, _ = run.difference(rows.IMPROVED, rows.GREY, "largest_error")
    ours = run.measured(rows.IMPROVED).values["largest_error"]
    assert found.value == pytest.approx((ours - expected).mean())
    assert verdict("largest_error", found) == ("better" if found.high < 0 else "undecided")
    save_better(run.path)
    assert set(run.record("better")["improved-grey"]["largest_error"]) == {"value", "low", "high", "verdict"}
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
    columns = [metric.measure for metric in METRICS.values() if metric.kind == "pair"]
    assert len(set(columns)) == len(columns)
    assert all(metric.measure.endswith("_squared") == metric.root for metric in METRICS.values())
    assert [metric.name for metric in metrics_in("table6")] == ["psnr", "ssim", "psnr_y"]
    assert {metric.name for metric in METRICS.values() if metric.skippable} == {"fid", "kid", "fwd", "lpips"}
    assert metrics_in("no such table") == ()
