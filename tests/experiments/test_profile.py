from pathlib import Path

import pytest

from astrogan.base import AstroganError
from astrogan.experiments import load_profile
from astrogan.experiments.catalogue import Catalogue
from astrogan.files import write_text

PROFILES = Path(__file__).parents[2] / "workflow" / "profiles"

MINIMAL = """
about: test
decides: false
astronomy: {size: 32}
photographs: {size: 32}
phases: {colour: {pretrain: {epochs: 1}}, upscale: {}}
experiments:
  lab-resnet18: {%s}
"""


def written(tmp_path, text):
    return write_text(tmp_path / "mine.yaml", text)


def test_phases_inherit_in_order():
    profile = load_profile(PROFILES / "quick.yaml")
    pretrain, adversarial, finetune = profile.trainings("lab-resnet18")
    assert pretrain.start_from == ""
    assert adversarial.start_from == "runs/quick/checkpoints/lab-resnet18/pretrain.pt"
    assert (finetune.kind, pretrain.kind) == ("astronomy", "photographs")


def test_super_resolution_inherits_in_order_too():
    profile = load_profile(PROFILES / "quick.yaml")
    finetune = profile.training("srgan", "finetune")
    assert finetune.start_from == "runs/quick/checkpoints/srgan/adversarial.pt"
    assert (finetune.kind, finetune.size) == ("astronomy", 64)
    assert finetune.losses == {"pixel": 1.0, "adversarial": 0.001}
    assert profile.training("edsr", "finetune").start_from == "runs/quick/checkpoints/edsr/supervised.pt"
    assert profile.training("wdsr", "supervised").expansion == 6
    assert profile.training("wdsr-expansion4", "supervised").expansion == 4


def test_an_experiment_starts_from_another(monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "data")
    seed = load_profile(PROFILES / "cpu.yaml").training("lab-resnet18-seed1", "finetune")
    assert (seed.start_from, seed.seed) == ("runs/cpu/checkpoints/lab-resnet18/adversarial.pt", 1)


def test_expansions_and_seeds_differ_in_nothing_else(monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "data")
    for path in PROFILES.glob("*.yaml"):
        profile = load_profile(path)
        wide = profile.training("wdsr", "supervised")
        names = [name for name in profile.experiments if name.startswith(("wdsr-expansion4", "wdsr-seed"))]
        assert len(names) == (5 if profile.decides else 1)
        for name in names:
            expansion, seed = 4 if "expansion4" in name else 6, int(name[-1]) if "seed" in name else 0
            training = profile.training(name, "supervised")
            assert (training.expansion, training.seed) == (expansion, seed)
            assert training.model_copy(update={"expansion": 6, "seed": 0, "experiment": "wdsr"}) == wide


def test_the_control_without_an_adversary_is_the_adversarial_phase_without_it(monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "data")
    for name in ("cpu", "gpu", "paper"):
        profile = load_profile(PROFILES / f"{name}.yaml")
        control, phase = (profile.training(each, "adversarial") for each in ("lab-resnet18-l1", "lab-resnet18"))
        assert (control.adversarial, phase.adversarial) == (False, True)
        assert control.model_copy(update={"experiment": "lab-resnet18", "losses": phase.losses}) == phase


def test_a_recipes_rate_is_its_makers_where_a_profile_gives_none(monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "data")
    paper, smoke = (load_profile(PROFILES / f"{name}.yaml") for name in ("paper", "smoke"))
    assert [paper.training(name, "supervised").lr for name in ("srgan", "edsr", "wdsr")] == [1e-4, 1e-4, 1e-3]
    assert smoke.training("wdsr", "supervised").lr == 1e-4
    assert paper.training("srgan", "adversarial").losses == {"vgg19": 1.0, "adversarial": 0.001}
    assert paper.training("lab-resnet18", "adversarial").losses == {"adversarial": 1.0, "l1": 100.0}


def test_values_of_an_experiment_in_a_profile_beat_all_others(tmp_path):
    path = written(tmp_path, MINIMAL % "tiles: {size: 64}, pretrain: {epochs: 7, beta1: 0.8}")
    training = load_profile(path).training("lab-resnet18", "pretrain")
    assert (training.epochs, training.beta1, training.lr, training.size) == (7, 0.8, 1e-4, 64)
    assert load_profile(path).tiles("astronomy").size == 32


def test_one_degradation_holds_for_trainings_and_evaluations(tmp_path):
    text = MINIMAL.replace("lab-resnet18: {%s}", "srgan:") + "degradation: telescope\n"
    profile = load_profile(written(tmp_path, text))
    assert profile.training("srgan", "supervised").degradation == "telescope"
    assert [profile.shared(task) for task in profile.tasks] == [{"degradation": "telescope"}]


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        ("pretrain: {epochz: 7}", r"profile mine: lab-resnet18, pretrain: .*'epochz' is not a parameter"),
        ("pretrain: {lr: 1e-4}", "'lr' = '1e-4'"),
        ("pretrain: {crop: 32}", "'crop' is not a parameter of the task colour"),
        ("pretrain: {losses: {l3: 1.0}}", "no loss is called 'l3'; known are"),
        ("supervised: {}", "'supervised' is no phase of lab-resnet18; .* tiles, pretrain, adversarial, finetune"),
        ("tiles: {sizes: 3}", "'sizes' is not a parameter"),
        ("pretrain: 3", "'experiments.lab-resnet18.pretrain' = 3"),
    ],
)
def test_what_an_experiment_cannot_have_is_refused_before_any_work(tmp_path, inner, message):
    with pytest.raises(AstroganError, match=message):
        load_profile(written(tmp_path, MINIMAL % inner))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lab-resnet18:", "lab-resnet19:", "no experiment is called 'lab-resnet19'; experiments.yaml knows lab-resnet18,"),
        ("lab-resnet18:", "lab-resnet18-seed1:", "lab-resnet18-seed1 starts from lab-resnet18, which the profile does not"),
        ("pretrain: {epochs: 1}", "finetune: {epochz: 1}", "'epochz' is not a parameter"),
        ("pretrain: {epochs: 1}", "supervised: {epochs: 1}", "not a phase of the task colour; they are pretrain"),
        ("upscale: {}", "upscale: {supervised: {crop: 30}}", "'crop' = 30.*multiple of 4"),
        ("upscale: {}", "enlarge: {}", "'phases.enlarge"),
        ("about: test", "about: 3", "'about' = 3"),
        ("decides: false", "decide: false", "'decide' is not a parameter"),
        ("astronomy: {size: 32}", "astronomy: {size: big}", "'size' = 'big'"),
        ("lab-resnet18: {}", "srgan:", None),
        (MINIMAL % "", "lab-resnet18", r"mine\.yaml is not a list of names and values"),
        ("about: test", "about: [", "profile mine: while parsing"),
    ],
)  # fmt: skip
def test_what_a_profile_cannot_have_is_refused_before_any_work(tmp_path, old, new, message):
    text = (MINIMAL % "").replace(old, new)
    assert text != MINIMAL % ""
    if message is None:  # tiles of 33 px have no quarter
        text, message = text.replace("{size: 32}", "{size: 33}"), r"'size' = 33.*multiple of 4"
    with pytest.raises(AstroganError, match=message):
        load_profile(written(tmp_path, text))


def test_an_unknown_profile_names_the_known():
    with pytest.raises(AstroganError, match=r"no profile is called 'fast'; known are .*quick"):
        load_profile(PROFILES / "fast.yaml")


@pytest.mark.parametrize(
    "old",
    [
        MINIMAL % "" + "upscale: {phases: {}, experiments: {srgan: {phases: {supervised: {}}}}}\n",
        MINIMAL % "phases: {pretrain: {}}",
        MINIMAL % "network: {space: rgb}, phases: {pretrain: {}}",
    ],
)
def test_a_profile_of_an_older_version_gets_one_clear_sentence(tmp_path, old):
    with pytest.raises(AstroganError, match=r"mine\.yaml is of an older version.*workflow/experiments\.yaml"):
        load_profile(written(tmp_path, old))


def experiment(**values):
    row = {"label": "x", "short": "x", "color": "blue"}
    return {"task": "colour", "phases": {"pretrain": {}}, "rows": {"pretrain": row}} | values


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (experiment(phases={"supervised": {}}), "'supervised' of 'phases' is not among the phases pretrain"),
        (experiment(images={"finetune": "astronomy"}), "'finetune' of 'images' is not among the phases pretrain"),
        (experiment(rows={"finetune": experiment()["rows"]["pretrain"]}), "'finetune' of 'rows'"),
        (experiment(start_from="two/pretrain"), "one: 'start_from' = 'two/pretrain' is no phase of an experiment"),
        (experiment(task="enlarge"), "'experiments.one.task' = 'enlarge'"),
        (experiment(networks={}), "'experiments.one.networks' is not a parameter"),
    ],
)
def test_what_an_experiment_cannot_be_is_refused(entry, message):
    with pytest.raises(AstroganError, match=message):
        Catalogue.checked(experiments={"one": entry}, baselines={})
