"""The real notebooks, executed as the workflow executes them, at 32 px: from images to metrics."""

from pathlib import Path

import nbformat
import pytest

from astrogan.experiments import load_profile, plan_stages, run_stage
from astrogan.files import read_json
from astrogan.report.provenance import provenance

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning"),
]
WANTED = ("weights", "data-", "lab-resnet18-", "evaluate-lab-resnet18", "evaluate-colour-baselines")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The smoke profile's main model, run in an empty folder."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "notebooks").symlink_to(ROOT / "notebooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("ASTROGAN_WEIGHTS", raising=False)
        patch.delenv("MPLBACKEND", raising=False)  # a kernel shows its figures inline
        patch.setenv("TORCH_HOME", str(folder / "torch"))
        profile = load_profile(ROOT / "workflow" / "profiles" / "smoke.yaml")
        for stage in plan_stages(profile, ROOT).values():
            if stage.name.startswith(WANTED):
                run_stage(profile.run, stage)
    return folder / "runs" / "smoke"


def test_every_phase_leaves_its_checkpoint_history_and_notebook(run):
    for phase in ("pretrain", "adversarial", "finetune"):
        assert (run / "checkpoints" / "lab-resnet18" / f"{phase}.pt").is_file()
        assert read_json(run / "history" / f"lab-resnet18-{phase}.json")["epochs"]
        notebook = nbformat.read(run / "notebooks" / f"lab-resnet18-{phase}.ipynb", as_version=4)
        pictures = [o for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
        assert len(pictures) >= 2, "samples and curves"
        assert not any(
            "widget" in kind for cell in notebook.cells for o in cell.get("outputs", []) for kind in o.get("data", {})
        )


def test_every_row_has_its_metrics_and_the_baseline_beside_it(run):
    for row in ("lab-resnet18-pretrain", "lab-resnet18-adversarial", "lab-resnet18-finetune", "grey"):
        metrics = read_json(run / "metrics" / f"{row}.json")
        assert metrics["row"] == row
        assert metrics["n"] > 0
        assert metrics["groups"] == "spatial blocks"
        assert not metrics["decidable"]
        assert metrics["values"]["fwd"] > 0
        assert metrics["values"]["fid"] is None
        assert "offline" in metrics["reasons"]["fid"]
    noted = read_json(run / "metrics" / "lab-resnet18-finetune.json")["notes"]
    assert any("random weights" in note for note in noted)


def test_each_stage_says_what_it_took(run):
    for path in (run / "stages").glob("*.json"):
        record = read_json(path)
        assert record["seconds"] >= record["work_s"] > 0
        assert record["peak_mb"] > 50


def test_provenance_counts_the_stages_by_the_commit_they_ran_at(run, monkeypatch):
    monkeypatch.chdir(ROOT)
    (run / "stages" / "older.json").write_text(
        '{"format": 2, "stage": "older", "parameters": {}, "seconds": 1, "peak_mb": 1}'
    )
    facts = provenance(run, "smoke")
    (run / "stages" / "older.json").unlink()
    assert facts["stages_by_commit"].pop("a commit not recorded") == 1
    (commit,) = facts["stages_by_commit"]  # the folder that they ran in is no checkout
    assert commit.startswith("unknown: fatal: not a git repository")
    assert facts["stages_by_commit"][commit] == facts["stages_count"] - 1 > 5
