"""The stages of the committed profiles."""

from dataclasses import replace
from pathlib import Path

import pytest

from astrogan.evaluation.config import EvaluateStage
from astrogan.experiments import load_profile, plan_stages
from astrogan.files import write_text
from astrogan.tasks.baselines import BASELINES

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "workflow" / "profiles"


def planned(name):
    profile = load_profile(PROFILES / f"{name}.yaml")
    return profile, plan_stages(profile, ROOT)


@pytest.fixture(autouse=True)
def _no_data(monkeypatch, tmp_path):
    monkeypatch.setenv("ASTROGAN_DATA", str(tmp_path))
    monkeypatch.delenv("ASTROGAN_WEIGHTS", raising=False)


@pytest.mark.parametrize("name", sorted(path.stem for path in PROFILES.glob("*.yaml")))
def test_every_profile_is_a_consistent_dag(name):
    _, stages = planned(name)
    made = set()
    for stage in stages.values():
        assert set(stage.inputs) <= made, f"{stage.name} reads what no stage before it writes"
        outputs = list(stage.outputs.values())
        assert len(set(outputs)) == len(outputs)
        assert not set(outputs) & made, f"{stage.name} writes what another stage writes"
        made |= set(outputs)
        assert bool(stage.notebook) != bool(stage.command)
    assert list(stages)[-1] == "book"


@pytest.mark.parametrize("name", ["smoke", "quick", "paper"])
def test_the_runs_own_models_are_tried_on_a_frame_before_the_book_is_made(name):
    profile, stages = planned(name)
    assert profile.run.checkpoint_file("lab-resnet18-finetune") in stages["apply"].inputs
    pictures = stages["apply"].results
    assert pictures == [
        profile.run.figure_file(f"applied-{task}-{part}")
        for task in ("colour", "upscale")
        for part in ("before", "after")
    ]
    assert set(pictures) <= set(stages["book"].inputs)


def test_a_profile_whose_models_nobody_would_take_has_no_such_stage(tmp_path):
    text = (PROFILES / "smoke.yaml").read_text().partition("experiments:")[0]
    write_text(tmp_path / "bare.yaml", text + "experiments: {try-hubble: }\n")
    stages = plan_stages(load_profile(tmp_path / "bare.yaml"), ROOT)
    assert "apply" not in stages
    assert "evaluate-upscale-baselines" not in stages
    assert "evaluate-colour-baselines" in stages
    write_text(tmp_path / "bare.yaml", text + "experiments: {lab-resnet18: }\n")
    assert len(plan_stages(load_profile(tmp_path / "bare.yaml"), ROOT)["apply"].results) == 2


def test_candidate_recipes_are_measured_on_validation_tiles_beside_the_baseline():
    profile, stages = planned("cpu")
    tried = [name for name in profile.experiments if profile.experiment(name).split == "valid"]
    assert tried
    for name in tried:
        assert stages[f"evaluate-{name}"].parameters["split"] == "valid"
    assert stages["evaluate-colour-baselines"].parameters["split"] == "test"
    judged = stages["evaluate-colour-baselines-valid"]
    assert (judged.parameters["split"], judged.parameters["rows"]) == ("valid", "grey-valid,table-valid")
    assert profile.run.metrics_file("grey-valid") in judged.results
    assert "evaluate-upscale-baselines-valid" not in stages
    assert "evaluate-colour-baselines-valid" not in planned("quick")[1]


def test_baselines_of_a_task_share_a_stage_and_those_of_an_extra_have_their_own(monkeypatch):
    monkeypatch.setitem(BASELINES, "real-esrgan", replace(BASELINES["real-esrgan"], modules=("no_such_module",)))
    profile, stages = planned("quick")
    shared = stages["evaluate-colour-baselines"]
    assert shared.parameters["rows"] == "grey,constant,table,neighbours,random-palette"
    for row in shared.parameters["rows"].split(","):
        assert {profile.run.metrics_file(row), profile.run.measures_file(row)} <= set(shared.results)
    assert shared.parameters["size"] == profile.astronomy.size
    assert stages["evaluate-upscale-baselines"].parameters["rows"] == "bicubic,lanczos"
    assert "evaluate-upscale-peers" not in stages
    monkeypatch.setitem(BASELINES, "real-esrgan", replace(BASELINES["real-esrgan"], modules=("json",)))
    stages = planned("quick")[1]
    assert stages["evaluate-upscale-baselines"].parameters["rows"] == "bicubic,lanczos"
    assert stages["evaluate-upscale-peers"].parameters["rows"] == "real-esrgan"
    assert profile.run.metrics_file("real-esrgan") in stages["report"].inputs


def test_the_report_waits_for_every_row_of_super_resolution():
    profile, stages = planned("quick")
    for row in ("srgan-supervised", "srgan-adversarial", "srgan-finetune", "edsr-supervised", "edsr-finetune",
                "wdsr-supervised", "wdsr-finetune", "wdsr-expansion4-supervised", "bicubic", "lanczos"):  # fmt: skip
        run = profile.run
        wanted = {run.metrics_file(row), run.measures_file(row), run.predictions_file(row)}
        assert wanted <= set(stages["report"].inputs)
        assert row in stages["report"].parameters["rows"].split(",")
    baselines = stages["evaluate-upscale-baselines"]
    assert baselines.notebook == Path("notebooks/upscale_evaluate.ipynb")
    assert baselines.inputs == (run.record_file("weights"), run.data_file("astronomy"))
    assert stages["srgan-adversarial"].notebook == Path("notebooks/upscale_adversarial.ipynb")
    assert stages["lab-resnet18-adversarial"].notebook == Path("notebooks/adversarial.ipynb")


def test_evaluations_take_what_their_notebook_takes_and_score_the_casts():
    profile, stages = planned("quick")
    for stage in stages.values():
        if stage.name.startswith("evaluate-"):
            EvaluateStage.checked(**stage.parameters)
    edsr = stages["evaluate-edsr"]
    assert edsr.parameters["casts"] == "edsr-supervised,edsr-finetune"
    assert profile.run.metrics_file("edsr-finetune-cast") in edsr.results
    assert stages["evaluate-lab-resnet18"].parameters["casts"] == ""
    assert "degradation" not in stages["evaluate-colour-baselines"].parameters
    bicubic = stages["evaluate-upscale-baselines"].parameters["degradation"]
    assert (bicubic, edsr.parameters["task"]) == ("bicubic", "upscale")


@pytest.mark.parametrize("name", ["paper", "quick", "smoke"])
def test_training_alone_asks_for_a_gpu(name):
    profile, stages = planned(name)
    trained = {config.row for config in profile.all_trainings()}
    assert {stage.name for stage in stages.values() if stage.gpu} == trained
    for stage in stages.values():
        assert stage.mem_mb >= 4000
        assert stage.runtime >= 60
        assert stage.threads == (2 if stage.gpu or stage.name.startswith(("evaluate-", "apply")) else 1)


def test_the_weights_at_hand_are_part_of_the_question(monkeypatch, tmp_path):
    before = planned("quick")[1]["weights"]
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(folder))
    empty = planned("quick")[1]["weights"]
    (folder / "resnet18-f37072fd.pth").write_bytes(b"weights")
    assert len({stage.code for stage in (before, empty, planned("quick")[1]["weights"])}) == 3
    assert "--offline" in before.command


def test_the_weights_of_a_content_network_are_required(tmp_path):
    text = (PROFILES / "smoke.yaml").read_text()
    for content, wanted in (("vgg19", "vgg19"), ("squeezenet", "squeezenet1_1")):
        path = write_text(tmp_path / "own.yaml", text.replace("pixel:", f"{content}:"))
        assert plan_stages(load_profile(path), ROOT)["weights"].command[-2:] == ("--require", wanted)
    assert "--require" not in planned("smoke")[1]["weights"].command
