"""Small models, and files of every kind."""

from pathlib import Path

import numpy as np
import pytest
import torch
from astropy.io import fits
from PIL import Image
from torch import nn

from astrogan.apply.cards import Card
from astrogan.apply.models import Model
from astrogan.config import NetworkConfig, UpscaleNetworkConfig
from astrogan.files import write_json
from astrogan.models.build import build_generator
from astrogan.models.edsr import EDSR
from astrogan.models.upscaler import build_upscaler
from astrogan.models.weights import Resolution
from astrogan.training.checkpoint import save_checkpoint

WCS_CARDS = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0, "CRVAL2": 2.0, "CRPIX1": 10.0, "CRPIX2": 7.0,
    "CD1_1": -1e-4, "CD1_2": 2e-5, "CD2_1": 1e-5, "CD2_2": 1e-4,
}  # fmt: skip


def _card(task="colour", **values):
    network = NetworkConfig().model_dump() if task == "colour" else {"generator": "edsr", "expansion": 6}
    given = {
        "name": "x/a-finetune", "path": Path("x.pt"), "task": task, "profile": "x", "experiment": "a",
        "phase": "finetune", "seed": 0, "network": network, "size": 16, "tiles": "t", "trained_on": "noise",
    } | values  # fmt: skip
    return Card(**given)


class SmallColour(nn.Module):
    """L / 50 - 1 to ab / 110 through two convolutions."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1))

    def forward(self, condition):
        return self.layers(condition)


@pytest.fixture
def colour_model():
    torch.manual_seed(0)
    return Model(_card(), SmallColour().eval(), "f" * 64)


@pytest.fixture
def upscale_model():
    torch.manual_seed(0)
    return Model(_card("upscale"), EDSR(blocks=1, filters=4).eval(), "e" * 64)


@pytest.fixture
def field():
    """float32 (40, 52): a sky of 100 with noise, and a few stars."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:40, :52]
    values = rng.normal(100, 3, (40, 52))
    for sy, sx, flux in ((10, 12, 900), (30, 40, 4000), (22, 8, 200)):
        values += flux * np.exp(-((y - sy) ** 2 + (x - sx) ** 2) / 4)
    return values.astype(np.float32)


@pytest.fixture
def fits_file(tmp_path, field):
    header = fits.Header([*WCS_CARDS.items(), ("OBJECT", "NOTHING"), ("EXPTIME", 30.0)])
    field[3, 4:9] = np.nan
    path = tmp_path / "in" / "sky.fits"
    path.parent.mkdir(exist_ok=True)
    fits.PrimaryHDU(field, header).writeto(path)
    return path


@pytest.fixture
def grey_png(tmp_path):
    values = np.random.default_rng(1).integers(0, 256, (30, 44), dtype=np.uint8)
    path = tmp_path / "in" / "grey.png"
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(values).save(path)
    return path


@pytest.fixture
def card():
    """`card(task, **values)`: a card of invented values."""
    return _card


@pytest.fixture(scope="session")
def colour_state():
    """Network configuration and random weights of a small colour model."""
    network = NetworkConfig(encoder="mobilenet_v2", pretrained=False)
    torch.manual_seed(0)
    built = build_generator(network, 32, lambda name: Resolution(name, False, None, None, None, ""))
    return network.model_dump(), built.network.state_dict()


@pytest.fixture(scope="session")
def upscale_state():
    """The same for up-scaling."""
    network = UpscaleNetworkConfig(generator="edsr")
    torch.manual_seed(0)
    return network.model_dump(), build_upscaler(network).state_dict()


@pytest.fixture
def save_run(tmp_path, colour_state, upscale_state):
    """`save_run(profile, experiment, phase, task, ...)`: a checkpoint and its history in `tmp_path/runs`."""

    def save(profile, experiment, phase, task="colour", seed=0, tiles="t", value=0.1, network=None, start_from=""):
        stored, state = colour_state if task == "colour" else upscale_state
        run = tmp_path / "runs" / profile
        path = run / "checkpoints" / experiment / f"{phase}.pt"
        identity = {
            "task": task, "network": network or stored, "size": 32, "experiment": experiment, "phase": phase,
            "tiles": tiles, "seed": seed,
        }  # fmt: skip
        valid = {"l1": value} if task == "colour" else {"content": 9.0, "mse": value}
        content = {"networks": {"generator": state}, "epoch": 1, "notes": ["random weights"]}
        criterion = "l1" if task == "colour" else "content"
        write_json(
            run / "history" / f"{experiment}-{phase}.json",
            {
                "config": {"kind": "astronomy", "source": "sample", "size": 32, "start_from": str(start_from)},
                "epochs": [{"epoch": 1, "valid": valid}],
                "images_per_epoch": 8,
                "best_epoch": 1,
            },
        )
        return save_checkpoint(path, content | {f"valid_{criterion}": valid[criterion]}, identity)

    return save
