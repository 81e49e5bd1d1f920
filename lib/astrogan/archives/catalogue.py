"""A folder with a catalogue: fetched with a report, or made of images at hand; verified, credited."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from astrogan.archives.client import Client, FetchError
from astrogan.archives.download import FAULTS, Outcome, fetch
from astrogan.archives.extract import extract
from astrogan.archives.manifest import CATALOGUE, ManifestRow, checked_row, read_manifest, write_manifest
from astrogan.archives.received import ARCHIVES, check_sums, described, place
from astrogan.archives.sources import SOURCES
from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig, expand_source
from astrogan.data.sources import list_source
from astrogan.files import locked, sha256

REPORT = "report.csv"


@dataclass
class Tally:
    """How many entries came to which end, and the faults among them."""

    counts: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    """How many of them are faults."""
    faults: list[tuple[str, str]] = field(default_factory=list)
    """(id, reason), the first hundred; all stand in the report."""

    def add(self, name: str, status: str, reason: str, fault: bool) -> None:
        """Count one entry."""
        self.counts[status] += 1
        if fault:
            self.failed += 1
            if len(self.faults) < 100:
                self.faults.append((name, reason))


def fetch_folder(
    manifest: Path,
    folder: Path,
    client: Client,
    dry_run: bool = False,
    replace: bool = False,
    seen: Callable[[Outcome], Any] = lambda outcome: None,
    **limits: Any,
) -> Tally:
    """Fetch a manifest into `folder`: files, `catalogue.csv` with what they turned out to be, `report.csv` with each end.

    Published archives (.zip, .tgz) are unpacked beside themselves. Interrupted, the report says how far it came, and the
    next run keeps whole files and continues partial ones. `seen` is told of each outcome; `limits` are those of `fetch`.
    """
    tally = Tally()

    def outcomes() -> Iterator[Outcome]:
        rows = _remembered(manifest, folder)
        for outcome in fetch(rows, folder, client, dry_run=dry_run, replace=replace and not dry_run, **limits):
            seen(outcome)
            yield outcome

    if dry_run:
        for outcome in outcomes():
            tally.add(outcome.row.id, outcome.status, outcome.reason, outcome.status in FAULTS)
        return tally
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / CATALOGUE), open(folder / REPORT, "w", encoding="utf-8", newline="") as file:
        report = csv.writer(file, lineterminator="\n")
        report.writerow(["source", "id", "status", "reason"])

        def rows() -> Iterator[ManifestRow]:
            for outcome in outcomes():
                row = outcome.row
                for status, reason in [(outcome.status, outcome.reason), *_unpacked(outcome, folder)]:
                    report.writerow([row.source, row.id, status, reason])
                    tally.add(row.id, status, reason, status in FAULTS)
                file.flush()
                yield row

        write_manifest(folder / CATALOGUE, rows())
    return tally


def _remembered(manifest: Path, folder: Path) -> Iterator[ManifestRow]:
    """The rows to fetch, with the hashes of an earlier fetch, so that a file that changed since is noticed."""
    earlier = read_manifest(folder / CATALOGUE) if (folder / CATALOGUE).is_file() else ()
    known = {(row.source, row.id): (row.file, row.sha256) for row in earlier if row.sha256}
    for row in read_manifest(manifest):
        file, digest = known.get((row.source, row.id), ("", ""))
        yield row if row.sha256 or not digest else row.model_copy(update={"file": row.file or file, "sha256": digest})


def _unpacked(outcome: Outcome, folder: Path) -> Iterator[tuple[str, str]]:
    file = outcome.row.file
    if outcome.status not in ("fetched", "kept") or Path(file).suffix not in ARCHIVES:
        return
    try:
        found = extract(folder / file, (folder / file).with_suffix(""))
    except AstroganError as error:
        yield "failed", str(error)
        return
    yield "unpacked", f"{len(found.files)} images; {found.ignored} other members left out"
    for member, reason in found.refused:
        yield "failed", f"member '{member}': {reason}"


def verify_folder(folder: Path) -> Iterator[tuple[ManifestRow, str]]:
    """Every used row of `catalogue.csv` with '' or what is wrong with its file."""
    for row in read_manifest(folder / CATALOGUE):
        if row.used:
            yield row, _fault(row, folder)


def _fault(row: ManifestRow, folder: Path) -> str:
    if not row.file:
        return "not fetched"
    try:
        path = place(row, folder)
        if not path.is_file():
            return f"{row.file} is missing; fetch it again"
        check_sums(path, row, sha256(path))
    except FetchError as error:
        return str(error)
    return ""


def credit_lines(manifest: Path) -> list[str]:
    """What a report on these images must print: each source's acknowledgement, then each credit line with its count."""
    names: dict[str, None] = {}
    credits: Counter[str] = Counter()
    for row in read_manifest(manifest):
        if row.used:
            names[row.source] = None
            credits[(row.credit or "no credit given") + (f" ({row.licence})" if row.licence else "")] += 1
    lines = [SOURCES[name].acknowledgement for name in names if name in SOURCES]
    return lines + [f"{count} x {credit}" for credit, count in sorted(credits.items(), key=lambda c: (-c[1], c[0]))]


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
