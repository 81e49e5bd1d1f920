"""`astrogan stitch`: from files to one mosaic, its picture and its sidecar."""

from pathlib import Path

import numpy as np

from astrogan.apply.frames import Strip
from astrogan.apply.mosaic.blend import memory_needed, read_offsets, read_piece, stitch_offsets, stitch_sky
from astrogan.apply.outputs.products import Products, Result, write
from astrogan.apply.outputs.provenance import history, made_by, source
from astrogan.apply.outputs.writers import PNG_LIMIT
from astrogan.base import AstroganError


def stitch_files(
    paths: list[Path], out: Path, offsets: Path | None = None, force: bool = False
) -> tuple[list[Path], str]:
    """Join frames and write `out` (.fits, .png or .tiff) and a sidecar; by WCS, or by `offsets` (CSV: file, x, y).

    A FITS mosaic in colour has a PNG beside it where it is small enough. Returns what was written, and the memory that it took.

    Raises:
        AstroganError: for frames that cannot be joined, or outputs that cannot be written.
    """
    ending = out.suffix.lower()
    if ending not in (".fits", ".png", ".tif", ".tiff"):
        raise AstroganError(f"{out}: a mosaic is written as .fits, .png or .tiff. Name it so.")
    if len(paths) < 2:
        raise AstroganError("a mosaic needs at least two frames. Name more.")
    pieces = [read_piece(path) for path in paths]
    mosaic = stitch_offsets(pieces, read_offsets(offsets)) if offsets else stitch_sky(pieces)
    planes, height, width = mosaic.planes.shape
    memory = f"{width} x {height} px; the sums took {memory_needed(planes, (height, width)) / 1e6:.0f} MB"
    fits_file = ending == ".fits"
    if fits_file and mosaic.header is None:
        raise AstroganError(f"{out}: offsets give no coordinates for a FITS header. Name it .png or .tiff.")
    if ending == ".png" and height * width > PNG_LIMIT:
        raise AstroganError(f"{out}: {width} x {height} px are too large for PNG, which has no tiles. Name it .tiff.")
    in_units = planes == 1 and pieces[0].header is not None
    if in_units and not fits_file:
        raise AstroganError(f"{out}: grey FITS frames are in units of their own. Name it .fits, and colour that.")
    small = height * width <= PNG_LIMIT and not in_units
    products = Products(
        sidecar=out.with_suffix(".json"),
        picture=out if not fits_file else out.with_suffix(".png") if small else None,
        fits=out if fits_file else None,
    )
    if products.existing and not force:
        raise AstroganError(f"{products.existing} exist in {out.parent}. Give --force to write them anew.")
    sidecar = made_by("stitch") | {
        "inputs": [source(path) for path in paths],
        "by": "offsets" if offsets else "WCS",
        "blend": "mean weighted by the distance to each frame's edge",
        "size": [width, height],
    }
    header = history(mosaic.header, "stitch", f"{len(paths)} frames") if fits_file else None
    rows = np.moveaxis(mosaic.planes, 0, -1)
    image = rows[..., 0] if planes == 1 else rows
    strips = [Strip(image, np.isnan(rows[..., 0]))]
    write(products, Result(strips, (height, width), planes, header=header), sidecar)
    return sorted(products.all, key=lambda path: path != out), memory
