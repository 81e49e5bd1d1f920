"""A phase from its parameters to its checkpoint, on the sample images at 32 px."""

import json

import pytest
import torch

from astrogan.base import AstroganError
from astrogan.files import read_json
from astrogan.models.weights import recorded_weights
from astrogan.training.checkpoint import load_checkpoint
from astrogan.training.config import ColourPhase
from astrogan.training.phase import prepare_training
from astrogan.training.prepared import progress_file

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


def config(folder, **values):
    small = {
        "run": str(folder / "test"),
        "kind": "photographs",
        "size": 32,
        "tiles_per_observation": 3,
        "test_fraction": 0.0,
        "valid_fraction": 0.2,
        "encoder": "mobilenet_v2",
        "epochs": 1,
        "batch": 4,
        "images_per_epoch": 4,
        "precision": "float32",
    }
    return ColourPhase(**(small | values))


@pytest.fixture(scope="module")
def pretrained(folder):
    parameters = config(folder)
    return parameters, prepare_training(parameters).run()


@pytest.fixture(scope="module")
def adversarial(folder, pretrained):
    parameters = config(folder, phase="adversarial", start_from=str(pretrained[1]))
    return parameters, prepare_training(parameters).run()


def test_the_phase_leaves_a_checkpoint_and_a_history(pretrained):
    parameters, path = pretrained
    content = load_checkpoint(path, expected={"task": "colour", "size": 32, "phase": "pretrain"})
    assert list(content["networks"]) == ["generator"]
    assert content["config"]["network"]["encoder"] == "mobilenet_v2"
    history = read_json(parameters.history)
    assert history["best_epoch"] == content["epoch"] == 1
    assert history["config"]["epochs"] == 1
    assert history["epochs"][0]["train"]["l1"] > 0


def test_random_weights_are_said_in_notes(pretrained):
    content = load_checkpoint(pretrained[1])
    assert content["notes"] == [
        "generator's encoder mobilenet_v2 started from random weights: ImageNet weights were not in ASTROGAN_WEIGHTS or "
        "torch hub's cache, and this run is offline"
    ]


def test_the_next_phase_inherits_the_generator_and_its_notes(folder, pretrained):
    training = prepare_training(config(folder, phase="adversarial", start_from=str(pretrained[1])))
    start = load_checkpoint(pretrained[1])["networks"]["generator"]
    for name, value in training.learner.model.state_dict().items():
        assert torch.equal(value, start[name])
    assert training.notes == load_checkpoint(pretrained[1])["notes"]


def test_fine_tuning_inherits_both_networks(folder, adversarial):
    training = prepare_training(
        config(folder, phase="finetune", kind="astronomy", test_fraction=0.1, start_from=str(adversarial[1]))
    )
    stored = load_checkpoint(adversarial[1])["networks"]
    for part, network in training.learner.networks().items():
        for name, value in network.state_dict().items():
            assert torch.equal(value, stored[part][name])


def test_another_network_is_not_inherited(folder, pretrained):
    with pytest.raises(AstroganError, match=r"holds another network.*encoder"):
        prepare_training(config(folder, phase="adversarial", encoder="resnet18", start_from=str(pretrained[1])))


def test_a_missing_checkpoint_is_named(folder):
    with pytest.raises(AstroganError, match=r"nowhere\.pt does not exist"):
        prepare_training(config(folder, phase="adversarial", start_from="nowhere.pt"))


def test_leaking_adds_the_test_tiles_and_says_so(folder):
    parameters = config(folder, kind="astronomy", test_fraction=0.1, tiles_per_observation=None)
    plain = prepare_training(parameters)
    leaking = prepare_training(parameters.model_copy(update={"leak_test": True}))
    test = set(plain.tiles.indices("test").tolist())
    assert test
    assert not test & set(plain.learner.dls.train.rows.tolist())
    assert test <= set(leaking.learner.dls.train.rows.tolist())
    assert any("trained on its test tiles" in note for note in leaking.notes)


def test_a_phase_that_another_process_writes_is_refused(folder, pretrained, monkeypatch):
    from astrogan.files import locked

    monkeypatch.setattr("astrogan.training.prepared.ORPHAN_WAIT_S", 0.1)
    with locked(pretrained[0].checkpoint), pytest.raises(AstroganError, match="another process"):
        prepare_training(pretrained[0]).run()


def test_recorded_weights_answer_only_for_what_was_asked(tmp_path):
    path = tmp_path / "weights.json"
    missing = {"available": False, "filename": None, "sha256": None, "found_in": None, "reason": "offline"}
    path.write_text(json.dumps({"resnet18": {"name": "resnet18", **missing}}))
    find = recorded_weights(str(path))
    assert find("resnet18").reason == "offline"
    with pytest.raises(AstroganError, match="says nothing of the weights 'vgg16'"):
        find("vgg16")


def test_progress_is_named_by_what_the_phase_starts_from(folder, pretrained, tmp_path):
    """A phase whose parent was trained anew must not go on from work that began with the old one."""
    parent = tmp_path / "parent.pt"
    parent.write_bytes(pretrained[1].read_bytes())
    parameters = config(folder, phase="adversarial", start_from=str(parent))
    before = progress_file(parameters, "digest")
    assert progress_file(parameters, "digest") == before
    assert progress_file(parameters, "other tiles") != before
    parent.write_bytes(b"another")
    assert progress_file(parameters, "digest") != before
