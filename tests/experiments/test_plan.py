"""The stages of the committed profiles."""

from pathlib import Path

import pytest

from astrogan.experiments.plan import stages
from astrogan.experiments.profiles import load_profile

ROOT = Path(__file__).parents[2]


def plan(name):
    profile = load_profile(ROOT / "workflow" / "profiles" / f"{name}.yaml")
    return profile, {stage.name: stage for stage in stages(profile, ROOT)}


@pytest.mark.parametrize("name", ["smoke", "quick", "paper"])
def test_the_runs_own_models_are_tried_on_a_frame_before_the_book_is_made(name):
    profile, found = plan(name)
    apply = found["apply"]
    assert f"{profile.run}/checkpoints/lab-resnet18/finetune.pt" in apply.inputs
    pictures = [output for output in apply.outputs if "/figures/" in output]
    assert len(pictures) == (4 if profile.upscale else 2)
    assert set(pictures) <= set(found["book"].inputs)


def test_a_profile_whose_models_nobody_would_take_has_no_such_stage():
    profile, _ = plan("smoke")
    phases = {"pretrain": {}}
    experiments = {name: entry.model_copy(update={"phases": phases}) for name, entry in profile.experiments.items()}
    bare = profile.model_copy(update={"experiments": experiments, "upscale": None})
    assert "apply" not in {stage.name for stage in stages(bare, ROOT)}


def test_candidate_recipes_are_measured_on_validation_tiles_beside_the_baseline(monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "data")
    profile, found = plan("cpu")
    tried = [name for name, experiment in profile.experiments.items() if experiment.split == "valid"]
    assert tried
    for name in tried:
        assert found[f"evaluate-{name}"].parameters["split"] == "valid"
    assert found["evaluate-grey"].parameters["split"] == "test"
    assert found["evaluate-grey-valid"].parameters["split"] == "valid"
    assert f"{profile.run}/metrics/grey-valid.json" in found["evaluate-grey-valid"].outputs
    assert "evaluate-bicubic-valid" not in found
    _, quick = plan("quick")
    assert "evaluate-grey-valid" not in quick
