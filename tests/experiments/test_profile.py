from pathlib import Path

import pytest

from astrogan.base import AstroganError
from astrogan.experiments.plan import stages
from astrogan.experiments.profiles import load_profile

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


def test_super_resolution_inherits_in_order_too():
    profile = load_profile(PROFILES / "quick.yaml")
    finetune = profile.upscaling("srgan", "finetune")
    assert finetune.start_from == "runs/quick/checkpoints/srgan/adversarial.pt"
    assert (finetune.kind, finetune.size, finetune.content) == ("astronomy", 64, "pixel")
    assert profile.upscaling("edsr", "finetune").start_from == "runs/quick/checkpoints/edsr/supervised.pt"
    assert profile.upscaling("wdsr", "supervised").expansion == 6
    assert profile.upscaling("wdsr-expansion4", "supervised").expansion == 4


def test_the_expansions_differ_in_nothing_else(monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "data")
    for path in PROFILES.glob("*.yaml"):
        wide, narrow = (load_profile(path).upscaling(name, "supervised") for name in ("wdsr", "wdsr-expansion4"))
        assert narrow.model_copy(update={"expansion": 6, "experiment": "wdsr"}) == wide


def test_the_report_waits_for_every_row_of_super_resolution():
    plan = {stage.name: stage for stage in stages(load_profile(PROFILES / "quick.yaml"), ROOT)}
    for row in ("srgan-supervised", "srgan-adversarial", "srgan-finetune", "edsr-supervised", "edsr-finetune",
                "wdsr-supervised", "wdsr-finetune", "wdsr-expansion4-supervised", "bicubic"):  # fmt: skip
        wanted = {f"runs/quick/metrics/{row}.json", f"runs/quick/predictions/{row}.npz"}
        assert wanted <= set(plan["report"].inputs)
    assert plan["evaluate-bicubic"].notebook == "notebooks/upscale_evaluate.ipynb"
    assert plan["evaluate-bicubic"].inputs == ["runs/quick/weights.json", "runs/quick/data/astronomy.json"]
    assert plan["srgan-adversarial"].notebook == "notebooks/upscale_adversarial.ipynb"


def test_the_weights_of_a_content_network_are_required(tmp_path):
    upscale = """
upscale:
  defaults: {content: %s}
  phases: {adversarial: {epochs: 1}}
  experiments: {srgan: {phases: {adversarial: {}}}}
"""
    for content, wanted in (("vgg19", ["--require", "vgg19"]), ("squeezenet", ["--require", "squeezenet1_1"])):
        path = written(tmp_path, "")
        path.write_text(path.read_text() + upscale % content)
        assert stages(load_profile(path), ROOT)[0].arguments[-2:] == wanted
    path.write_text(path.read_text().replace("squeezenet", "pixel"))
    assert "--require" not in stages(load_profile(path), ROOT)[0].arguments


def test_what_does_not_fit_super_resolution_is_refused(tmp_path):
    path = written(tmp_path, "")
    half = "upscale: {phases: {}, experiments: {srgan: {phases: {%s}}}}\n"
    for phases, message in (("pretrain: {}", "supervised"), ("supervised: {crop: 30}", "'crop' = 30.*multiple of 4")):
        path.write_text(MINIMAL % "" + half % phases)
        with pytest.raises(AstroganError, match=message):
            load_profile(path)
    path.write_text((MINIMAL % "").replace("32", "33") + half % "supervised: {}")
    with pytest.raises(AstroganError, match=r"'size' = 33.*multiple of 4"):
        load_profile(path)


def test_a_value_of_the_experiment_beats_the_profiles(tmp_path):
    assert load_profile(written(tmp_path, "epochs: 7")).training("one", "pretrain").epochs == 7


def test_unknown_things_are_refused_before_any_work(tmp_path):
    with pytest.raises(AstroganError, match=r"no profile is called 'fast'; known are .*quick"):
        load_profile(PROFILES / "fast.yaml")
    with pytest.raises(AstroganError, match="'epochz' is not a parameter"):
        load_profile(written(tmp_path, "epochz: 7"))
    with pytest.raises(AstroganError, match="'lr' = '1e-4'"):
        load_profile(written(tmp_path, "lr: 1e-4"))


def test_the_weights_at_hand_are_part_of_the_question(monkeypatch, tmp_path):
    profile = load_profile(PROFILES / "quick.yaml")
    before = stages(profile, ROOT)[0]
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(tmp_path))
    empty = stages(profile, ROOT)[0]
    (tmp_path / "resnet18-f37072fd.pth").write_bytes(b"weights")
    assert len({str(stage.code) for stage in (before, empty, stages(profile, ROOT)[0])}) == 3
    assert "--offline" in before.arguments
