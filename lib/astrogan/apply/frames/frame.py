"""A frame as the commands see it: its stretch from a detector's units to [0, 1], and its display values in strips of rows."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from astropy.io import fits
from astropy.visualization import ZScaleInterval

from astrogan.base import AstroganError

Kind = Literal["asinh", "zscale", "linear"]
SIGMA_PER_MAD = 1.4826
"""Standard deviation of a Gaussian in units of its median absolute deviation."""
NOISE_SIGMAS = 3.0
"""The asinh stretch is about linear within so many standard deviations of the sky, logarithmic beyond."""
DISPLAY_PERCENTILES = (0.25, 99.9)
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


@dataclass(frozen=True)
class Stretch:
    """Values between `low` and `high` (input units) as [0, 1]; what lies outside is clipped.

    asinh: (g(x) - g(low)) / (g(high) - g(low)) with g(x) = asinh((x - centre) / softening), after Lupton et al. (1999).
    zscale, linear: (x - low) / (high - low); they differ in where the limits come from.
    """

    kind: Kind
    low: float
    high: float
    centre: float = 0.0
    softening: float = 1.0

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Input units (any shape) to float64 in [0, 1]; NaN stays NaN."""
        low, high = self._g(self.low), self._g(self.high)
        return (self._g(np.clip(np.asarray(values, np.float64), self.low, self.high)) - low) / (high - low)

    def invert(self, values: np.ndarray) -> np.ndarray:
        """[0, 1] back to float64 in input units; values outside [0, 1] are clipped to it first."""
        low, high = self._g(self.low), self._g(self.high)
        values = low + np.clip(np.asarray(values, np.float64), 0, 1) * (high - low)
        return self.centre + self.softening * np.sinh(values) if self.kind == "asinh" else values

    def _g(self, values):
        return np.arcsinh((values - self.centre) / self.softening) if self.kind == "asinh" else values

    def __str__(self) -> str:
        detail = f", centre {self.centre:.6g}, softening {self.softening:.6g}" if self.kind == "asinh" else ""
        return f"{self.kind} from {self.low:.6g} to {self.high:.6g}{detail}"


def choose_stretch(options: FrameOptions, sample: np.ndarray, extremes: tuple[float, float]) -> Stretch:
    """The stretch that `options` ask for, of a frame of `extremes` (minimum, maximum) and a 1-D, finite, unsaturated `sample`.

    Limits that are not given are zscale's (astropy's ZScaleInterval), else the extremes where `whole_range`, else the
    percentiles 0.25 and 99.9. The asinh is centred on the median, and its softening is three standard deviations of the
    sky, by the median absolute deviation.

    Raises:
        AstroganError: for limits that leave no range, or a softening that is not positive.
    """
    if options.stretch == "zscale":
        found = ZScaleInterval().get_limits(sample)
    else:
        found = extremes if options.whole_range else np.percentile(sample, DISPLAY_PERCENTILES)
    given = (options.low, options.high)
    low, high = (float(x if limit is None else limit) for x, limit in zip(found, given, strict=True))
    if not low < high:
        raise AstroganError(
            f"the stretch has no range: its lower limit is {low:.6g}, its upper {high:.6g}. Give --low below --high, in the "
            "units of the frame."
        )
    softening = options.softening
    if softening is None:
        sigma = SIGMA_PER_MAD * float(np.median(np.abs(sample - np.median(sample))))
        softening = NOISE_SIGMAS * sigma if sigma > 0 else 0.1 * (high - low)
        softening = min(max(softening, 1e-6 * (high - low)), high - low)
    if not softening > 0:
        raise AstroganError(
            f"the softening is {softening:.6g}. Give --softening above zero, in the units of the frame."
        )
    if options.stretch != "asinh":
        return Stretch(options.stretch, low, high)
    return Stretch("asinh", low, high, min(max(float(np.median(sample)), low), high), float(softening))


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
        shown, missing = self.stretch.apply(values).astype(np.float32), ~np.isfinite(values)
        shown[missing] = self.fill
        return shown, missing if missing.any() else None

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
