"""What a baseline is: fitted in seconds on the training tiles of the very set that it is tested on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from astrogan.base import AstroganError
from astrogan.color import lab_of
from astrogan.data.config import Split
from astrogan.data.tileset import TileSet
from astrogan.tasks.task import TaskName

Predict = Callable[[Tensor, Sequence[str]], Tensor]
"""A network's input (B, C, H, W), on the CPU, and the tiles' names (B,) -> what the task's default network would answer."""

MOST_PIXELS = 2**21
LEAST_OF_A_TILE = 256
"""A fit looks at about two million pixels in all, and at no fewer than 256 of a tile that has so many."""


@dataclass(frozen=True)
class Fitted:
    """A baseline that has seen its training tiles, and what is to be said of it under a table."""

    predict: Predict
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Baseline:
    """A row that needs no training of ours.

    Attributes:
        task: whose row it is.
        what: it does, in words.
        fit: to the training and validation tiles of a set, with a seed; the same each time.
        extra: the optional dependency (pyproject.toml) that it needs; empty: none.
        modules: of that extra, by which one knows that it is installed.
    """

    task: TaskName
    what: str
    fit: Callable[[TileSet, int], Fitted]
    extra: str = ""
    modules: tuple[str, ...] = ()

    @property
    def absent(self) -> str:
        """Why it cannot be had here; empty where it can."""
        return "" if all(map(find_spec, self.modules)) else f"the extra `{self.extra}` is not installed"


def sampled(tiles: TileSet, split: Split, seed: int) -> NDArray[np.float32]:
    """L*a*b* of pixels of a split's tiles, CIE units, float32 (N, P, 3): all of them, or the same P drawn places in each."""
    rows, (height, width) = tiles.indices(split), tiles.pixels.shape[1:3]
    count = min(height * width, max(LEAST_OF_A_TILE, MOST_PIXELS // max(1, len(rows))))
    places = np.sort(np.random.default_rng(seed).choice(height * width, count, replace=False))
    pixels = np.empty((len(rows), count, 1, 3), np.uint8)
    for place, row in enumerate(rows):
        pixels[place, :, 0] = tiles.pixels[row].reshape(-1, 3)[places]
    return lab_of(pixels)[:, :, 0] if len(rows) else np.empty((0, count, 3), np.float32)


def training_sample(tiles: TileSet, seed: int) -> NDArray[np.float32]:
    """`sampled` of the training tiles; `AstroganError` where there are none."""
    found = sampled(tiles, "train", seed)
    if not len(found):
        raise AstroganError("the tile set has no training tiles to fit a baseline to. Leave some images to training.")
    return found
