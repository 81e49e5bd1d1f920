"""A prepared set of tiles: a memory map, its table, where they came from, and a look at them."""

import zlib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data.config import SPLITS, Split
from astrogan.files import read_json

_RECORDED = ("digest", "source", "config", "counts", "credits")
_TEXT = dict.fromkeys(("tile", "observation", "file", "split", "credit"), str)


@dataclass(frozen=True)
class TileSet:
    """Tiles as `prepare_tiles` returns them.

    `pixels`: uint8 sRGB (N, size, size, 3), a read-only memory map. `table`: a row a tile in the same order, columns
    tile (unique id), observation, file, x, y (px in the image as cut), split, credit, mean_chroma (CIE units), L_std.
    """

    folder: Path
    pixels: np.ndarray
    table: pd.DataFrame
    digest: str
    counts: dict[str, Any]
    credits: list[str]
    source: str
    config: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> "TileSet":
        """Open a folder that `prepare_tiles` wrote; `AstroganError` when a file is missing or damaged."""
        record = read_json(folder / "tiles.json")
        try:
            text = (folder / "table.csv").read_bytes()
            if zlib.crc32(text) != record["table_checksum"]:
                raise AstroganError(f"{folder / 'table.csv'} is damaged (checksum). Delete its folder and run again.")
            table = pd.read_csv(StringIO(text.decode()), dtype=_TEXT, keep_default_na=False)
            pixels = np.load(folder / "pixels.npy", mmap_mode="r")
            if len(pixels) != len(table):
                raise ValueError(f"{len(pixels)} tiles, {len(table)} rows")
            return cls(folder, pixels, table, **{name: record[name] for name in _RECORDED})
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise AstroganError(f"{folder} is not a whole tile set ({error}). Delete it and run again.") from error

    def check(self) -> None:
        """Compare the pixels with their checksum; `AstroganError` when they are damaged."""
        checksum = 0
        with open(self.folder / "pixels.npy", "rb") as file:  # read, not mapped: a map would count as our memory
            file.seek(self.pixels.offset)
            while block := file.read(1 << 24):
                checksum = zlib.crc32(block, checksum)
        if checksum != read_json(self.folder / "tiles.json")["checksum"]:
            raise AstroganError(f"{self.folder / 'pixels.npy'} is damaged (checksum). Delete its folder and run again.")

    def __len__(self) -> int:
        return len(self.table)

    def indices(self, split: Split) -> np.ndarray:
        """int64 rows of one split, in table order."""
        return np.flatnonzero(self.table["split"].to_numpy() == split)

    def summary(self) -> dict[str, Any]:
        """What provenance and the data chapter print; JSON-ready, without absolute paths."""
        return {name: getattr(self, name) for name in _RECORDED}


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
