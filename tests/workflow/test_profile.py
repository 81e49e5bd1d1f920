from pathlib import Path

import pytest

from astrogan.errors import AstroganError
from astrogan.workflow.plan import stages
from astrogan.workflow.profile import load_profile

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "workflow" / "profiles"

MINIMAL = """
about: test
decides: false
astronomy: {size: 32}
photographs: {size: 32}
phases: {pretrain: {epochs: 1}}
experiments:
  one: {phases: {pretrain: {%s}}}
"""


def written(tmp_path, inner):
    path = tmp_path / "mine.yaml"
    path.write_text(MINIMAL % inner)
    return path


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_profile_is_a_consistent_dag(path, monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "data")
    plan = stages(load_profile(path), ROOT)
    made = set()
    for stage in plan:
        assert set(stage.inputs) <= made, f"{stage.name} reads what no stage before it writes"
        assert not set(stage.outputs) & made, f"{stage.name} writes what another stage writes"
        made |= set(stage.outputs)
    assert len({stage.name for stage in plan}) == len(plan)


def test_phases_inherit_in_order():
    profile = load_profile(PROFILES / "quick.yaml")
    assert profile.training("lab-resnet18", "pretrain").start_from == ""
    assert (
        profile.training("lab-resnet18", "adversarial").start_from == "runs/quick/checkpoints/lab-resnet18/pretrain.pt"
    )
    assert profile.training("lab-resnet18", "finetune").kind == "astronomy"
    assert profile.training("lab-resnet18", "pretrain").kind == "photographs"


def test_a_value_of_the_experiment_beats_the_profiles(tmp_path):
    assert load_profile(written(tmp_path, "epochs: 7")).training("one", "pretrain").epochs == 7


def test_unknown_things_are_refused_before_any_work(tmp_path):
    with pytest.raises(AstroganError, match=r"no profile is called 'fast'; known are .*quick"):
        load_profile(PROFILES / "fast.yaml")
    with pytest.raises(AstroganError, match="'epochz' is not a parameter"):
        load_profile(written(tmp_path, "epochz: 7"))
    with pytest.raises(AstroganError, match="'lr' = '1e-4'"):
        load_profile(written(tmp_path, "lr: 1e-4"))


def test_the_weights_folder_is_part_of_the_question(monkeypatch):
    profile = load_profile(PROFILES / "quick.yaml")
    before = stages(profile, ROOT)[0]
    monkeypatch.setenv("ASTROGAN_WEIGHTS", "weights")
    assert stages(profile, ROOT)[0].code != before.code
    assert "--offline" in before.arguments
