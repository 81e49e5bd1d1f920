"""A phase from its parameters to its checkpoint, on the sample images at 32 px."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from astrogan import tasks
from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.images import read_image
from astrogan.data.prepare import prepare_tiles
from astrogan.files import read_json
from astrogan.models.config import NetworkConfig
from astrogan.models.encoders import ENCODERS, Encoder
from astrogan.models.generators import GENERATORS
from astrogan.models.network import Network
from astrogan.models.stem import features_of
from astrogan.models.weights import recorded_weights
from astrogan.tasks.upscale import UpscaleConversion
from astrogan.training import losses, phase
from astrogan.training.checkpoint import FORMAT, load_checkpoint
from astrogan.training.config import TrainStage
from astrogan.training.losses import LOSSES, Loss
from astrogan.training.phase import prepare_training

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SMALL = {
    "kind": "photographs",
    "size": 32,
    "tiles_per_observation": 3,
    "test_fraction": 0.0,
    "valid_fraction": 0.2,
    "epochs": 1,
    "precision": "float32",
}
TASKS = {
    "colour": {"encoder": "mobilenet_v2", "batch": 4, "images_per_epoch": 4},
    "upscale": {"experiment": "edsr", "generator": "edsr", "batch": 2, "images_per_epoch": 2},
}
FIRST = {"colour": "pretrain", "upscale": "supervised"}
ADVERSARIAL = {"colour": None, "upscale": {"pixel": 1.0, "adversarial": 1e-3}}
"""The content loss of super-resolution needs weights, as published; that of the pixels does not."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


def config(folder, task="colour", **values):
    values = SMALL | {"run": str(folder / "test"), "task": task} | TASKS[task] | values
    if values.get("phase", FIRST[task]) != FIRST[task]:
        values = {"losses": ADVERSARIAL[task]} | values
    return TrainStage.checked(**values)


@pytest.fixture(scope="module")
def supervised(folder):
    """By task: the parameters of its first phase, and the checkpoint that this left."""
    found = {task: config(folder, task) for task in TASKS}
    return {task: (parameters, prepare_training(parameters).run()) for task, parameters in found.items()}


@pytest.fixture(scope="module")
def adversarial(folder, supervised):
    found = {
        task: config(folder, task, phase="adversarial", start_from=str(path)) for task, (_, path) in supervised.items()
    }
    return {task: (parameters, prepare_training(parameters).run()) for task, parameters in found.items()}


def test_a_colour_phase_leaves_a_checkpoint_and_a_history(supervised):
    parameters, path = supervised["colour"]
    content = load_checkpoint(path, expected={"task": "colour", "size": 32, "phase": "pretrain"})
    assert list(content["networks"]) == ["generator"]
    assert content["config"]["network"]["encoder"] == "mobilenet_v2"
    history = read_json(parameters.history)
    assert history["best_epoch"] == content["epoch"] == 1
    assert history["config"]["epochs"] == 1
    assert history["epochs"][0]["train"]["l1"] > 0
    assert (content["criterion"], content["value"]) == ("l1", history["best_value"])


def test_a_super_resolution_phase_leaves_a_checkpoint_and_a_history(supervised):
    parameters, path = supervised["upscale"]
    content = load_checkpoint(path, expected={"task": "upscale", "size": 32, "degradation": "bicubic"})
    assert content["config"]["network"] == {"generator": "edsr", "expansion": 6, "discriminator": "srgan"}
    assert list(content["networks"]) == ["generator"]
    history = read_json(parameters.history)
    assert history["best_value"] == content["value"] == history["epochs"][0]["valid"]["clipped_mse"]
    assert history["parameters"]["generator"] == 1_517_571
    assert history["notes"][:2] == ["trained on the degradation bicubic, x4", "before adversarial training"]


@pytest.mark.parametrize("task", TASKS)
def test_a_network_that_does_not_beat_the_baseline_is_said_not_to_be_trained(folder, supervised, task):
    """Of one epoch of two steps neither does; a network that repeats the baseline's error does not beat it either."""
    parameters, path = supervised[task]
    half, history = tasks.TASKS[task], read_json(parameters.history)
    name = half.validated[0]
    tiles = prepare_tiles(parameters.part(TilesConfig), parameters.tiles_cache)
    conversion = half.conversion(parameters.part(NetworkConfig), "bicubic")
    pixels = torch.from_numpy(tiles.pixels[tiles.indices("valid")]).permute(0, 3, 1, 2)
    condition, target = conversion.batch(pixels)
    expected = LOSSES[name].function(conversion.baseline(condition), target)
    assert history["untrained"][name] == pytest.approx(float(expected), rel=1e-5)
    said = [note for note in load_checkpoint(path)["notes"] if note.startswith(tasks.NOT_TRAINED)]
    assert bool(said) == (history["best_value"] >= history["untrained"][name])
    kept = {"valid": {name: 0.5}}
    assert phase._not_trained(half, kept, {name: 0.6}) == []
    assert phase._not_trained(half, kept, {name: 0.5})[0].startswith(tasks.NOT_TRAINED)


@pytest.mark.parametrize("task", TASKS)
def test_a_history_keeps_the_parameters_of_its_task_and_no_others(supervised, task):
    parameters, path = supervised[task]
    history = read_json(parameters.history)
    assert TrainStage.checked(**history["config"]) == parameters
    assert ("crop" in history["config"], "encoder" in history["config"]) == ((task == "upscale"), (task == "colour"))
    assert history["format"] == load_checkpoint(path)["format"] == FORMAT


def test_the_adversarial_phase_says_what_it_compared_in(adversarial):
    parameters, path = adversarial["upscale"]
    content = load_checkpoint(path, expected={"side": 32})
    assert set(content["networks"]) == {"generator", "discriminator"}
    assert content["notes"][1] == "after adversarial training"
    assert "SRGAN-MSE" in content["notes"][2]
    history = read_json(parameters.history)
    assert history["config"]["losses"] == {"pixel": 1.0, "adversarial": 1e-3}
    assert (content["criterion"], content["value"]) == ("pixel", history["best_value"])


def test_random_weights_are_said_in_notes(supervised):
    content = load_checkpoint(supervised["colour"][1])
    assert content["notes"][:1] == [
        "generator's encoder mobilenet_v2 started from random weights: ImageNet weights were not in ASTROGAN_WEIGHTS or "
        "torch hub's cache, and this run is offline"
    ]


def test_the_next_phase_inherits_the_generator_and_its_notes(folder, supervised):
    path = supervised["colour"][1]
    training = prepare_training(config(folder, phase="adversarial", start_from=str(path)))
    start = load_checkpoint(path)["networks"]["generator"]
    for name, value in training.learner.model.state_dict().items():
        assert torch.equal(value, start[name])
    assert training.notes == load_checkpoint(path)["notes"][:1]  # not that the phase before was not trained


@pytest.mark.parametrize("task", TASKS)
def test_fine_tuning_inherits_both_networks(folder, adversarial, task):
    path = adversarial[task][1]
    training = prepare_training(
        config(folder, task, phase="finetune", kind="astronomy", test_fraction=0.1, start_from=str(path))
    )
    stored = load_checkpoint(path)["networks"]
    assert set(training.learner.networks()) == set(stored) == {"generator", "discriminator"}
    for part, network in training.learner.networks().items():
        for name, value in network.state_dict().items():
            assert torch.equal(value, stored[part][name])


@pytest.mark.parametrize("task", TASKS)
def test_after_supervised_training_the_discriminator_is_new(folder, supervised, task):
    path = supervised[task][1]
    training = prepare_training(config(folder, task, phase="finetune", start_from=str(path)))
    stored = load_checkpoint(path)["networks"]["generator"]
    assert all(torch.equal(value, stored[name]) for name, value in training.learner.model.state_dict().items())
    assert training.learner.discriminator.training


@pytest.mark.parametrize("task", TASKS)
def test_fine_tuning_without_an_adversary_trains_no_discriminator(folder, adversarial, task):
    """Also after a phase that had one; its networks, checkpoint and parameter counts say so."""
    parameters = config(
        folder, task, experiment="plain", phase="finetune", losses={"l1": 1.0}, start_from=str(adversarial[task][1])
    )
    training = prepare_training(parameters)
    assert list(training.learner.networks()) == ["generator"]
    content = load_checkpoint(training.run())
    assert list(content["networks"]) == ["generator"]
    assert list(read_json(parameters.history)["parameters"]) == ["generator"]
    assert not any(note.startswith("content loss") for note in content["notes"])
    assert "after adversarial training" not in content["notes"]


def test_another_network_task_or_side_is_not_inherited(folder, supervised, adversarial):
    with pytest.raises(AstroganError, match=r"holds another network.*encoder"):
        prepare_training(
            config(folder, phase="adversarial", encoder="resnet18", start_from=str(supervised["colour"][1]))
        )
    start = {"phase": "finetune", "start_from": str(adversarial["upscale"][1])}
    with pytest.raises(AstroganError, match=r"holds another network.*\"generator\": \[\"edsr\", \"wdsr\"\]"):
        prepare_training(config(folder, "upscale", generator="wdsr", **start))
    with pytest.raises(AstroganError, match="discriminator of 32 px, this phase trains at 16 px"):
        prepare_training(config(folder, "upscale", crop=16, **start))
    with pytest.raises(AstroganError, match="crop of 48 px does not fit into tiles of 32 px"):
        prepare_training(config(folder, "upscale", crop=48))
    with pytest.raises(AstroganError, match="task is 'upscale', expected 'colour'"):
        prepare_training(config(folder, **start))


def rewritten(path, target, **changes):
    content = torch.load(path, weights_only=True)
    torch.save(content | changes, target)
    return target


def test_an_old_checkpoint_is_refused_in_one_sentence(folder, supervised, tmp_path):
    path = supervised["colour"][1]
    old = rewritten(path, tmp_path / "old.pt", format=1)
    with pytest.raises(AstroganError, match=r"old\.pt is of format 1, this version reads 2.*Train its phase again"):
        prepare_training(config(folder, phase="adversarial", start_from=str(old)))
    identity = json.loads(torch.load(path, weights_only=True)["config"])
    identity["network"]["generator"] = "resnet18_unet"
    other = rewritten(path, tmp_path / "other.pt", config=json.dumps(identity))
    with pytest.raises(AstroganError, match=r"other\.pt holds another network.*resnet18_unet.*Name a checkpoint"):
        prepare_training(config(folder, phase="adversarial", start_from=str(other)))
    networks = {"generator": {"w": torch.ones(1)}}
    broken = rewritten(path, tmp_path / "broken.pt", networks=networks)
    with pytest.raises(AstroganError, match=r"broken\.pt does not hold the weights of the network that it names"):
        prepare_training(config(folder, phase="adversarial", start_from=str(broken)))


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
    assert not test & set(leaking.learner.dls.valid.rows.tolist())
    assert any("trained on its test tiles" in note for note in leaking.notes)


def test_what_comes_after_a_leak_is_marked_too(folder, supervised, tmp_path):
    note = "trained on its test tiles, as the authors' U-net was"
    path = supervised["colour"][1]
    leaked = rewritten(path, tmp_path / "leaked.pt", notes=[*load_checkpoint(path)["notes"], note])
    for leak in (False, True):
        training = prepare_training(
            config(
                folder, phase="finetune", kind="astronomy", test_fraction=0.1, leak_test=leak, start_from=str(leaked)
            )
        )
        assert training.notes.count(note) == 1


def test_a_phase_that_another_process_writes_is_refused(folder, supervised, monkeypatch):
    from astrogan.files import locked

    monkeypatch.setattr(phase, "ORPHAN_WAIT_S", 0.1)
    parameters, _ = supervised["colour"]
    with locked(parameters.checkpoint), pytest.raises(AstroganError, match="another process"):
        prepare_training(parameters).run()


def test_recorded_weights_answer_only_for_what_was_asked(tmp_path):
    path = tmp_path / "weights.json"
    missing = {"available": False, "filename": None, "sha256": None, "found_in": None, "reason": "offline"}
    path.write_text(json.dumps({"resnet18": {"name": "resnet18", **missing}}))
    find = recorded_weights(str(path))
    assert find("resnet18").reason == "offline"
    with pytest.raises(AstroganError, match="says nothing of the weights 'vgg16'"):
        find("vgg16")


def test_progress_is_named_by_what_the_phase_starts_from(folder, supervised, tmp_path, monkeypatch):
    """A phase whose parent was trained anew must not go on from work that began with the old one."""
    parent = tmp_path / "parent.pt"
    parent.write_bytes(supervised["colour"][1].read_bytes())
    parameters = config(folder, phase="adversarial", start_from=str(parent))
    training = prepare_training(parameters)
    tiles, before = training.tiles, phase._progress_digest(parameters, training.tiles)
    assert training.learner.progress_file == parameters.folder.progress_file(parameters.row, before)
    assert phase._progress_digest(parameters, tiles) == before

    class Other:
        digest = "other tiles"

    assert phase._progress_digest(parameters, Other) != before
    assert phase._progress_digest(parameters.model_copy(update={"lr": 0.5}), tiles) != before
    parent.write_bytes(b"another")
    assert phase._progress_digest(parameters, tiles) != before
    parent.write_bytes(supervised["colour"][1].read_bytes())
    monkeypatch.setattr(phase, "module_code", lambda name: [f"{name}:changed"])
    assert phase._progress_digest(parameters, tiles) != before


@pytest.mark.parametrize("content", ["vgg19", "squeezenet", "mobilenet_v2"])
def test_a_content_network_without_weights_is_refused_before_anything_is_done(folder, monkeypatch, content):
    def never(*_):
        raise AssertionError("tiles were cut first")

    monkeypatch.setattr(phase, "prepare_tiles", never)
    with pytest.raises(AstroganError, match=rf"'{content}'.*not in ASTROGAN_WEIGHTS.*vgg19, squeezenet.*'pixel'"):
        prepare_training(config(folder, "upscale", phase="adversarial", losses={content: 1.0, "adversarial": 1e-3}))


def test_supervised_training_needs_no_content_network(folder):
    parameters = config(folder, "upscale")
    assert parameters.weights_required == set()
    assert prepare_training(parameters).notes[-1] == "before adversarial training"


def test_a_content_network_is_the_weights_stages(folder, supervised, monkeypatch, tmp_path):
    from torchvision.models import squeezenet1_1

    torch.manual_seed(0)
    weights = squeezenet1_1(weights=None).state_dict()
    record = {
        "name": "squeezenet1_1",
        "available": True,
        "filename": "x",
        "sha256": "0",
        "found_in": "",
        "reason": None,
    }
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"squeezenet1_1": record}))
    monkeypatch.setattr(losses, "load", lambda found: weights if found.filename == "x" else None)
    parameters = config(
        folder,
        "upscale",
        phase="adversarial",
        losses={"squeezenet": 1.0, "adversarial": 1e-3},
        weights=str(path),
        start_from=str(supervised["upscale"][1]),
    )
    assert parameters.weights_required == parameters.all_weights == {"squeezenet1_1"}
    training = prepare_training(parameters)
    found = training.learner.losses["squeezenet"].features.state_dict()
    assert found
    assert all(torch.equal(value, features_of(weights)[name]) for name, value in found.items())
    assert "SqueezeNet 1.1" in training.notes[-1]
    assert "not VGG-19's features" in training.notes[-1]
    assert training.learner.phase.criterion == "squeezenet"


def test_a_loss_an_encoder_and_a_generator_are_added_in_one_line_each(folder, monkeypatch):
    """And train, without another change."""
    from torchvision.models import resnet34

    monkeypatch.setitem(LOSSES, "cubic", Loss(lambda output, target: (output - target).abs().pow(3).mean(), "cubes"))
    monkeypatch.setitem(ENCODERS, "resnet34", Encoder(resnet34, "resnet34", cut=-2))
    small = Network(
        "colour",
        lambda c, size, start: nn.Conv2d(1, c.channels, 3, padding=1),
        recipe={"losses": {"cubic": 2.0}, "lr": 0.5},
    )
    monkeypatch.setitem(GENERATORS, "tiny", small)

    def trained(**values):
        parameters = config(folder, pretrained=False, **values)
        prepare_training(parameters).run()
        return parameters, read_json(parameters.history)

    parameters, history = trained(experiment="loss", losses={"l1": 1.0, "cubic": 2.0}, criterion="cubic")
    assert set(history["epochs"][0]["train"]) == {"l1", "cubic"}
    assert history["best_value"] == history["epochs"][0]["valid"]["cubic"]
    _, history = trained(experiment="encoder", encoder="resnet34")
    assert history["notes"] == ["generator's encoder resnet34 started from random weights, as configured"]
    parameters, history = trained(experiment="generator", generator="tiny", encoder="resnet18")
    assert (parameters.losses, parameters.lr, history["parameters"]) == ({"cubic": 2.0}, 0.5, {"generator": 20})


@pytest.fixture
def awkward(tmp_path):
    """Pictures of 70 x 67 px, one smaller than a tile, and a 16-bit single-channel frame."""
    rng = np.random.default_rng(0)
    for name in range(6):
        coarse = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
        coarse.resize((70, 67), Image.Resampling.BICUBIC).save(tmp_path / f"{name}.png")
    Image.fromarray(rng.integers(0, 256, (20, 90, 3), dtype=np.uint8)).save(tmp_path / "small.png")
    Image.fromarray(rng.integers(0, 65536, (80, 80), dtype=np.uint16)).save(tmp_path / "frame.png")
    return tmp_path


def test_awkward_images_are_cut_or_counted(awkward, folder):
    """No tile of what is too small or grey; whole tiles, centred, of sides that are no multiple of 4."""
    source = {"source": f"folder:{awkward}", "kind": "astronomy", "tiles_per_observation": None}
    training = prepare_training(config(folder, "upscale", **source))
    counts, table = training.tiles.counts, training.tiles.table
    assert (counts["too_small_images"], counts["greyscale_images"], counts["images"]) == (1, 1, 8)
    assert set(table.file) == {f"{name}.png" for name in range(6)}
    assert set(zip(table.x, table.y, strict=True)) == {(3, 1), (35, 1), (3, 33), (35, 33)}
    condition, target = training.learner.task.batch(next(iter(training.learner.dls.valid))[0][:1])
    assert (condition.shape, target.shape) == ((1, 3, 8, 8), (1, 3, 32, 32))


def test_a_sixteen_bit_frame_becomes_three_equal_channels_of_eight(awkward):
    pixels = read_image(awkward / "frame.png")
    raw = np.asarray(Image.open(awkward / "frame.png")).astype(float)
    np.testing.assert_allclose(pixels[..., 0], raw / 257, atol=0.5)
    condition, target = UpscaleConversion().batch(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None])
    for tensor in (condition, target):
        assert torch.equal(tensor[:, 0], tensor[:, 1])
        assert torch.equal(tensor[:, 0], tensor[:, 2])
