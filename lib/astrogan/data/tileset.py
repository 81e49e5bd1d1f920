"""A prepared set of tiles: memory maps, their tables, where they came from, and a look at them."""

import zlib
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data.config import SPLITS, Split, TilesConfig
from astrogan.files import read_json

_RECORDED = ("digest", "source", "config", "counts", "credits")
_TEXT = dict.fromkeys(("tile", "observation", "file", "split", "credit"), str)


@dataclass(frozen=True)
class TileSet:
    """Tiles as `prepare_tiles` returns them.

    `pixels`: the fixed tiles, uint8 sRGB (N, size, size, 3), a read-only memory map. `table`: a row a tile in the same
    order, columns tile (unique id), observation, file, x, y, window (left, top and side of the square that the tile shows, px
    of the image as decoded), split, credit, mean_chroma (CIE units), L_std.

    `frames`: a row an image that training draws from, none with fixed or native tiles; columns file, observation, height, width
    (scaled down to the largest of `settings.sides`), offset (of its first byte in `frame_pixels`, uint8, flat).
    """

    folder: Path
    pixels: np.ndarray
    table: pd.DataFrame
    digest: str
    counts: dict[str, Any]
    credits: list[str]
    source: str
    config: dict[str, Any]
    frames: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["offset", "height", "width"]))
    frame_pixels: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint8))

    @classmethod
    def open(cls, folder: Path) -> "TileSet":
        """Open a folder that `prepare_tiles` wrote; `AstroganError` when a file is missing or damaged."""
        record = read_json(folder / "tiles.json")
        try:
            table, frames = (_read_table(folder / f"{name}.csv", record["checksums"]) for name in ("table", "frames"))
            pixels, flat = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("pixels", "frames"))
            if len(pixels) != len(table):
                raise ValueError(f"{len(pixels)} tiles, {len(table)} rows")
            recorded = {name: record[name] for name in _RECORDED}
            return cls(folder, pixels, table, **recorded, frames=frames, frame_pixels=flat)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise AstroganError(f"{folder} is not a whole tile set ({error}). Delete it and run again.") from error

    def check(self) -> None:
        """Compare the pixels with their checksums; `AstroganError` when they are damaged."""
        checksums = read_json(self.folder / "tiles.json")["checksums"]
        for name, array in (("pixels.npy", self.pixels), ("frames.npy", self.frame_pixels)):
            checksum = 0
            with open(self.folder / name, "rb") as file:  # read, not mapped: a map would count as our memory
                file.seek(array.offset)
                while block := file.read(1 << 24):
                    checksum = zlib.crc32(block, checksum)
            if checksum != checksums[name]:
                raise AstroganError(f"{self.folder / name} is damaged (checksum). Delete its folder and run again.")

    def __len__(self) -> int:
        return len(self.table)

    def indices(self, split: Split) -> np.ndarray:
        """int64 rows of one split, in table order."""
        return np.flatnonzero(self.table["split"].to_numpy() == split)

    @property
    def settings(self) -> TilesConfig:
        """How the tiles were cut; the source is not recorded."""
        return TilesConfig(**self.config)

    @property
    def drawn(self) -> np.ndarray:
        """int64 items that training draws from, for `picture`: the frames, or where there are none its fixed tiles."""
        first = len(self.pixels)
        return np.arange(first, first + len(self.frames)) if len(self.frames) else self.indices("train")

    def picture(self, item: int) -> np.ndarray:
        """uint8 (H, W, 3): the fixed tile of row `item` of `table` or, past its last, the frame of that row of `frames`."""
        if item < len(self.pixels):
            return self.pixels[item]
        offset, height, width = self._extents[item - len(self.pixels)]
        return self.frame_pixels[offset : offset + 3 * height * width].reshape(height, width, 3)

    @cached_property
    def _extents(self) -> np.ndarray:
        return self.frames[["offset", "height", "width"]].to_numpy(np.int64)

    def summary(self) -> dict[str, Any]:
        """What provenance and the data chapter print; JSON-ready, without absolute paths."""
        return {name: getattr(self, name) for name in _RECORDED}


def _read_table(path: Path, checksums: dict[str, int]) -> pd.DataFrame:
    text = path.read_bytes()
    if zlib.crc32(text) != checksums[path.name]:
        raise AstroganError(f"{path} is damaged (checksum). Delete its folder and run again.")
    return pd.read_csv(StringIO(text.decode()), dtype=_TEXT, keep_default_na=False)


def split_table(tiles: TileSet) -> pd.DataFrame:
    """Tiles and observations of each split."""
    groups = tiles.table.groupby("split")["observation"]
    return pd.DataFrame({"tiles": groups.size(), "observations": groups.nunique()}).reindex(list(SPLITS), fill_value=0)


def tile_grid(tiles: TileSet, columns: int = 10, side: int = 96) -> Image.Image:
    """One row of `columns` evenly chosen tiles for each split that has any, each shown `side` px wide."""
    rows = []
    for split in SPLITS:
        indices = tiles.indices(split)
        if not len(indices):
            continue
        chosen = indices[np.linspace(0, len(indices) - 1, columns).astype(int)]
        pictures = [Image.fromarray(tiles.pixels[i]).resize((side, side), Image.Resampling.BICUBIC) for i in chosen]
        rows.append(np.concatenate([np.asarray(picture) for picture in pictures], axis=1))
    return Image.fromarray(np.concatenate(rows))
