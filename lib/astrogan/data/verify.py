"""Every image decoded fully and measured once; an unchanged file is not read again.

What was learnt of a file is kept beside the tiles, by path, size and modification time. A damaged store is rebuilt.
"""

import hashlib
import io
import logging
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.images import ImageError, chroma, decode, is_greyscale, read_bytes, strict_pillow
from astrogan.data.near_duplicates import thumbnail
from astrogan.data.sources import Entry
from astrogan.data.threads import parallel
from astrogan.data.tiles import TileStatistics, measure, tiles_of
from astrogan.files import write_atomic

log = logging.getLogger(__name__)

VERSION = 2
"""Of what is measured: a change in decoding, tiling or signatures must raise it."""
_COLUMNS = ("sha256", "width", "height", "greyscale", "chroma", "thumbnail")
"""Of the store, a row an image; `tiles` has a row a tile, `count` of them an image."""


@dataclass(frozen=True)
class Verified:
    """What one entry turned out to be."""

    sha256: str = ""
    reason: str = ""
    """Why the file is in quarantine; '' when it is usable."""
    width: int = 0
    height: int = 0
    greyscale: bool = False
    chroma: float = 0.0
    """Mean CIE chroma of the image."""
    thumbnail: np.ndarray | None = None
    """uint8 (128, 128), see `near_duplicates.thumbnail`."""
    statistics: TileStatistics | None = None


def verify(entries: list[Entry], config: TilesConfig, store: Path) -> list[Verified]:
    """One `Verified` per entry, in order; `store` (an .npz file) remembers them for the next time."""
    known = _load(store)
    keys = [_key(entry, config) for entry in entries]
    missing = [i for i, key in enumerate(keys) if key not in known]
    with strict_pillow():
        fresh = parallel(lambda i: examine(entries[i], config), missing)
        known.update((keys[i], value) for i, value in zip(missing, fresh, strict=True))
    result = [known[key] for key in keys]
    if missing:
        _save(store, dict(zip(keys, result, strict=True)))
    return [_against_manifest(entry, value) for entry, value in zip(entries, result, strict=True)]


def examine(entry: Entry, config: TilesConfig) -> Verified:
    """Decode and measure one entry; a file that is no usable image comes back with its `reason`."""
    try:
        rgb, digest = read_entry(entry)
    except ImageError as error:
        return Verified(reason=error.reason)
    colours = chroma(rgb)
    return Verified(
        sha256=digest,
        width=rgb.shape[1],
        height=rgb.shape[0],
        greyscale=is_greyscale(colours),
        chroma=float(colours.mean()),
        thumbnail=thumbnail(rgb),
        statistics=measure(tiles_of(rgb, config.size, config.sides)),
    )


def read_entry(entry: Entry, expected: str = "") -> tuple[np.ndarray, str]:
    """The pixels that the entry stands for, uint8 (H, W, 3), and the SHA-256 of its file.

    Raises:
        ImageError: when the file is no usable image.
        AstroganError: when its SHA-256 is not `expected`, where that is given.
    """
    data = read_bytes(entry.path, entry.name)
    digest = hashlib.sha256(data).hexdigest()
    if expected not in ("", digest):
        raise AstroganError(f"{entry.name} changed while it was being read. Let its writer finish, then run again.")
    rgb = decode(data, entry.name)
    return (rgb if entry.region is None else rgb[:, slice(*entry.region)]), digest


def _against_manifest(entry: Entry, value: Verified) -> Verified:
    if value.reason or not entry.sha256 or entry.sha256 == value.sha256:
        return value
    return Verified(
        reason=f"its sha256 is {value.sha256[:12]}...; the manifest expects {entry.sha256[:12]}...; "
        "fetch the file again or correct the manifest"
    )


def _key(entry: Entry, config: TilesConfig) -> str:
    try:
        stat = entry.path.stat()
        state = f"{stat.st_size}:{stat.st_mtime_ns}"
    except OSError:
        state = "absent"
    return f"{VERSION}\0{config.size}\0{config.sides}\0{entry.path}\0{entry.region}\0{state}"


def _save(store: Path, known: dict[str, Verified]) -> None:
    # A file that could not be read may be mended without a new size or time (its permissions), so ask again.
    values = {key: value for key, value in known.items() if value.sha256}
    columns = {name: np.array([getattr(value, name) for value in values.values()]) for name in _COLUMNS}
    tiles = [np.stack([np.asarray(c, np.float64) for c in vars(v.statistics).values()], 1) for v in values.values()]
    columns |= {"key": np.array(list(values)), "count": np.array([len(rows) for rows in tiles], np.int64)}
    columns["tiles"] = np.concatenate([np.empty((0, len(fields(TileStatistics)))), *tiles])
    write_atomic(store, lambda file: np.savez(file, **columns))


def _load(store: Path) -> dict[str, Verified]:
    if not store.exists():
        return {}
    try:
        # Read whole, so that a damaged member is found here and not later.
        with np.load(io.BytesIO(store.read_bytes()), allow_pickle=False) as archive:
            data = {name: archive[name] for name in archive.files}
        columns = {name: list(data[name]) if name == "thumbnail" else data[name].tolist() for name in _COLUMNS}
        parts = np.split(data["tiles"], np.cumsum(data["count"]))[:-1]
        known = {}
        for key, tiles, *values in zip(data["key"].tolist(), parts, *columns.values(), strict=True):
            statistics = TileStatistics(*tiles[:, :-3].T, *tiles[:, -3:].T.astype(np.int32))
            known[key] = Verified(**dict(zip(_COLUMNS, values, strict=True)), statistics=statistics)
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile) as error:
        log.warning("%s is damaged (%s): every image is verified again", store.name, error)
        return {}
    return known
