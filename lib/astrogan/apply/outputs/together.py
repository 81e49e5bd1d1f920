"""Files that appear together, whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from astrogan.base import AstroganError
from astrogan.files import sync_folder, umask


@contextmanager
def written_together(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Temporary names beside `paths`; when the block ends well, each is synced and all are put in place.

    When it does not, none is: what was there before stays.

    Raises:
        AstroganError: when the folder cannot be written, or the disk is full.
    """
    temporary: list[Path] = []
    try:
        try:
            for path in paths:
                path.parent.mkdir(parents=True, exist_ok=True)
                handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
                os.close(handle)
                temporary.append(Path(name))
        except OSError as error:
            raise AstroganError(
                f"{path.parent} cannot be written: {error.strerror}. Choose a folder that can be written."
            ) from error
        try:
            yield temporary
            for file in temporary:
                with open(file, "rb") as opened:
                    os.fsync(opened.fileno())
                os.chmod(file, 0o666 & ~umask())
            for file, path in zip(temporary, paths, strict=True):
                os.replace(file, path)
            sync_folder(paths[0].parent)
        except OSError as error:
            raise AstroganError(
                f"{', '.join(path.name for path in paths)} could not be saved in {paths[0].parent}: "
                f"{error.strerror or error}. Nothing was written under these names; free some space or choose another "
                "folder, then run again."
            ) from error
    finally:
        for file in temporary:
            file.unlink(missing_ok=True)
