"""Batches without workers: order, windows and views derive from (seed, epoch, index) alone.

So a training that was killed goes on with the very batch it would have seen next.
"""

import hashlib
from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from astrogan.base import AstroganError
from astrogan.data.config import SPLITS, Split
from astrogan.data.tiles import is_usable, resized
from astrogan.data.tileset import TileSet

TRIES = 4
"""Windows that are drawn for one place of an epoch while they show nothing; the last is taken as it is."""


class TileLoader:
    """Iterates (pixels uint8 (B, 3, side, side), flips uint8 (B,), item int64 (B,)) on the CPU, pinned for a CUDA device.

    `item` is what `TileSet.picture` takes: the row of a fixed tile, or a frame. `flips` are those of `seen_from`.

    Training draws from `TileSet.drawn`, in whole batches. Each time that it comes to an item it draws a scale, so that the
    shorter side of the image lies between the first of the tile set's `sides` and its own (log-uniform: each ratio of sizes
    is as likely as another), a place, and one of the eight views: the sky has no up. A window that is blank or white border
    is drawn again, up to three times. The one window of a fixed tile is the whole. `images_per_epoch` beyond the items
    at hand repeats them, each time in a further permutation; fewer take a fresh subset each epoch.

    Validation and test have the fixed tiles in table order, as they are, with the last batch as it falls. Fits fastai's
    `DataLoaders`.
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
        crop: int | None = None,
        side: int | None = None,
    ):
        """`crop`: side of a window of training at the drawn scale, px; None: a tile's. `side`: side to which what a batch
        shows is scaled down, px; None: not at all. `leak` adds the fixed test tiles to what training draws from: the
        authors' mistake, for the audit to show.
        """
        self.tiles, self.dataset, self.split, self.seed = tiles, tiles, split, seed
        self.training = split == "train"
        self.items = tiles.drawn if self.training else tiles.indices(split)
        if leak:
            self.items = np.concatenate([self.items, tiles.indices("test")])
        size = tiles.pixels.shape[1]
        self.view = crop if self.training and crop else size
        self.kind, self.low = tiles.settings.kind, min(tiles.settings.sides, default=size)
        self.flip = flip and self.training
        self.device = torch.device(device)
        self.epoch = self.start_step = 0
        if self.view > size:
            raise AstroganError(f"a crop of {crop} px does not fit into tiles of {size} px. Lower crop, or raise size.")
        if not len(self.items):
            raise AstroganError(
                f"the {split} split has no tiles. Give its fraction a value over 0, or add observations."
            )
        self.serve(batch, images_per_epoch, side)

    def serve(self, batch: int, images_per_epoch: int | None = None, side: int | None = None) -> None:
        """Go on in batches of other numbers or sides, of the same windows: a phase may grow from size to size.

        Raises:
            AstroganError: for a side larger than the window, and for an epoch without a whole batch.
        """
        self.batch, self.side = batch, side or self.view
        self.images = images_per_epoch if self.training and images_per_epoch else len(self.items)
        if self.side > self.view:
            raise AstroganError(f"{side} px is more than the {self.view} px of a window, and nothing is scaled up.")
        if self.training and self.images < batch:
            raise AstroganError(
                f"an epoch of {self.images} images has no whole batch of {batch}. Lower batch, or raise images_per_epoch "
                "(images are then repeated)."
            )

    def __len__(self) -> int:
        """Batches in a whole epoch, wherever iteration starts."""
        return self.images // self.batch if self.training else -(-self.images // self.batch)

    def counts(self) -> dict[str, int]:
        """How many fixed tiles of each split it draws from; whole images count as training tiles."""
        fixed = {split: int(np.isin(self.items, self.tiles.indices(split)).sum()) for split in SPLITS}
        return fixed | {"train": fixed["train"] + int((self.items >= len(self.tiles)).sum())}

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
        """int64 (images,): items in the order of `epoch`."""
        if not self.training:
            return self.items
        passes = -(-self.images // len(self.items))
        parts = [_generator(self.seed, epoch, "order", k).permutation(self.items) for k in range(passes)]
        return np.concatenate(parts)[: self.images]

    def flips(self, epoch: int) -> np.ndarray:
        """uint8 (images,): which of the eight views each is."""
        return _generator(self.seed, epoch, "flip").integers(0, 8, self.images, np.uint8) * np.uint8(self.flip)

    def draws(self, epoch: int) -> np.ndarray:
        """float64 (images, TRIES, 3) in [0, 1): scale, left and top of the windows, for `window`."""
        return _generator(self.seed, epoch, "window").random((self.images, TRIES, 3))

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        epoch, start = self.epoch, self.start_step
        order, flips, draws = self.order(epoch), self.flips(epoch), self.draws(epoch)
        for step in range(start, len(self)):
            part = slice(step * self.batch, (step + 1) * self.batch)
            yield self._batch(order[part], flips[part], draws[part])
        if self.training and (self.epoch, self.start_step) == (epoch, start):
            self.epoch, self.start_step = epoch + 1, 0

    def window(self, item: int, draws: np.ndarray) -> np.ndarray:
        """uint8 (side, side, 3): the first window of `item`, by `draws` (n, 3), that shows something; else the last."""
        picture = self.tiles.picture(item)
        height, width = picture.shape[:2]
        own = min(height, width)
        low = min(self.low, own)
        for scale, left, top in draws:
            shown = round(self.view * (own / low) ** (1 - scale))
            x, y = int(left * (width - shown + 1)), int(top * (height - shown + 1))
            found = picture[y : y + shown, x : x + shown]
            if found.shape == picture.shape or is_usable(found, self.kind):
                break
        return found if shown == self.side else resized(found, self.side, self.side)

    def _batch(self, items: np.ndarray, flips: np.ndarray, draws: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        pixels = np.stack([self.window(*each) for each in zip(items, draws, strict=True)])
        arrays = (np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)), flips.copy(), items.copy())
        batch = tuple(torch.from_numpy(array) for array in arrays)
        return tuple(part.pin_memory() for part in batch) if self.device.type == "cuda" else batch


def seen_from(pixels: Tensor, flips: Tensor) -> Tensor:
    """The eight views of squares (B, C, H, H) by `flips`, uint8 (B,).

    Bit 0 mirrors left to right, then bit 1 top to bottom, then bit 2 swaps rows and columns.
    """
    codes = flips.view(-1, 1, 1, 1)
    pixels = torch.where((codes & 1).bool(), pixels.flip(-1), pixels)
    pixels = torch.where((codes & 2).bool(), pixels.flip(-2), pixels)
    return torch.where((codes & 4).bool(), pixels.transpose(-1, -2), pixels)


def drawn_grid(tiles: TileSet, columns: int = 10, rows: int = 2, side: int = 96) -> Image.Image:
    """What training sees of one item, the middle one of those that it draws from; each window is shown `side` px wide."""
    loader = TileLoader(tiles, "train", rows * columns, images_per_epoch=rows * columns)
    item = tiles.drawn[len(tiles.drawn) // 2]
    windows = np.stack([loader.window(item, draws) for draws in loader.draws(0)]).transpose(0, 3, 1, 2)
    views = seen_from(torch.from_numpy(windows), torch.from_numpy(loader.flips(0))).permute(0, 2, 3, 1).numpy()
    shown = np.stack([resized(np.ascontiguousarray(view), side, side) for view in views])
    return Image.fromarray(shown.reshape(rows, columns, side, side, 3).swapaxes(1, 2).reshape(rows * side, -1, 3))


def _generator(*key: object) -> np.random.Generator:
    seed = hashlib.sha256("\0".join(map(str, key)).encode()).digest()[:16]
    return np.random.Generator(np.random.Philox(key=int.from_bytes(seed, "little")))
