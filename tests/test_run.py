"""A run's paths and the contents of its files."""

import json
from pathlib import Path

import pytest

from astrogan.base import AstroganError
from astrogan.rows import parts_of, row_id
from astrogan.run import FORMAT, InRun, Run


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "runs" / "mine")


def test_a_row_is_an_experiment_and_a_phase_or_a_baseline():
    assert row_id("lab-resnet18", "finetune") == "lab-resnet18-finetune"
    assert parts_of("lab-resnet18-finetune") == ("lab-resnet18", "finetune")
    assert parts_of("grey") == ("grey", "")


def test_a_checkpoint_leads_back_to_its_run(run, tmp_path):
    path = run.checkpoint_file("edsr-supervised")
    assert path == run.path / "checkpoints" / "edsr" / "supervised.pt"
    assert Run.of_checkpoint(path) == run
    assert Run.of_checkpoint(tmp_path / "elsewhere.pt") is None


def test_runs_beside_each_other_share_their_tiles(run):
    assert run.tiles_folder == Run(run.path.parent / "other").tiles_folder
    assert InRun(run=str(run.path)).folder == run


def test_what_is_written_is_read_back(run):
    run.write(run.metrics_file("grey"), {"n": 3})
    assert run.metrics == {"grey": {"format": FORMAT, "n": 3}}
    assert run.histories == run.stages == run.data == {}
    assert run.record("provenance") == {}


@pytest.mark.parametrize("part", ["metrics", "history", "stages", "data"])
def test_files_of_another_version_are_one_sentence(run, part):
    path = run.path / part / "old.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"n": 3}))
    with pytest.raises(AstroganError, match=r"old\.json is of format 1, this version reads 2: .* Run its stages again"):
        getattr(run, {"history": "histories"}.get(part, part))


def test_rows_that_no_longer_count_are_left_out(run):
    for row in ("grey", "old-finetune"):
        run.write(run.metrics_file(row), {})
    run.write(run.stage_file("train"), {"parameters": {"experiment": "old", "phase": "finetune"}})
    run.write(run.stage_file("evaluate"), {"parameters": {"rows": "old-finetune,grey"}})
    run.write(run.stage_file("weights"), {"parameters": {}})
    run.record_file("rows").write_text('["grey"]')
    assert set(run.metrics) == {"grey"}
    assert set(run.stages) == {"evaluate", "weights"}
    assert run.counts("grey")
    assert not run.counts("old-finetune")


def test_a_list_of_rows_that_is_none_is_named(run):
    run.path.mkdir(parents=True)
    run.record_file("rows").write_text('{"grey": 1}')
    with pytest.raises(AstroganError, match=r"rows\.json is not a JSON list of row ids"):
        run.counts("grey")


def test_a_folder_that_is_not_there_is_named():
    with pytest.raises(AstroganError, match="Give a run, for example runs/quick"):
        Run.open(Path("nowhere"))
