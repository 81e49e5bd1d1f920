"""Super-resolution without a network: interpolation."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from astrogan.data.degradation import upscale_bicubic
from astrogan.data.tileset import TileSet
from astrogan.tasks.baselines.baseline import Fitted
from astrogan.tasks.upscale import SCALE


def fit_bicubic(tiles: TileSet, seed: int) -> Fitted:
    """Keys' kernel with a = -0.5, the one that the inputs were shrunk with."""
    return Fitted(lambda condition, _: upscale_bicubic(condition, SCALE))


def fit_lanczos(tiles: TileSet, seed: int) -> Fitted:
    """A windowed sinc of three lobes (Pillow's LANCZOS)."""
    return Fitted(lambda condition, _: upscale_lanczos(condition, SCALE))


def upscale_lanczos(rgb: Tensor, scale: int = 4) -> Tensor:
    """(B, C, H, W) in [0, 1] to float32 (B, C, scale * H, scale * W), clipped.

    Pillow takes each channel as 32-bit floats, so that nothing is rounded between its passes or after them.
    """
    count, channels, height, width = rgb.shape
    size = (width * scale, height * scale)
    planes = rgb.float().flatten(0, 1).numpy()
    high = [np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.LANCZOS)) for plane in planes]
    return torch.from_numpy(np.stack(high)).view(count, channels, *size[::-1]).clamp(0, 1)
