"""Opening a source for curation: a folder that was fetched, or a catalogue made of images at hand."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from astrogan.archives.client import FetchError
from astrogan.archives.manifest import CATALOGUE, ManifestRow, checked_row, write_manifest
from astrogan.archives.received import described
from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig, expand_source
from astrogan.data.sources import list_source


def open_source(source: str, folder: Path) -> tuple[Path, Path | None]:
    """The folder with the catalogue of `source`, and the root of its files where that is another.

    'archive:PATH' is a folder that `astrogan data fetch` filled; of 'sample' and 'folder:PATH' a catalogue is made in
    `folder`. `AstroganError` for a source that is none of these.
    """
    if not source.startswith("archive:"):
        return folder, catalogue_of_images(source, folder)
    fetched = Path(expand_source(source).removeprefix("archive:")).expanduser()
    if not (fetched / CATALOGUE).is_file():
        raise AstroganError(
            f"{fetched} has no {CATALOGUE}. Fill it with `astrogan data fetch MANIFEST --out {fetched}`."
        )
    return fetched, None


def catalogue_of_images(source: str, folder: Path) -> Path:
    """Write a catalogue of images at hand ('sample' or 'folder:PATH') into `folder`; the folder below which they lie."""
    listing = list_source(TilesConfig.checked(source=source, size=64))
    first = listing.entries[0]
    root = first.path.parents[len(PurePosixPath(first.name).parts) - 1]

    def rows() -> Iterator[ManifestRow]:
        for name, entry in {entry.name.partition("#")[0]: entry for entry in listing.entries}.items():
            values = {
                "source": source.partition(":")[0],
                "id": name,
                "observation": entry.observation,
                "title": PurePosixPath(name).stem,
                "url": entry.path.as_uri().replace("file://", "https://localhost", 1),
                "file": name,
                "sha256": entry.sha256,
                "credit": entry.credit,
            }
            row = checked_row(values, entry.name)
            try:
                yield described(entry.path, row, name)
            except (FetchError, OSError):  # curation says what is wrong with it
                yield row

    write_manifest(folder / CATALOGUE, rows())
    return root
