"""A folder of fetched files as a whole: fetched with a report, verified, credited."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from astrogan.archives.client import Client, FetchError
from astrogan.archives.download import FAULTS, Limits, Outcome, fetch
from astrogan.archives.extract import extract
from astrogan.archives.manifest import CATALOGUE, ManifestRow, read_manifest, write_manifest
from astrogan.archives.received import ARCHIVES, check_sums, place
from astrogan.archives.sources import SOURCES
from astrogan.base import AstroganError
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
    limits: Limits | None = None,
    dry_run: bool = False,
    replace: bool = False,
    seen: Callable[[Outcome], Any] = lambda outcome: None,
) -> Tally:
    """Fetch a manifest into `folder`: files, `catalogue.csv` with what they turned out to be, `report.csv` with each end.

    Published archives (.zip, .tgz) are unpacked beside themselves. Interrupted, the report says how far it came, and the
    next run keeps whole files and continues partial ones.
    """
    tally = Tally()

    def outcomes() -> Iterator[Outcome]:
        rows = _remembered(manifest, folder)
        for outcome in fetch(rows, folder, client, limits, dry_run, replace and not dry_run):
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
    catalogue = folder / CATALOGUE
    known = {}
    if catalogue.is_file():
        known = {(row.source, row.id): (row.file, row.sha256) for row in read_manifest(catalogue) if row.sha256}
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
        if not row.used:
            continue
        try:
            if not row.file:
                raise FetchError("not fetched")
            path = place(row, folder)
            if not path.is_file():
                raise FetchError(f"{row.file} is missing; fetch it again")
            check_sums(path, row, sha256(path))
        except FetchError as error:
            yield row, str(error)
        else:
            yield row, ""


def credit_lines(manifest: Path) -> list[str]:
    """What a report on these images must print: each source's acknowledgement, then each credit line with its count."""
    used = Counter(
        (row.source, row.credit or "no credit given", row.licence) for row in read_manifest(manifest) if row.used
    )
    lines = [SOURCES[name].acknowledgement for name in dict.fromkeys(source for source, *_ in used) if name in SOURCES]
    credits: Counter[tuple[str, str]] = Counter()
    for (_, credit, licence), count in used.items():
        credits[credit, licence] += count
    ordered = sorted(credits.items(), key=lambda item: (-item[1], item[0]))
    return lines + [f"{count} x {credit}{f' ({licence})' if licence else ''}" for (credit, licence), count in ordered]
