"""A folder of fetched files as a whole: fetched with a report, verified, credited; or made of images at hand."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from astrogan.archives import content
from astrogan.archives.client import Client, FetchError
from astrogan.archives.curate import CATALOGUE
from astrogan.archives.download import FAULTS, Limits, Outcome, fetch
from astrogan.archives.extract import extract
from astrogan.archives.manifest import Row, checked_row, read_manifest, write_manifest
from astrogan.archives.registry import SOURCES
from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig, expand_source
from astrogan.data.sources import list_source
from astrogan.files import locked, sha256

REPORT = "report.csv"


@dataclass
class Tally:
    """How many entries came to which end, and the faults among them."""

    counts: dict[str, int]
    faults: list[tuple[str, str]]
    """(id, reason), the first hundred; all stand in the report."""

    def add(self, name: str, status: str, reason: str, fault: bool) -> None:
        """Count one entry."""
        self.counts[status] = self.counts.get(status, 0) + 1
        if fault:
            self.counts["faults"] = self.counts.get("faults", 0) + 1
            if len(self.faults) < 100:
                self.faults.append((name, reason))

    @property
    def failed(self) -> bool:
        """Whether anything went wrong."""
        return bool(self.counts.get("faults"))


def fetch_tree(
    manifest: Path,
    folder: Path,
    client: Client,
    limits: Limits | None = None,
    dry_run: bool = False,
    replace: bool = False,
    seen: Callable[[Outcome], Any] = lambda outcome: None,
) -> Tally:
    """Fetch a manifest into `folder`: files, `catalogue.csv` with what they turned out to be, `report.csv` with each end.

    Published archives (.zip, .tgz) are unpacked beside themselves. Interrupted, the report says how far it came, and the
    next run keeps whole files and continues partial ones.
    """
    tally = Tally({}, [])
    if dry_run:
        for outcome in fetch(_remembered(manifest, folder), folder, client, limits, dry_run=True):
            tally.add(outcome.row.id, outcome.status, outcome.reason, outcome.status in FAULTS)
            seen(outcome)
        return tally
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / CATALOGUE), open(folder / REPORT, "w", encoding="utf-8", newline="") as file:
        report = csv.writer(file, lineterminator="\n")
        report.writerow(["source", "id", "status", "reason"])

        def rows() -> Iterator[Row]:
            for outcome in fetch(_remembered(manifest, folder), folder, client, limits, replace=replace):
                for row, status, reason in [
                    (outcome.row, outcome.status, outcome.reason),
                    *_unpacked(outcome, folder),
                ]:
                    report.writerow([row.source, row.id, status, reason])
                    tally.add(row.id, status, reason, status in FAULTS)
                file.flush()
                seen(outcome)
                yield outcome.row

        write_manifest(folder / CATALOGUE, rows())
    return tally


def _remembered(manifest: Path, folder: Path) -> Iterator[Row]:
    """The rows to fetch, with the hashes of an earlier fetch, so that a file that changed since is noticed."""
    catalogue = folder / CATALOGUE
    known = {}
    if catalogue.is_file():
        known = {(row.source, row.id): (row.file, row.sha256) for row in read_manifest(catalogue) if row.sha256}
    for row in read_manifest(manifest):
        file, digest = known.get((row.source, row.id), ("", ""))
        yield row if row.sha256 or not digest else row.model_copy(update={"file": row.file or file, "sha256": digest})


def _unpacked(outcome: Outcome, folder: Path) -> Iterator[tuple[Row, str, str]]:
    row = outcome.row
    if outcome.status not in ("fetched", "kept") or Path(row.file).suffix not in content.ARCHIVES:
        return
    try:
        found = extract(folder / row.file, (folder / row.file).with_suffix(""))
    except AstroganError as error:
        yield row, "failed", str(error)
        return
    yield row, "unpacked", f"{len(found.files)} images; {found.ignored} other members left out"
    for member, reason in found.refused:
        yield row, "failed", f"member '{member}': {reason}"


def verify_tree(folder: Path) -> Iterator[tuple[Row, str]]:
    """Every used row of `catalogue.csv` with '' or what is wrong with its file."""
    for row in read_manifest(folder / CATALOGUE):
        if not row.used:
            continue
        try:
            if not row.file:
                raise FetchError("not fetched")
            path = content.place(row, folder)
            if not path.is_file():
                raise FetchError(f"{row.file} is missing; fetch it again")
            content.check_sums(path, row, sha256(path))
        except FetchError as error:
            yield row, str(error)
        else:
            yield row, ""


def credit_lines(manifest: Path) -> list[str]:
    """What a report on these images must print: each source's acknowledgement, then each credit line with its count."""
    sources: dict[str, None] = {}
    credits: dict[tuple[str, str], int] = {}
    for row in read_manifest(manifest):
        if row.used:
            sources[row.source] = None
            credits[row.credit or "no credit given", row.licence] = (
                credits.get((row.credit or "no credit given", row.licence), 0) + 1
            )
    lines = [SOURCES[name].acknowledgement for name in sources if name in SOURCES]
    ordered = sorted(credits.items(), key=lambda item: (-item[1], item[0]))
    return lines + [f"{count} x {credit}{f' ({licence})' if licence else ''}" for (credit, licence), count in ordered]


def catalogue_of_images(source: str, folder: Path) -> Path:
    """Write a catalogue of images at hand ('sample' or 'folder:PATH') into `folder`; the folder below which they lie."""
    listing = list_source(TilesConfig.checked(source=source, size=64))
    first = listing.entries[0]
    root = first.path.parents[len(PurePosixPath(first.name).parts) - 1]

    def rows() -> Iterator[Row]:
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
                yield content.described(entry.path, row, name)
            except (FetchError, OSError):  # curation says what is wrong with it
                yield row

    write_manifest(folder / CATALOGUE, rows())
    return root


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
