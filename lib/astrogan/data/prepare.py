"""From a source to verified tiles: one memory map of uint8 RGB, its table, and an account of everything left out.

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
from astrogan.data.tiles import cut, scale_for_tiles
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
    name = hashlib.sha256(f"{config.source}\0{config.kind}\0{config.size}".encode()).hexdigest()[:16]
    with locked(cache / "tiles", wait_s=LOCK_SECONDS):
        verified = verify(listing.entries, config.kind, config.size, cache / f"verified-{name}.npz")
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
    config, table = selection.config, selection.tiles
    thumbnails: list[np.ndarray] = []
    checksum = 0

    def cut_entry(group: tuple[int, pd.DataFrame]) -> np.ndarray:
        index, places = group
        rgb, _ = read_entry(selection.listing.entries[index], selection.files.sha256[index])
        rgb = scale_for_tiles(rgb, config.kind, config.size)
        return cut(rgb, list(zip(places.x, places.y, strict=True)), config.size)

    def write(file: IO[bytes]) -> None:
        # Written as a stream: a full disk is then an error, where it would kill a process that writes a memory map.
        nonlocal checksum
        shape = (len(table), config.size, config.size, 3)
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        for block in parallel(cut_entry, table.groupby("entry", sort=False)):
            checksum = zlib.crc32(block.data, checksum)
            file.write(block.data)
            thumbnails.append(tile_thumbnails(block))

    with strict_pillow():
        write_atomic(folder / "pixels.npy", write)
    check_no_leaks(table, np.concatenate(thumbnails))
    text = table.drop(columns="entry").to_csv(index=False)
    write_text(folder / "table.csv", text)
    # Last, so that its presence says that the others are whole.
    record = {
        "digest": selection.digest,
        "checksum": checksum,
        "table_checksum": zlib.crc32(text.encode()),
        "source": selection.listing.label,
        "config": config.model_dump(exclude={"source"}),
        "counts": selection.counts(),
        "credits": sorted(set(table.credit) - {""}),
    }
    write_json(folder / "tiles.json", record)
    log.info("%d tiles of %d px written", len(table), config.size)
    return TileSet.open(folder)
