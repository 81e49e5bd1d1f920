"""PNG, JPEG and TIFF at their own depth: 16 bits stay 16 bits."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, ImageFile, ImageOps

from astrogan.apply.frames.frame import FrameError, check_size

Image.init()
_ENDS = "the file is damaged or ends early"
_AGAIN = "fetch it again, or convert it to PNG, TIFF or FITS"


def read_png(path: Path) -> np.ndarray:
    """uint8 or uint16, (H, W) grey or (H, W, 3) RGB."""
    with open(path, "rb") as file:
        head = file.read(33)
    if len(head) < 33 or head[12:16] != b"IHDR":
        raise FrameError(path, _ENDS, _AGAIN)
    width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
    check_size(path, height, width)
    if head[24] < 16:
        return read_pillow(path)
    # Pillow would reduce 16-bit colour to 8 bits.
    try:
        values = imagecodecs.png_decode(path.read_bytes())
    except (imagecodecs.PngError, ValueError) as error:
        raise FrameError(path, f"{_ENDS} ({error})", _AGAIN) from error
    return _without_alpha(np.atleast_2d(values))


def read_pillow(path: Path) -> np.ndarray:
    """uint8, (H, W) grey or (H, W, 3) RGB: EXIF orientation applied, transparency composited on black."""
    try:
        with _strict(), Image.open(path, formats=("PNG", "JPEG")) as image:
            check_size(path, image.height, image.width)
            if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
                raise FrameError(path, f"{image.n_frames} frames", "save the one that is meant as its own file")
            image.load()
            upright = ImageOps.exif_transpose(image)
            transparent = "transparency" in upright.info or upright.mode in ("LA", "PA", "RGBA")
            mode = ("L" if upright.mode in ("1", "L", "LA") else "RGB") + "A" * transparent
            return _without_alpha(np.asarray(upright.convert(mode)))
    except (OSError, SyntaxError, ValueError) as error:  # among them UnidentifiedImageError
        raise FrameError(path, f"{_ENDS} ({error})", _AGAIN) from error


def read_tiff(path: Path) -> np.ndarray:
    """uint8 or uint16, (H, W) grey or (H, W, 3) RGB."""
    try:
        with tifffile.TiffFile(path) as file:
            pages = [page for page in file.pages if not page.is_reduced]
            if not pages:
                raise FrameError(path, "no full-size image in it", _AGAIN)
            page = pages[0]
            check_size(path, page.imagelength, page.imagewidth)
            if len(pages) > 1:
                raise FrameError(path, f"{len(pages)} pages", "save the one that is meant as its own file")
            if page.dtype not in (np.uint8, np.uint16):
                raise FrameError(
                    path, f"values of type {page.dtype}", "save it with 8 or 16 bits, or as FITS, which has a stretch"
                )
            values = page.asarray()
            photometric, palette, planar = page.photometric, page.colormap, page.planarconfig
    except FrameError:
        raise
    # tifffile and its codecs raise many kinds; each of them means that these bytes are no whole TIFF.
    except Exception as error:
        raise FrameError(path, f"{_ENDS} ({error})", _AGAIN) from error
    if photometric == tifffile.PHOTOMETRIC.PALETTE:
        return (palette.T[values] >> 8).astype(np.uint8)
    if values.ndim == 3 and planar == tifffile.PLANARCONFIG.SEPARATE:
        values = np.moveaxis(values, 0, -1)
    if photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        values = np.iinfo(values.dtype).max - values
    elif photometric.name not in ("MINISBLACK", "RGB", "YCBCR"):
        raise FrameError(path, f"colours of kind {photometric.name}", "save it as grey or RGB")
    return _without_alpha(values)


def _without_alpha(values: np.ndarray) -> np.ndarray:
    """(H, W), (H, W, 3), or with a last channel of opacity, which is composited on black, the colour of the sky."""
    if values.ndim == 2 or values.shape[2] == 3:
        return np.ascontiguousarray(values)
    if values.shape[2] == 1:
        return np.ascontiguousarray(values[..., 0])
    white = np.iinfo(values.dtype).max
    shown = values[..., :-1].astype(np.uint64) * values[..., -1:] + white // 2
    shown = (shown // white).astype(values.dtype)
    return shown[..., 0] if shown.shape[2] == 1 else shown


@contextmanager
def _strict() -> Iterator[None]:
    """Pillow without half files, and without its own limit of pixels, as ours is checked; other libraries set both."""
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = None, False
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before
