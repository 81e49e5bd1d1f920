"""From a source to verified tiles: memory maps of uint8 RGB, their tables, and an account of everything left out.

Fixed tiles of all splits are one map; the whole images of the training split, from which a training draws, another.

The order of things: list -> verify -> group near-duplicates -> split by observation -> choose tiles -> write -> guard.
The folder is named by content: the images' hashes, the configuration, and the version of this code.
"""

import hashlib
import logging
import zlib
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.images import strict_pillow
from astrogan.data.likeness import check_no_leaks, tile_thumbnails
from astrogan.data.selection import Selection, select
from astrogan.data.sources import list_source
from astrogan.data.threads import parallel
from astrogan.data.tiles import scaled_down, scaled_shape, tiles_of
from astrogan.data.tileset import TileSet
from astrogan.data.verify import read_entry, verify
from astrogan.files import locked, write_atomic, write_json, write_text

log = logging.getLogger(__name__)

LOCK_SECONDS = 1800


def prepare_tiles(config: TilesConfig, cache: Path) -> TileSet:
    """The tiles of `config`, from `cache` where they are whole, else cut anew.

    Two processes may ask at once: the second waits for the first. A damaged cache is reported and rebuilt; a full disk
    leaves what was there. Errors: `AstroganError` for a source that cannot be listed, no usable image, too few
    observations for the split, or near-duplicates left across it.
    """
    cache = Path(cache)
    listing = list_source(config)
    name = hashlib.sha256(f"{config.source}\0{config.size}\0{config.sides}".encode()).hexdigest()[:16]
    with locked(cache / "tiles", wait_s=LOCK_SECONDS):
        verified = verify(listing.entries, config, cache / f"verified-{name}.npz")
        selection = select(config, listing, verified, cache)
        folder = cache / f"tiles-{selection.digest[:16]}"
        existing = _whole(folder, selection.digest)
        return _written(folder, selection) if existing is None else existing


def _whole(folder: Path, digest: str) -> TileSet | None:
    """The tile set in `folder` when it is there and undamaged."""
    if not (folder / "tiles.json").exists():
        return None
    try:
        tile_set = TileSet.open(folder)
        tile_set.check()
    except AstroganError as error:
        log.warning("%s It is cut again.", error)
        return None
    return tile_set if tile_set.digest == digest else None


def _written(folder: Path, selection: Selection) -> TileSet:
    config, table, frames = selection.config, selection.tiles, _frame_table(selection)
    places = dict(list(table.groupby("entry").place))
    shapes = {"pixels.npy": (len(table), config.size, config.size, 3), "frames.npy": (_bytes(frames).sum(),)}
    checksums = dict.fromkeys(shapes, 0)
    thumbnails: list[np.ndarray] = []

    def cut(entry: int) -> tuple[np.ndarray, np.ndarray]:
        """The fixed tiles of an image, and the image as training draws from it."""
        rgb, _ = read_entry(selection.listing.entries[entry], selection.files.sha256[entry])
        every = tiles_of(rgb, config.size, config.sides)
        tiles = [every[place].pixels for place in places.get(entry, ())]
        frame = scaled_down(rgb, config.sides[-1]) if entry in frames.index else np.empty(0, np.uint8)
        return np.array(tiles, np.uint8).reshape(-1, config.size, config.size, 3), np.ascontiguousarray(frame)

    def write(files: dict[str, IO[bytes]]) -> None:
        # Written as a stream: a full disk is then an error, where it would kill a process that writes a memory map.
        for name, file in files.items():
            header = {"descr": "|u1", "fortran_order": False, "shape": tuple(map(int, shapes[name]))}
            np.lib.format.write_array_header_1_0(file, header)
        for blocks in parallel(cut, sorted({*places, *frames.index})):
            for (name, file), block in zip(files.items(), blocks, strict=True):
                checksums[name] = zlib.crc32(block.data, checksums[name])
                file.write(block.data)
            thumbnails.append(tile_thumbnails(blocks[0]))

    def beside(drawn: IO[bytes]) -> None:
        # Both at once, so that an image is decoded once.
        write_atomic(folder / "pixels.npy", lambda pixels: write({"pixels.npy": pixels, "frames.npy": drawn}))

    with strict_pillow():
        write_atomic(folder / "frames.npy", beside)
    check_no_leaks(table, np.concatenate(thumbnails))
    for name, rows in {"table.csv": table.drop(columns=["entry", "place"]), "frames.csv": frames}.items():
        text = rows.to_csv(index=False)
        write_text(folder / name, text)
        checksums[name] = zlib.crc32(text.encode())
    # Last, so that its presence says that the others are whole.
    record = {
        "digest": selection.digest,
        "checksums": checksums,
        "source": selection.listing.label,
        "config": config.model_dump(exclude={"source"}),
        "counts": selection.counts(),
        "credits": sorted(set(table.credit) - {""}),
    }
    write_json(folder / "tiles.json", record)
    log.info("%d tiles of %d px and %d whole images written", len(table), config.size, len(frames))
    return TileSet.open(folder)


def _frame_table(selection: Selection) -> pd.DataFrame:
    """`TileSet.frames`, before it is written; the index is the place of an image in the listing."""
    frames = selection.drawn[["name", "observation", "height", "width"]].rename(columns={"name": "file"})
    shapes = [scaled_shape(row.height, row.width, selection.config.sides[-1]) for row in frames.itertuples()]
    frames[["height", "width"]] = np.array(shapes, int).reshape(-1, 2)
    return frames.assign(offset=_bytes(frames).cumsum() - _bytes(frames))


def _bytes(frames: pd.DataFrame) -> pd.Series:
    return 3 * frames.height * frames.width
