"""Whether two pictures are the same, by the detail that they share; and the guard after the split, which asks that of tiles.

No tile of one split may show the pixels of a tile of another.
"""

import math
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from astrogan.base import AstroganError
from astrogan.color import LUMA
from astrogan.data.config import SPLITS

GREY = np.array(LUMA, np.float32)
COARSE, FINE = 16, 64
"""Sides at which pictures are compared, px: to find candidates, and to prove them."""
CANDIDATE, PROOF = 0.9, 0.8
"""Correlations of coarse and of fine detail above which two tiles are the same."""
STRUCTURE = 0.25
"""The guard judges tiles that have detail in more than this part of their area."""


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


def tile_thumbnails(tiles: np.ndarray) -> np.ndarray:
    """uint8 sRGB (N, S, S, 3), S >= 16, to uint8 (N, 64, 64) (S where smaller), for `leaks`."""
    side = min(FINE, tiles.shape[1])
    found = [np.empty((0, side, side), np.uint8)]
    for start in range(0, len(tiles), 16):  # few at a time: as float32 they take four times the memory
        grey = torch.from_numpy(np.sqrt(tiles[start : start + 16].astype(np.float32) @ GREY * 255))[:, None]
        found.append(shrink(grey, side, side)[:, 0].round().to(torch.uint8).numpy())
    return np.concatenate(found)


def check_no_leaks(table: pd.DataFrame, thumbnails: np.ndarray) -> None:
    """`AstroganError` when a tile of one split shows the same pixels as a tile of another.

    `table` has the columns tile and split; `thumbnails` are those of its rows, from `tile_thumbnails`.
    """
    where = {split: np.flatnonzero(table.split == split) for split in SPLITS}
    for first, second in combinations(SPLITS, 2):
        found = leaks(thumbnails[where[first]], thumbnails[where[second]])
        if found:
            i, j, value = max(found, key=lambda item: item[2])
            a, b = table.tile[where[first][i]], table.tile[where[second][j]]
            raise AstroganError(
                f"{len(found)} tiles are in two splits: {a} ({first}) shows the same as {b} ({second}, correlation "
                f"{value:.2f}). Expected each picture in one split. Give both files one `observation` in manifest.csv, "
                "or remove one of them."
            )


def leaks(first: np.ndarray, second: np.ndarray) -> list[tuple[int, int, float]]:
    """Pairs (i, j, correlation) of tiles, one of each set, that show the same pixels.

    `first`, `second`: thumbnails from `tile_thumbnails`. Dark sky, and tiles with a structure in one place only (the limb
    of a planet, the edge of a frame), match nothing.
    """
    found = []
    if len(first) and len(second):
        known = torch.cat([coarse(scaled(second[i : i + 256])) for i in range(0, len(second), 256)])
        for start in range(0, len(first), 256):
            similar = coarse(scaled(first[start : start + 256])) @ known.T > CANDIDATE
            for i, j in similar.nonzero().tolist():
                a, b = (detail(scaled(side[k : k + 1])) for side, k in ((first, start + i), (second, j)))
                proof = float((unit(a) * unit(b)).sum())
                if proof > PROOF and min((x.abs() > 0.1).float().mean() for x in (a, b)) > STRUCTURE:
                    found.append((start + i, j, proof))
    return found
