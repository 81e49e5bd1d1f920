import json

import numpy as np
import pytest
import torch
from PIL import Image

from astrogan.base import AstroganError
from astrogan.color import lab_of, rgb_to_lab
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.evaluation.predict import load_generator, predict, predict_baseline
from astrogan.models.build import empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.tasks.baselines import BASELINES, Baseline
from astrogan.training.checkpoint import save_checkpoint

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NETWORKS = {
    "colour": NetworkConfig(encoder="mobilenet_v2", pretrained=False),
    "upscale": NetworkConfig(generator="edsr", discriminator="srgan"),
}
DEGRADED = {"colour": {}, "upscale": {"degradation": "bicubic"}}


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    config = TilesConfig(size=32, native=True, tiles_per_observation=6, held_out_tiles_per_observation=10)
    return prepare_tiles(config, tmp_path_factory.mktemp("tiles"))


def saved(path, task, size=32, state=None, **changes):
    """A checkpoint of random weights; the output of the EDSR leaves [0, 1]."""
    torch.manual_seed(0)
    network = empty_generator(NETWORKS[task], size)
    if task == "upscale":
        with torch.no_grad():
            network.tail[-1].weight.mul_(20)
    content = {"networks": {"generator": state or network.state_dict()}, "epoch": 1, "value": 0.1, "notes": ["a note"]}
    identity = {"task": task, "network": NETWORKS[task].identity | changes, "size": size, "seed": 3} | DEGRADED[task]
    return save_checkpoint(path, content, identity)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {task: saved(folder / f"{task}.pt", task) for task in NETWORKS}


def test_colours_are_the_generators_in_eval_mode(tiles, checkpoints):
    predictions, notes, seeds = predict(checkpoints["colour"], "colour", tiles)
    generator, _, _ = load_generator(checkpoints["colour"], "colour")
    truth = torch.from_numpy(predictions.truth).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        ab = generator(rgb_to_lab(truth)[:, :1] / 50 - 1) * 110
    np.testing.assert_allclose(predictions.ab, ab.permute(0, 2, 3, 1), atol=1e-3)
    assert (notes, seeds) == (["a note"], [3])
    assert len(predictions) == len(tiles.indices("test"))
    assert set(predictions.observation) <= set(tiles.table["observation"])


def test_enlarged_tiles_are_the_generators_unclipped(tiles, checkpoints):
    predictions, notes, seeds = predict(checkpoints["upscale"], "upscale", tiles)
    generator, _, _ = load_generator(checkpoints["upscale"], "upscale")
    truth = predictions.truth
    low = [np.asarray(Image.fromarray(tile).resize((8, 8), Image.Resampling.BICUBIC)) for tile in truth]
    with torch.no_grad():
        output = generator(torch.from_numpy(np.stack(low)).permute(0, 3, 1, 2) / 255).permute(0, 2, 3, 1).numpy()
    # Pillow's own shrinking differs by a grey level in some pixels of the input, which the tail's weights multiply.
    assert np.median(np.abs(predictions.floor - np.floor(255 * output))) <= 1
    assert predictions.floor.min() < 0
    assert predictions.unclipped_wrap > 0
    assert (notes, seeds) == (["a note"], [3])
    np.testing.assert_array_equal(predictions.rounded[predictions.floor < -1], 0)


def test_outputs_keep_the_lightness_of_the_truth(tiles, checkpoints):
    predictions, _, _ = predict(checkpoints["colour"], "colour", tiles)
    inside = (predictions.rounded.min(axis=-1) > 0) & (predictions.rounded.max(axis=-1) < 255)
    light = [
        rgb_to_lab(torch.from_numpy(x).permute(0, 3, 1, 2) / 255)[:, 0].numpy()
        for x in (predictions.truth, predictions.rounded)
    ]
    assert np.abs(light[0] - light[1])[inside].max() < 1.0


def test_another_degradation_than_the_training_is_noted_and_the_same_each_time(tiles, checkpoints):
    first, notes, _ = predict(checkpoints["upscale"], "upscale", tiles, degradation="telescope")
    second, _, _ = predict(checkpoints["upscale"], "upscale", tiles, degradation="telescope")
    assert notes == ["a note", "tested on the degradation telescope"]
    np.testing.assert_array_equal(first.floor, second.floor)


@pytest.mark.parametrize("split", ["test", "valid"])
@pytest.mark.parametrize("task", NETWORKS)
def test_a_row_and_its_baselines_see_the_tiles_of_the_split(tiles, checkpoints, task, split):
    wanted = list(tiles.table["tile"].iloc[tiles.indices(split)])
    assert list(predict(checkpoints[task], task, tiles, split)[0].tile) == wanted
    for name, baseline in BASELINES.items():
        if baseline.task == task and not baseline.absent:
            assert list(predict_baseline(name, tiles, split)[0].tile) == wanted


def test_grey_has_no_colour(tiles):
    predictions, notes, seeds = predict_baseline("grey", tiles)
    assert np.abs(predictions.ab).max() == 0
    assert np.ptp(predictions.rounded.astype(int), axis=-1).max() <= 1
    assert (notes, seeds) == ([], [])


def test_bicubic_is_pillows(tiles):
    predictions, notes, seeds = predict_baseline("bicubic", tiles)
    for truth, output in zip(predictions.truth, predictions.rounded, strict=True):
        low = Image.fromarray(truth).resize((8, 8), Image.Resampling.BICUBIC)
        expected = np.asarray(low.resize((32, 32), Image.Resampling.BICUBIC)).astype(int)
        # Pillow rounds between its passes, in shrinking and in growing.
        assert np.abs(expected - output).max() <= 3
        assert np.abs(expected - output).mean() < 0.6
    assert notes == ["tested on the degradation bicubic, x4"]
    assert seeds == []
    assert predictions.floor.min() >= 0


def test_tables_are_those_of_the_training_tiles_of_the_set(tiles):
    """Against the median and the 64 bins of numpy over every training pixel, at the lightness of each test tile."""
    lab, test = (lab_of(tiles.pixels[tiles.indices(split)]) for split in ("train", "test"))
    constant, table = (predict_baseline(name, tiles)[0].ab for name in ("constant", "table"))
    np.testing.assert_allclose(constant[0, 0, 0], np.median(lab[..., 1:].reshape(-1, 2), axis=0), atol=0.05)
    assert np.ptp(constant, axis=(0, 1, 2)).max() == 0
    level = lab[..., 0].ravel()
    filled = [n for n in range(64) if (n * 100 / 64 <= level).dot(level < (n + 1) * 100 / 64)]
    for channel in (0, 1):
        medians = [np.median(lab[..., 1 + channel].ravel()[(level * 0.64).astype(int) == n]) for n in filled]
        wanted = np.interp(test[..., 0], (np.array(filled) + 0.5) * 100 / 64, medians)
        np.testing.assert_allclose(table[..., channel], wanted, atol=0.2)


def test_a_baseline_whose_extra_is_missing_says_how_to_install_it(tiles, monkeypatch):
    absent = Baseline("upscale", "nothing", lambda *_: pytest.fail("fitted"), "peers", ("no_such_module",))
    monkeypatch.setitem(BASELINES, "absent", absent)
    with pytest.raises(AstroganError, match=r"`peers` is not installed.*pip install 'astrogan\[peers\]'"):
        predict_baseline("absent", tiles)


@pytest.mark.parametrize("task", NETWORKS)
def test_tiles_of_another_size_are_refused(tiles, tmp_path, task):
    with pytest.raises(AstroganError, match="trained on tiles of 64 px, these are 32 px"):
        predict(saved(tmp_path / "large.pt", task, 64), task, tiles)


@pytest.mark.parametrize(("task", "other"), [("colour", "upscale"), ("upscale", "colour")])
def test_a_checkpoint_of_another_task_is_refused(tiles, checkpoints, task, other):
    with pytest.raises(AstroganError, match=f"task is '{other}', expected '{task}'"):
        predict(checkpoints[other], task, tiles)


@pytest.mark.parametrize("task", NETWORKS)
def test_a_checkpoint_that_is_not_understood_says_what_to_do(tiles, tmp_path, task):
    """Of a generator that is not known, with other weights than it names, or of an older format."""
    path = saved(tmp_path / "x.pt", task, generator="resnet18_unet")
    with pytest.raises(AstroganError, match=r"x\.pt holds a network.*'resnet18_unet'.*known are encoder_unet.*Train"):
        predict(path, task, tiles)
    path = saved(tmp_path / "y.pt", task, state={"w": torch.ones(1)})
    with pytest.raises(AstroganError, match=r"y\.pt does not hold the weights of the network that it names"):
        predict(path, task, tiles)
    content = torch.load(saved(tmp_path / "z.pt", task), weights_only=True)
    assert json.loads(content["config"])["task"] == task
    torch.save(content | {"format": 1}, tmp_path / "z.pt")
    with pytest.raises(AstroganError, match=r"z\.pt is of format 1, this version reads 2.*Train its phase again"):
        predict(tmp_path / "z.pt", task, tiles)
