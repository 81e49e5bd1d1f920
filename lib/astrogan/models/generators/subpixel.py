"""Sub-pixel up-scaling (Shi et al. 2016), shared by the super-resolution generators, and how far they look."""

import math

from torch import Tensor, nn

from astrogan.base import AstroganError

SCALES = (2, 3, 4)


class SubPixel(nn.Sequential):
    """(B, `channels`, H, W) to (B, `channels`, factor * H, factor * W): a 3x3 convolution, then a shuffle."""

    def __init__(self, channels: int, factor: int):
        super().__init__(nn.Conv2d(channels, channels * factor**2, 3, padding=1), nn.PixelShuffle(factor))


def factors(scale: int) -> list[int]:
    """The steps that make up `scale`: x4 is twice x2 (Ledig et al. 2017, figure 4; Lim et al. 2017, section 3)."""
    if scale not in SCALES:
        raise AstroganError(f"scale {scale} is not offered; the super-resolution networks up-scale by {SCALES}")
    return [2, 2] if scale == 4 else [scale]


def receptive_radius(path: nn.Module) -> int:
    """How many low-resolution pixels to each side of its own pixel any output pixel depends on, in eval mode.

    `path` holds convolutions (odd kernels, stride 1) and shuffles, registered in the order in which they are applied. A
    tile cut with so many pixels of context, and cropped after, equals the same part of the whole image.
    """
    layers = [layer for layer in path.modules() if isinstance(layer, nn.Conv2d | nn.PixelShuffle)]
    scale = math.prod(layer.upscale_factor for layer in layers if isinstance(layer, nn.PixelShuffle))
    radius = 0
    for offset in range(scale):
        # The interval of pixels that one output pixel sees, walked back from the output to the input.
        low = high = offset
        for layer in reversed(layers):
            if isinstance(layer, nn.PixelShuffle):
                low, high = low // layer.upscale_factor, high // layer.upscale_factor
            else:
                reach = layer.kernel_size[0] // 2
                low, high = low - reach, high + reach
        radius = max(radius, -low, high)
    return radius


def channel_mean(values: tuple[float, float, float], like: Tensor) -> Tensor:
    """Three numbers as (1, 3, 1, 1) on the device and in the dtype of `like`."""
    return like.new_tensor(values).view(1, 3, 1, 1)
