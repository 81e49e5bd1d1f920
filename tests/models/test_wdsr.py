import pytest
import torch

from astrogan.models.generators.wdsr import WDSR


def count(network: torch.nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_counts():
    assert count(WDSR()) == 615_088
    assert count(WDSR(normed=False)) == 606_992


@pytest.mark.parametrize("expansion", [4, 6])
def test_expansion_widens_the_blocks(expansion):
    """Of each of 32 blocks: 1x1 from 32 to `wide`, 1x1 to 25, 3x3 to 32, with biases; head, main and skip besides."""
    wide = 32 * expansion
    block = (32 * wide + wide) + (wide * 25 + 25) + (25 * 32 * 9 + 32)
    rest = (3 * 32 * 9 + 32) + (32 * 48 * 9 + 48) + (3 * 48 * 25 + 48)
    assert count(WDSR(expansion=expansion, normed=False)) == 32 * block + rest


def test_weight_norm_changes_nothing_at_the_start():
    """The gains start as the norms of the weights: the same seed gives the same function with and without."""
    low = torch.rand(1, 3, 8, 8)
    torch.manual_seed(0)
    normed = WDSR(blocks=2)
    torch.manual_seed(0)
    plain = WDSR(blocks=2, normed=False)
    with torch.no_grad():
        assert torch.allclose(normed(low), plain(low), atol=1e-6)


def test_gain_is_the_norm_of_the_weight():
    network = WDSR(blocks=1)
    convolution = network.skip[0]
    with torch.no_grad():
        convolution.parametrizations.weight.original0.fill_(3.0)
        convolution.parametrizations.weight.original1.mul_(7.0)
    assert convolution.weight.flatten(1).norm(dim=1).tolist() == pytest.approx([3.0] * 48, rel=1e-5)
