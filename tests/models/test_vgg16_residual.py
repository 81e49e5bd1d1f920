import math

import pytest
import torch
from torchvision.models.vgg import cfgs, make_layers

from astrogan.base import AstroganError
from astrogan.models.discriminators.vgg16_residual import Vgg16Residual
from astrogan.training.losses import discriminator_loss


@pytest.fixture(scope="module")
def as_run() -> Vgg16Residual:
    torch.manual_seed(0)
    return Vgg16Residual(64, as_run=True)


@pytest.fixture(scope="module")
def vgg16() -> torch.nn.Sequential:
    torch.manual_seed(1)
    return make_layers(cfgs["D"])


def prefixed(network) -> dict[str, torch.Tensor]:
    return {f"features.{key}": value for key, value in network.state_dict().items()} | {
        "classifier.0.bias": torch.ones(1)
    }


def test_counts_are_keras_counts(as_run):
    trained = sum(p.numel() for p in as_run.parameters() if p.requires_grad)
    statistics = sum(b.numel() for name, b in as_run.named_buffers() if "running" in name)
    assert trained == 4_725_249
    assert sum(p.numel() for p in as_run.parameters()) + statistics == 19_443_009


def test_as_run_sees_the_image_only_and_ends_in_a_sigmoid(as_run):
    image = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        one = as_run.eval()(torch.zeros(2, 1, 64, 64), image)
        other = as_run(torch.ones(2, 1, 64, 64), image)
    assert one.shape == (2, 1)
    assert torch.equal(one, other)
    assert one.min() > 0
    assert one.max() < 1


def test_double_sigmoid_bounds_the_loss():
    """A perfect judge says 1 and 0 where the loss expects logits: ln(1 + 1/e) + ln 2, the reachable minimum 1.006."""
    perfect = discriminator_loss(torch.ones(4, 1), torch.zeros(4, 1), halved=False).item()
    assert perfect == pytest.approx(math.log1p(math.exp(-1)) + math.log(2), abs=1e-6)
    assert perfect == pytest.approx(1.006, abs=1e-3)


def test_default_is_conditional_and_trains_everything():
    torch.manual_seed(0)
    network = Vgg16Residual(32).train()
    image = torch.rand(2, 3, 32, 32)
    network(torch.rand(2, 1, 32, 32), image).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    with torch.no_grad():
        network.eval()
        assert not torch.equal(network(torch.zeros(2, 1, 32, 32), image), network(torch.ones(2, 1, 32, 32), image))


def test_weights_leave_the_condition_out_at_first(vgg16):
    network = Vgg16Residual(32, weights=prefixed(vgg16)).eval()
    image, condition = torch.rand(1, 3, 32, 32), torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        features = network.features(torch.cat([condition, image], dim=1))
        # Four channels are summed in another order than three.
        assert torch.allclose(features, vgg16(image), atol=1e-6)
    as_run = Vgg16Residual(32, as_run=True, weights=prefixed(vgg16))
    assert all(torch.equal(vgg16.state_dict()[key], value) for key, value in as_run.features.state_dict().items())


def test_weights_of_another_network_are_refused():
    with pytest.raises(AstroganError, match="do not fit"):
        Vgg16Residual(32, weights={"features.0.weight": torch.zeros(64, 3, 3, 3)})


def test_size_is_checked(as_run):
    with pytest.raises(AstroganError, match="multiples of 32"):
        as_run(torch.rand(1, 1, 48, 48), torch.rand(1, 3, 48, 48))
