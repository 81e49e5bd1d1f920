import pytest
import torch
import torchvision.models as tv

from astrogan.base import AstroganError
from astrogan.models.discriminators.resnet50_patch import Resnet50Patch


@pytest.fixture(scope="module")
def resnet50() -> tv.ResNet:
    torch.manual_seed(1)
    return tv.resnet50(weights=None).eval()


@pytest.fixture(scope="module")
def as_run(resnet50) -> Resnet50Patch:
    torch.manual_seed(0)
    return Resnet50Patch(as_run=True, weights=resnet50.state_dict())


def test_counts_are_keras_counts(as_run):
    trained = sum(p.numel() for p in as_run.parameters() if p.requires_grad)
    statistics = sum(b.numel() for name, b in as_run.named_buffers() if "running" in name)
    assert trained == 214_912
    assert sum(p.numel() for p in as_run.parameters()) + statistics == 1_393_152


def test_cut_is_where_it_says(as_run, resnet50):
    """The features are torchvision's, up to the second ReLU of the last block of its second stage: 32 x 32 x 128."""
    image = torch.rand(1, 3, 256, 256)
    seen = []
    hook = resnet50.layer2[3].conv3.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    with torch.no_grad():
        resnet50(image)
        features = as_run.eval().last(as_run.body(image))
        logits = as_run(torch.zeros(1, 1, 256, 256), image)
    hook.remove()
    assert features.shape == (1, 128, 32, 32)
    assert torch.allclose(features, seen[0], atol=1e-5)
    assert logits.shape == (1, 1, 30, 30)
    bare = as_run.logit(features)
    assert torch.allclose(logits, torch.where(bare > 0, bare, 0.2 * bare), atol=1e-6)
    assert (bare < 0).any()


def test_as_run_freezes_all_but_the_last_layers(resnet50):
    network = Resnet50Patch(as_run=True, weights=resnet50.state_dict()).train()
    body = {key: value.clone() for key, value in network.body.state_dict().items()}
    last = {key: value.clone() for key, value in network.last.state_dict().items()}
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], 1e-3)
    network(torch.rand(2, 1, 64, 64), torch.rand(2, 3, 64, 64)).sum().backward()
    optimizer.step()
    assert all(torch.equal(body[key], value) for key, value in network.body.state_dict().items())
    assert not torch.equal(last["1.running_mean"], network.last[1].running_mean)
    assert not torch.equal(last["0.weight"], network.last[0].weight)


@pytest.mark.parametrize("image_channels", [2, 3])
def test_default_is_conditional_in_lab_and_rgb(image_channels):
    torch.manual_seed(0)
    network = Resnet50Patch(image_channels).train()
    condition, image = torch.rand(2, 1, 64, 64), torch.rand(2, image_channels, 64, 64)
    logits = network(condition, image)
    assert logits.shape == (2, 1, 6, 6)
    logits.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    with torch.no_grad():
        network.eval()
        assert not torch.equal(network(condition, image), network(1 - condition, image))


def test_weights_leave_the_condition_out_at_first(resnet50):
    network = Resnet50Patch(weights=resnet50.state_dict())
    stem = network.body[0].weight
    assert stem.shape == (64, 4, 7, 7)
    assert torch.equal(stem[:, 1:], resnet50.conv1.weight)
    assert stem[:, 0].abs().max() == 0


def test_weights_of_another_network_are_refused():
    with pytest.raises(AstroganError, match=r"do not fit ResNet; torchvision's layout was expected"):
        Resnet50Patch(weights=tv.resnet18(weights=None).state_dict())
