import json

import numpy as np
import pytest

from astrogan.base import AstroganError
from astrogan.evaluation.cast import cast_row
from astrogan.evaluation.results import MeasuredRow, Results
from astrogan.report.paper import rows


def test_rows_are_paired_by_tile_name_whatever_their_order(make_run, made_rows, put_row):
    run = make_run(only=(rows.FINETUNED,))
    put_row(run, rows.RGB, made_rows[rows.RGB].take([5, 3]))
    first, second = Results.open(run).paired(rows.FINETUNED, rows.RGB)
    assert first.tile.tolist() == second.tile.tolist() == ["tile3", "tile5"]
    assert second.values["truth_chroma"] == pytest.approx(first.values["truth_chroma"])


def test_rows_without_a_common_tile_are_refused(make_run, made_rows, put_row):
    run = make_run(only=(rows.FINETUNED,))
    full = made_rows[rows.RGB]
    other = {name: getattr(full, name) for name in ("truth", "floor", "rounded", "ab", "observation")}
    put_row(run, rows.RGB, type(full)(**other, tile=np.array([f"elsewhere{n}" for n in range(16)])))
    with pytest.raises(AstroganError, match="share no tile"):
        Results.open(run).paired(rows.FINETUNED, rows.RGB)


def test_few_observations_are_resampled_by_blocks_of_three_tiles_a_side():
    tile = np.array([f"field.png@{x},{y}" for y in range(0, 192, 32) for x in range(0, 192, 32)])
    row = MeasuredRow({}, tile, np.array(["field"] * len(tile)), side=32)
    assert row.groups.count == 4
    assert row.groups.kind == "spatial blocks"
    assert not row.groups.decidable
    nameless = MeasuredRow({}, np.array(["a", "b"]), np.array(["field"] * 2), side=32)
    assert nameless.groups.count == 2


def test_a_run_that_is_made_anew_is_measured_anew(make_run, made_rows, put_row):
    run = make_run(only=(rows.BASIC,))
    before = Results.open(run).measured(rows.BASIC).values["mae_rgb"].mean()
    put_row(run, rows.BASIC, made_rows[rows.RGB])
    assert Results.open(run).measured(rows.BASIC).values["mae_rgb"].mean() != before


def test_what_is_not_there_is_named(make_run):
    run = make_run(only=())
    with pytest.raises(AstroganError, match=r"grey\.csv does not exist"):
        Results.open(run).measured(rows.GREY)
    with pytest.raises(AstroganError, match=r"grey\.npz does not exist"):
        Results.open(run).predictions(rows.GREY)
    assert Results.open(run).metrics == Results.open(run).record("provenance") == {}
    (run / "stages" / "data.json").write_text(json.dumps({"format": 2, "work_s": 1}))
    assert Results.open(run).stages == {"data": {"format": 2, "work_s": 1}}


def test_rows_that_the_run_no_longer_lists_are_ignored(make_run):
    run = make_run(only=(rows.FINETUNED, rows.RGB, rows.GREY))
    for name, parameters in {
        "weights": {},
        rows.FINETUNED: {"experiment": "lab-resnet18", "phase": "finetune"},
        rows.RGB: {"experiment": "rgb-resnet18", "phase": "adversarial"},
        "evaluate-lab-resnet18": {"rows": f"{rows.PRETRAINED},{rows.FINETUNED}"},
        "evaluate-rgb-resnet18": {"rows": rows.RGB},
    }.items():
        (run / "stages" / f"{name}.json").write_text(json.dumps({"format": 2, "stage": name, "parameters": parameters}))
    everything = Results.open(run)
    assert everything.metrics.keys() == {rows.FINETUNED, rows.RGB, cast_row(rows.RGB), rows.GREY}
    assert len(everything.stages) == 5
    (run / "rows.json").write_text(json.dumps([rows.FINETUNED, rows.GREY]))
    folder = Results.open(run)
    assert folder.metrics.keys() == {rows.FINETUNED, rows.GREY}
    assert folder.histories.keys() == {rows.FINETUNED}
    assert folder.stages.keys() == {"weights", rows.FINETUNED, "evaluate-lab-resnet18"}
    for held in (folder.holds, folder.has_pixels):
        assert [held(row) for row in (rows.FINETUNED, rows.RGB)] == [True, False]
    for ask in (folder.predictions, folder.measured):
        with pytest.raises(AstroganError, match=r"rgb-resnet18-adversarial .*rows\.json does not list it"):
            ask(rows.RGB)


def test_a_list_of_rows_that_is_none_is_named(make_run):
    run = make_run(only=())
    (run / "rows.json").write_text(json.dumps({"rows": "all"}))
    with pytest.raises(AstroganError, match=r"rows\.json is not a JSON list"):
        Results.open(run).holds(rows.GREY)
