"""The conditional 70x70 PatchGAN discriminator (Isola et al. 2017), as the authors ran it on L*a*b (What the authors ran, 3)."""

import torch
from torch import Tensor, nn


class PatchGAN(nn.Module):
    """Judge overlapping 70 px patches of condition and image: logits (B, 1, H/8 - 2, W/8 - 2), 30 x 30 at 256 px.

    2,765,633 parameters with 3 channels in (L and ab). Convolutions of 4 px: 64, 128, 256 at stride 2, 512 at stride 1,
    one logit; batch norm on all but the first and the last; LeakyReLU 0.2; weights drawn from N(0, 0.02).
    """

    def __init__(self, in_channels: int = 3):
        super().__init__()
        self.layers = nn.Sequential(
            *_block(in_channels, 64, stride=2, norm=False),
            *_block(64, 128, stride=2),
            *_block(128, 256, stride=2),
            *_block(256, 512, stride=1),
            nn.Conv2d(512, 1, 4, stride=1, padding=1),
        )
        self.apply(_init_normal)

    def forward(self, condition: Tensor, image: Tensor) -> Tensor:
        """Logits for `image` (B, C, H, W) given the grey `condition` (B, 1, H, W), both in the network's units."""
        return self.layers(torch.cat([condition, image], dim=1))


def _block(n_in: int, n_out: int, stride: int, norm: bool = True) -> list[nn.Module]:
    convolution = nn.Conv2d(n_in, n_out, 4, stride=stride, padding=1, bias=not norm)
    return [convolution, *([nn.BatchNorm2d(n_out)] if norm else []), nn.LeakyReLU(0.2)]


def _init_normal(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
