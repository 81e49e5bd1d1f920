import torch

from astrogan.models.discriminators.patchgan import PatchGAN


def test_parameters_and_patches_are_the_authors():
    network = PatchGAN(in_channels=3)
    assert sum(p.numel() for p in network.parameters()) == 2_765_633
    logits = network(torch.zeros(1, 1, 256, 256), torch.zeros(1, 2, 256, 256))
    assert logits.shape == (1, 1, 30, 30)


def test_a_logit_sees_70_pixels():
    torch.manual_seed(0)
    network = PatchGAN().eval()
    image = torch.randn(1, 2, 256, 256, requires_grad=True)
    network(torch.zeros(1, 1, 256, 256), image)[0, 0, 15, 15].backward()
    seen = image.grad.abs().sum(dim=(0, 1)).nonzero()
    assert (seen.amax(dim=0) - seen.amin(dim=0) + 1).tolist() == [70, 70]


def test_the_condition_matters():
    torch.manual_seed(0)
    network, image = PatchGAN().eval(), torch.randn(1, 2, 64, 64)
    assert not torch.allclose(network(torch.zeros(1, 1, 64, 64), image), network(torch.ones(1, 1, 64, 64), image))
