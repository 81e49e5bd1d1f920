"""PNG, TIFF and FITS written strip by strip, so that no whole output is ever in memory.

Each writer takes strips of consecutive rows, top to bottom, in the type that is stored.
"""

import io
import math
import os
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Semaphore

import numpy as np
import tifffile
from astropy.io import fits
from PIL import Image

from astrogan.files import write_atomic

TIFF_TILE = 256
BIG = 2**31
"""Bytes of pixels from which a TIFF is a BigTIFF."""
PNG_LIMIT = 2**26
"""The largest PNG, px (8192 x 8192)."""
_PNG_COMPRESSION = 4
_UP = 2  # the PNG filter that stores the difference to the row above


def save_png(picture: np.ndarray, path: Path) -> Path:
    """Write a whole uint8 picture, grey (H, W) or RGB (H, W, 3), as small as PNG can be, atomically."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "png", optimize=True)
    return write_atomic(path, lambda file: file.write(buffer.getvalue()))


class PngFile:
    """uint8 or uint16, grey (n, W) or RGB (n, W, 3). By hand: Pillow and imagecodecs want the whole image at once."""

    def __init__(self, path: Path, height: int, width: int, channels: int, dtype: type):
        self._file = open(path, "wb")  # noqa: SIM115 closed by `close` or `abandon`
        self._itemsize, self._row_bytes = np.dtype(dtype).itemsize, width * channels * np.dtype(dtype).itemsize
        self._above = np.zeros((1, self._row_bytes), np.uint8)
        self._packer = zlib.compressobj(_PNG_COMPRESSION)
        self._file.write(b"\x89PNG\r\n\x1a\n")
        kind = 0 if channels == 1 else 2
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8 * self._itemsize, kind, 0, 0, 0))
        self._chunk(b"sRGB", b"\0")

    def write(self, strip: np.ndarray) -> None:
        """Append rows."""
        stored = np.ascontiguousarray(strip.astype(strip.dtype.newbyteorder(">")))
        rows = stored.view(np.uint8).reshape(len(strip), self._row_bytes)
        lines = np.empty((len(rows), 1 + self._row_bytes), np.uint8)
        lines[:, 0] = _UP
        lines[:, 1:] = rows - np.concatenate([self._above, rows[:-1]])
        self._above = rows[-1:].copy()
        self._chunk(b"IDAT", self._packer.compress(lines))

    def close(self) -> None:
        """Write what is left, and the end."""
        self._chunk(b"IDAT", self._packer.flush())
        self._chunk(b"IEND", b"")
        self._file.close()

    def abandon(self) -> None:
        """Close without an end."""
        self._file.close()

    def _chunk(self, name: bytes, data: bytes) -> None:
        if data or name != b"IDAT":
            self._file.write(
                struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))
            )


class TiffFile:
    """uint8, uint16 or float32, grey or RGB, in uncompressed tiles of 256 px, BigTIFF where it is large.

    tifffile pulls tiles where strips are pushed, so it has a thread of its own; only one of the two works at a time.
    """

    def __init__(self, path: Path, height: int, width: int, channels: int, dtype: type):
        self._strips: SimpleQueue[np.ndarray | None] = SimpleQueue()
        self._wanted = Semaphore(0)
        shape = (height, width) if channels == 1 else (height, width, channels)
        # made here and filled again and again: what another thread allocates is returned late
        band = np.empty((TIFF_TILE, *shape[1:]), dtype)
        pool = ThreadPoolExecutor(max_workers=1)
        self._written = pool.submit(self._write, path, shape, band)
        pool.shutdown(wait=False)
        self._written.add_done_callback(lambda _: self._wanted.release())
        self._wanted.acquire()

    def write(self, strip: np.ndarray | None) -> None:
        """Append rows; None: there are no more."""
        if not self._written.done():
            self._strips.put(strip)
            self._wanted.acquire()  # until it wants the next, or has ended
        if self._written.done():
            self._written.result()

    def close(self) -> None:
        """Write what is left."""
        self.write(None)

    def abandon(self) -> None:
        """Close without what is left: tifffile finds that tiles are missing, and stops."""
        with suppress(Exception):
            self.write(None)

    def _write(self, path: Path, shape: tuple[int, ...], band: np.ndarray) -> None:
        big = math.prod(shape) * band.itemsize > BIG or shape[0] * shape[1] > PNG_LIMIT
        with tifffile.TiffWriter(path, bigtiff=big) as writer:
            writer.write(
                self._tiles(band),
                shape=shape,
                dtype=band.dtype,
                tile=(TIFF_TILE, TIFF_TILE),
                photometric="minisblack" if len(shape) == 2 else "rgb",
                software="astrogan",
                metadata=None,
            )

    def _tiles(self, band: np.ndarray) -> Iterator[np.ndarray]:
        filled = 0
        self._wanted.release()
        while (strip := self._strips.get()) is not None:
            for row in strip:
                band[filled] = row
                filled = (filled + 1) % TIFF_TILE
                if not filled:
                    yield from _cut(band)
            del strip, row  # not kept while the next is made
            self._wanted.release()
        yield from _cut(band[:filled])


def _cut(band: np.ndarray) -> Iterator[np.ndarray]:
    return (band[:, left : left + TIFF_TILE] for left in range(0, band.shape[1], TIFF_TILE))


class FitsFile:
    """float32, one plane (n, W) or three (n, W, 3) that are stored one after the other."""

    def __init__(self, path: Path, height: int, width: int, channels: int, header: fits.Header):
        shape = (height, width) if channels == 1 else (channels, height, width)
        stored = fits.Header([("SIMPLE", True, "conforms to FITS standard"), ("BITPIX", -32), ("NAXIS", len(shape))])
        stored.extend([(f"NAXIS{i}", n) for i, n in enumerate(reversed(shape), 1)])
        stored.extend(header, strip=False, update=False)
        head = stored.tostring().encode("ascii")
        self._start, self._width, self._height, self._row = len(head), width, height, 0
        data = 4 * height * width * channels
        with open(path, "wb") as file:
            file.write(head)
            file.truncate(len(head) + data + -data % 2880)
        self._file = open(path, "r+b")  # noqa: SIM115 closed by `close` or `abandon`

    def write(self, strip: np.ndarray) -> None:
        """Append rows."""
        planes = [strip] if strip.ndim == 2 else np.moveaxis(strip, -1, 0)
        for index, plane in enumerate(planes):
            at = self._start + 4 * self._width * (index * self._height + self._row)
            data = memoryview(np.ascontiguousarray(plane, ">f4").tobytes())
            while data:  # a disk may take a part, and refuse the next
                done = os.pwrite(self._file.fileno(), data, at)
                data, at = data[done:], at + done
        self._row += len(strip)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    abandon = close
