import pytest
import torch
from torch import nn

from astrogan.base import AstroganError
from astrogan.models.generators.basic_unet import BasicUnet


@pytest.fixture(scope="module")
def network() -> BasicUnet:
    torch.manual_seed(0)
    return BasicUnet()


def test_counts_are_keras_counts(network):
    trained = sum(p.numel() for p in network.parameters() if p.requires_grad)
    statistics = sum(b.numel() for name, b in network.named_buffers() if "running" in name)
    assert trained == 41_050_371
    assert trained + statistics == 41_058_819


@pytest.mark.parametrize(("size", "bottom"), [(64, 1), (128, 2), (256, 4)])
def test_six_halvings_at_every_size(network, size, bottom):
    seen = []
    hook = network.down[-1].register_forward_hook(lambda module, args, output: seen.append(output.shape))
    with torch.no_grad():
        output = network.eval()(torch.rand(1, 1, size, size))
    hook.remove()
    assert seen == [(1, 512, bottom, bottom)]
    assert output.shape == (1, 3, size, size)
    assert output.abs().max() <= 1


def test_initialiser_and_keras_defaults(network):
    weights = torch.cat(
        [m.weight.flatten() for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    )
    # 41 million draws: the standard error of the deviation is 2e-6.
    assert weights.std().item() == pytest.approx(0.02, abs=2e-5)
    assert {m.eps for m in network.modules() if isinstance(m, nn.BatchNorm2d)} == {1e-3}
    assert {m.negative_slope for m in network.modules() if isinstance(m, nn.LeakyReLU)} == {0.3}
    assert sum(isinstance(m, nn.Dropout) for m in network.modules()) == 3


def test_gradient_reaches_every_parameter(network):
    network.train().zero_grad()
    network(torch.rand(2, 1, 64, 64)).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert network.down[0][0].weight.grad.abs().max() > 0
    network.zero_grad()


def test_size_that_is_no_multiple_of_64_is_refused(network):
    with pytest.raises(AstroganError, match="multiples of 64, not 64 x 96"):
        network(torch.rand(1, 1, 64, 96))
