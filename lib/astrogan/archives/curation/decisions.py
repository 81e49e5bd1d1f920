"""Curation by rule: every entry of a catalogue is used or excluded by the first rule that speaks, and all is counted.

The catalogue is read twice and never held: pictures are measured in the first pass, decided in the second.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from astrogan.archives.client import FetchError
from astrogan.archives.curation.composites import with_composites
from astrogan.archives.curation.copies import copies, field_names
from astrogan.archives.curation.measures import Measures, measure
from astrogan.archives.curation.rules import ORDER, RULES, Override, Thresholds, by_pixels, read_overrides
from astrogan.archives.manifest import CATALOGUE, MANIFEST, ManifestRow, read_manifest, write_manifest
from astrogan.archives.received import place
from astrogan.base import AstroganError
from astrogan.data.images import read_image, strict_pillow
from astrogan.data.near_duplicates import find_duplicates, thumbnail
from astrogan.data.threads import parallel
from astrogan.files import write_json

CURATED, ACCOUNT = "curated.csv", "curation.json"
TILE = 256
EXAMPLES = 4


@dataclass
class Account:
    """What curation did, step by step; JSON-ready by `vars`."""

    steps: list[dict[str, object]] = field(default_factory=list)
    """For 'listed' and each rule: name, rule, removed, and what is left: images, observations, tiles of 256 px."""
    examples: dict[str, list[list[str]]] = field(default_factory=dict)
    """Rule to some [file, title, detail] of what it removed; the file is '' where none was fetched."""


def curate(
    folder: Path, thresholds: Thresholds | None = None, overrides: Path | None = None, root: Path | None = None
) -> Account:
    """Decide every row of `<folder>/catalogue.csv`, whose files lie below `root` (None: `folder`).

    Writes `curated.csv`, every row with its decision; `curation.json`, the account; and, where the files lie in `folder`,
    `manifest.csv`, the used rows, so that `folder:` reads just those. `AstroganError` for an override of an entry that is
    not there or whose file is not.
    """
    thresholds = thresholds or Thresholds()
    said = read_overrides(overrides)
    with strict_pillow():
        curated = write_manifest(folder / CURATED, _decided(folder, root or folder, thresholds, said))
    if root is None:
        write_manifest(folder / MANIFEST, (row for row in read_manifest(curated) if row.used))
    account = _account(curated, thresholds)
    write_json(folder / ACCOUNT, vars(account))
    return account


def _decided(
    folder: Path, root: Path, thresholds: Thresholds, said: dict[tuple[str, str], Override]
) -> Iterator[ManifestRow]:
    pictures: list[tuple[str, str, str, str, int, int]] = []  # id, file, digest, field, hash and area in px
    verdicts: list[tuple[int, str, str]] = []  # (index among the pictures or -1, decision, detail), a row
    seen: set[tuple[str, str]] = set()
    for row, found in _measured(folder, root, seen):
        decision, detail = (row.decision, row.detail) if found is None else by_pixels(found, thresholds)
        index = -1
        if decision == "use" and found is not None:
            index = len(pictures)
            where, area = field_names(row.ra, row.dec, row.target), found.width * found.height
            pictures.append((row.id, row.file, row.sha256, where, found.hash, area))
        verdicts.append((index, decision, detail))
    unknown = [key for key in said if key not in seen]
    if unknown:
        raise AstroganError(f"override for {unknown[0][1]} of {unknown[0][0]}: the catalogue has no such entry.")
    ids, files, digests, fields, hashes, areas = zip(*pictures, strict=True) if pictures else [()] * 6
    twice = copies(
        np.array(hashes, np.uint64),
        np.array(areas, np.int64),
        digests,
        fields,
        thresholds.near,
        thresholds.near_same_field,
        lambda i, j: _alike(root / files[i], root / files[j]),
    )
    for row, (index, decision, detail) in zip(_rows(folder, root), verdicts, strict=True):
        if index in twice:
            decision, detail = "duplicate", f"of {ids[twice[index][0]]}: {twice[index][1]}"
        yield _overridden(row.model_copy(update={"decision": decision, "detail": detail}), said)


def _alike(first: Path, second: Path) -> bool:
    """Whether the fine detail of two pictures, aligned, is the same: the proof that the tile stage asks for too."""
    pair = [read_image(path) for path in (first, second)]
    aspects = np.array([rgb.shape[1] / rgb.shape[0] for rgb in pair])
    return bool(find_duplicates(np.stack([thumbnail(rgb) for rgb in pair]), aspects, crops=False))


def _rows(folder: Path, root: Path) -> Iterator[ManifestRow]:
    return with_composites(read_manifest(folder / CATALOGUE), root)


def _measured(folder: Path, root: Path, seen: set[tuple[str, str]]) -> Iterator[tuple[ManifestRow, Measures | None]]:
    """Each row with its measures; None where words or an earlier row of the same id decided already."""

    def judged() -> Iterator[ManifestRow]:
        for row in _rows(folder, root):
            key = (row.source, row.id)
            repeated = row.used and key in seen
            seen.add(key)
            yield row.excluded("listed-twice", "an earlier row has this id") if repeated else row

    def one(row: ManifestRow) -> tuple[ManifestRow, Measures | None]:
        if not row.used:
            return row, None
        try:
            if not row.file:
                raise FetchError("not fetched")
            return row, measure(place(row, root))
        except FetchError as error:
            return row, Measures(problem=str(error))

    yield from parallel(one, judged())


def _overridden(row: ManifestRow, said: dict[tuple[str, str], Override]) -> ManifestRow:
    word = said.get((row.source, row.id))
    if word is None or row.decision == "listed-twice":
        return row
    if not word.use:
        return row.excluded("override", word.reason)
    if not row.file or row.decision == "unusable":
        raise AstroganError(
            f"override for {row.id} of {row.source}: it has no usable file ({row.detail}). Fetch it first."
        )
    return row.model_copy(update={"decision": "use", "detail": f"override of {row.decision}: {word.reason}"})


def _account(curated: Path, thresholds: Thresholds) -> Account:
    account, ends = Account(), []
    for row in read_manifest(curated):
        tiles = ((row.width or 0) // TILE) * ((row.height or 0) // TILE)
        ends.append((ORDER[row.decision], row.observation, tiles))
        shown = account.examples.setdefault(row.decision, [])
        if not row.used and len(shown) < EXAMPLES:
            shown.append([row.file, row.title or row.id, row.detail])
    account.examples.pop("use", None)
    table = pd.DataFrame(ends, columns=["step", "observation", "tiles"])
    for step, (name, rule) in enumerate([("listed", ""), *RULES.items()], start=-1):
        left = table[table.step > step]
        account.steps.append(
            {
                "name": name,
                "rule": rule.format(**thresholds.model_dump()),
                "removed": int((table.step == step).sum()),
                "images": len(left),
                "observations": int(left.observation.nunique()),
                "tiles": int(left.tiles.sum()),
            }
        )
    return account
