"""The files that come of one frame: a picture, FITS where the frame was FITS, the spread, and a sidecar that says how."""

import platform
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from astropy.io import fits

import astrogan
from astrogan.apply.frames.frame import Frame, FrameError
from astrogan.apply.models.cards import Card
from astrogan.apply.outputs.together import written_together
from astrogan.apply.outputs.writers import PNG_LIMIT, FitsFile, PngFile, TiffFile
from astrogan.base import AstroganError
from astrogan.files import sha256, write_json

Format = Literal["png", "tiff"]
PACKAGES = ("torch", "numpy", "astropy", "pillow", "tifffile")


@dataclass(frozen=True)
class Products:
    """Where the outputs of one frame go."""

    picture: Path
    sidecar: Path
    fits: Path | None
    spread: Path | None
    spread_fits: Path | None

    @property
    def all(self) -> list[Path]:
        """Those that are written."""
        return [p for p in (self.picture, self.fits, self.spread, self.spread_fits, self.sidecar) if p]


def plan(frame: Frame, stem: str, out: Path, kind: Format, scale: int, uncertainty: bool, force: bool) -> Products:
    """Names of the outputs, after checking that they may be written.

    Raises:
        FrameError: when one exists and `force` is not set, when one is the frame itself, or for a PNG that is too large.
    """
    pixels = frame.height * frame.width * scale**2
    if kind == "png" and pixels > PNG_LIMIT:
        raise FrameError(
            frame.path,
            f"its output of {frame.width * scale} x {frame.height * scale} px is too large for PNG, which has no tiles, so that "
            f"a viewer must unpack it whole (the limit here is {PNG_LIMIT:,} px)",
            "give --format tiff, which is written as a tiled BigTIFF",
        )
    is_fits, ending = frame.header is not None, "tiff" if kind == "tiff" else "png"
    products = Products(
        picture=out / f"{stem}.{ending}",
        sidecar=out / f"{stem}.json",
        fits=out / f"{stem}.fits" if is_fits else None,
        spread=out / f"{stem}-uncertainty.{ending}" if uncertainty else None,
        spread_fits=out / f"{stem}-uncertainty.fits" if uncertainty and is_fits else None,
    )
    for path in products.all:
        if path.exists() and path.samefile(frame.path):
            raise FrameError(frame.path, "its output would take its place", "choose another --out")
    existing = [path.name for path in products.all if path.exists()]
    if existing and not force:
        raise FrameError(frame.path, f"{', '.join(existing)} exist in {out}", "give --force to write them anew")
    return products


@dataclass(frozen=True)
class Strip:
    """Rows of a result: `picture` in [0, 1] (clipped here), `science` for FITS, `spread`, each float (n, W[, 3]) or None."""

    picture: np.ndarray
    missing: np.ndarray | None
    science: np.ndarray | None
    spread: np.ndarray | None


def write(
    products: Products,
    strips: Iterable[Strip],
    shape: tuple[int, int],
    bits: int,
    channels: int,
    header: fits.Header | None,
    spread_scale: float,
    sidecar: dict[str, Any],
) -> None:
    """Write every output; they appear together when the last strip was written, or none does.

    `spread_scale`: levels of an 8-bit PNG for a spread of 1. A TIFF holds the spread itself.
    """
    dtype = np.uint8 if bits == 8 else np.uint16
    white = np.iinfo(dtype).max
    with written_together(products.all) as names:
        temporary = dict(zip(products.all, names, strict=True))
        with _files(products, temporary, shape, channels, dtype, header) as (picture, science, spread, spread_science):
            for strip in strips:
                values = np.rint(strip.picture.clip(0, 1) * np.float32(white)).astype(dtype)
                if strip.missing is not None:
                    values[strip.missing] = 0
                picture.write(values)
                if science:
                    science.write(_with_nan(strip.science, strip.missing))
                if spread:
                    levels = np.rint(strip.spread * spread_scale).clip(0, 255).astype(np.uint8)
                    spread.write(levels if isinstance(spread, PngFile) else strip.spread.astype(np.float32))
                if spread_science:
                    spread_science.write(_with_nan(strip.spread, strip.missing))
        write_json(temporary[products.sidecar], sidecar)


def provenance(
    command: str, frame: Frame, cards: list[Card], digest: str, products: Products, **more: Any
) -> dict[str, Any]:
    """What the sidecar says: what was done to what, with which model, and what its outputs mean."""
    card = cards[0]
    return {
        "command": command,
        "version": astrogan.__version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "input": {"file": frame.path.name, "sha256": sha256(frame.path), **frame.describe()},
        "model": {
            "name": card.name,
            "sha256": digest,
            "trained_on": card.trained_on,
            "validation": card.validation,
            "notes": card.notes,
            "seeds": [other.seed for other in cards],
        },
        "meaning": card.words,
        "outputs": [path.name for path in products.all if path != products.sidecar],
        **more,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }


def history(header: fits.Header, command: str, card: Card, digest: str, *more: str) -> fits.Header:
    """A copy with HISTORY cards that name program, model and checkpoint."""
    result = header.copy()
    result.add_history(f"astrogan {astrogan.__version__} {command}: model {card.name}")
    result.add_history(f"sha256 {digest}")
    for line in more:
        result.add_history(line)
    return result


def _with_nan(values: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    if missing is None:
        return values
    values = values.copy()
    values[missing] = np.nan
    return values


@contextmanager
def _files(products, temporary, shape, channels, dtype, header) -> Iterator[list[Any]]:
    """The writers of picture, FITS, spread and its FITS, None where there is none; closed properly only on success."""

    def pictured(path, channels, dtype):
        if path is None:
            return None
        kind = TiffFile if path.suffix == ".tiff" else PngFile
        return kind(temporary[path], *shape, channels, dtype)

    writers: list[Any] = []
    try:
        writers.append(pictured(products.picture, channels, dtype))
        writers.append(FitsFile(temporary[products.fits], *shape, channels, header) if products.fits else None)
        is_tiff = products.picture.suffix == ".tiff"
        writers.append(pictured(products.spread, 1, np.float32 if is_tiff else np.uint8))
        spread_fits = products.spread_fits
        writers.append(FitsFile(temporary[spread_fits], *shape, 1, header) if spread_fits else None)
        yield writers
    except BaseException:
        for writer in filter(None, writers):
            with suppress(OSError):  # a full disk says so again for what is still in a buffer
                writer.abandon()
        raise
    for writer in filter(None, writers):
        writer.close()


def check_folder(out: Path) -> None:
    """Make the folder of outputs; `AstroganError` when that cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AstroganError(f"{out} cannot be written: {error.strerror}. Choose another --out.") from error
