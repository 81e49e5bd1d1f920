"""FITS images, read in sections, and the headers of what is made of them."""

import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from astrogan.apply.frames.frame import Frame, FrameError, FrameOptions, check_size

STORAGE = re.compile(
    "Z?(NAXIS.*|SIMPLE|XTENSION|BITPIX|EXTEND|PCOUNT|GCOUNT|GROUPS|TFIELDS"
    "|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|DATAMIN|DATAMAX)$"
)
"""Cards that describe how the frame's own values are stored."""
LOOKUP = re.compile(r"(CPDIS|DP|CPERR|D2IM|D2IMDIS|D2IMERR|D2IMARR)\d(\.|$)")
"""Cards of distortions that are stored as tables in other extensions."""
SCALED = (
    (re.compile(r"CRPIX[12][A-Z]?$"), lambda value, scale: (value - 0.5) * scale + 0.5),
    (re.compile(r"(?:CDELT[12]|CD\d_[12])[A-Z]?$"), lambda value, scale: value / scale),
    # SIP: f(u, v) is in pixels and so are u and v: f'(u') = s f(u' / s).
    (re.compile(r"[AB]P?_(\d)_(\d)$"), lambda value, scale, i, j: value * float(scale) ** (1 - int(i) - int(j))),
)
"""Cards in units of pixels, and their values on a grid that is `scale` times finer."""


@contextmanager
def open_fits(path: Path, options: FrameOptions) -> Iterator[tuple[Frame, float | None]]:
    """A FITS plane as a frame that is not stretched yet, and the value from which a pixel counts as saturated.

    Raises:
        FrameError: when it is truncated, holds no image, or a cube of which no plane was chosen.
    """
    with ExitStack() as stack:
        with reading(path):
            hdus = stack.enter_context(fits.open(path, mode="readonly", memmap=False))
            hdu, index = _choose(path, hdus, options.hdu)
        yield _frame(path, hdus, hdu, index, options)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What astropy says of a damaged file, as `FrameError`. Around reading only: a full disk is another matter."""
    try:
        # A truncated file is a warning to astropy; other warnings are of headers that do not follow the standard.
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield
        if any("truncated" in str(warning.message) for warning in said):
            raise FrameError(path, "the file ends early", "fetch it again")
    except FrameError:
        raise
    except (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FrameError(path, f"not a whole FITS file ({text})", "fetch it again") from error


def _choose(path: Path, hdus: fits.HDUList, wanted: int | None) -> tuple[Any, int]:
    images = [i for i, hdu in enumerate(hdus) if hdu.is_image and len(hdu.shape) >= 2 and all(hdu.shape)]
    if not images:
        raise FrameError(path, "it holds no image, only tables or headers", "give a FITS file with an image")
    if wanted is None:
        return hdus[images[0]], images[0]
    if wanted not in images:
        raise FrameError(path, f"extension {wanted} is no image", f"choose --hdu from {', '.join(map(str, images))}")
    return hdus[wanted], wanted


def _frame(path, hdus, hdu, index: int, options: FrameOptions) -> tuple[Frame, float | None]:
    shape = hdu.shape
    leading = [n for n in shape[:-2] if n > 1]
    if len(leading) > 1 or (leading and options.plane is None):
        planes = leading[0] if len(leading) == 1 else 0
        remedy = f"choose one with --plane 0 to --plane {planes - 1}" if planes else "save one plane of it"
        raise FrameError(path, f"extension {index} is a cube of {' x '.join(map(str, shape))}", remedy)
    if options.plane is not None and not 0 <= options.plane < (leading[0] if leading else 1):
        raise FrameError(path, f"there is no plane {options.plane}", f"the planes are 0 to {(leading or [1])[0] - 1}")
    height, width = shape[-2:]
    check_size(path, height, width, height * width * abs(hdu.header["BITPIX"]) // 8 > path.stat().st_size)
    before = tuple((options.plane or 0) if n > 1 else 0 for n in shape[:-2])

    def values(start: int, stop: int) -> np.ndarray:
        with reading(path):
            rows = np.asarray(hdu.section[(*before, slice(start, stop), slice(None))])
        # in the machine's byte order; float32 where that holds every value
        return rows.astype(np.float64 if rows.dtype.itemsize > 4 or rows.dtype.kind != "f" else np.float32)

    header = output_header(hdus[0].header, hdu.header)
    frame = Frame(path, height, width, False, 65535, values, header=header)
    if any(LOOKUP.match(key) for key in hdu.header):
        frame.notes.append("its WCS has distortion tables, which are left out of FITS outputs")
    return frame, _saturation(hdu.header)


def _saturation(header: fits.Header) -> float | None:
    declared = header.get("SATURATE")
    if isinstance(declared, int | float) and not isinstance(declared, bool):
        return float(declared)
    bits = header["BITPIX"]
    if bits < 0:
        return None
    largest = 255 if bits == 8 else 2 ** (bits - 1) - 1
    return largest * header.get("BSCALE", 1) + header.get("BZERO", 0)


def output_header(primary: fits.Header, image: fits.Header) -> fits.Header:
    """The image's cards and those of the primary header that it does not have, without what describes the storage."""
    header = image.copy(strip=True)
    if image is not primary:
        header.extend(primary.copy(strip=True), unique=True, update=False)
    for key in set(header):
        if STORAGE.match(key) or LOOKUP.match(key):
            header.remove(key, remove_all=True)
    return header


def scaled(header: fits.Header, scale: int) -> fits.Header:
    """A copy whose world coordinates are those of the same sky with `scale` times as many pixels a side.

    The outer edges stay where they were: pixel p of the frame covers pixels scale p to scale p + scale - 1 (from 0).
    CRPIX, CDELT or CD, and SIP polynomials are scaled, those of alternative coordinates (A to Z) too; PC, projection
    parameters and TPV are in units of the sky and stay.
    """
    result = header.copy()
    for key in header:
        for pattern, rescale in SCALED:
            if match := pattern.match(key):
                result[key] = rescale(header[key], scale, *match.groups())
    steps = any(key.startswith(("CD1_", "CD2_", "CDELT")) for key in header)
    if not steps and any(key.startswith("CRPIX") for key in header):
        result["CDELT1"] = result["CDELT2"] = 1 / scale  # 1 where they are not given
    return result


def cube_of_rgb(header: fits.Header) -> fits.Header:
    """A copy for planes R, G and B: a third axis where there are two of the sky."""
    result = header.copy()
    if "CTYPE1" in result:
        if "WCSAXES" in result:
            result["WCSAXES"] = 3
        result["CTYPE3"], result["CRPIX3"], result["CRVAL3"] = "RGB", 1.0, 1.0
        result["CD3_3" if "CD1_1" in result else "CDELT3"] = 1.0
    return result
