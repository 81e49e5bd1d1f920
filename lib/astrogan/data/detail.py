"""The detail of a grey picture: what two pictures must share to be the same."""

import math
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from astrogan.color import LUMA

GREY = np.array(LUMA, np.float32)
COARSE, FINE = 16, 64
"""Sides at which pictures are compared, px: to find candidates, and to prove them."""


def scaled(thumbnails: np.ndarray) -> Tensor:
    """uint8 (N, H, W) to float32 (N, 1, H, W) in [0, 1]."""
    return torch.from_numpy(np.array(thumbnails))[:, None].float() / 255


def coarse(frames: Tensor) -> Tensor:
    """Unit vectors (N, 256) of frames (N, 1, H, W): the dot product of two is the correlation of their coarse detail."""
    return unit(detail(shrink(frames, COARSE, COARSE)))


def shrink(frames: Tensor, rows: int, columns: int) -> Tensor:
    """Area average to (..., rows, columns)."""
    return F.interpolate(frames, (rows, columns), mode="area")


def detail(x: Tensor, sigma: float = 2.5, floor: float = 0.03) -> Tensor:
    """Local contrast: what stands out of its surroundings, over how much does there; 0 where nothing does."""
    d = x - _blur(x, sigma)
    return d / (_blur(d * d, sigma).clamp_min(0).sqrt() + floor)


def _blur(x: Tensor, sigma: float) -> Tensor:
    # As matrix products: many times faster than convolutions of one channel.
    return _blur_matrix(x.shape[-2], sigma) @ x @ _blur_matrix(x.shape[-1], sigma).T


@cache
def _blur_matrix(side: int, sigma: float) -> Tensor:
    """(side, side): Gaussian blur with reflected ends."""
    offset = torch.arange(-math.ceil(2.5 * sigma), math.ceil(2.5 * sigma) + 1)
    kernel = torch.exp(-0.5 * (offset / sigma) ** 2)
    source = torch.arange(side)[:, None] + offset
    source = (source.abs() - (source - side + 1).clamp_min(0) * 2).abs()
    return torch.zeros(side, side).scatter_add_(1, source, (kernel / kernel.sum()).expand(side, -1))


def unit(x: Tensor) -> Tensor:
    """(N, ...) to vectors (N, D) of zero mean and unit length; what is even becomes zero."""
    x = x.flatten(1)
    x = x - x.mean(dim=1, keepdim=True)
    return x / x.norm(dim=1, keepdim=True).clamp_min(1e-3)
