"""Overlapping frames joined without seams: every pixel is the mean of those that cover it, weighted.

A frame's weight is the product of parabolas along its two sides, so it falls to zero where the frame ends and nothing jumps
there, in corners neither; it also falls towards missing pixels. Sums are float32: 4 bytes a plane and pixel of the mosaic, 4
for the weights, and the largest frame's own cut-out while it is added.
"""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from reproject import reproject_interp
from reproject.mosaicking import find_optimal_celestial_wcs
from scipy.ndimage import distance_transform_edt, shift

from astrogan.apply.frames.frame import FrameError
from astrogan.apply.frames.read import kind_of, open_frame
from astrogan.base import AstroganError

PIXEL_LIMIT = 2**28
"""The largest mosaic, px: its sums would take 4.3 GB."""
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
    try:
        with fits.open(path, memmap=False) as hdus:
            data = next(
                (hdu.data for hdu in hdus if hdu.is_image and hdu.data is not None and hdu.data.ndim in (2, 3)), None
            )
            header = hdus[0].header.copy()
    except (OSError, ValueError, TypeError) as error:
        raise FrameError(path, f"not a whole FITS file ({error})", "fetch it again") from error
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
    grid, shape = find_optimal_celestial_wcs([(piece.planes.shape[1:], piece.wcs) for piece in pieces])
    sums = _Sums(len(pieces[0].planes), shape)
    for piece in pieces:
        box, target = _box(piece, grid, shape)
        stack = _with_weight(piece.planes)
        placed, _ = reproject_interp((stack, piece.wcs), target, shape_out=(len(stack), *_size(box)))
        sums.add(box, placed.astype(np.float32))
    return Mosaic(sums.mean(), grid.to_header())


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
    places = [offsets[piece.path.name] for piece in pieces]
    left, top = (min(place[axis] for place in places) for axis in (0, 1))
    corners = [(math.floor(x - left), math.floor(y - top)) for x, y in places]
    parts = [(x - left - cx, y - top - cy) for (x, y), (cx, cy) in zip(places, corners, strict=True)]
    sizes = [
        (p.planes.shape[1] + (dy > 0), p.planes.shape[2] + (dx > 0)) for p, (dx, dy) in zip(pieces, parts, strict=True)
    ]
    shape = tuple(max(c[1 - axis] + size[axis] for c, size in zip(corners, sizes, strict=True)) for axis in (0, 1))
    sums = _Sums(len(pieces[0].planes), shape)
    for piece, (x, y), (dx, dy), size in zip(pieces, corners, parts, sizes, strict=True):
        planes = _with_weight(piece.planes)
        if dx or dy:
            padded = np.pad(
                planes, ((0, 0), (0, size[0] - planes.shape[1]), (0, size[1] - planes.shape[2])), constant_values=np.nan
            )
            planes = shift(padded, (0, dy, dx), order=1, mode="constant", cval=np.nan)
        sums.add((slice(y, y + size[0]), slice(x, x + size[1])), planes)
    return Mosaic(sums.mean(), None)


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
    return 4 * (planes + 1) * shape[0] * shape[1]


class _Sums:
    def __init__(self, planes: int, shape: tuple[int, int]):
        if shape[0] * shape[1] > PIXEL_LIMIT:
            raise AstroganError(
                f"the mosaic would have {shape[1]} x {shape[0]} px and need {memory_needed(planes, shape) / 1e9:.1f} GB; "
                f"the limit is {PIXEL_LIMIT:,} px. Join fewer frames, or smaller ones."
            )
        self.values = np.zeros((planes, *shape), np.float32)
        self.weights = np.zeros(shape, np.float32)

    def add(self, box: tuple[slice, slice], stack: np.ndarray) -> None:
        """Add planes and, last, their weight."""
        planes, weight = stack[:-1], stack[-1]
        valid = np.isfinite(stack).all(axis=0)
        self.values[(slice(None), *box)] += np.where(valid, planes * weight, 0)
        self.weights[box] += np.where(valid, weight, 0)

    def mean(self) -> np.ndarray:
        covered = self.weights > 0
        np.divide(self.values, self.weights, out=self.values, where=covered)
        self.values[:, ~covered] = np.nan
        return self.values


def _with_weight(planes: np.ndarray) -> np.ndarray:
    """float32 (planes + 1, H, W), the last one the weight in (0, 1]."""
    along = [4 * u * (1 - u) for u in ((np.arange(n) + 0.5) / n for n in planes.shape[1:])]
    # the array's own edge is no hole
    valid = np.pad(np.isfinite(planes).all(axis=0), 1, constant_values=True)
    near_hole = np.minimum(1, distance_transform_edt(valid)[1:-1, 1:-1] / HOLE_PX) if not valid.all() else 1
    weight = along[0][:, None] * along[1] * near_hole
    return np.concatenate([planes, weight[None].astype(np.float32)])


def _check(pieces: Iterable[Piece]) -> None:
    counts = {len(piece.planes) for piece in pieces}
    if len(counts) != 1:
        raise AstroganError("some frames are grey and some are in colour. Join frames of one kind.")


def _box(piece: Piece, grid: WCS, shape: tuple[int, int]) -> tuple[tuple[slice, slice], WCS]:
    """Where a frame falls in the mosaic, and the coordinates of that part: its outline, projected."""
    height, width = piece.planes.shape[1:]
    x = np.concatenate([np.linspace(-0.5, width - 0.5, 50)] * 2 + [np.full(50, -0.5), np.full(50, width - 0.5)])
    y = np.concatenate([np.full(50, -0.5), np.full(50, height - 0.5)] + [np.linspace(-0.5, height - 0.5, 50)] * 2)
    px, py = grid.world_to_pixel(piece.wcs.pixel_to_world(x, y))
    box = tuple(
        slice(max(0, math.floor(values.min()) - 1), min(size, math.ceil(values.max()) + 2))
        for values, size in ((py, shape[0]), (px, shape[1]))
    )
    return box, grid[box]


def _size(box: tuple[slice, slice]) -> tuple[int, int]:
    return box[0].stop - box[0].start, box[1].stop - box[1].start
