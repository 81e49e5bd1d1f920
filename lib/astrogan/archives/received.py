"""A received file: the name it is kept under, and what it is by its first bytes and its checksum."""

import hashlib
import re
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from PIL import Image

from astrogan.archives.client import FetchError
from astrogan.archives.manifest import ManifestRow
from astrogan.data.images import FORMATS, SUFFIXES
from astrogan.files import sha256

FITS = frozenset({".fits", ".fit", ".fz"})
ARCHIVES = frozenset({".zip", ".tgz", ".gz", ".tar"})
KINDS = SUFFIXES | FITS | ARCHIVES
_MAGIC = (
    (b"\xff\xd8\xff", frozenset({".jpg", ".jpeg"})),
    (b"\x89PNG\r\n\x1a\n", frozenset({".png"})),
    (b"II*\0", frozenset({".tif", ".tiff"})),
    (b"MM\0*", frozenset({".tif", ".tiff"})),
    (b"GIF8", frozenset({".gif"})),
    (b"RIFF", frozenset({".webp"})),
    (b"BM", frozenset({".bmp"})),
    (b"P6", frozenset({".ppm"})),
    (b"SIMPLE  =", FITS),
    (b"PK\x03\x04", frozenset({".zip"})),
    (b"\x1f\x8b", frozenset({".gz", ".tgz"})),
)


def file_name(row: ManifestRow) -> str:
    """Where a row's file lies below the folder: `<source>/<id><suffix>`; `FetchError` where no suffix is to be had."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", row.id).strip("._")
    suffix = suffix_of(row.url)
    stem = stem.removesuffix(suffix)
    if row.id not in (stem, stem + suffix) or len(stem) > 120:
        stem = f"{stem[:100]}-{hashlib.sha256(row.id.encode()).hexdigest()[:8]}"
    return f"{row.source}/{stem}{suffix}"


def suffix_of(url: str) -> str:
    """'.jpg', '.fits', ... by the address: its path, a file named in its query, or its `format`."""
    parts = urlsplit(url)
    values = parse_qsl(parts.query)
    named = [PurePosixPath(text).suffix for text in (unquote(parts.path), *(value for _, value in values))]
    for suffix in (*named, *(f".{value}" for name, value in values if name.lower() == "format")):
        if suffix.lower() in KINDS:
            return suffix.lower()
    raise FetchError(f"the address names no known kind of file (known: {', '.join(sorted(KINDS))})")


def place(row: ManifestRow, folder: Path) -> Path:
    """The absolute path of a row's file; `FetchError` when it would leave `folder`, by its name or by a link."""
    name = row.file or file_name(row)
    if leaves_folder(name):
        raise FetchError(f"its file '{name}' leaves the folder")
    path = folder / PurePosixPath(name)
    if not path.parent.resolve().is_relative_to(folder.resolve()) or path.is_symlink():
        raise FetchError(f"its file '{name}' leaves the folder by a link")
    return path


def leaves_folder(name: str) -> bool:
    """Whether a path with forward slashes leads out of its folder, on this system or another."""
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or re.search(r"^[A-Za-z]:|[\\\0]", name) is not None


def check_kind(path: Path, suffix: str) -> None:
    """`FetchError` unless the file's first bytes fit `suffix`; a web page in place of an image is named as such."""
    with open(path, "rb") as file:
        start = file.read(512)
    if not start:
        raise FetchError("the file is empty")
    if re.match(rb"\s*<(!doctype|html|head|\?xml|script)", start, re.IGNORECASE):
        raise FetchError("a web page came in place of the file")
    known = [kinds for magic, kinds in _MAGIC if start.startswith(magic)]
    if suffix not in (known[0] if known else {".tar"}):
        raise FetchError(f"the file does not begin like {suffix} (its first bytes are {start[:8]!r})")


def check_sums(path: Path, row: ManifestRow, digest: str) -> None:
    """`FetchError` unless size and hash are those of the manifest; `digest`: the file's SHA-256."""
    if row.sha256 and row.sha256 != digest:
        raise FetchError(f"its sha256 is {digest[:12]}...; the manifest has {row.sha256[:12]}...")
    algorithm, _, expected = row.checksum.partition(":")
    if not expected:
        return
    size = path.stat().st_size
    if row.bytes is not None and size != row.bytes:
        raise FetchError(f"it has {size:,} bytes; the publisher gives {row.bytes:,}")
    with open(path, "rb") as file:
        if algorithm == "md5-first-mib":  # fastdownload's check
            found = hashlib.md5(file.read(2**20), usedforsecurity=False).hexdigest()
        else:
            found = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
    if found != expected:
        raise FetchError(f"its {algorithm} is {found[:12]}...; the publisher gives {expected[:12]}...")


def described(path: Path, row: ManifestRow, name: str) -> ManifestRow:
    """`row` with what the file on disk says: name, hash, bytes, and size in pixels where it is an image."""
    values = {"file": name, "sha256": sha256(path), "bytes": path.stat().st_size}
    if PurePosixPath(name).suffix.lower() in SUFFIXES:
        try:
            with Image.open(path, formats=FORMATS) as image:
                values |= {"width": image.width, "height": image.height}
        except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise FetchError(f"it cannot be opened as an image ({type(error).__name__})") from error
    return row.model_copy(update=values)
