"""SRResNet, the generator of SRGAN (Ledig et al. 2017, section 2.1 and figure 4; What the authors ran, 4)."""

import torch
from torch import Tensor, nn

from astrogan.models.generators.subpixel import SubPixel, factors, receptive_radius

RECIPE = {"losses": {"mse": 1.0}, "lr": 1e-4, "beta1": 0.9}
"""Ledig et al., section 3.2."""


class SRResNet(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] to RGB (B, 3, scale * H, scale * W) in [0, 1]; any H and W.

    1,550,659 parameters at x4, and 4,224 running statistics: 64 filters, 16 residual blocks, a PReLU slope for each
    channel, shared over space. The closing tanh spans -1 to 1, which is mapped to [0, 1], so the output never
    overshoots.
    """

    def __init__(self, scale: int = 4, blocks: int = 16, filters: int = 64):
        super().__init__()
        self.head = nn.Sequential(nn.Conv2d(3, filters, 9, padding=4), PReLU(filters))
        self.body = nn.Sequential(
            *(ResidualBlock(filters) for _ in range(blocks)),
            nn.Conv2d(filters, filters, 3, padding=1),
            nn.BatchNorm2d(filters),
        )
        upscale = [nn.Sequential(SubPixel(filters, factor), PReLU(filters)) for factor in factors(scale)]
        self.tail = nn.Sequential(*upscale, nn.Conv2d(filters, 3, 9, padding=4), nn.Tanh())
        self.scale = scale

    @property
    def receptive_radius(self) -> int:
        """Low-resolution pixels of context that an output pixel depends on."""
        return receptive_radius(self)

    def forward(self, low: Tensor) -> Tensor:
        """`low`: RGB (B, 3, H, W) in [0, 1]."""
        shallow = self.head(low)
        return (self.tail(shallow + self.body(shallow)) + 1) / 2


class ResidualBlock(nn.Sequential):
    """Convolution, batch norm, PReLU, convolution, batch norm, and the input added.

    Ledig et al. give no momentum for batch norm, and torch's default, 0.1, is kept; krasserm's Keras network has 0.2 in
    these terms, and 0.01 in the last one. The slope starts at 0.25 (He et al. 2015, whom Ledig et al. follow),
    krasserm's at 0.
    """

    def __init__(self, filters: int):
        super().__init__(
            nn.Conv2d(filters, filters, 3, padding=1),
            nn.BatchNorm2d(filters),
            PReLU(filters),
            nn.Conv2d(filters, filters, 3, padding=1),
            nn.BatchNorm2d(filters),
        )

    def forward(self, features: Tensor) -> Tensor:
        return features + super().forward(features)


class PReLU(nn.PReLU):
    """ReLU with a learned slope for each channel below zero.

    On a processor in bfloat16 torch's own backward pass is three times slower than that of this sum, which has the same
    value and gradient; 19 of them are a sixth of a training step.
    """

    def forward(self, features: Tensor) -> Tensor:
        if features.device.type != "cpu" or features.dtype != torch.bfloat16:
            return super().forward(features)
        positive = torch.relu(features)
        return positive + self.weight.to(features.dtype).view(1, -1, 1, 1) * (features - positive)
