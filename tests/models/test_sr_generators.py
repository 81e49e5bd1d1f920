"""What SRResNet, EDSR and WDSR have in common: ranges, sizes, gradients, and how far they look."""

import pytest
import torch
from torch import nn

from astrogan.base import AstroganError
from astrogan.models.generators.edsr import EDSR
from astrogan.models.generators.srresnet import SRResNet
from astrogan.models.generators.subpixel import receptive_radius
from astrogan.models.generators.wdsr import WDSR

NETWORKS = [SRResNet, EDSR, WDSR]


@pytest.mark.parametrize("make", NETWORKS)
@pytest.mark.parametrize("scale", [2, 4])
def test_shapes_from_sixteen_pixels_up(make, scale):
    network = make(scale=scale, blocks=2).eval()
    with torch.no_grad():
        assert network(torch.rand(1, 3, 16, 16)).shape == (1, 3, 16 * scale, 16 * scale)
        assert network(torch.rand(2, 3, 17, 5)).shape == (2, 3, 17 * scale, 5 * scale)


@pytest.mark.parametrize("make", NETWORKS)
def test_gradient_reaches_every_parameter(make):
    torch.manual_seed(0)
    network = make().train()
    network(torch.rand(2, 3, 8, 8)).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert sum(p.grad.abs().max() > 0 for p in network.parameters()) > 0.9 * len(list(network.parameters()))


@pytest.mark.parametrize("make", NETWORKS)
def test_bfloat16_channels_last_trains_alike(make):
    """One step in the fast arithmetic: the loss within 2 % of float32, finite gradients."""
    torch.manual_seed(0)
    network = make(blocks=2).train()
    low, high = torch.rand(2, 3, 12, 12), torch.rand(2, 3, 48, 48)
    exact = nn.functional.l1_loss(network(low), high).item()
    network = network.to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        output = network(low.contiguous(memory_format=torch.channels_last))
    loss = nn.functional.l1_loss(output.float(), high)
    loss.backward()
    assert loss.item() == pytest.approx(exact, rel=0.02)
    assert all(p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize(("make", "radius"), [(SRResNet, 40), (EDSR, 36), (WDSR, 34)])
def test_receptive_radius_of_the_full_networks(make, radius):
    """SRResNet by hand: 4 + 32 + 1 + 1 rows before the first shuffle, 1 at x2, 4 at x4, from the outermost pixel."""
    assert make().receptive_radius == radius


@pytest.mark.parametrize("make", NETWORKS)
@pytest.mark.parametrize("scale", [2, 4])
def test_receptive_radius_by_perturbation(make, scale):
    """A changed column changes the output `radius` columns away, on one side or the other, and none farther."""
    torch.manual_seed(0)
    network = make(scale=scale, blocks=3).double().eval()
    radius = network.receptive_radius
    width = 2 * radius + 5
    low = torch.rand(1, 3, 6, width, dtype=torch.float64)
    middle = width // 2
    changed = low.clone()
    changed[..., middle] = 1 - changed[..., middle]
    with torch.no_grad():
        difference = (network(changed) - network(low)).abs().amax(dim=(0, 1, 2))
    touched = {(column // scale) - middle for column in difference.nonzero().flatten().tolist()}
    assert max(abs(offset) for offset in touched) == radius


def test_receptive_radius_of_known_layers():
    """A lone shuffle sees its own pixel; a 3x3 at x2 sees the neighbour only from the pixels beside it."""
    assert receptive_radius(nn.Sequential(nn.Conv2d(3, 12, 1), nn.PixelShuffle(2))) == 0
    assert receptive_radius(nn.Sequential(nn.Conv2d(3, 12, 5), nn.PixelShuffle(2))) == 2
    assert receptive_radius(nn.Sequential(nn.PixelShuffle(2), nn.Conv2d(3, 3, 3))) == 1
    assert receptive_radius(nn.Sequential(nn.PixelShuffle(2), nn.Conv2d(3, 3, 5))) == 1
    assert receptive_radius(nn.Sequential(nn.PixelShuffle(2), nn.Conv2d(3, 3, 7))) == 2


@pytest.mark.parametrize("make", NETWORKS)
def test_unknown_scale_is_refused(make):
    with pytest.raises(AstroganError, match="scale 5"):
        make(scale=5)
