import pytest
import torch
from torch import nn

from astrogan.base import AstroganError
from astrogan.models.generators.preactivation_unet import PreactivationUnet, Unit


@pytest.fixture(scope="module")
def network() -> PreactivationUnet:
    torch.manual_seed(0)
    return PreactivationUnet()


def test_counts_are_keras_counts(network):
    outside = sum(p.numel() for name, p in network.named_parameters() if not name.startswith("encoder."))
    everything = sum(p.numel() for p in network.parameters())
    statistics = sum(b.numel() for name, b in network.named_buffers() if "running" in name)
    assert outside == 3_416_003
    assert everything + statistics == 14_592_067
    assert sum(p.numel() for p in network.parameters() if p.requires_grad) == everything


def test_stages_keep_full_resolution_first(network):
    with torch.no_grad():
        shapes = [tuple(f.shape) for f in network.encoder(torch.rand(1, 64, 32, 32))]
        output = network(torch.rand(1, 1, 32, 40))
    assert shapes == [(1, 64, 32, 32), (1, 128, 16, 16), (1, 256, 8, 8), (1, 512, 4, 4)]
    assert output.shape == (1, 3, 32, 40)
    assert output.abs().max() <= 1


def test_everything_is_trained():
    torch.manual_seed(0)
    network = PreactivationUnet().train()
    network(torch.rand(2, 1, 16, 16)).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert network.encoder.training


def test_unit_is_pre_activated():
    """With its last convolution at zero, an identity unit passes even negative values: no ReLU follows the sum."""
    unit = Unit(4, 4).eval()
    nn.init.zeros_(unit.layers[-1].weight)
    features = torch.randn(1, 4, 5, 5)
    assert torch.equal(unit(features), features)


def test_kernels_of_four_are_placed_as_keras_does():
    """Tap 1 of a kernel of 4 at stride 1 is the pixel itself: Keras pads one before and two after."""
    network = PreactivationUnet()
    image = torch.rand(1, 1, 8, 8)
    nn.init.zeros_(network.first.weight)
    nn.init.zeros_(network.last.weight)
    with torch.no_grad():
        network.first.weight[0, 0, 1, 1] = 1
        network.last.weight[0, 0, 1, 1] = 1
        seen = []
        network.encoder.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
        network.last.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
        output = network.eval()(image)
    assert torch.equal(seen[0][:, :1], image)
    assert torch.allclose(output[:, 0], torch.tanh(seen[1][:, 0]))


def test_size_is_checked(network):
    with pytest.raises(AstroganError, match="multiples of 8, not 20 x 32"):
        network(torch.rand(1, 1, 20, 32))
