"""Images out of a zip or tar archive whose members are not trusted.

Only regular files with an image's suffix are written, below the folder, under the member's own name, each once, within
limits of number and size. A hostile member is refused with its reason, and the rest goes on.
"""

import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from astrogan.archives.received import leaves_folder
from astrogan.base import AstroganError
from astrogan.data.images import BYTE_LIMIT, SUFFIXES

MEMBERS = 500_000
TOTAL_BYTES = 50_000_000_000
RATIO = 200
"""A member that claims more than so many times its packed size is a bomb; images hardly pack at all."""


@dataclass
class Extraction:
    """What came out of an archive."""

    files: list[str] = field(default_factory=list)
    """Paths below the folder, of what was written or was there already with the same size."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(member, reason)."""
    ignored: int = 0
    """Members that are no images: folders, annotations, texts."""


def extract(archive: Path, folder: Path, member_bytes: int = BYTE_LIMIT) -> Extraction:
    """Write the images of `archive` (.zip, .tar, .tgz) below `folder`; `AstroganError` when it is no whole archive."""
    result = Extraction()
    seen: set[str] = set()
    total = 0
    try:
        for number, (name, size, problem, opened) in enumerate(_members(archive)):
            if number >= MEMBERS:
                raise AstroganError(f"{archive}: more than {MEMBERS:,} members. It is not extracted further.")
            if PurePosixPath(name).suffix.lower() not in SUFFIXES and not problem:
                result.ignored += 1
                continue
            problem = problem or _unsafe(name, folder)
            if not problem and size > member_bytes:
                problem = f"{size:,} bytes; at most {member_bytes:,}"
            if not problem and name.casefold() in seen:
                problem = "a second member of this name"
            if not problem:
                seen.add(name.casefold())
                total += size
                if total > TOTAL_BYTES:
                    raise AstroganError(
                        f"{archive}: more than {TOTAL_BYTES:,} bytes of images. It is not extracted further."
                    )
                problem = _write(opened, size, folder / PurePosixPath(name))
            if problem:
                result.refused.append((name, problem))
            else:
                result.files.append(name)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, RuntimeError, zipfile.zlib.error) as error:
        raise AstroganError(f"{archive} is damaged or cannot be extracted ({error}). Fetch it again.") from error
    return result


def _members(archive: Path) -> Iterator[tuple[str, int, str, Callable[[], IO[bytes]]]]:
    """Name, size, '' or why it is refused, and a function that opens it, of each member that is no folder."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                if not info.is_dir():
                    yield info.filename, info.file_size, _zip_problem(info), lambda i=info: packed.open(i)
        return
    with tarfile.open(archive, "r|*") as stream:
        for info in stream:
            if not info.isdir():
                problem = "" if info.isreg() else f"a {_TYPES.get(info.type, 'special file')}, not a file"
                yield info.name, info.size, problem, lambda i=info: stream.extractfile(i)


_TYPES = {tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "hard link", tarfile.CHRTYPE: "device", tarfile.BLKTYPE: "device"}


def _zip_problem(info: zipfile.ZipInfo) -> str:
    kind = (info.external_attr >> 16) & 0o170000
    if kind not in (0, 0o100000):
        return "a link or special file, not a file"
    if info.flag_bits & 1:
        return "encrypted"
    if info.file_size > RATIO * max(info.compress_size, 1) and info.file_size > 1_000_000:
        return f"{info.file_size:,} bytes packed into {info.compress_size:,}"
    return ""


def _unsafe(name: str, folder: Path) -> str:
    if leaves_folder(name):
        return "its path leaves the folder"
    if any(part.startswith(".") for part in PurePosixPath(name).parts):
        return "a hidden name"
    try:
        tarfile.data_filter(tarfile.TarInfo(name), str(folder))  # what is in a zip is judged by its name, too
    except tarfile.FilterError:
        return "its path leaves the folder by a link"
    return ""


def _write(opened: Callable[[], IO[bytes]], size: int, target: Path) -> str:
    """'' or why the member is refused; a file that is there already with the same size is left as it is."""
    if target.is_file() and not target.is_symlink() and target.stat().st_size == size:
        return ""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    try:
        with closing(opened()) as source, open(partial, "wb") as file:
            # stops one past `size`, so that a header that lies cannot fill the disk
            while block := source.read(min(1 << 20, size + 1 - file.tell())):
                file.write(block)
            written = file.tell()
        if written != size:
            return f"{written:,} bytes or more; its header says {size:,}"
        os.replace(partial, target)
    except zipfile.BadZipFile as error:  # only this member: the others have headers of their own
        return f"damaged ({error})"
    finally:
        partial.unlink(missing_ok=True)
    return ""
