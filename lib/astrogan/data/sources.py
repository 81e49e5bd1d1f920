"""Where images come from: `sample` (real images that dependencies ship) or `folder:PATH` (any tree of images).

A source lists entries; nothing is decoded here. An optional `manifest.csv` in PATH or in its parent has a row a file:
`file` (relative to the manifest) and, where known, `observation`, `object`, `title`, `target` (what it shows), `sha256`,
`credit`, `licence`, and `train_only` (true, 1 or yes: it serves training alone); other columns are left alone.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path, PurePosixPath

import pandas as pd
import yaml

from astrogan.base import AstroganError
from astrogan.data.config import SPLITS, Split, TilesConfig, expand_source
from astrogan.data.images import SUFFIXES
from astrogan.data.objects import objects_in

log = logging.getLogger(__name__)

SAMPLE_WIDTH = 1000
"""Columns of the sample's one astronomical image, px."""
SAMPLE_GAP = 64
"""Columns between its bands, px, so that no object lies in two splits."""
_TRUTHS = dict.fromkeys(("true", "1", "yes"), True) | dict.fromkeys(("", "false", "0", "no"), False)


@dataclass(frozen=True)
class Entry:
    """One image, or one region of it."""

    path: Path
    name: str
    """Path below the source, with forward slashes: what tables, errors and digests call it."""
    observation: str
    """What the manifest says that the file was made from; its name where it says nothing."""
    credit: str = ""
    """With the licence, where one is known."""
    sha256: str = ""
    """Expected hex digest, or '' where none is known."""
    region: tuple[int, int] | None = None
    """Columns [first, end) of the image that this entry stands for; None: all."""
    objects: tuple[str, ...] = ()
    """What of the sky it shows, as data/objects.py calls it; of photographs nothing."""
    train_only: bool = False
    """Whether the manifest keeps it from validation and test."""
    split: Split | None = None
    """A split fixed by the source; None: decided by data/selection.py."""


@dataclass(frozen=True)
class Listing:
    """What a source holds: entries sorted by name, and what was left out while listing."""

    label: str
    """'sample', or 'folder:NAME' without the folders above it."""
    entries: list[Entry]
    ignored: int = 0
    """Files that are no images by their suffix."""
    unlisted: list[str] = field(default_factory=list)
    """Images on disk that the manifest does not name; they are left out."""


def list_source(config: TilesConfig) -> Listing:
    """List the entries of `config.source`; `AstroganError` for an unknown, empty or unreadable one."""
    if config.source.startswith("folder:") and len(config.source) > len("folder:"):
        return _folder(Path(expand_source(config.source).removeprefix("folder:")).expanduser(), config.kind)
    if config.source != "sample":
        raise AstroganError(f"source '{config.source}' is unknown. Known are 'sample' and 'folder:PATH'.")
    entries = _sample(config.kind)
    for entry in entries:
        if not entry.path.is_file():
            raise AstroganError(f"{entry.path} is missing, though its package ships it. Install the package again.")
    if config.folds:
        raise AstroganError("the source 'sample' has too few images for folds. Give 'folder:PATH', or leave folds out.")
    if config.kind == "astronomy":
        return Listing("sample", _bands(entries[0], config))
    return Listing("sample", sorted(entries, key=lambda entry: entry.name))


def _sample(kind: str) -> list[Entry]:
    """The images of one kind that packages ship, by `sources.yaml`."""
    shipped = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))[kind]
    return [
        Entry(Path(str(files(image["package"]).joinpath(name))), name, observation, image["credit"])
        for observation, image in shipped.items()
        for name in image["files"]
    ]


def _bands(image: Entry, config: TilesConfig) -> list[Entry]:
    """One band of the image for each split that has a fraction, side by side with gaps between."""
    fractions = zip(SPLITS, (1.0, config.valid_fraction, config.test_fraction), strict=True)
    wanted = [split for split, fraction in fractions if fraction > 0]
    room = SAMPLE_WIDTH - SAMPLE_GAP * (len(wanted) - 1)
    columns = room // config.size
    if columns < len(wanted):
        raise AstroganError(
            f"size {config.size} is too large for the sample: {len(wanted)} bands of its {SAMPLE_WIDTH} columns need "
            f"at most {room // len(wanted)} px. Choose a smaller size."
        )
    held_out = max(1, columns // 6)
    entries, start = [], 0
    for split in wanted:
        count = columns - held_out * (len(wanted) - 1) if split == "train" else held_out
        end = start + count * config.size
        entries.append(replace(image, name=f"{image.name}#{split}", region=(start, end), split=split))
        start = end + SAMPLE_GAP
    return entries


def _folder(root: Path, kind: str) -> Listing:
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise AstroganError(f"folder {root} {what}. Give the source as 'folder:PATH' with a folder of images.")
    root = root.resolve()
    paths = list(_walk(root))
    images = {path.relative_to(root).as_posix(): path for path in paths if path.suffix.lower() in SUFFIXES}
    ignored = len(paths) - len(images)
    manifest = next((path for path in (root / "manifest.csv", root.parent / "manifest.csv") if path.is_file()), None)
    rows = _read_manifest(manifest, root, kind) if manifest else {}
    if manifest and not rows:
        log.warning("%s names no file below %s; it is not used", manifest.name, root.name)
    entries = list(rows.values()) or [
        Entry(path, name, name, objects=_objects(kind, {}, name)) for name, path in images.items()
    ]
    unlisted = sorted(images.keys() - rows) if rows else []
    if not entries:
        raise AstroganError(
            f"folder {root} holds no image ({ignored} other files). Expected files ending in "
            f"{', '.join(sorted(SUFFIXES))}. Choose the folder that holds them."
        )
    return Listing(f"folder:{root.name}", sorted(entries, key=lambda entry: entry.name), ignored, unlisted)


def _walk(root: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise AstroganError(
            f"folder {error.filename} cannot be read: {error.strerror}. Mend its permissions or move it "
            "out of the source."
        ) from error

    for folder, folders, names in os.walk(root, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name != "manifest.csv":
                yield Path(folder) / name


def _read_manifest(path: Path, root: Path, kind: str) -> dict[str, Entry]:
    """Rows of the manifest whose file lies below `root`, by name relative to it."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (ValueError, OSError) as error:
        raise AstroganError(f"{path} cannot be read as CSV ({error}). Mend it or move it away.") from error
    if "file" not in table:
        raise AstroganError(
            f"{path} has no column 'file' (it has {', '.join(map(str, table.columns))}). Expected a header with 'file' "
            "and, where known, observation, sha256, credit."
        )
    rows: dict[str, Entry] = {}
    for row in table.to_dict("records"):
        relative = PurePosixPath(row["file"])
        if relative.is_absolute() or ".." in relative.parts:
            raise AstroganError(f"{path}: file '{relative}' leaves the manifest's folder. Use paths relative to it.")
        target = path.parent / relative
        if not target.is_relative_to(root):
            continue
        name = target.relative_to(root).as_posix()
        if name in rows:
            raise AstroganError(f"{path}: file '{relative}' has two rows. Keep one.")
        word = row.get("train_only", "").strip().lower()
        if word not in _TRUTHS:
            raise AstroganError(f"{path}: train_only of '{relative}' is '{word}'. Write true, false, or nothing.")
        credit, licence = row.get("credit", ""), row.get("licence", "")
        rows[name] = Entry(
            target,
            name,
            row.get("observation") or name,
            credit if licence in credit else ", ".join(filter(None, (credit, licence))),
            row.get("sha256", "").lower(),
            objects=_objects(kind, row, name),
            train_only=_TRUTHS[word],
        )
    return rows


def _objects(kind: str, row: dict[str, str], name: str) -> tuple[str, ...]:
    """By all that a manifest's row and the file's name say; an `object` that is not known is one by its own name."""
    if kind != "astronomy":
        return ()
    own = row.get("object", "").strip()
    told = (row.get(column, "") for column in ("title", "target", "observation"))
    return tuple(dict.fromkeys([*(objects_in(own) or filter(None, [own])), *objects_in(*told, name)]))
