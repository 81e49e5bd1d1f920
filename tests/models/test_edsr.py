import pytest
import torch
from torch import nn

from astrogan.models.generators.edsr import DIV2K_MEAN, EDSR


def test_counts():
    network = EDSR()
    assert sum(p.numel() for p in network.parameters()) == 1_517_571
    assert not list(network.buffers())


def test_normalisation_is_undone_at_the_end():
    """With a silent last convolution the output is the mean colour of DIV2K, in [0, 1]."""
    network = EDSR(blocks=1)
    nn.init.zeros_(network.tail[-1].weight)
    nn.init.zeros_(network.tail[-1].bias)
    with torch.no_grad():
        output = network(torch.rand(1, 3, 8, 8))
    assert output.mean(dim=(0, 2, 3)).tolist() == pytest.approx(DIV2K_MEAN, abs=1e-6)
