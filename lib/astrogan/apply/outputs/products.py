"""The files that come of one frame: a picture, FITS where the frame was FITS, the spread, and a sidecar that says how."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from astropy.io import fits

from astrogan.apply.frames import STRIP_PX, Frame, FrameError, FrameOptions, Strip
from astrogan.apply.outputs.atomic import written_together
from astrogan.apply.outputs.writers import PNG_LIMIT, FitsFile, PngFile, TiffFile
from astrogan.files import write_json

Format = Literal["png", "tiff"]


@dataclass(frozen=True)
class Request:
    """What is wanted of each frame."""

    out: Path
    format: Format = "png"
    detail: int = 1
    uncertainty: bool = False
    force: bool = False
    frame: FrameOptions = field(default_factory=FrameOptions)


@dataclass(frozen=True)
class Products:
    """Where the outputs of one frame, or of a mosaic, go; None: there is none."""

    sidecar: Path
    picture: Path | None = None
    fits: Path | None = None
    spread: Path | None = None
    spread_fits: Path | None = None

    @property
    def all(self) -> list[Path]:
        """Those that are written, the sidecar last."""
        return [p for p in (self.picture, self.fits, self.spread, self.spread_fits, self.sidecar) if p]

    @property
    def existing(self) -> str:
        """The names of those that exist, with commas between them."""
        return ", ".join(path.name for path in self.all if path.exists())


@dataclass(frozen=True)
class Result:
    """What is to be written: strips of (height, width) px in all, of 1 or 3 channels; missing pixels are black, NaN in FITS."""

    strips: Iterable[Strip]
    shape: tuple[int, int]
    channels: int
    bits: int = 16
    """Of a picture's values, 8 or 16."""
    header: fits.Header | None = None
    in_units: Callable[[np.ndarray], np.ndarray] = lambda image: image
    """From a picture's [0, 1] to the values of FITS."""
    spread_levels: float = 1
    """Levels of an 8-bit PNG for a spread of 1; TIFF and FITS hold the spread itself."""


def plan(frame: Frame, stem: str, request: Request, scale: int) -> Products:
    """Names of the outputs, `scale` times the frame a side, after checking that they may be written.

    Raises:
        FrameError: when one exists and `force` is not set, when one is the frame itself, or for a PNG that is too large.
    """
    pixels, out = frame.height * frame.width * scale**2, request.out
    if request.format == "png" and pixels > PNG_LIMIT:
        raise FrameError(
            frame.path,
            f"its output of {frame.width * scale} x {frame.height * scale} px is too large for PNG, which has no tiles, so that "
            f"a viewer must unpack it whole (the limit here is {PNG_LIMIT:,} px)",
            "give --format tiff, which is written as a tiled BigTIFF",
        )
    is_fits, spread = frame.header is not None, f"{stem}-uncertainty"
    products = Products(
        picture=out / f"{stem}.{request.format}",
        sidecar=out / f"{stem}.json",
        fits=out / f"{stem}.fits" if is_fits else None,
        spread=out / f"{spread}.{request.format}" if request.uncertainty else None,
        spread_fits=out / f"{spread}.fits" if request.uncertainty and is_fits else None,
    )
    if any(path.exists() and path.samefile(frame.path) for path in products.all):
        raise FrameError(frame.path, "its output would take its place", "choose another --out")
    if products.existing and not request.force:
        raise FrameError(frame.path, f"{products.existing} exist in {out}", "give --force to write them anew")
    return products


def write(products: Products, result: Result, sidecar: dict[str, Any]) -> None:
    """Write every output; they appear together when the last strip was written, or none does."""
    dtype = np.uint8 if result.bits == 8 else np.uint16
    raw = products.spread is not None and products.spread.suffix == ".tiff"

    def spread(strip: Strip) -> np.ndarray:
        if raw:
            return strip.spread.astype(np.float32)
        return np.rint(strip.spread * result.spread_levels).clip(0, 255).astype(np.uint8)

    columns = (
        (products.picture, result.channels, dtype, lambda strip: _levels(strip, dtype)),
        (products.fits, result.channels, None, lambda strip: _with_nan(result.in_units(strip.image), strip.missing)),
        (products.spread, 1, np.float32 if raw else np.uint8, spread),
        (products.spread_fits, 1, None, lambda strip: _with_nan(strip.spread, strip.missing)),
    )
    with written_together(products.all) as names:
        temporary, writers = dict(zip(products.all, names, strict=True)), []
        try:
            for path, channels, stored, rows in columns:
                if path and stored:
                    kind = PngFile if path.suffix.lower() == ".png" else TiffFile
                    writers.append((kind(temporary[path], *result.shape, channels, stored), rows))
                elif path:
                    writers.append((FitsFile(temporary[path], *result.shape, channels, result.header), rows))
            strips = iter(result.strips)
            while (strip := next(strips, None)) is not None:
                for part in strip.cut(max(1, STRIP_PX // result.shape[1])):
                    for writer, rows in writers:
                        writer.write(rows(part))
                del strip, part  # not kept while the next is made
            for writer, _ in writers:
                writer.close()
        except BaseException:
            for writer, _ in writers:
                with suppress(OSError):  # a full disk says so again for what is still in a buffer
                    writer.abandon()
            raise
        write_json(temporary[products.sidecar], sidecar)


def _levels(strip: Strip, dtype: type) -> np.ndarray:
    levels = np.rint(strip.image.clip(0, 1) * np.float32(np.iinfo(dtype).max))
    if strip.missing is not None:
        levels[strip.missing] = 0
    return levels.astype(dtype)


def _with_nan(values: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    return (
        values
        if missing is None
        else np.where(missing.reshape(missing.shape + (1,) * (values.ndim - 2)), np.nan, values)
    )
