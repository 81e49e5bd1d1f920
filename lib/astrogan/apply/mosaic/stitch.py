"""`astrogan stitch`: from files to one mosaic, its picture and its sidecar."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import astrogan
from astrogan.apply.mosaic.blend import memory_needed, read_offsets, read_piece, stitch_offsets, stitch_sky
from astrogan.apply.outputs.together import written_together
from astrogan.apply.outputs.writers import PNG_LIMIT, FitsFile, PngFile, TiffFile
from astrogan.base import AstroganError
from astrogan.files import sha256, write_json

ROWS = 256


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
    picture = out if not fits_file else out.with_suffix(".png") if small else None
    targets = [p for p in (out if fits_file else None, picture, out.with_suffix(".json")) if p]
    existing = [path.name for path in targets if path.exists()]
    if existing and not force:
        raise AstroganError(f"{', '.join(existing)} exist in {out.parent}. Give --force to write them anew.")
    sidecar = {
        "command": "stitch",
        "version": astrogan.__version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs": [{"file": path.name, "sha256": sha256(path)} for path in paths],
        "by": "offsets" if offsets else "WCS",
        "blend": "mean weighted by the distance to each frame's edge",
        "size": [width, height],
    }
    with written_together(targets) as names:
        temporary = dict(zip(targets, names, strict=True))
        if fits_file:
            header = mosaic.header.copy()
            header.add_history(f"astrogan {astrogan.__version__} stitch: {len(paths)} frames")
            _fill(FitsFile(temporary[out], height, width, planes, header), mosaic.planes, None)
        if picture:
            kind = PngFile if picture.suffix == ".png" else TiffFile
            _fill(kind(temporary[picture], height, width, planes, np.uint16), mosaic.planes, np.uint16)
        write_json(temporary[targets[-1]], sidecar)
    return targets, memory


def _fill(writer, planes: np.ndarray, dtype) -> None:
    try:
        for start in range(0, planes.shape[1], ROWS):
            strip = np.moveaxis(planes[:, start : start + ROWS], 0, -1)
            strip = strip[..., 0] if strip.shape[-1] == 1 else strip
            if dtype:
                white = np.iinfo(dtype).max
                strip = np.rint(np.nan_to_num(strip).clip(0, 1) * white).astype(dtype)
            writer.write(strip)
    except BaseException:
        writer.abandon()
        raise
    writer.close()
