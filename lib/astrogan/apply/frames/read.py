"""Open any frame: what it is stands in its first bytes, not in its name."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from astrogan.apply.frames.fits import open_fits
from astrogan.apply.frames.frame import Frame, FrameError, FrameOptions
from astrogan.apply.frames.pictures import read_pillow, read_png, read_tiff
from astrogan.apply.frames.survey import prepare

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".fits", ".fit", ".fts", ".fits.gz", ".fit.gz", ".fits.fz", ".fz")
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_READERS = {"PNG": read_png, "JPEG": read_pillow, "TIFF": read_tiff}


def kind_of(path: Path) -> str:
    """'PNG', 'JPEG', 'TIFF' or 'FITS', by content; `FrameError` for anything else, or for nothing."""
    try:
        with open(path, "rb") as file:
            head = file.read(16)
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(path) as file:
                head = file.read(16)
    except FileNotFoundError as error:
        raise FrameError(path, "no such file", "check the name") from error
    except (OSError, EOFError) as error:
        raise FrameError(path, f"it cannot be read ({error})", "mend its permissions, or fetch it again") from error
    if not head:
        raise FrameError(path, "the file is empty (0 bytes)", "fetch it again")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(_TIFF):
        return "TIFF"
    if head.startswith(b"SIMPLE  ="):
        return "FITS"
    raise FrameError(path, "neither PNG, JPEG, TIFF nor FITS", "convert it to one of them")


@contextmanager
def open_frame(path: Path, options: FrameOptions | None = None) -> Iterator[Frame]:
    """The frame of a file, ready to be read in strips while the block lasts.

    FITS is stretched (asinh unless `options` say otherwise); pictures are shown as they are unless a stretch is asked for.

    Raises:
        FrameError: for whatever cannot be worked on; the message names the file and the remedy.
    """
    options, kind = options or FrameOptions(), kind_of(path)
    if kind == "FITS":
        with open_fits(path, options) as (frame, saturated_at):
            yield prepare(frame, replace(options, stretch=options.stretch or "asinh"), saturated_at)
        return
    if options.hdu is not None or options.plane is not None:
        raise FrameError(path, f"a {kind} file has no extensions or planes", "leave --hdu and --plane out for it")
    values = _READERS[kind](path)
    height, width = values.shape[:2]
    white = int(np.iinfo(values.dtype).max)
    frame = Frame(path, height, width, values.ndim == 3, white, lambda start, stop: values[start:stop])
    if options.stretch is None and (options.low is not None or options.high is not None):
        options = replace(options, stretch="linear")
    if options.stretch is not None and frame.colour:
        raise FrameError(path, "an RGB picture is shown as it is", "leave --stretch and its limits out for it")
    yield prepare(frame, options, white if options.stretch else None)
