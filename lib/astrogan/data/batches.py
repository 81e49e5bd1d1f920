"""Batches of tiles from the memory map, without workers: order and flips derive from (seed, epoch, index) alone.

So a training that was killed goes on with the very batch it would have seen next.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from astrogan.base import AstroganError
from astrogan.data.config import SPLITS, Split
from astrogan.data.tileset import TileSet


class TileLoader:
    """Iterates (tiles uint8 (B, 3, H, W), flips bool (B,), index int64 (B,)) on the CPU, pinned for a CUDA device.

    `index` is the tile's row in `tiles.table`. The training split is shuffled, flipped and cut to whole batches; the
    others come in table order, unflipped, with the last batch as it falls. `images_per_epoch` beyond the tiles at hand
    repeats them, each time in a further permutation; fewer take a fresh subset each epoch. Fits fastai's `DataLoaders`.
    """

    n_inp = 1

    def __init__(
        self,
        tiles: TileSet,
        split: Split,
        batch: int,
        seed: int = 0,
        images_per_epoch: int | None = None,
        flip: bool = True,
        device: torch.device | str = "cpu",
        leak: bool = False,
    ):
        """`leak` adds the test tiles to the training split: the authors' mistake, for the audit to show."""
        self.tiles, self.dataset, self.split, self.batch, self.seed = tiles, tiles, split, batch, seed
        self.rows = np.concatenate([tiles.indices(part) for part in ((split, "test") if leak else (split,))])
        self.training = split == "train"
        self.flip = flip and self.training
        self.device = torch.device(device)
        self.images = images_per_epoch if self.training and images_per_epoch else len(self.rows)
        self.epoch = self.start_step = 0
        if not len(self.rows):
            raise AstroganError(
                f"the {split} split has no tiles. Give its fraction a value over 0, or add observations."
            )
        if self.training and self.images < batch:
            raise AstroganError(
                f"an epoch of {self.images} images has no whole batch of {batch}. Lower batch, or raise images_per_epoch "
                "(tiles are then repeated)."
            )

    def __len__(self) -> int:
        """Batches in a whole epoch, wherever iteration starts."""
        return self.images // self.batch if self.training else -(-self.images // self.batch)

    def counts(self) -> dict[str, int]:
        """How many tiles of each split it draws from."""
        return {split: int(np.isin(self.rows, self.tiles.indices(split)).sum()) for split in SPLITS}

    def position(self, epoch: int, start_step: int = 0) -> "TileLoader":
        """Start the next iteration at batch `start_step` of `epoch`; an iteration that ends moves on to the next epoch."""
        if epoch < 0 or not 0 <= start_step <= len(self):
            raise AstroganError(
                f"position epoch {epoch}, step {start_step}: expected epoch >= 0 and a step from 0 to {len(self)}. The "
                "checkpoint belongs to another batch size or number of images."
            )
        self.epoch, self.start_step = epoch, start_step
        return self

    def to(self, device: torch.device | str) -> "TileLoader":
        """Where batches will be used: a CUDA device has them pinned. They stay on the CPU."""
        self.device = torch.device(device)
        return self

    def order(self, epoch: int) -> np.ndarray:
        """int64 (images,): rows of the table in the order of `epoch`."""
        if not self.training:
            return self.rows
        passes = -(-self.images // len(self.rows))
        parts = [_generator(self.seed, epoch, "order", k).permutation(self.rows) for k in range(passes)]
        return np.concatenate(parts)[: self.images]

    def flips(self, epoch: int) -> np.ndarray:
        """bool (images,): which of them are mirrored left to right."""
        return (_generator(self.seed, epoch, "flip").random(self.images) < 0.5) & self.flip

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        epoch, start = self.epoch, self.start_step
        order, flips = self.order(epoch), self.flips(epoch)
        for step in range(start, len(self)):
            window = slice(step * self.batch, (step + 1) * self.batch)
            yield self._batch(self._pixels(epoch, window, order[window]), flips[window], order[window])
        if self.training and (self.epoch, self.start_step) == (epoch, start):
            self.epoch, self.start_step = epoch + 1, 0

    def _pixels(self, epoch: int, window: slice, rows: np.ndarray) -> np.ndarray:
        """uint8 (B, H, W, 3): the tiles of `rows`, which stand at `window` of the epoch's order."""
        return self.tiles.pixels[rows]

    def _batch(self, pixels: np.ndarray, flips: np.ndarray, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        batch = (torch.from_numpy(pixels), torch.from_numpy(flips.copy()), torch.from_numpy(rows.copy()))
        return tuple(part.pin_memory() for part in batch) if self.device.type == "cuda" else batch


class CropLoader(TileLoader):
    """The same for super-resolution, which has no up and down: the training split is cropped, mirrored and turned.

    `flips` are uint8 (B,), 0 to 7: bit 0 mirrors left to right, bit 1 top to bottom, bit 2 swaps rows and columns;
    together the eight views of a square. Tiles that are not of the training split come whole.
    """

    def __init__(self, tiles: TileSet, split: Split, batch: int, *args: Any, crop: int | None = None, **kwargs: Any):
        """`crop`: side of the random crop of a training tile, px; None: the whole tile."""
        super().__init__(tiles, split, batch, *args, **kwargs)
        side = tiles.pixels.shape[1]
        self.crop = crop if self.training else None
        if self.crop and self.crop > side:
            raise AstroganError(f"a crop of {crop} px does not fit into tiles of {side} px. Lower crop, or raise size.")

    def flips(self, epoch: int) -> np.ndarray:
        """uint8 (images,): which of the eight views each is."""
        return _generator(self.seed, epoch, "flip").integers(0, 8, self.images, np.uint8) * np.uint8(self.flip)

    def corners(self, epoch: int) -> np.ndarray:
        """int64 (images, 2): top and left of each crop, px."""
        room = self.tiles.pixels.shape[1] - self.crop + 1
        return _generator(self.seed, epoch, "crop").integers(0, room, (self.images, 2))

    def _pixels(self, epoch: int, window: slice, rows: np.ndarray) -> np.ndarray:
        if not self.crop:
            return super()._pixels(epoch, window, rows)
        places = zip(rows, self.corners(epoch)[window], strict=True)
        return np.stack([self.tiles.pixels[r, y : y + self.crop, x : x + self.crop] for r, (y, x) in places])


def _generator(*key: object) -> np.random.Generator:
    seed = hashlib.sha256("\0".join(map(str, key)).encode()).digest()[:16]
    return np.random.Generator(np.random.Philox(key=int.from_bytes(seed, "little")))
