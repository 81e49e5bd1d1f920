import numpy as np
import pytest
import torch
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.evaluation.predict_upscale import load_upscaler, predict_bicubic, predict_upscale
from astrogan.models.config import UpscaleNetworkConfig
from astrogan.models.upscaler import build_upscaler
from astrogan.training.checkpoint import save_checkpoint

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NETWORK = UpscaleNetworkConfig(generator="edsr")


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    return prepare_tiles(TilesConfig(size=32, held_out_tiles_per_observation=10), tmp_path_factory.mktemp("tiles"))


def saved(path, size=32):
    """A checkpoint of an EDSR whose output leaves [0, 1]."""
    torch.manual_seed(0)
    network = build_upscaler(NETWORK)
    with torch.no_grad():
        network.tail[-1].weight.mul_(20)
    content = {"networks": {"generator": network.state_dict()}, "epoch": 1, "valid_mse": 0.1, "notes": ["a note"]}
    identity = {"task": "upscale", "network": NETWORK.model_dump(), "degradation": "bicubic", "size": size, "seed": 3}
    return save_checkpoint(path, content, identity)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("checkpoint") / "x.pt")


def test_outputs_are_the_generators_unclipped(tiles, checkpoint):
    predictions, notes, seeds = predict_upscale(checkpoint, tiles, "bicubic")
    generator, _ = load_upscaler(checkpoint)
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


def test_another_degradation_than_the_training_is_noted_and_the_same_each_time(tiles, checkpoint):
    first, notes, _ = predict_upscale(checkpoint, tiles, "telescope")
    second, _, _ = predict_upscale(checkpoint, tiles, "telescope")
    assert notes == ["a note", "tested on the degradation telescope"]
    np.testing.assert_array_equal(first.floor, second.floor)


def test_bicubic_is_pillows(tiles):
    predictions, notes = predict_bicubic(tiles, "bicubic")
    for truth, output in zip(predictions.truth, predictions.rounded, strict=True):
        low = Image.fromarray(truth).resize((8, 8), Image.Resampling.BICUBIC)
        expected = np.asarray(low.resize((32, 32), Image.Resampling.BICUBIC)).astype(int)
        # Pillow rounds between its passes, in shrinking and in growing.
        assert np.abs(expected - output).max() <= 3
        assert np.abs(expected - output).mean() < 0.6
    assert "bicubic" in notes[0]
    assert predictions.floor.min() >= 0


def test_tiles_of_another_size_and_other_tasks_are_refused(tiles, tmp_path):
    with pytest.raises(AstroganError, match="trained on tiles of 64 px, these are 32 px"):
        predict_upscale(saved(tmp_path / "large.pt", 64), tiles, "bicubic")
    path = save_checkpoint(tmp_path / "colour.pt", {"networks": {}}, {"task": "colour"})
    with pytest.raises(AstroganError, match="task is 'colour', expected 'upscale'"):
        predict_upscale(path, tiles, "bicubic")
