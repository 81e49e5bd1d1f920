import pytest
import torch

from astrogan.models.config import UpscaleNetworkConfig
from astrogan.models.generators.edsr import EDSR
from astrogan.models.generators.srresnet import SRResNet
from astrogan.models.generators.wdsr import WDSR
from astrogan.models.upscaler import build_upscaler


@pytest.mark.parametrize(("name", "kind"), [("srresnet", SRResNet), ("edsr", EDSR), ("wdsr", WDSR)])
def test_each_generator_scales_by_four(name, kind):
    network = build_upscaler(UpscaleNetworkConfig(generator=name)).eval()
    assert type(network) is kind
    with torch.no_grad():
        assert network(torch.rand(1, 3, 8, 6)).shape == (1, 3, 32, 24)


def test_expansion_widens_wdsr():
    """Two 1x1 convolutions of 32 blocks: 32 x 32 and 32 x 25 weights, a bias and a gain for each unit of expansion."""
    counts = {
        expansion: sum(p.numel() for p in build_upscaler(UpscaleNetworkConfig(generator="wdsr", expansion=expansion)).parameters())
        for expansion in (4, 6)
    }  # fmt: skip
    assert counts[6] == 615_088
    assert counts[6] - counts[4] == 32 * 2 * 32 * (32 + 25 + 2)
