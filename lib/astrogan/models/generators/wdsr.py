"""WDSR-B: wide activation, low-rank convolutions, weight norm (Yu et al. 2018, section 3; What the authors ran, 4)."""

from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from astrogan.base import AstroganError
from astrogan.models.generators.edsr import DIV2K_MEAN
from astrogan.models.generators.subpixel import SCALES, channel_mean, receptive_radius

LOW_RANK = 0.8
"""Width of the narrow convolution of a block, relative to the block's filters (Yu et al., section 3.2): 25 of 32."""

RECIPE = {"losses": {"l1": 1.0}, "lr": 1e-3, "beta1": 0.9}
"""Yu et al., section 4: weight norm bears a rate ten times as high."""


class WDSR(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] to RGB (B, 3, scale * H, scale * W), about [0, 1] but not clipped; any H and W.

    At x4 with 32 blocks of 32 filters and expansion 6: 615,088 parameters, 606,992 without the gains of weight norm. A
    single 5x5 convolution of the input, shuffled, carries the coarse image beside the residual body. Weights start as
    torch's defaults, the gains as the norms of these.
    """

    def __init__(self, scale: int = 4, blocks: int = 32, filters: int = 32, expansion: int = 6, normed: bool = True):
        super().__init__()
        if scale not in SCALES:
            raise AstroganError(f"scale {scale} is not offered; the super-resolution networks up-scale by {SCALES}")
        self.main = nn.Sequential(
            _convolution(3, filters, 3, normed),
            *(WideBlock(filters, expansion, normed) for _ in range(blocks)),
            _convolution(filters, 3 * scale**2, 3, normed),
            nn.PixelShuffle(scale),
        )
        self.skip = nn.Sequential(_convolution(3, 3 * scale**2, 5, normed), nn.PixelShuffle(scale))
        self.scale = scale

    @property
    def receptive_radius(self) -> int:
        """Low-resolution pixels of context that an output pixel depends on."""
        return max(receptive_radius(self.main), receptive_radius(self.skip))

    def forward(self, low: Tensor) -> Tensor:
        """`low`: RGB (B, 3, H, W) in [0, 1]; the network itself sees it centred and about [-1, 1]."""
        mean = channel_mean(DIV2K_MEAN, low)
        centred = (low - mean) * 2
        return (self.main(centred) + self.skip(centred)) / 2 + mean


class WideBlock(nn.Sequential):
    """1x1 up to `expansion` times the filters, ReLU, 1x1 down to 0.8 times, 3x3 back, and the input added."""

    def __init__(self, filters: int, expansion: int, normed: bool):
        narrow = int(filters * LOW_RANK)
        super().__init__(
            _convolution(filters, filters * expansion, 1, normed),
            nn.ReLU(),
            _convolution(filters * expansion, narrow, 1, normed),
            _convolution(narrow, filters, 3, normed),
        )

    def forward(self, features: Tensor) -> Tensor:
        return features + super().forward(features)


def _convolution(n_in: int, n_out: int, kernel: int, normed: bool) -> nn.Module:
    convolution = nn.Conv2d(n_in, n_out, kernel, padding=kernel // 2)
    return weight_norm(convolution) if normed else convolution
