import numpy as np
import pytest
import torch

from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.evaluation.config import UpscaleEvaluateStage
from astrogan.evaluation.upscale_rows import evaluate_upscale_row, luma_psnr, upscale_summary
from astrogan.files import read_json
from astrogan.models.config import UpscaleNetworkConfig
from astrogan.models.upscaler import build_upscaler
from astrogan.tasks.predictions import from_uint8, load_predictions
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


def test_a_row_is_kept_with_its_luma_psnr_and_interval(tiles, tmp_path):
    run = tmp_path / "run"
    saved(run / "checkpoints" / "edsr" / "supervised.pt")
    config = UpscaleEvaluateStage(run=str(run), experiment="edsr", size=32)
    baseline = config.model_copy(update={"experiment": "bicubic"})
    found = {
        "edsr-supervised": evaluate_upscale_row(config, "edsr-supervised", tiles),
        "bicubic": evaluate_upscale_row(baseline, "bicubic", tiles),
    }
    for row, metrics in found.items():
        assert read_json(run / "metrics" / f"{row}.json") == {"format": 2} | metrics
        low, high = metrics["interval"]["psnr_y"]
        assert low <= metrics["psnr_y"] <= high
        assert len(load_predictions(run / "predictions" / f"{row}.npz")) == metrics["n"] == 10
    assert found["bicubic"]["psnr_y"] > found["edsr-supervised"]["psnr_y"]
    valid = evaluate_upscale_row(config.model_copy(update={"split": "valid"}), "edsr-supervised", tiles)
    assert (valid["split"], found["bicubic"]["split"]) == ("valid", "test")
    kept = set(load_predictions(run / "predictions" / "edsr-supervised.npz").tile)
    assert kept == set(tiles.table.tile[tiles.table.split == "valid"])
    assert (found["edsr-supervised"]["seeds"], found["bicubic"]["seeds"]) == ([3], [])
    assert found["edsr-supervised"]["notes"][0] == "a note"
    table = upscale_summary(found)
    assert table.loc["bicubic", "PSNR-Y"] == found["bicubic"]["psnr_y"]
    assert "MAE ab" not in table


def test_luma_psnr_leaves_identical_pairs_out():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 200, (9, 16, 16, 3), dtype=np.uint8)
    output = truth + np.arange(9, dtype=np.uint8)[:, None, None, None]
    names = np.array([f"t{k}" for k in range(9)])
    found = luma_psnr(from_uint8(truth, output, names, names))
    expected = np.mean([20 * np.log10(255 / (d * 219 / 255)) for d in range(1, 9)])
    assert found["psnr_y"] == pytest.approx(expected)
    low, high = found["interval"]["psnr_y"]
    assert low < expected < high
    same = luma_psnr(from_uint8(truth, truth, names, names))
    assert same["psnr_y"] is None
    assert same["reasons"]["psnr_y"] == "every pair is identical"
    one_block = np.array([f"one@{k},0" for k in range(9)])
    alone = luma_psnr(from_uint8(truth, output, np.array(["one"] * 9), one_block))
    assert alone["interval"]["psnr_y"] is None
    assert "two or more" in alone["reasons"]["interval.psnr_y"]
