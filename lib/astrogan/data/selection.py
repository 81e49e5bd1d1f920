"""Which images and which of their tiles a set is made of, and an account of everything left out.

Images of one object and near-duplicates become one group, groups are split (data/split.py), and tiles are chosen; nothing
is decoded here.
"""

import hashlib
import json
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from astrogan.base import AstroganError
from astrogan.data.config import SPLITS, TilesConfig
from astrogan.data.near_duplicates import find_duplicates
from astrogan.data.sources import Entry, Listing
from astrogan.data.split import group, left_out, seeded_key, split_groups, train_only
from astrogan.data.verify import VERSION, Verified
from astrogan.files import read_json, write_json

log = logging.getLogger(__name__)

_OF_ENTRIES = ("name", "observation", "objects", "train_only", "credit")


@dataclass(frozen=True)
class Selection:
    """The images and tiles that were chosen. A row of a table of images has its place in the listing as index."""

    config: TilesConfig
    listing: Listing
    files: pd.DataFrame
    """Every image that was listed, with the fields of its `Verified`."""
    usable: pd.DataFrame
    """Those that are whole, in colour and large enough, with their group (column observation) and its split."""
    kept: pd.DataFrame
    """Those of them that may serve in the split of their group."""
    tiles: pd.DataFrame
    """A row a tile, as in `TileSet.table`, and `entry`, the place of its image in the listing, and `place`, its own among
    the tiles of the image."""
    pairs: list[tuple[int, int, float]]
    """Near-duplicates: two rows of `usable` and their correlation."""

    @property
    def drawn(self) -> pd.DataFrame:
        """The images that training draws from: those of `kept` in its split that have a usable tile; none with fixed tiles."""
        usable = self.kept.statistics.map(lambda statistics: statistics.usable(self.config.kind).any()).astype(bool)
        return self.kept[usable & (self.kept.split == "train") & (not (self.config.native or self.config.fixed))]

    @property
    def digest(self) -> str:
        """Names the content wherever it lies: the folder of the source is no part of it."""
        rows = self.kept[["name", "observation", "split", "sha256", "credit"]].values.tolist()
        text = json.dumps([VERSION, self.config.model_dump(exclude={"source"}), rows], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def counts(self) -> dict[str, Any]:
        """How many images and tiles came to which end; JSON-ready."""
        files, usable, tiles, kind = self.files, self.usable, self.tiles, self.config.kind
        whole = files.reason == ""
        names = usable["name"].tolist()
        splits = {split: tiles[tiles.split == split] for split in SPLITS}
        alone = train_only(usable, self.config)
        return {
            "images": len(files),
            "ignored_files": self.listing.ignored,
            "unlisted_images": len(self.listing.unlisted),
            "quarantined": dict(files.loc[~whole, ["name", "reason"]].itertuples(index=False, name=None)),
            "greyscale_images": int((files.greyscale & whole).sum()),
            "too_small_images": int((whole & ~files.greyscale & (files.tiles == 0)).sum()),
            "excluded_images": len(usable) - len(self.kept),
            "training_images_of_held_out_objects": int((alone & usable.split.isin(["valid", "test"])).sum()),
            "images_without_object": int((usable.objects.map(len) == 0).sum()),
            "used_images": int(tiles.file.nunique()),
            "drawn_images": len(self.drawn),
            "duplicate_pairs": [[names[i], names[j], round(value, 3)] for i, j, value in self.pairs],
            "observations_before_grouping": int(files.observation[usable.index].nunique()),
            "observations_after_grouping": int(usable.observation.nunique()),
            "grid_tiles": int(sum(len(s.x) for s in self.kept.statistics)),
            "blank_tiles": int(sum(s.blank().sum() for s in self.kept.statistics)),
            "white_tiles": int(sum((s.border(kind) & ~s.blank()).sum() for s in self.kept.statistics)),
            "white_border_images": int(sum(s.border(kind).any() for s in self.kept.statistics)),
            "tiles": {split: len(part) for split, part in splits.items()},
            "observations": {split: int(part.observation.nunique()) for split, part in splits.items()},
            "images_by_split": {split: int(part.file.nunique()) for split, part in splits.items()},
        }


def select(config: TilesConfig, listing: Listing, verified: list[Verified], cache: Path) -> Selection:
    """Choose from the entries of `listing`; near-duplicates are remembered in the folder `cache`.

    Raises:
        AstroganError: for no usable image, too few objects for the split, or a split without tiles.
    """
    files = _file_table(listing.entries, verified)
    usable = files[(files.reason == "") & ~files.greyscale & (files.tiles > 0)].copy()
    if usable.empty:
        raise AstroganError(_nothing_usable(config, files))
    pairs: list[tuple[int, int, float]] = []
    if (usable.forced != "").all():
        usable["split"] = usable.forced
    else:
        pairs = _duplicate_pairs(config, usable, cache)
        usable["observation"] = group(usable.objects, usable.observation, [(i, j) for i, j, _ in pairs])
        usable["split"] = usable.observation.map(split_groups(usable, config))
    kept = usable[~left_out(usable, config)]
    return Selection(config, listing, files, usable, kept, _tile_table(config, kept), pairs)


def _file_table(entries: list[Entry], verified: list[Verified]) -> pd.DataFrame:
    return pd.DataFrame([vars(value) for value in verified]).assign(
        **{column: [getattr(entry, column) for entry in entries] for column in _OF_ENTRIES},
        forced=[entry.split or "" for entry in entries],
        tiles=[0 if value.statistics is None else len(value.statistics.x) for value in verified],
    )


def _duplicate_pairs(config: TilesConfig, usable: pd.DataFrame, cache: Path) -> list[tuple[int, int, float]]:
    """Near-duplicates by their row in `usable`; kept in the cache, since they depend on the pictures alone."""
    thumbnails = np.stack(usable.thumbnail.tolist())
    aspects = (usable.width / usable.height).to_numpy()
    key = hashlib.sha256(f"{VERSION}\0{config.kind}".encode() + thumbnails.tobytes() + aspects.tobytes()).hexdigest()
    path = cache / f"duplicates-{key[:16]}.json"
    if path.exists():
        try:
            return [(int(i), int(j), float(value)) for i, j, value in read_json(path)]
        except (AstroganError, ValueError, TypeError) as error:
            log.warning("%s is damaged (%s): near-duplicates are searched again", path.name, error)
    pairs = find_duplicates(thumbnails, aspects, crops=config.kind == "astronomy")
    write_json(path, pairs)
    return pairs


def _tile_table(config: TilesConfig, kept: pd.DataFrame) -> pd.DataFrame:
    frames = []
    for row in kept.itertuples():
        statistics, good = row.statistics, row.statistics.usable(config.kind)
        shown = {name: getattr(statistics, name)[good] for name in ("x", "y", "window")}
        named = [shown[name] for name in (("x", "y") if config.native else shown)]
        columns = {
            "tile": [f"{row.name}@{','.join(map(str, place))}" for place in zip(*named, strict=True)],
            "entry": row.Index,
            "place": np.flatnonzero(good),
            "observation": row.observation,
            "file": row.name,
            **shown,
            "split": row.split,
            "credit": row.credit,
            "mean_chroma": statistics.chroma[good].round(3),
            "L_std": statistics.std[good].round(3),
        }
        frames.append(pd.DataFrame(columns))
    table = _limited(config, pd.concat(frames, ignore_index=True))
    for split, fraction in zip(SPLITS, (1.0, config.valid_fraction, config.tested), strict=True):
        if fraction and not (table.split == split).any():
            raise AstroganError(
                f"source '{config.source}' leaves no tile of {config.size} px for the {split} split: all are blank or "
                "white border. Add images, choose another seed, or a smaller size."
            )
    return table


def _limited(config: TilesConfig, table: pd.DataFrame) -> pd.DataFrame:
    """At most so many tiles a group, chosen by a seeded hash: no place and no image is preferred.

    The limit is of the group, in the test too: a planet with twenty pictures weighs no more than a galaxy with one.
    """
    order = table.tile.map(lambda tile: seeded_key(config.split_seed, tile)).sort_values().index
    rank = table.loc[order].groupby(["observation", "split"]).cumcount().reindex(table.index)
    keep = pd.Series(True, index=table.index)
    training = table.split == "train"
    for mine, limit in ((training, config.tiles_per_observation), (~training, config.held_out_tiles_per_observation)):
        if limit is not None:
            keep &= ~mine | (rank < limit)
    return table[keep].reset_index(drop=True)


def _nothing_usable(config: TilesConfig, files: pd.DataFrame) -> str:
    kinds = Counter(
        "quarantined" if row.reason else "greyscale" if row.greyscale else f"smaller than {config.size} px"
        for row in files.itertuples()
    )
    first = next((f" First: {row.name}: {row.reason}." for row in files.itertuples() if row.reason), "")
    return (
        f"source '{config.source}' has no usable image: of {len(files)}, "
        f"{', '.join(f'{count} {kind}' for kind, count in kinds.items())}.{first} "
        "Expected whole colour images at least as large as a tile."
    )
