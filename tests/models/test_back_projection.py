from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn.functional import interpolate, l1_loss

from astrogan.bicubic import resize
from astrogan.data.degradation import upscale_bicubic
from astrogan.models.build import build_generator
from astrogan.models.config import NetworkConfig
from astrogan.models.generators.back_projection import BackProjected
from astrogan.models.generators.edsr import EDSR
from astrogan.models.weights import nothing_at_hand

torch.manual_seed(0)
HIGH = interpolate(torch.rand(2, 3, 12, 12), size=(64, 64), mode="bicubic").clamp(0, 1)
LOW = resize(HIGH, 1, 4)


class Darker(nn.Module):
    """An up-scaler that loses brightness."""

    scale, receptive_radius = 4, 2

    def forward(self, low):
        return 0.7 * upscale_bicubic(low)


def lost(output):
    return float((LOW - resize(output, 1, 4)).abs().mean())


def test_each_step_brings_the_output_nearer_to_one_that_degrades_to_the_input():
    errors = [lost(BackProjected(Darker(), steps)(LOW)) for steps in range(5)]
    assert all(after < 0.5 * before for before, after in pairwise(errors))
    assert l1_loss(BackProjected(Darker(), 2)(LOW), HIGH) < 0.2 * l1_loss(Darker()(LOW), HIGH)


def test_an_output_that_fits_its_input_is_left_alone():
    class Truth(Darker):
        def forward(self, low):
            return HIGH

    torch.testing.assert_close(BackProjected(Truth(), 3)(LOW), HIGH)


def test_gradients_pass_and_bfloat16_leaves_the_correction_in_float32():
    network = BackProjected(EDSR(blocks=1), 2)
    with torch.autocast("cpu", torch.bfloat16):
        output = network(LOW)
    assert output.dtype == torch.float32
    l1_loss(output, HIGH).backward()
    assert all(p.grad.isfinite().all() and p.grad.abs().max() > 0 for p in network.parameters())
    assert lost(output.detach()) < 0.1 * lost(network.network(LOW).detach())


@pytest.mark.parametrize("steps", [0, 2])
def test_a_configuration_asks_for_it(steps):
    config = NetworkConfig(generator="edsr", discriminator="srgan", back_projection=steps)
    network = build_generator(config, 32, nothing_at_hand("not here")).network
    assert getattr(network, "steps", 0) == steps
    assert config.identity["back_projection"] == steps
    assert network.scale == 4
