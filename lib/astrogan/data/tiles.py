"""Where tiles lie in an image, and which of them are worth keeping.

The paper colours whole scenes, so an image is scaled down before it is cut: its shorter side becomes one of `sides`, px.
Without `sides` it is cut as it is. Nothing is ever scaled up. Scaling is Pillow's bicubic one, which widens its kernel as it
shrinks: what the authors ran, and without the rings of Lanczos around stars.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from astrogan.color import lightness_of, rgb_to_lab

BLANK_STD = 3.0
BLANK_LEVEL = 20.0
BLANK_FRACTION = 0.01
"""A tile is blank when its L has a standard deviation under 3 and under 1 % of its pixels exceed L 20."""
WHITE_LEVEL = 250
WHITE_FRACTION = 0.1
"""An astronomical tile is white border when over 10 % of its pixels have all channels >= 250 (outside a footprint)."""
SAMPLE = 32
"""`is_usable` looks at every n-th pixel, so that at least this many of a side are left."""


class Tile(NamedTuple):
    """A square that is cut from an image."""

    x: int
    """Left of the square that it shows, px of the image before scaling; `y`: top; `window`: side."""
    y: int
    window: int
    pixels: np.ndarray
    """uint8 (size, size, 3), a view into the scaled image."""


@dataclass(frozen=True)
class Levels:
    """What decides whether a tile is used, each float (N,): the spread of L, and the shares of bright and white pixels."""

    std: np.ndarray
    bright: np.ndarray
    white: np.ndarray

    def blank(self) -> np.ndarray:
        """bool (N,): nothing but dark or even sky."""
        return (self.std < BLANK_STD) & (self.bright < BLANK_FRACTION)

    def border(self, kind: str) -> np.ndarray:
        """bool (N,): white border; photographs may have white backgrounds, so none of theirs."""
        return (self.white > WHITE_FRACTION) & (kind == "astronomy")

    def usable(self, kind: str) -> np.ndarray:
        """bool (N,): neither blank nor white border."""
        return ~self.blank() & ~self.border(kind)


@dataclass(frozen=True)
class TileStatistics(Levels):
    """Of all tiles of an image, in the order of `tiles_of`; mean chroma in CIE units; places in px before scaling."""

    chroma: np.ndarray
    x: np.ndarray
    y: np.ndarray
    window: np.ndarray


def scaled_shape(height: int, width: int, side: int) -> tuple[int, int]:
    """Height and width after scaling the shorter of them down to `side`, px; as they are where that is no smaller."""
    shorter = min(height, width)
    if side >= shorter:
        return height, width
    return round(height * side / shorter), round(width * side / shorter)


def scaled_down(rgb: np.ndarray, side: int) -> np.ndarray:
    """uint8 (H, W, 3) with its shorter side scaled down to `side`, px; itself where that is no smaller."""
    height, width = scaled_shape(*rgb.shape[:2], side)
    return rgb if (height, width) == rgb.shape[:2] else resized(rgb, height, width)


def resized(rgb: np.ndarray, height: int, width: int) -> np.ndarray:
    """uint8 (H, W, 3) to (height, width, 3), bicubic with antialiasing."""
    return np.asarray(Image.fromarray(rgb).resize((width, height), Image.Resampling.BICUBIC))


def grid(height: int, width: int, size: int) -> list[tuple[int, int]]:
    """(x, y) of the tiles of a grid that leaves an equal margin on both sides; none where a side is under `size`."""
    rows, columns = height // size, width // size
    top, left = (height - rows * size) // 2, (width - columns * size) // 2
    return [(left + j * size, top + i * size) for i in range(rows) for j in range(columns)]


def tiles_of(rgb: np.ndarray, size: int, sides: tuple[int, ...] = ()) -> list[Tile]:
    """The fixed tiles of uint8 (H, W, 3): a grid at each of `sides` (ascending) that the image has.

    An image under the first of `sides` is cut as it is; one with a side under `size` has no tile.
    """
    own = min(rgb.shape[:2])
    found = []
    for side in [min(sides[0], own), *(side for side in sides[1:] if side <= own)] if sides else [own]:
        image = scaled_down(rgb, side)
        factor, window = own / side, round(size * own / side)
        room = [length - window for length in (rgb.shape[1], rgb.shape[0])]
        for x, y in grid(*image.shape[:2], size):
            left, top = (min(round(place * factor), most) for place, most in zip((x, y), room, strict=True))
            found.append(Tile(left, top, window, image[y : y + size, x : x + size]))
    return found


def measure(tiles: list[Tile]) -> TileStatistics:
    """Statistics of tiles; mean chroma is that of every 16th pixel, the others are of all."""
    rows = [np.empty((0, 4), np.float32)]
    chunk = max(1, 2**18 // tiles[0].pixels.shape[0] ** 2) if tiles else 1  # about 0.3 megapixels at once
    for start in range(0, len(tiles), chunk):
        pixels = np.stack([tile.pixels for tile in tiles[start : start + chunk]])
        levels = _levels(pixels)
        some = torch.from_numpy(np.array(pixels[:, ::4, ::4])).permute(0, 3, 1, 2).float() / 255
        chroma = rgb_to_lab(some)[:, 1:].norm(dim=1).mean(dim=(1, 2)).numpy()
        rows.append(np.stack([levels.std, levels.bright, levels.white, chroma], axis=1))
    places = np.array([tile[:3] for tile in tiles], np.int32).reshape(-1, 3)
    return TileStatistics(*np.concatenate(rows).T, *places.T)


def is_usable(pixels: np.ndarray, kind: str) -> bool:
    """Whether uint8 (H, W, 3) is neither blank nor white border, by a coarse sample of its pixels."""
    step = max(1, min(pixels.shape[:2]) // SAMPLE)
    return bool(_levels(pixels[None, ::step, ::step]).usable(kind)[0])


def _levels(tiles: np.ndarray) -> Levels:
    """Of uint8 (N, H, W, 3)."""
    level = lightness_of(tiles).reshape(len(tiles), -1)
    white = (tiles.min(axis=-1) >= WHITE_LEVEL).reshape(len(tiles), -1)
    bright, white = (np.count_nonzero(mask, axis=1) / mask.shape[1] for mask in (level > BLANK_LEVEL, white))
    return Levels(level.std(axis=1), bright, white)
