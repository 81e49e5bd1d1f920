"""Files that appear together, whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from astrogan.base import AstroganError
from astrogan.files import sync_folder


@contextmanager
def written_together(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Names in a hidden folder beside `paths`, of one folder; when the block ends well, each is synced and put in place.

    When it does not, none is: what was there before stays.

    Raises:
        AstroganError: when the folder cannot be written, or the disk is full.
    """
    folder = paths[0].parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        hidden = tempfile.TemporaryDirectory(prefix=".astrogan-", suffix=".partial", dir=folder)
    except OSError as error:
        raise AstroganError(
            f"{folder} cannot be written: {error.strerror}. Choose a folder that can be written."
        ) from error
    with hidden as name:
        temporary = [Path(name) / path.name for path in paths]
        try:
            yield temporary
            for file in temporary:
                with open(file, "rb") as opened:
                    os.fsync(opened.fileno())
            for file, path in zip(temporary, paths, strict=True):
                os.replace(file, path)
            sync_folder(folder)
        except OSError as error:
            raise AstroganError(
                f"{', '.join(path.name for path in paths)} could not be saved in {folder}: {error.strerror or error}. Nothing "
                "was written under these names; free some space or choose another folder, then run again."
            ) from error
