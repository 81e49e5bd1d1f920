"""Where tiles lie in an image, and which of them are worth keeping.

Astronomical images are cut at native resolution; photographs are first scaled down so that their shorter side is 256 px
(or the tile size where that is larger), as COCO images are for the tutorial the paper follows. Nothing is scaled up.
"""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from astrogan.color import lightness_of, rgb_to_lab

PHOTOGRAPH_SIDE = 256
BLANK_STD = 3.0
BLANK_LEVEL = 20.0
BLANK_FRACTION = 0.01
"""A tile is blank when its L has a standard deviation under 3 and under 1 % of its pixels exceed L 20."""
WHITE_LEVEL = 250
WHITE_FRACTION = 0.1
"""An astronomical tile is white border when over 10 % of its pixels have all channels >= 250 (outside a footprint)."""


@dataclass(frozen=True)
class TileStatistics:
    """Per tile, each array of shape (N,): position in the (scaled) image, px, and what decides its use."""

    x: np.ndarray
    y: np.ndarray
    std: np.ndarray
    bright: np.ndarray
    white: np.ndarray
    chroma: np.ndarray

    def blank(self) -> np.ndarray:
        """bool (N,): nothing but dark or even sky."""
        return (self.std < BLANK_STD) & (self.bright < BLANK_FRACTION)

    def border(self, kind: str) -> np.ndarray:
        """bool (N,): white border; photographs may have white backgrounds, so none of theirs."""
        return (self.white > WHITE_FRACTION) & (kind == "astronomy")

    def usable(self, kind: str) -> np.ndarray:
        """bool (N,): neither blank nor white border."""
        return ~self.blank() & ~self.border(kind)


def scale_for_tiles(rgb: np.ndarray, kind: str, size: int) -> np.ndarray:
    """uint8 (H, W, 3) as it will be cut: photographs with the shorter side scaled down to max(256, size), bicubic."""
    target, shorter = max(PHOTOGRAPH_SIDE, size), min(rgb.shape[:2])
    if kind == "astronomy" or shorter <= target:
        return rgb
    height, width = (max(target, round(side * target / shorter)) for side in rgb.shape[:2])
    return np.asarray(Image.fromarray(rgb).resize((width, height), Image.Resampling.BICUBIC))


def grid(height: int, width: int, size: int) -> list[tuple[int, int]]:
    """(x, y) of the tiles of a grid that leaves an equal margin on both sides; none where a side is under `size`."""
    rows, columns = height // size, width // size
    top, left = (height - rows * size) // 2, (width - columns * size) // 2
    return [(left + j * size, top + i * size) for i in range(rows) for j in range(columns)]


def cut(rgb: np.ndarray, positions: list[tuple[int, int]], size: int) -> np.ndarray:
    """Tiles of uint8 (H, W, 3) at (x, y) positions as uint8 (N, size, size, 3)."""
    tiles = [rgb[y : y + size, x : x + size] for x, y in positions]
    return np.stack(tiles) if tiles else np.empty((0, size, size, 3), np.uint8)


def measure(rgb: np.ndarray, size: int) -> TileStatistics:
    """Statistics of every grid tile of an image that `scale_for_tiles` has scaled, uint8 (H, W, 3).

    Mean chroma is that of every 16th pixel; the others are of all.
    """
    positions = grid(*rgb.shape[:2], size)
    rows = [np.empty((0, 4), np.float32)]
    chunk = max(1, 2**18 // size**2)  # about 0.3 megapixels at once
    for start in range(0, len(positions), chunk):
        tiles = cut(rgb, positions[start : start + chunk], size)
        level = lightness_of(tiles).reshape(len(tiles), -1)
        darkest = np.minimum(np.minimum(tiles[..., 0], tiles[..., 1]), tiles[..., 2])
        white = (darkest >= WHITE_LEVEL).reshape(len(tiles), -1)
        some = torch.from_numpy(np.array(tiles[:, ::4, ::4])).permute(0, 3, 1, 2).float() / 255
        chroma = rgb_to_lab(some)[:, 1:].norm(dim=1).mean(dim=(1, 2)).numpy()
        bright, white = (np.count_nonzero(mask, axis=1) / mask.shape[1] for mask in (level > BLANK_LEVEL, white))
        rows.append(np.stack([level.std(axis=1), bright, white, chroma], axis=1))
    values = np.concatenate(rows)
    corner = np.array(positions, np.int32).reshape(-1, 2)
    return TileStatistics(corner[:, 0], corner[:, 1], *values.T)
