"""A super-resolution phase from its parameters to its checkpoint, on the sample images at 32 px and on awkward ones."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data.images import read_image
from astrogan.files import read_json
from astrogan.models.stem import features_of
from astrogan.tasks.upscale import UpscaleTask
from astrogan.training import upscale_phase
from astrogan.training.checkpoint import load_checkpoint
from astrogan.training.config import UpscalePhase
from astrogan.training.upscale_phase import prepare_upscale

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


def config(folder, **values):
    small = {
        "run": str(folder / "test"),
        "experiment": "edsr",
        "generator": "edsr",
        "content": "pixel",
        "kind": "photographs",
        "size": 32,
        "tiles_per_observation": 3,
        "test_fraction": 0.0,
        "valid_fraction": 0.2,
        "epochs": 1,
        "batch": 2,
        "images_per_epoch": 2,
        "precision": "float32",
    }
    return UpscalePhase(**(small | values))


@pytest.fixture(scope="module")
def supervised(folder):
    parameters = config(folder)
    return parameters, prepare_upscale(parameters).run()


@pytest.fixture(scope="module")
def adversarial(folder, supervised):
    parameters = config(folder, phase="adversarial", start_from=str(supervised[1]))
    return parameters, prepare_upscale(parameters).run()


def test_the_phase_leaves_a_checkpoint_and_a_history(supervised):
    parameters, path = supervised
    content = load_checkpoint(path, expected={"task": "upscale", "size": 32, "degradation": "bicubic"})
    assert content["config"]["network"] == {"generator": "edsr", "expansion": 6}
    assert list(content["networks"]) == ["generator"]
    history = read_json(parameters.history)
    assert history["best_valid_mse"] == content["valid_mse"] == history["epochs"][0]["valid"]["mse"]
    assert history["parameters"]["generator"] == 1_517_571
    assert history["notes"] == ["trained on the degradation bicubic, x4", "before adversarial training"]


def test_the_adversarial_phase_says_what_it_compared_in(adversarial):
    parameters, path = adversarial
    content = load_checkpoint(path, expected={"content": "pixel", "crop": 32})
    assert set(content["networks"]) == {"generator", "discriminator"}
    assert content["notes"][1] == "after adversarial training"
    assert "SRGAN-MSE" in content["notes"][2]
    assert read_json(parameters.history)["best_valid_content"] == content["valid_content"]


def test_fine_tuning_inherits_both_networks(folder, adversarial):
    training = prepare_upscale(
        config(folder, phase="finetune", kind="astronomy", test_fraction=0.1, start_from=str(adversarial[1]))
    )
    stored = load_checkpoint(adversarial[1])["networks"]
    for part, network in training.learner.networks().items():
        for name, value in network.state_dict().items():
            assert torch.equal(value, stored[part][name])


def test_after_supervised_training_the_discriminator_is_new(folder, supervised):
    training = prepare_upscale(config(folder, phase="finetune", start_from=str(supervised[1])))
    stored = load_checkpoint(supervised[1])["networks"]["generator"]
    assert all(torch.equal(value, stored[name]) for name, value in training.learner.model.state_dict().items())
    assert training.learner.discriminator.training


def test_another_network_task_or_crop_is_not_inherited(folder, adversarial, tmp_path):
    start = {"phase": "finetune", "start_from": str(adversarial[1])}
    with pytest.raises(AstroganError, match=r"holds another network.*\"generator\": \[\"edsr\", \"wdsr\"\]"):
        prepare_upscale(config(folder, generator="wdsr", **start))
    with pytest.raises(AstroganError, match="discriminator of 32 px, this phase trains at 16 px"):
        prepare_upscale(config(folder, crop=16, **start))
    with pytest.raises(AstroganError, match="crop of 48 px does not fit into tiles of 32 px"):
        prepare_upscale(config(folder, crop=48))


@pytest.mark.parametrize("content", ["vgg19", "squeezenet", "mobilenet_v2"])
def test_a_content_network_without_weights_is_refused_before_anything_is_done(folder, monkeypatch, content):
    def never(*_):
        raise AssertionError("tiles were cut first")

    monkeypatch.setattr(upscale_phase, "prepare_tiles", never)
    with pytest.raises(AstroganError, match=rf"'{content}'.*not in ASTROGAN_WEIGHTS.*vgg19, squeezenet.*'pixel'"):
        prepare_upscale(config(folder, phase="adversarial", content=content))


def test_supervised_training_needs_no_content_network(folder):
    assert prepare_upscale(config(folder, content="vgg19")).notes[-1] == "before adversarial training"


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
    monkeypatch.setattr(upscale_phase, "load", lambda found: weights if found.filename == "x" else None)
    training = prepare_upscale(
        config(folder, phase="adversarial", content="squeezenet", weights=str(path), start_from=str(supervised[1]))
    )
    found = training.learner.content.features.state_dict()
    assert found
    assert all(torch.equal(value, features_of(weights)[name]) for name, value in found.items())
    assert "SqueezeNet 1.1" in training.notes[-1]
    assert "not VGG-19's features" in training.notes[-1]
    assert training.identity["content"] == "squeezenet"


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
    training = prepare_upscale(config(folder, **source))
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
    condition, target = UpscaleTask().batch(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None])
    for tensor in (condition, target):
        assert torch.equal(tensor[:, 0], tensor[:, 1])
        assert torch.equal(tensor[:, 0], tensor[:, 2])
