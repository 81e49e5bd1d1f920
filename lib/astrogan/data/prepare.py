"""From a source to verified tiles: one memory map of uint8 RGB, its table, and an account of everything left out.

The order of things: list -> verify -> group near-duplicates -> split by observation -> choose tiles -> write -> guard.
The folder is named by content: the images' hashes, the configuration, and the version of this code.
"""

import hashlib
import json
import logging
import zlib
from collections import Counter
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from astrogan.base import AstroganError
from astrogan.data import duplicates, images, leaks, sources, tiles
from astrogan.data.config import Split, TilesConfig
from astrogan.data.sources import Entry, Listing
from astrogan.data.split import excluded, seeded_key, split_observations
from astrogan.data.threads import parallel
from astrogan.data.tileset import TileSet
from astrogan.data.verify import VERSION, Verified, region, verify
from astrogan.files import locked, read_json, write_atomic, write_json, write_text

log = logging.getLogger(__name__)

LOCK_SECONDS = 1800


def prepare_tiles(config: TilesConfig, cache: Path) -> TileSet:
    """The tiles of `config`, from `cache` where they are whole, else cut anew.

    Two processes may ask at once: the second waits for the first. A damaged cache is reported and rebuilt; a full disk
    leaves what was there. Errors: `AstroganError` for a source that cannot be listed, no usable image, too few
    observations for the split, or near-duplicates left across it.
    """
    cache = Path(cache)
    listing = sources.list_source(config)
    name = hashlib.sha256(f"{config.source}\0{config.kind}\0{config.size}".encode()).hexdigest()[:16]
    with locked(cache / "tiles", wait_s=LOCK_SECONDS):
        verified = verify(listing.entries, config.kind, config.size, cache / f"verified-{name}.npz")
        return _prepare(config, cache, listing, verified)


def _prepare(config: TilesConfig, cache: Path, listing: Listing, verified: list[Verified]) -> TileSet:
    files = _file_table(listing.entries, verified)
    usable = files[(files.reason == "") & ~files.greyscale & (files.tiles > 0)].copy()
    if usable.empty:
        raise AstroganError(_nothing_usable(config, files))
    pairs = _duplicate_pairs(config, cache, usable, verified)
    usable["observation"] = duplicates.merge(usable.observation.tolist(), [(i, j) for i, j, _ in pairs])
    usable["split"] = _splits(config, usable)
    kept = usable[~excluded(usable.name_, usable.split, config)]
    table = _tile_table(config, kept, verified)
    digest = _digest(config, kept)
    folder = cache / f"tiles-{digest[:16]}"
    existing = _whole(folder, digest)
    if existing is not None:
        return existing
    counts = _counts(config, listing, files, usable, kept, table, pairs, verified)
    return _write(config, folder, digest, table, counts, listing, verified)


def _file_table(entries: list[Entry], verified: list[Verified]) -> pd.DataFrame:
    # `name_` because a row's `name` is pandas' own.
    return pd.DataFrame(
        [
            {
                "entry": i,
                "name_": entry.name,
                "observation": entry.observation,
                "credit": entry.credit,
                "forced": entry.split or "",
                "sha256": value.sha256,
                "reason": value.reason,
                "greyscale": value.greyscale,
                "tiles": 0 if value.statistics is None else len(value.statistics.x),
            }
            for i, (entry, value) in enumerate(zip(entries, verified, strict=True))
        ]
    )


def _duplicate_pairs(
    config: TilesConfig, cache: Path, usable: pd.DataFrame, verified: list[Verified]
) -> list[tuple[int, int, float]]:
    """Near-duplicate pairs as positions in `usable`; kept in the cache, since they depend on the pictures alone."""
    if (usable.forced != "").all():
        return []
    chosen = [verified[i] for i in usable.entry]
    thumbnails = np.stack([value.thumbnail for value in chosen])
    aspects = np.array([value.width / value.height for value in chosen])
    key = hashlib.sha256(f"{VERSION}\0{config.kind}".encode() + thumbnails.tobytes() + aspects.tobytes()).hexdigest()
    path = cache / f"duplicates-{key[:16]}.json"
    if path.exists():
        try:
            return [(int(i), int(j), float(value)) for i, j, value in read_json(path)]
        except (AstroganError, ValueError, TypeError) as error:
            log.warning("%s is damaged (%s): near-duplicates are searched again", path.name, error)
    pairs = duplicates.find_duplicates(thumbnails, aspects, crops=config.kind == "astronomy")
    write_json(path, pairs)
    return pairs


def _splits(config: TilesConfig, usable: pd.DataFrame) -> pd.Series:
    if (usable.forced != "").all():
        return usable.forced
    files = usable.rename(columns={"name_": "name"})[["name", "observation"]]
    return usable.observation.map(split_observations(files, config))


def _tile_table(config: TilesConfig, kept: pd.DataFrame, verified: list[Verified]) -> pd.DataFrame:
    frames = []
    for row in kept.itertuples():
        statistics = verified[row.entry].statistics
        good = statistics.usable(config.kind)
        frames.append(
            pd.DataFrame(
                {
                    "entry": row.entry,
                    "observation": row.observation,
                    "file": row.name_,
                    "x": statistics.x[good],
                    "y": statistics.y[good],
                    "split": row.split,
                    "credit": row.credit,
                    "mean_chroma": statistics.chroma[good].round(3),
                    "L_std": statistics.std[good].round(3),
                }
            )
        )
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "tile", [f"{row.file}@{row.x},{row.y}" for row in table.itertuples()])
    table = _limited(config, table)
    for split, fraction in (("train", 1.0), ("valid", config.valid_fraction), ("test", config.test_fraction)):
        if fraction and not (table.split == split).any():
            raise AstroganError(
                f"source '{config.source}' leaves no tile of {config.size} px for the {split} split: all are blank or "
                "white border. Add images, choose another seed, or a smaller size."
            )
    return table


def _limited(config: TilesConfig, table: pd.DataFrame) -> pd.DataFrame:
    """At most so many tiles an observation, chosen by a seeded hash: no place in the image is preferred."""
    order = table.tile.map(lambda tile: seeded_key(config.split_seed, tile)).sort_values().index
    rank = table.loc[order].groupby(["observation", "split"]).cumcount().reindex(table.index)
    keep = pd.Series(True, index=table.index)
    training = table.split == "train"
    for mine, limit in ((training, config.tiles_per_observation), (~training, config.held_out_tiles_per_observation)):
        if limit is not None:
            keep &= ~mine | (rank < limit)
    return table[keep].reset_index(drop=True)


def _digest(config: TilesConfig, kept: pd.DataFrame) -> str:
    """Names the content wherever it lies: the folder of the source is no part of it."""
    rows = kept[["name_", "observation", "split", "sha256", "credit"]].values.tolist()
    text = json.dumps([VERSION, config.model_dump(exclude={"source"}), rows], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _write(
    config: TilesConfig,
    folder: Path,
    digest: str,
    table: pd.DataFrame,
    counts: dict[str, Any],
    listing: Listing,
    verified: list[Verified],
) -> TileSet:
    signatures: list[np.ndarray] = []
    checksum = 0

    def cut(group: tuple[int, pd.DataFrame]) -> np.ndarray:
        entry = listing.entries[group[0]]
        data = images.read_bytes(entry.path, entry.name)
        if hashlib.sha256(data).hexdigest() != verified[group[0]].sha256:
            raise AstroganError(f"{entry.name} changed while it was being read. Let its writer finish, then run again.")
        rgb = tiles.scale_for_tiles(region(images.decode(data, entry.name), entry), config.kind, config.size)
        return tiles.cut(rgb, list(zip(group[1].x, group[1].y, strict=True)), config.size)

    def write(file: IO[bytes]) -> None:
        # Written as a stream: a full disk is then an error, where it would kill a process that writes a memory map.
        nonlocal checksum
        shape = (len(table), config.size, config.size, 3)
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for block in parallel(cut, list(table.groupby("entry", sort=False))):
            checksum = zlib.crc32(block.data, checksum)
            file.write(block.data)
            signatures.append(leaks.tile_thumbnails(block))

    with images.strict_pillow():
        write_atomic(folder / "pixels.npy", write)
    table = table.drop(columns="entry")
    _guard(table, np.concatenate(signatures))
    text = table.to_csv(index=False)
    write_text(folder / "table.csv", text)
    # Last, so that its presence says that the others are whole.
    write_json(
        folder / "tiles.json",
        {
            "digest": digest,
            "checksum": checksum,
            "table_checksum": zlib.crc32(text.encode()),
            "source": listing.label,
            "config": config.model_dump(exclude={"source"}),
            "counts": counts,
            "credits": sorted(set(table.credit) - {""}),
        },
    )
    tile_set = TileSet.open(folder)
    log.info("%d tiles of %d px written", len(table), config.size)
    return tile_set


def _guard(table: pd.DataFrame, signatures: np.ndarray) -> None:
    """`AstroganError` when a tile of one split shows the same pixels as a tile of another."""
    where: dict[Split, np.ndarray] = {s: np.flatnonzero(table.split == s) for s in ("train", "valid", "test")}
    for first, second in (("train", "test"), ("valid", "test"), ("train", "valid")):
        found = leaks.leaks(signatures[where[first]], signatures[where[second]])
        if found:
            i, j, value = max(found, key=lambda item: item[2])
            a, b = table.tile[where[first][i]], table.tile[where[second][j]]
            raise AstroganError(
                f"{len(found)} tiles are in two splits: {a} ({first}) shows the same as {b} ({second}, correlation "
                f"{value:.2f}). Expected each picture in one split. Give both files one `observation` in manifest.csv, "
                "or remove one of them."
            )


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


def _counts(
    config: TilesConfig,
    listing: Listing,
    files: pd.DataFrame,
    usable: pd.DataFrame,
    kept: pd.DataFrame,
    table: pd.DataFrame,
    pairs: list[tuple[int, int, float]],
    verified: list[Verified],
) -> dict[str, Any]:
    good = files[(files.reason == "") & ~files.greyscale]
    statistics = [verified[i].statistics for i in kept.entry]
    names = usable.name_.tolist()
    return {
        "images": len(files),
        "ignored_files": listing.ignored,
        "unlisted_images": len(listing.unlisted),
        "quarantined": {row.name_: row.reason for row in files[files.reason != ""].itertuples()},
        "greyscale_images": int((files.greyscale & (files.reason == "")).sum()),
        "too_small_images": int((good.tiles == 0).sum()),
        "excluded_images": len(usable) - len(kept),
        "used_images": int(table.file.nunique()),
        "duplicate_pairs": [[names[i], names[j], round(value, 3)] for i, j, value in pairs],
        "observations_before_grouping": int(files[files.index.isin(usable.index)].observation.nunique()),
        "observations_after_grouping": int(usable.observation.nunique()),
        "grid_tiles": int(sum(len(s.x) for s in statistics)),
        "blank_tiles": int(sum(s.blank().sum() for s in statistics)),
        "white_tiles": int(sum((s.border(config.kind) & ~s.blank()).sum() for s in statistics)),
        "white_border_images": int(sum(s.border(config.kind).any() for s in statistics)),
        "tiles": {split: int((table.split == split).sum()) for split in ("train", "valid", "test")},
        "observations": {
            split: int(table[table.split == split].observation.nunique()) for split in ("train", "valid", "test")
        },
    }


def _nothing_usable(config: TilesConfig, files: pd.DataFrame) -> str:
    kinds = Counter(
        "quarantined" if row.reason else "greyscale" if row.greyscale else f"smaller than {config.size} px"
        for row in files.itertuples()
    )
    first = next((f" First: {row.name_}: {row.reason}." for row in files.itertuples() if row.reason), "")
    return (
        f"source '{config.source}' has no usable image: of {len(files)}, "
        f"{', '.join(f'{count} {kind}' for kind, count in kinds.items())}.{first} "
        "Expected whole colour images at least as large as a tile."
    )
