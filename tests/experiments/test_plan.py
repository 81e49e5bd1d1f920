"""The stages of the committed profiles."""

from dataclasses import replace
from pathlib import Path

import pytest

from astrogan.base import AstroganError
from astrogan.evaluation.config import EvaluateStage
from astrogan.experiments import load_profile, plan_stages, read_catalogue
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


FOLDED = """
about: test
decides: false
astronomy: {source: "folder:$ASTROGAN_DATA/astro", size: 32}
photographs: {size: 32}
observatory: {source: "folder:$ASTROGAN_DATA/lco", size: 32, folds: 3}
phases: {colour: {pretrain: {epochs: 1}, finetune: {epochs: 1}}}
experiments: {%s}
"""


def folded(tmp_path, experiments):
    path = write_text(tmp_path / "folded.yaml", FOLDED % experiments)
    profile = load_profile(path)
    return profile, plan_stages(profile, ROOT)


def test_what_is_tested_on_folds_is_trained_once_a_fold_and_is_one_row(tmp_path):
    profile, stages = folded(tmp_path, "lab-observatory: ")
    run = profile.run
    trained = [f"lab-observatory-fold{fold}-{phase}" for fold in range(3) for phase in ("pretrain", "finetune")]
    assert sorted(name for name, stage in stages.items() if stage.gpu) == sorted(trained)
    for fold, name in enumerate(trained[::2]):
        values = stages[name].parameters
        assert (values["experiment"], values["fold"], values["folds"]) == (f"lab-observatory-fold{fold}", fold, 3)
        assert values["source"] == "folder:$ASTROGAN_DATA/lco"
        assert stages[name].outputs["checkpoint"] == run.checkpoint_file(name)
        assert run.data_file("observatory") in stages[name].inputs
    evaluation = stages["evaluate-lab-observatory"]
    assert (evaluation.parameters["rows"], evaluation.parameters["once"]) == (
        "lab-observatory-pretrain,lab-observatory-finetune",
        "",
    )
    assert evaluation.parameters["folds"] == 3
    assert set(map(run.checkpoint_file, trained)) < set(evaluation.inputs)
    baseline = stages["evaluate-colour-baselines-observatory"].parameters
    assert baseline["rows"].split(",")[::4] == ["grey-observatory", "random-palette-observatory"]
    assert (baseline["source"], baseline["folds"]) == (values["source"], 3)
    assert stages["evaluate-colour-baselines"].parameters["source"] == "folder:$ASTROGAN_DATA/astro"
    rows = stages["report"].parameters["rows"].split(",")
    assert {"lab-observatory-pretrain", "grey", "table", "grey-observatory", "table-observatory"} <= set(rows)
    assert {run.history_file(name) for name in trained} < set(stages["report"].inputs)


def test_hubbles_images_have_folds_where_an_experiment_asks(tmp_path):
    """Each fold goes on from its own fold; photographs, which have none, are learned once."""
    experiments = "lab-improved: {tiles: {folds: 4}}, lab-resnet18: {tiles: {folds: 4}}, try-hubble: "
    profile, stages = folded(tmp_path, experiments)
    run = profile.run
    for fold in range(4):
        values = stages[f"lab-improved-fold{fold}-finetune"].parameters
        assert values["start_from"] == str(run.checkpoint_file(f"lab-improved-fold{fold}-pretrain"))
        assert (values["fold"], values["folds"]) == (fold, 4)
    assert stages["evaluate-colour-baselines-folds"].parameters["folds"] == 4
    assert stages["evaluate-colour-baselines"].parameters["folds"] is None
    once = ["lab-resnet18-pretrain", "lab-resnet18-adversarial"]
    assert stages["evaluate-lab-resnet18"].parameters["once"].split(",") == once
    assert stages[once[0]].parameters["folds"] is None
    for fold in range(4):
        values = stages[f"lab-resnet18-fold{fold}-finetune"].parameters
        assert values["start_from"] == str(run.checkpoint_file("lab-resnet18-adversarial"))
    assert "try-hubble-fold0-pretrain" not in stages
    assert "fold" not in stages["evaluate-try-hubble"].parameters["once"]


@pytest.fixture
def catalogue(monkeypatch):
    """The catalogue with changes: experiment -> fields."""

    def change(**fields):
        known = read_catalogue()
        changed = {name: known.experiments[name].model_copy(update=each) for name, each in fields.items()}
        new = known.model_copy(update={"experiments": known.experiments | changed})
        monkeypatch.setattr("astrogan.experiments.profiles.read_catalogue", lambda: new)

    return change


def test_folds_that_make_no_sense_are_refused(tmp_path, catalogue):
    with pytest.raises(AstroganError, match="try-hubble is measured on validation tiles, which folds share"):
        folded(tmp_path, "try-hubble: {tiles: {folds: 3}}")
    with pytest.raises(
        AstroganError, match="lab-resnet18 has 2 folds of images that another experiment has in other folds"
    ):
        folded(tmp_path, "lab-improved: {tiles: {folds: 4}}, lab-resnet18: {tiles: {folds: 2}}")
    starts = {"wdsr-astronomy": {"start_from": "wdsr/finetune"}}
    catalogue(**starts)
    with pytest.raises(
        AstroganError, match="tested on folds, but wdsr/finetune behind it was trained on images of all"
    ):
        folded(tmp_path, "wdsr: , wdsr-astronomy: {tiles: {folds: 3}}")
    with pytest.raises(AstroganError, match="2 folds, but wdsr/finetune, which it starts from, has 3"):
        folded(tmp_path, "wdsr: {tiles: {folds: 3}}, wdsr-astronomy: {tiles: {folds: 2}}")
    with pytest.raises(AstroganError, match="trained on 3 folds, tested on none: its `sky` must be"):
        folded(tmp_path, "wdsr: {tiles: {folds: 3}}, wdsr-astronomy: ")
    assert folded(tmp_path, "wdsr: {tiles: {folds: 3}}, wdsr-astronomy: {tiles: {folds: 3}}")
    with pytest.raises(AstroganError, match="wants the images of `observatory`, which the profile does not name"):
        load_profile(write_text(tmp_path / "none.yaml", (FOLDED % "lab-observatory: ").replace("observatory:", "#", 1)))
