"""A frame as the commands see it: display values and missing pixels, in strips of rows."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from astropy.io import fits

from astrogan.apply.frames.stretch import Stretch
from astrogan.base import AstroganError

STRIP_PX = 2**19
"""About so many pixels are worked on at once, in whole rows."""
PIXEL_LIMIT = 2**28
"""The largest image of a compressed format, px; more is a decompression bomb, or wants FITS, which is read in pieces."""


class FrameError(AstroganError):
    """A file that cannot be worked on."""

    def __init__(self, name: object, found: str, remedy: str):
        super().__init__(f"{name}: {found}. {remedy[:1].upper()}{remedy[1:]}.")


@dataclass(frozen=True)
class FrameOptions:
    """How FITS, or grey images where a stretch is asked for, become display values. Limits are in input units."""

    hdu: int | None = None
    plane: int | None = None
    stretch: str | None = None
    low: float | None = None
    high: float | None = None
    softening: float | None = None
    whole_range: bool = False
    """Limits at the extremes, so that nothing is clipped: what up-scaling wants."""

    @classmethod
    def of(cls, settings: Any) -> Self:
        """Those that `settings` has as attributes; the others stay as they are."""
        names = (field.name for field in fields(cls) if hasattr(settings, field.name))
        return cls(**{name: getattr(settings, name) for name in names})


@dataclass
class Frame:
    """One opened image.

    `values(y0, y1)`: rows as stored, (n, width) grey or (n, width, 3) RGB; floats may hold NaN. Without a `stretch` they
    are integers, white at `white`.
    """

    path: Path
    height: int
    width: int
    colour: bool
    white: int
    values: Callable[[int, int], np.ndarray]
    stretch: Stretch | None = None
    fill: float = 0.0
    """Display value that stands for missing pixels in front of a network: the median of the others, the sky."""
    header: fits.Header | None = None
    notes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def bits(self) -> int:
        """Bits of its outputs: 8 where the input has 8."""
        return 8 if self.white == 255 else 16

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in px."""
        return self.height, self.width

    def display(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Rows as float32 in [0, 1], (n, width) or (n, width, 3), and bool (n, width) of missing pixels, None where none are.

        Missing pixels hold `fill`.
        """
        values = self.values(start, stop)
        if self.stretch is None:
            return values.astype(np.float32) / np.float32(self.white), None
        shown = self.stretch.apply(values).astype(np.float32)
        missing = ~np.isfinite(values)
        if not missing.any():
            return shown, None
        shown[missing] = self.fill
        return shown, missing

    def strips(self) -> Iterator[tuple[int, int]]:
        """(start, stop) of consecutive strips of rows."""
        rows = max(1, STRIP_PX // self.width)
        return ((y, min(y + rows, self.height)) for y in range(0, self.height, rows))

    def describe(self) -> dict[str, Any]:
        """Size, stretch and counts, for the sidecar."""
        return {
            "width": self.width,
            "height": self.height,
            "kind": "RGB" if self.colour else "grey",
            "stretch": asdict(self.stretch) if self.stretch else None,
            "counts": self.counts,
            "notes": self.notes,
        }


@dataclass(frozen=True)
class Strip:
    """Rows of a result: `image` float (n, W) grey or (n, W, 3) RGB, about [0, 1], unclipped; `missing` bool (n, W), `spread`
    float (n, W), or None."""

    image: np.ndarray
    missing: np.ndarray | None = None
    spread: np.ndarray | None = None

    def cut(self, rows: int) -> "Iterator[Strip]":
        """The same in strips of so many rows."""
        for start in range(0, len(self.image), rows):
            parts = (self.image, self.missing, self.spread)
            yield Strip(*(None if part is None else part[start : start + rows] for part in parts))


def check_size(path: Path, height: int, width: int, compressed: bool = True) -> None:
    """Refuse single pixels, and bombs where the file's size vouches for nothing."""
    if compressed and height * width > PIXEL_LIMIT:
        raise FrameError(
            path,
            f"{width} x {height} px is over the limit of {PIXEL_LIMIT:,} px for compressed formats",
            "if it is no decompression bomb, convert it to uncompressed FITS, which is read in pieces",
        )
    if min(height, width) < 2:
        raise FrameError(path, f"{width} x {height} px", "give an image of at least 2 px a side")
