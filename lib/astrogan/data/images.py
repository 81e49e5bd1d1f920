"""One image file, decoded fully to uint8 sRGB, or an `ImageError` that says why not.

Decisions: transparency is composited on black, the colour of the sky; 16-bit values are scaled by 1/257; an embedded
colour profile is converted to sRGB; EXIF orientation is applied. A file with several frames is refused, because which
one is the observation is not ours to guess (an MPO file, a camera's JPEG with previews behind it, gives its first).
"""

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from astrogan.base import AstroganError
from astrogan.color import rgb_to_lab

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
PIXEL_LIMIT = 50_000_000
"""The largest image, px: two at once stay under 1 GB. More is a decompression bomb or wants tiling first."""
BYTE_LIMIT = 400_000_000
SIDE_LIMIT = 2
"""The smallest side, px: a 1x1 image is a placeholder or a tracking pixel."""
GREY_CHROMA = 2.0
"""An image is greyscale when the 99.5th percentile of its CIE chroma is below this."""

_SMALLER = (f"at most {PIXEL_LIMIT:,} px", "scale it down or cut it into pieces")
_LARGE = 12_000_000
_large_lock = threading.Lock()
Image.init()  # formats register on first use; threads that open images meanwhile would miss some


class ImageError(AstroganError):
    """A file that is not a usable image. `reason` leaves the folder out, for a quarantine list."""

    def __init__(self, name: str | os.PathLike[str], found: str, expected: str, remedy: str):
        self.reason = f"{found}; expected {expected}; {remedy}"
        super().__init__(f"{name}: {found}. Expected {expected}. {remedy[:1].upper()}{remedy[1:]}.")


def read_bytes(path: Path, name: str | None = None) -> bytes:
    """The bytes of an image file; `ImageError` when it is missing, unreadable, empty or over `BYTE_LIMIT`."""
    name = name or str(path)
    try:
        size = path.stat().st_size
        if size > BYTE_LIMIT:
            raise ImageError(name, f"{size:,} bytes", f"at most {BYTE_LIMIT:,}", "scale or recompress it")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ImageError(name, "no such file", "an image file", "restore it or remove its manifest row") from error
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
        raise ImageError(name, found, "a readable file", "mend its permissions") from error
    if not data:
        raise ImageError(name, "the file is empty (0 bytes)", "an image", "fetch it again or remove it")
    return data


def decode(data: bytes, name: str = "image") -> np.ndarray:
    """Decode the bytes of an image file to uint8 sRGB (H, W, 3); `ImageError` says what is wrong with `name`.

    Every pixel is decoded, so a file that ends early is an error even where other code has told Pillow to accept it.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(name, "it has too many pixels", *_SMALLER) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        known, remedy = f"one of {', '.join(FORMATS)}", "fetch it again, convert it or remove it"
        raise ImageError(name, "not a readable image", known, remedy) from error
    width, height = image.size
    if width * height > PIXEL_LIMIT:
        raise ImageError(name, f"{width} x {height} px", *_SMALLER)
    if min(width, height) < SIDE_LIMIT:
        raise ImageError(name, f"{width} x {height} px", f"at least {SIDE_LIMIT} px a side", "remove this placeholder")
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise ImageError(name, f"{frames} frames", "one", "save the frame that is the observation as its own file")
    with _large_lock if width * height > _LARGE else nullcontext():
        # Other libraries set this to True, and threads share it, so it is never set back.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            image.load()
        except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
            found = f"damaged or truncated ({error})"
            raise ImageError(name, found, "a whole image file", "fetch it again or remove it") from error
        return np.asarray(_to_srgb(ImageOps.exif_transpose(image), name))


def read_image(path: Path) -> np.ndarray:
    """Decode one file to uint8 sRGB (H, W, 3); `ImageError` names the path."""
    return decode(read_bytes(path), str(path))


def chroma(rgb: np.ndarray) -> np.ndarray:
    """CIE chroma sqrt(a^2 + b^2) of some 20,000 evenly spaced pixels of uint8 sRGB (H, W, 3); of all where fewer."""
    step = max(1, int((rgb.shape[0] * rgb.shape[1] / 20_000) ** 0.5))
    sample = torch.from_numpy(np.array(rgb[::step, ::step])).permute(2, 0, 1)[None].float() / 255
    return rgb_to_lab(sample)[0, 1:].norm(dim=0).numpy()


def is_greyscale(values: np.ndarray) -> bool:
    """Whether an image of these `chroma` values has no colour to learn from; an even tint such as sepia is colour."""
    return bool(np.percentile(values, 99.5) < GREY_CHROMA)


@contextmanager
def strict_pillow() -> Iterator[None]:
    """Turn Pillow's bomb warning into an error for a block that decodes in threads (warning filters are global)."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _to_srgb(image: Image.Image, name: str) -> Image.Image:
    if image.mode in ("I", "F"):
        found = f"32-bit values (mode {image.mode}) of unknown range"
        raise ImageError(name, found, "8 or 16 bits", "stretch it to 16 bits first")
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint32)
        image = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    transparent = "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    image = _apply_profile(image, name)
    if transparent:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image).convert("RGB")
    return image.convert("RGB")


def _apply_profile(image: Image.Image, name: str) -> Image.Image:
    data = image.info.get("icc_profile")
    if not data or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if "srgb" in ImageCms.getProfileDescription(profile).lower():
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError) as error:
        found = f"an unusable colour profile ({error})"
        raise ImageError(name, found, "an ICC profile of its own colours", "save it again as sRGB") from error
