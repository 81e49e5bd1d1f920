"""Open any frame: what it is stands in its first bytes, what its pixels are in one pass over them."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from astrogan.apply.frames.fits import open_fits
from astrogan.apply.frames.frame import Frame, FrameError, FrameOptions, choose_stretch
from astrogan.apply.frames.pictures import read_pillow, read_png, read_tiff

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".fits", ".fit", ".fts", ".fits.gz", ".fit.gz", ".fits.fz", ".fz")
SAMPLE_PX = 1_000_000
"""About so many pixels, on an even grid, stand for the frame where percentiles are taken."""
_BEGINNINGS = {
    "PNG": b"\x89PNG\r\n\x1a\n",
    "JPEG": b"\xff\xd8\xff",
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "FITS": b"SIMPLE  =",
}
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
    for kind, beginning in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
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
            yield _prepared(frame, replace(options, stretch=options.stretch or "asinh"), saturated_at)
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
    yield _prepared(frame, options, white if options.stretch else None)


def _prepared(frame: Frame, options: FrameOptions, saturated_at: float | None) -> Frame:
    """`frame` with its counts and the stretch that `options` ask for (None: none); `FrameError` where it shows nothing."""
    counts, extremes, sample = _survey(frame, saturated_at)
    if not extremes:
        raise FrameError(frame.path, "no pixel has a finite value", "choose another plane or extension")
    low, high = min(extremes), max(extremes)
    if low == high:
        raise FrameError(
            frame.path,
            f"every pixel has the value {low:.6g}: there is nothing to see",
            "choose another frame, plane or extension",
        )
    frame.counts = counts
    if options.stretch is None:
        return frame
    if high <= 0 and (options.low is None or options.high is None):
        raise FrameError(
            frame.path,
            f"no pixel is above zero (the largest is {high:.6g}): inverted, or too much sky subtracted",
            "if it is meant so, give --low and --high in its units",
        )
    if not sample.size:
        raise FrameError(frame.path, "every pixel on a sample grid is missing or saturated", "choose another plane")
    frame.stretch = stretch = choose_stretch(options, sample, (low, high))
    frame.fill = float(stretch.apply(np.median(sample)))
    frame.notes.append(f"stretch: {stretch}")
    if clipped := int(np.count_nonzero((sample < stretch.low) | (sample > stretch.high))):
        share = clipped / len(sample)
        frame.notes.append(f"about {share:.2%} of the pixels lie outside the limits and are clipped to them")
    for name, text in (("missing", "missing (not finite): black here, NaN in FITS"), ("saturated", "saturated: white")):
        if counts[name]:
            frame.notes.append(f"{counts[name]:,} px {text}")
    return frame


def _survey(frame: Frame, saturated_at: float | None) -> tuple[dict[str, int], list[float], np.ndarray]:
    """Of one pass in strips: counts of pixels, extremes of the strips, and a sample of the usable pixels."""
    counts, extremes, sample = dict.fromkeys(("missing", "saturated", "negative"), 0), [], []
    white = np.inf if saturated_at is None else saturated_at
    step = max(1, int((frame.height * frame.width / SAMPLE_PX) ** 0.5))
    for start, stop in frame.strips():
        values = frame.values(start, stop)
        finite = np.isfinite(values)
        good = values if finite.all() else values[finite]
        if good.size:
            extremes += [float(good.min()), float(good.max())]
        for name, count in (
            ("missing", finite.size - good.size),
            ("saturated", np.count_nonzero(good >= white)),
            ("negative", np.count_nonzero(good < 0)),
        ):
            counts[name] += int(count)
        grid = (slice(-start % step, None, step), slice(None, None, step))
        sample.append(values[grid][finite[grid] & (values[grid] < white)].astype(np.float64))
    return counts, extremes, np.concatenate(sample)
