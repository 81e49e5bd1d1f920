"""A small world to train in: sixteen tiles and networks of a few hundred parameters."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from astrogan.config import NetworkConfig, PhaseConfig, UpscalePhaseConfig
from astrogan.data.batches import CropLoader, TileLoader
from astrogan.models.content import content_network
from astrogan.training.adversarial import AdversarialLearner
from astrogan.training.colour_task import ColourTask
from astrogan.training.precision import Precision
from astrogan.training.pretrain import PretrainLearner
from astrogan.training.upscale import AdversarialUpscaler, SupervisedUpscaler
from astrogan.training.upscale_task import UpscaleTask


@pytest.fixture
def tiles():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)
    split = np.array(["train"] * 12 + ["valid"] * 8)
    return SimpleNamespace(pixels=pixels, indices=lambda name: np.flatnonzero(split == name))


class SmallDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 4, 2, 1)
        )

    def forward(self, condition, image):
        return self.layers(torch.cat([condition, image], dim=1))


def small_generator():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5), nn.Conv2d(8, 2, 3, padding=1)
    )


@pytest.fixture
def make(tiles):
    """`make(adversarial=..., bfloat16=..., **phase)`: a fresh learner; the same arguments make the same one."""

    def build(adversarial=True, bfloat16=False, progress_file=None, save_every_s=0.0, callbacks=(), **phase):
        phase = PhaseConfig(**({"epochs": 3, "batch": 4, "lr": 1e-2} | phase))
        torch.manual_seed(phase.seed)
        loaders = (TileLoader(tiles, "train", phase.batch, phase.seed), TileLoader(tiles, "valid", phase.batch))
        common = {
            "task": ColourTask(NetworkConfig()),
            "generator": small_generator(),
            "loaders": loaders,
            "phase": phase,
            "precision": Precision(torch.device("cpu"), bfloat16, "test"),
            "average": small_generator() if phase.ema else None,
            "progress_file": progress_file,
            "save_every_s": save_every_s,
            "callbacks": callbacks,
        }
        return (
            AdversarialLearner(**common, discriminator=SmallDiscriminator())
            if adversarial
            else PretrainLearner(**common)
        )

    return build


class SmallSRDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.LeakyReLU(0.2), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )

    def forward(self, condition, image):
        return self.layers(image)


def small_upscaler():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Conv2d(8, 48, 3, padding=1),
        nn.PixelShuffle(4),
    )


@pytest.fixture
def make_upscaler(tiles):
    """The same as `make` for super-resolution; `loss` is that of the supervised learner."""

    def build(
        adversarial=True, bfloat16=False, progress_file=None, save_every_s=0.0, callbacks=(), loss="mse", **phase
    ):
        phase = UpscalePhaseConfig(**({"epochs": 3, "batch": 4, "lr": 1e-2, "content": "pixel"} | phase))
        torch.manual_seed(phase.seed)
        common = {
            "task": UpscaleTask(phase.degradation),
            "generator": small_upscaler(),
            "loaders": (
                CropLoader(tiles, "train", phase.batch, phase.seed, flip=phase.flip, crop=phase.crop),
                CropLoader(tiles, "valid", phase.batch),
            ),
            "phase": phase,
            "precision": Precision(torch.device("cpu"), bfloat16, "test"),
            "average": small_upscaler() if phase.ema else None,
            "progress_file": progress_file,
            "save_every_s": save_every_s,
            "callbacks": callbacks,
        }
        if not adversarial:
            return SupervisedUpscaler(**common, loss=loss)
        return AdversarialUpscaler(**common, discriminator=SmallSRDiscriminator(), content=content_network("pixel"))

    return build
