"""Overlapping frames joined without seams: every pixel is the mean of those that cover it, weighted.

A frame's weight is the product of parabolas along its two sides, so it falls to zero where the frame ends and nothing jumps
there, in corners neither; it also falls towards missing pixels. reproject does the placing and the sums, which are float32: 4
bytes a plane and pixel of the mosaic, as many for the weights, and the largest frame's own cut-out while it is added.
"""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from reproject import reproject_interp
from reproject.mosaicking import find_optimal_celestial_wcs, reproject_and_coadd
from scipy.ndimage import distance_transform_edt

from astrogan.apply.frames import FrameError, kind_of, open_frame
from astrogan.apply.frames.fits import reading
from astrogan.base import AstroganError

PIXEL_LIMIT = 2**28
"""The largest mosaic, px: its sums would take 6.4 GB in colour."""
HOLE_PX = 16
"""Within so many px of a missing pixel a frame's weight falls."""


@dataclass
class Piece:
    """One frame: float32 (planes, H, W) in [0, 1], NaN where it has no value, and its header where it has one."""

    path: Path
    planes: np.ndarray
    header: fits.Header | None = None

    @property
    def wcs(self) -> WCS:
        """Its celestial coordinates; `FrameError` where it has none."""
        found = WCS(self.header, naxis=2) if self.header is not None else None
        if found is None or not found.has_celestial:
            raise FrameError(
                self.path, "it has no celestial coordinates (WCS)", "give the frames' places with --offsets instead"
            )
        return found


@dataclass
class Mosaic:
    """`planes`: float32 (planes, H, W), NaN where no frame is; `header`: its coordinates, None for given offsets."""

    planes: np.ndarray
    header: fits.Header | None


def read_piece(path: Path) -> Piece:
    """A coloured frame: FITS of three planes (or one) in [0, 1], or a picture.

    Raises:
        FrameError: for anything else.
    """
    if kind_of(path) != "FITS":
        with open_frame(path) as frame:
            values, _ = frame.display(0, frame.height)
        return Piece(path, values[None] if values.ndim == 2 else np.ascontiguousarray(np.moveaxis(values, -1, 0)))
    with reading(path), fits.open(path, memmap=False) as hdus:
        images = (hdu.data for hdu in hdus if hdu.is_image and hdu.data is not None and hdu.data.ndim in (2, 3))
        data, header = next(images, None), hdus[0].header.copy()
    if data is None or (data.ndim == 3 and len(data) not in (1, 3)):
        raise FrameError(path, "neither one plane nor three (R, G, B)", "give what `astrogan colorize` wrote")
    planes = np.asarray(data if data.ndim == 3 else data[None], np.float32)
    if not np.isfinite(planes).any():
        raise FrameError(path, "no pixel has a finite value", "leave it out")
    return Piece(path, planes, header)


def stitch_sky(pieces: list[Piece]) -> Mosaic:
    """Join frames by their world coordinates, on a grid that fits them all at the finest of their scales.

    Raises:
        AstroganError: for a frame without coordinates, unequal numbers of planes, a mosaic that is too large.
    """
    _check(pieces)
    places = [piece.wcs for piece in pieces]
    grid, shape = find_optimal_celestial_wcs(
        [(piece.planes.shape[1:], place) for piece, place in zip(pieces, places, strict=True)]
    )
    return Mosaic(_joined(pieces, places, grid, shape), grid.to_header())


def stitch_offsets(pieces: list[Piece], offsets: dict[str, tuple[float, float]]) -> Mosaic:
    """Join frames whose first pixel lies at `offsets[file name]` = (x, y) px, right and down in the array; parts of a pixel
    are interpolated.

    Raises:
        AstroganError: for a frame without an offset, unequal numbers of planes, a mosaic that is too large.
    """
    _check(pieces)
    missing = [piece.path.name for piece in pieces if piece.path.name not in offsets]
    if missing:
        raise AstroganError(f"the offsets name no place of {', '.join(missing)}. Add a row with file, x and y.")
    corners = np.array([offsets[piece.path.name] for piece in pieces])
    corners -= corners.min(axis=0)
    ends = [corner[::-1] + piece.planes.shape[1:] for piece, corner in zip(pieces, corners, strict=True)]
    shape = tuple(math.ceil(end) for end in np.max(ends, axis=0))
    places = [_plain(*corner) for corner in corners]
    # nothing is interpolated where nothing needs to be, so that a missing pixel does not spread to its neighbours
    order = "bilinear" if np.mod(corners, 1).any() else "nearest-neighbor"
    return Mosaic(_joined(pieces, places, _plain(0, 0), shape, order), None)


def read_offsets(path: Path) -> dict[str, tuple[float, float]]:
    """The CSV of columns file, x, y; `AstroganError` when it is something else."""
    try:
        with open(path, newline="") as file:
            return {row["file"]: (float(row["x"]), float(row["y"])) for row in csv.DictReader(file)}
    except OSError as error:
        raise AstroganError(f"{path} cannot be read: {error.strerror}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise AstroganError(f"{path}: expected a CSV with columns file, x and y, numbers in px ({error}).") from error


def memory_needed(planes: int, shape: tuple[int, int]) -> int:
    """Bytes of the sums of a mosaic."""
    return 8 * planes * shape[0] * shape[1]


def _joined(
    pieces: list[Piece], places: list[WCS], grid: WCS, shape: tuple[int, int], order: str = "bilinear"
) -> np.ndarray:
    """float32 (planes, *shape), NaN where no piece is."""
    if shape[0] * shape[1] > PIXEL_LIMIT:
        raise AstroganError(
            f"the mosaic would have {shape[1]} x {shape[0]} px and need "
            f"{memory_needed(len(pieces[0].planes), shape) / 1e9:.1f} GB; the limit is {PIXEL_LIMIT:,} px. Join fewer frames, "
            "or smaller ones."
        )
    full = (len(pieces[0].planes), *shape)
    stacks, weights = zip(*map(_weighted, pieces), strict=True)
    planes, _ = reproject_and_coadd(
        list(zip(stacks, places, strict=True)), grid, shape_out=full, input_weights=weights,
        reproject_function=reproject_interp, order=order, combine_function="mean", blank_pixel_value=np.nan,
        output_array=np.zeros(full, np.float32), output_footprint=np.zeros(full, np.float32),
    )  # fmt: skip
    return planes


def _weighted(piece: Piece) -> tuple[np.ndarray, np.ndarray]:
    """Planes, missing in all where they are in one, and the weight in (0, 1], float32, once for every plane."""
    planes = piece.planes
    weight = np.outer(*(4 * u * (1 - u) for u in ((np.arange(n) + 0.5) / n for n in planes.shape[1:])))
    valid = np.isfinite(planes).all(axis=0)
    if not valid.all():
        planes = np.where(valid, planes, np.nan)
        # the array's own edge is no hole
        distance = distance_transform_edt(np.pad(valid, 1, constant_values=True))[1:-1, 1:-1]
        weight *= np.minimum(1, distance / HOLE_PX)
    return planes, np.broadcast_to(weight.astype(np.float32), planes.shape)


def _plain(x: float, y: float) -> WCS:
    """Pixels as coordinates, of an array whose first pixel lies at (x, y)."""
    wcs = WCS(naxis=2)
    wcs.wcs.crpix, wcs.wcs.crval = (1, 1), (x, y)
    return wcs


def _check(pieces: list[Piece]) -> None:
    if len({len(piece.planes) for piece in pieces}) != 1:
        raise AstroganError("some frames are grey and some are in colour. Join frames of one kind.")
