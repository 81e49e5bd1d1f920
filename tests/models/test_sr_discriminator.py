import pytest
import torch

from astrogan.models.discriminators.srgan import SRDiscriminator


def test_count_at_96_px():
    assert sum(p.numel() for p in SRDiscriminator(96).parameters()) == 23_565_505


@pytest.mark.parametrize("size", [64, 96, 100])
def test_one_logit_an_image(size):
    torch.manual_seed(0)
    network = SRDiscriminator(size).train()
    image = torch.rand(2, 3, size, size, requires_grad=True)
    logits = network(torch.rand(2, 3, size // 4, size // 4), image)
    assert logits.shape == (2, 1)
    logits.sum().backward()
    assert image.grad.abs().max() > 0
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


def test_image_is_centred():
    """Mid-grey comes in as zero, whatever the first weights: only their bias is left."""
    network = SRDiscriminator(32)
    seen = []
    network.layers[0].register_forward_hook(lambda module, args, output: seen.append(output))
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 32, 32), 0.5))
    assert torch.equal(seen[0], network.layers[0].bias.view(1, -1, 1, 1).expand_as(seen[0]))
