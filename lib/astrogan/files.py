"""Files that are either whole or absent: atomic writes, content hashes, locks."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from astrogan.base import AstroganError

ORPHAN_WAIT_S = 20.0
"""How long a stage waits for an orphaned predecessor to notice that it is alone and to end."""


def sha256(path: Path | str) -> str:
    """Hex SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomic(path: Path | str, write: Callable[[IO[bytes]], Any]) -> Path:
    """Call `write(file)` on a temporary file beside `path`, fsync it, and put it in place of `path`.

    A reader sees the old file or the new one, never a part. On any failure, a full disk among them, the old file stays
    and the temporary one is removed; an `OSError` becomes an `AstroganError` that names the path.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise AstroganError(
            f"{path} cannot be written: {error.strerror}. Choose a folder that can be written."
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~umask())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise AstroganError(
            f"{path} could not be saved: {error.strerror or error}. What was there before is untouched; "
            "free some space or choose another folder, then run again."
        ) from error
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path


def write_json(path: Path | str, value: Any) -> Path:
    """Write `value` as indented JSON, atomically. NaN and infinity are refused: say null and why instead."""
    text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    return write_text(path, text)


def write_text(path: Path | str, text: str) -> Path:
    """Write UTF-8 text atomically."""
    return write_atomic(path, lambda file: file.write(text.encode()))


def read_json(path: Path | str) -> Any:
    """The value of a JSON file; `AstroganError` when it is missing or not JSON."""
    try:
        return json.loads(Path(path).read_text())
    except FileNotFoundError as error:
        raise AstroganError(f"{path} does not exist. Run the stage that writes it first.") from error
    except ValueError as error:
        raise AstroganError(
            f"{path} is not valid JSON ({error}). Delete it and run the stage that writes it."
        ) from error


@contextmanager
def locked(path: Path | str, wait_s: float = 0) -> Iterator[None]:
    """Hold `path`.lock for the block; `AstroganError` when another process still holds it after `wait_s` seconds.

    The lock goes with its process, so a killed one leaves nothing behind that would block its successor.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise AstroganError(
            f"{path} is being written by another process. Wait for it, or end it (an orphaned notebook kernel, perhaps)."
        ) from error
    try:
        yield
    finally:
        lock.release()


def umask() -> int:
    """The permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
