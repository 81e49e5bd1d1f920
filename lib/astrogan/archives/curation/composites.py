"""One colour image of three FITS bands (Lupton et al. 2004, by astropy)."""

import warnings
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.nddata import block_reduce
from astropy.utils.exceptions import AstropyUserWarning
from astropy.visualization import make_lupton_rgb
from astropy.wcs import WCS, FITSFixedWarning
from PIL import Image

from astrogan.archives.client import FetchError
from astrogan.archives.manifest import ManifestRow
from astrogan.archives.received import described, place
from astrogan.base import AstroganError
from astrogan.data.images import PIXEL_LIMIT
from astrogan.files import write_atomic

PARTS = ("red", "green", "blue")
LONGEST_SIDE = 4096
"""Larger frames are averaged in whole blocks down to this, px."""
BRIGHT = 99.5
"""Percentile of a band above its sky that becomes 1 before the stretch, so that the bands weigh alike."""
STRETCH, Q = 0.5, 8.0
GRID = 0.5
"""Bands must lie on one pixel grid to within this, px."""


def with_composites(rows: Iterable[ManifestRow], folder: Path) -> Iterator[ManifestRow]:
    """`rows` with one image in place of the three bands of an observation, written below `folder` as PNG.

    The bands of an observation follow each other. Where they cannot be combined, they are excluded with the reason.
    """
    for (observation, banded), group in groupby(rows, key=lambda row: (row.observation, bool(row.part))):
        if not banded:
            yield from group
            continue
        bands = {row.part: row for row in group}
        lost = [part for part in PARTS if part not in bands or not bands[part].file]
        if lost:
            problem = f"no file of band {', '.join(lost)}"
        else:
            try:
                yield _composite(observation, bands, folder)
                continue
            except AstroganError as error:
                problem = str(error)
        yield from (row.excluded("unusable", problem) if row.used else row for row in bands.values())


def compose(red: Path, green: Path, blue: Path) -> np.ndarray:
    """uint8 sRGB (H, W, 3), FITS's first row at the bottom; `AstroganError` unless the bands share a pixel grid."""
    bands = [_read(path) for path in (red, green, blue)]
    first, expected = bands[0]
    for path, (data, corners) in zip((green, blue), bands[1:], strict=True):
        if data.shape != first.shape or np.abs(corners - expected).max() > GRID:
            raise AstroganError(
                f"{path.name} ({data.shape}) is not on the pixel grid of {red.name} ({first.shape}). "
                "Fetch aligned products of one visit."
            )
    levelled = [_levelled(data) for data, _ in bands]
    with np.errstate(divide="ignore", invalid="ignore"):  # astropy divides by the intensity, then sets 0/0 to 0
        rgb = make_lupton_rgb(*levelled, minimum=0, stretch=STRETCH, Q=Q)
    return np.ascontiguousarray(rgb[::-1])


def _composite(observation: str, bands: dict[str, ManifestRow], folder: Path) -> ManifestRow:
    row = bands["red"]
    name = str(Path(row.file).with_name(f"{observation}.png"))
    target = place(row.model_copy(update={"file": name}), folder)
    if not target.exists():
        rgb = compose(*(place(bands[part], folder) for part in PARTS))
        write_atomic(target, lambda file: Image.fromarray(rgb).save(file, "png"))
    instruments = "; ".join(bands[part].instruments for part in PARTS)
    whole = row.model_copy(update={"id": observation, "part": "", "checksum": "", "instruments": instruments})
    return described(target, whole, name)


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Data float32 (H, W), averaged in blocks, and (RA, Dec) of its corners in units of the original pixel."""
    try:
        # opened here, since astropy leaves a bad file open
        with warnings.catch_warnings(), open(path, "rb") as file:
            warnings.simplefilter("error", AstropyUserWarning)  # astropy only warns of a file that ends early
            warnings.simplefilter("ignore", FITSFixedWarning)  # it corrects the spelling of dates and units
            units = fits.open(file, memmap=False)
            unit = next((u for u in units if u.is_image and getattr(getattr(u, "data", None), "ndim", 0) == 2), None)
            if unit is None:
                raise FetchError(f"{path.name} holds no image of two dimensions")
            data = unit.data
            if data.size > PIXEL_LIMIT:
                raise FetchError(f"{path.name} has {data.size:,} px; at most {PIXEL_LIMIT:,} are combined")
            wcs = WCS(unit.header)
            height, width = data.shape
            corners = np.array([[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]], float)
            if wcs.has_celestial:
                scale = np.sqrt(np.abs(np.linalg.det(wcs.celestial.pixel_scale_matrix)))
                sky = wcs.celestial.all_pix2world(corners, 0)
                corners = sky * [np.cos(np.deg2rad(sky[:, 1])).mean(), 1] / scale
            factor = -(-max(data.shape) // LONGEST_SIDE)
            data = block_reduce(np.nan_to_num(data.astype(np.float32)), factor, np.mean) if factor > 1 else data
            return np.nan_to_num(np.asarray(data, np.float32)), corners
    except (OSError, ValueError, AstropyUserWarning) as error:
        raise FetchError(f"{path.name} is no whole FITS file ({error})") from error


def _levelled(data: np.ndarray) -> np.ndarray:
    """Sky at 0 and the bright end at 1; pixels outside the footprint, exactly 0 in drizzled products, do not count."""
    inside = data[data != 0]
    if not inside.size:
        return data
    sky = np.median(inside)
    top = np.percentile(inside, BRIGHT) - sky
    return np.where(data != 0, (data - sky) / max(top, 1e-12), 0).clip(0)
