"""From a detector's units to the [0, 1] that a picture has, and exactly back."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from astropy.visualization import ZScaleInterval

from astrogan.base import AstroganError

Kind = Literal["asinh", "zscale", "linear"]
SIGMA_PER_MAD = 1.4826
"""Standard deviation of a Gaussian in units of its median absolute deviation."""
NOISE_SIGMAS = 3.0
"""The asinh stretch is about linear within so many standard deviations of the sky, logarithmic beyond."""
DISPLAY_PERCENTILES = (0.25, 99.9)


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
        values = np.clip(np.asarray(values, np.float64), self.low, self.high)
        if self.kind != "asinh":
            return (values - self.low) / (self.high - self.low)
        low, high = self._g(self.low), self._g(self.high)
        return (self._g(values) - low) / (high - low)

    def invert(self, values: np.ndarray) -> np.ndarray:
        """[0, 1] back to float64 in input units; values outside [0, 1] are clipped to it first."""
        values = np.clip(np.asarray(values, np.float64), 0, 1)
        if self.kind != "asinh":
            return self.low + values * (self.high - self.low)
        low, high = self._g(self.low), self._g(self.high)
        return self.centre + self.softening * np.sinh(low + values * (high - low))

    def _g(self, values):
        return np.arcsinh((values - self.centre) / self.softening)

    def __str__(self) -> str:
        detail = f", centre {self.centre:.6g}, softening {self.softening:.6g}" if self.kind == "asinh" else ""
        return f"{self.kind} from {self.low:.6g} to {self.high:.6g}{detail}"


def choose_stretch(
    kind: Kind,
    sample: np.ndarray,
    extremes: tuple[float, float],
    whole_range: bool,
    low: float | None = None,
    high: float | None = None,
    softening: float | None = None,
) -> Stretch:
    """A stretch for a frame of which `sample` (1-D, finite, unsaturated) and `extremes` (minimum, maximum) are known.

    Limits that are not given are zscale's (astropy's ZScaleInterval), else the extremes where `whole_range` (nothing is
    clipped, so the stretch can be inverted everywhere), else the percentiles 0.25 and 99.9. The asinh is centred on the
    median, and its softening is three standard deviations of the sky, by the median absolute deviation.

    Raises:
        AstroganError: for limits that leave no range, or a softening that is not positive.
    """
    if kind == "zscale":
        found = ZScaleInterval().get_limits(sample)
    else:
        found = extremes if whole_range else np.percentile(sample, DISPLAY_PERCENTILES)
    low, high = (float(x if given is None else given) for x, given in zip(found, (low, high), strict=True))
    if not low < high:
        raise AstroganError(
            f"the stretch has no range: its lower limit is {low:.6g}, its upper {high:.6g}. Give --low below --high, in the "
            "units of the frame."
        )
    centre = min(max(float(np.median(sample)), low), high)
    if softening is None:
        sigma = SIGMA_PER_MAD * float(np.median(np.abs(sample - np.median(sample))))
        softening = NOISE_SIGMAS * sigma if sigma > 0 else 0.1 * (high - low)
        softening = min(max(softening, 1e-6 * (high - low)), high - low)
    if not softening > 0:
        raise AstroganError(
            f"the softening is {softening:.6g}. Give --softening above zero, in the units of the frame."
        )
    if kind != "asinh":
        return Stretch(kind, low, high)
    return Stretch(kind, low, high, centre, float(softening))
