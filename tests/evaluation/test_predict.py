import numpy as np
import pytest
import torch

from astrogan.base import AstroganError
from astrogan.color import rgb_to_lab
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.evaluation.predict import load_generator, predict, predict_grey
from astrogan.models.build import build_generator
from astrogan.models.config import NetworkConfig
from astrogan.models.weights import Resolution
from astrogan.training.checkpoint import save_checkpoint

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NETWORK = NetworkConfig(encoder="mobilenet_v2", pretrained=False)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    return prepare_tiles(TilesConfig(size=32, tiles_per_observation=6), tmp_path_factory.mktemp("tiles"))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    torch.manual_seed(0)
    network = build_generator(NETWORK, 32, lambda name: Resolution(name, False, None, None, None, "")).network
    content = {"networks": {"generator": network.state_dict()}, "epoch": 1, "valid_l1": 0.1, "notes": ["random"]}
    identity = {"task": "colour", "network": NETWORK.model_dump(), "size": 32, "seed": 3}
    return save_checkpoint(tmp_path_factory.mktemp("checkpoint") / "x.pt", content, identity)


def test_outputs_are_the_generators_in_eval_mode(tiles, checkpoint):
    predictions, notes, seeds = predict(checkpoint, tiles)
    generator, _, _ = load_generator(checkpoint)
    truth = torch.from_numpy(predictions.truth).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        ab = generator(rgb_to_lab(truth)[:, :1] / 50 - 1) * 110
    np.testing.assert_allclose(predictions.ab, ab.permute(0, 2, 3, 1), atol=1e-3)
    assert (notes, seeds) == (["random"], [3])
    assert len(predictions) == len(tiles.indices("test"))
    assert set(predictions.observation) <= set(tiles.table["observation"])


def test_outputs_keep_the_lightness_of_the_truth(tiles, checkpoint):
    predictions, _, _ = predict(checkpoint, tiles)
    inside = (predictions.rounded.min(axis=-1) > 0) & (predictions.rounded.max(axis=-1) < 255)
    light = [
        rgb_to_lab(torch.from_numpy(x).permute(0, 3, 1, 2) / 255)[:, 0].numpy()
        for x in (predictions.truth, predictions.rounded)
    ]
    assert np.abs(light[0] - light[1])[inside].max() < 1.0


def test_grey_has_no_colour(tiles):
    predictions, _ = predict_grey(tiles)
    assert np.abs(predictions.ab).max() == 0
    assert np.ptp(predictions.rounded.astype(int), axis=-1).max() <= 1


def test_tiles_of_another_size_are_refused(checkpoint, tmp_path):
    larger = prepare_tiles(TilesConfig(size=64, tiles_per_observation=3), tmp_path)
    with pytest.raises(AstroganError, match="trained at 32 px, the tiles are 64 px"):
        predict(checkpoint, larger)


def test_a_checkpoint_of_another_task_is_refused(tmp_path, tiles):
    path = save_checkpoint(tmp_path / "sr.pt", {"networks": {}}, {"task": "upscale"})
    with pytest.raises(AstroganError, match="task is 'upscale', expected 'colour'"):
        predict(path, tiles)
