"""EDSR, the baseline size (Lim et al. 2017, section 3 and table 1; What the authors ran, 4)."""

from torch import Tensor, nn

from astrogan.models.generators.subpixel import SubPixel, channel_mean, factors, receptive_radius

DIV2K_MEAN = (0.4488, 0.4371, 0.4040)
"""Mean RGB of the DIV2K training images in [0, 1], as Lim et al. publish it."""

RECIPE = {"losses": {"l1": 1.0}, "lr": 1e-4, "beta1": 0.9}
"""Lim et al., section 4.2."""


class EDSR(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] to RGB (B, 3, scale * H, scale * W), about [0, 1] but not clipped; any H and W.

    1,517,571 parameters at x4: SRResNet's layout without batch norm, 16 blocks of 64 filters, no residual scaling
    (which only the large model needs). Weights start as torch's defaults, as in the authors' own code.
    """

    def __init__(self, scale: int = 4, blocks: int = 16, filters: int = 64):
        super().__init__()
        self.head = nn.Conv2d(3, filters, 3, padding=1)
        self.body = nn.Sequential(
            *(ResidualBlock(filters) for _ in range(blocks)),
            nn.Conv2d(filters, filters, 3, padding=1),
        )
        self.tail = nn.Sequential(
            *(SubPixel(filters, factor) for factor in factors(scale)),
            nn.Conv2d(filters, 3, 3, padding=1),
        )
        self.scale = scale

    @property
    def receptive_radius(self) -> int:
        """Low-resolution pixels of context that an output pixel depends on."""
        return receptive_radius(self)

    def forward(self, low: Tensor) -> Tensor:
        """`low`: RGB (B, 3, H, W) in [0, 1]; the network itself sees it centred and about [-1, 1]."""
        mean = channel_mean(DIV2K_MEAN, low)
        shallow = self.head((low - mean) * 2)
        return self.tail(shallow + self.body(shallow)) / 2 + mean


class ResidualBlock(nn.Sequential):
    """Convolution, ReLU, convolution, and the input added."""

    def __init__(self, filters: int):
        super().__init__(
            nn.Conv2d(filters, filters, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, padding=1),
        )

    def forward(self, features: Tensor) -> Tensor:
        return features + super().forward(features)
