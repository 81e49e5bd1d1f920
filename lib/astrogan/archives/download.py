"""Files of a manifest fetched into a folder: bounded in concurrency, rate, size and memory; resumed; never overwritten.

A file is written beside its place as `.<name>.partial` and renamed once its size, kind and hash are checked. A partial
file goes on where it ended if the server still has the same version (ETag or Last-Modified with If-Range). Whatever goes
wrong with an entry becomes its outcome, and the rest goes on.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from astrogan.archives.client import Client, FetchError, TransientError
from astrogan.archives.manifest import ManifestRow
from astrogan.archives.received import check_kind, check_sums, described, place
from astrogan.data.images import BYTE_LIMIT
from astrogan.data.threads import in_order
from astrogan.files import sha256

Status = Literal["fetched", "kept", "would fetch", "left out", "changed", "failed"]
FAULTS: frozenset[Status] = frozenset({"changed", "failed"})


@dataclass(frozen=True)
class Outcome:
    """What became of one entry."""

    row: ManifestRow
    """With file, hash, bytes and size in pixels where the file is there."""
    status: Status
    reason: str = ""


def fetch(
    rows: Iterable[ManifestRow],
    folder: Path,
    client: Client,
    workers: int = 4,
    max_bytes: int | None = None,
    dry_run: bool = False,
    replace: bool = False,
) -> Iterator[Outcome]:
    """One outcome a row, in the rows' order; at most a few rows a worker are held at once.

    `max_bytes` of one file, None: `BYTE_LIMIT`; a published archive may be as large as its publisher says. `replace`: a
    file that differs from the manifest is fetched again; without it, that is only reported. Ending the iteration early, by
    Ctrl-C too, stops the workers and leaves partial files to be resumed.
    """
    taken: set[Path] = set()

    def one(job: tuple[ManifestRow, str]) -> Outcome:
        row, refusal = job
        if not row.used:
            return Outcome(row, "left out", f"{row.decision}: {row.detail}")
        try:
            if refusal:
                raise FetchError(refusal)
            path = place(row, folder)
            name = path.relative_to(folder).as_posix()
            if path.exists():
                found = described(path, row, name)
                if row.sha256 in ("", found.sha256):
                    check_sums(path, row, found.sha256)
                    return Outcome(found, "kept")
                if not replace:
                    reason = f"on disk sha256 is {found.sha256[:12]}..., in the manifest {row.sha256[:12]}..."
                    return Outcome(row, "changed", reason)
            if dry_run:
                return Outcome(row, "would fetch")
            return Outcome(_download(row, path, name, client, max_bytes or BYTE_LIMIT), "fetched")
        except FetchError as error:
            return Outcome(row, "failed", str(error))
        except OSError as error:
            return Outcome(row, "failed", f"{error.strerror or error} ({error.filename or folder})")

    jobs = ((row, _claim(row, folder, taken)) for row in rows)
    yield from in_order(one, jobs, workers, 4 * workers, stop=client.stop.set)


def _claim(row: ManifestRow, folder: Path, taken: set[Path]) -> str:
    """'' or why the row cannot have its place; two rows never write one file."""
    if not row.used:
        return ""
    try:
        path = place(row, folder)
    except FetchError as error:
        return str(error)
    if path in taken:
        return f"another entry has the file '{path.name}' already"
    taken.add(path)
    return ""


def _download(row: ManifestRow, path: Path, name: str, client: Client, max_bytes: int) -> ManifestRow:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial, version = path.with_name(f".{path.name}.partial"), path.with_name(f".{path.name}.version")
    limit = row.bytes if row.checksum and row.bytes else max_bytes
    try:
        client.retrying()(_receive, row.url, partial, version, client, limit)
        check_kind(partial, path.suffix.lower())
        check_sums(partial, row, sha256(partial))
        found = described(partial, row, name)
        os.replace(partial, path)
    except TransientError:
        raise  # what came so far is resumed next time
    except FetchError as error:
        if str(error) != "interrupted":
            partial.unlink(missing_ok=True)
            version.unlink(missing_ok=True)
        raise
    version.unlink(missing_ok=True)
    return found


def _receive(url: str, partial: Path, version: Path, client: Client, limit: int) -> None:
    """Write the body to `partial`, from where it ended if the server has the same version still."""
    known = version.read_text() if version.exists() and partial.exists() else ""
    start = partial.stat().st_size if known else 0
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": known}
    try:
        with client.stream(url, headers) as response:
            given = response.headers
            span, length, etag = (given.get(name, "") for name in ("content-range", "content-length", "etag"))
            if response.status_code == 206 and not span.startswith(f"bytes {start}-"):
                raise FetchError(f"asked for bytes from {start}, got '{span}'")
            start = start if response.status_code == 206 else 0
            if length.isdigit() and start + int(length) > limit:
                raise FetchError(f"it has {start + int(length):,} bytes; at most {limit:,} are fetched")
            version.write_text(etag if etag and not etag.startswith("W/") else given.get("last-modified", ""))
            with open(partial, "r+b" if start else "wb") as file:
                file.seek(start)
                file.truncate()
                for block in response.iter_raw():
                    file.write(block)
                    if file.tell() > limit:
                        raise FetchError(f"it has more than {limit:,} bytes, which is the limit")
                    if client.stop.is_set():
                        raise FetchError("interrupted")
                file.flush()
                os.fsync(file.fileno())
    except FetchError as error:
        if error.code == 416:  # the part is longer than the file: begin again
            partial.unlink()
            raise TransientError("the server has a shorter file than the part on disk") from error
        raise
