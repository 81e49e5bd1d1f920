import pytest
import torch
from torch import nn

from astrogan.base import AstroganError
from astrogan.models.generators.preactivation_unet import Resnet18RgbUnet, ResNet18Stages, Unit


@pytest.fixture(scope="module")
def as_run() -> Resnet18RgbUnet:
    torch.manual_seed(0)
    return Resnet18RgbUnet(as_run=True)


def test_counts_are_keras_counts(as_run):
    trained = sum(p.numel() for p in as_run.parameters() if p.requires_grad)
    everything = sum(p.numel() for p in as_run.parameters())
    statistics = sum(b.numel() for name, b in as_run.named_buffers() if "running" in name)
    assert trained == 3_416_003
    assert everything + statistics == 14_592_067
    assert sum(p.numel() for p in Resnet18RgbUnet().parameters() if p.requires_grad) == everything


def test_stages_keep_full_resolution_first(as_run):
    with torch.no_grad():
        shapes = [tuple(f.shape) for f in as_run.encoder(torch.rand(1, 64, 32, 32))]
        output = as_run(torch.rand(1, 1, 32, 40))
    assert shapes == [(1, 64, 32, 32), (1, 128, 16, 16), (1, 256, 8, 8), (1, 512, 4, 4)]
    assert output.shape == (1, 3, 32, 40)
    assert output.abs().max() <= 1


def test_as_run_freezes_the_encoder_and_its_norms():
    torch.manual_seed(0)
    network = Resnet18RgbUnet(as_run=True).train()
    before = {key: value.clone() for key, value in network.encoder.state_dict().items()}
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], 1e-3)
    first = network.first.weight.detach().clone()
    network(torch.rand(2, 1, 16, 16)).square().mean().backward()
    optimizer.step()
    assert all(torch.equal(before[key], value) for key, value in network.encoder.state_dict().items())
    assert not torch.equal(first, network.first.weight)
    assert network.up[0].training
    assert not network.encoder.training


def test_default_trains_everything():
    torch.manual_seed(0)
    network = Resnet18RgbUnet().train()
    network(torch.rand(2, 1, 16, 16)).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert network.encoder.training


def test_unit_is_pre_activated():
    """With its last convolution at zero, an identity unit passes even negative values: no ReLU follows the sum."""
    unit = Unit(4, 4).eval()
    nn.init.zeros_(unit.layers[-1].weight)
    features = torch.randn(1, 4, 5, 5)
    assert torch.equal(unit(features), features)


def test_kernels_of_four_are_placed_as_keras_does(as_run):
    """Tap 1 of a kernel of 4 at stride 1 is the pixel itself: Keras pads one before and two after."""
    network = Resnet18RgbUnet()
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


def test_encoder_weights_are_loaded():
    torch.manual_seed(1)
    weights = ResNet18Stages().state_dict()
    network = Resnet18RgbUnet(encoder_weights=weights)
    assert all(torch.equal(weights[key], value) for key, value in network.encoder.state_dict().items())


def test_size_is_checked(as_run):
    with pytest.raises(AstroganError, match="multiples of 8, not 20 x 32"):
        as_run(torch.rand(1, 1, 20, 32))
