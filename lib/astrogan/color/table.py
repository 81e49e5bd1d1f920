"""From lightness to colour by a table: the least that a palette is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astrogan.base import AstroganError

BINS = 64


@dataclass(frozen=True, eq=False)
class ColourTable:
    """a and b, CIE units, float32 (bins, 2), at the centres of bins of equal width in L, 0 to 100.

    Between the centres of two bins a and b are interpolated linearly; beyond the first and the last they are constant. The
    array is all there is to keep: `ColourTable(array)` is the table again.

    Raises:
        AstroganError: for an array of another shape, or one that holds NaN or infinite values.
    """

    ab: NDArray[np.float32]

    def __post_init__(self) -> None:
        ab = np.asarray(self.ab, np.float32)
        if ab.ndim != 2 or ab.shape[1] != 2 or not len(ab) or not np.isfinite(ab).all():
            raise AstroganError(f"a colour table is finite a and b, (bins, 2), not {ab.shape}. Fit it to pixels.")
        object.__setattr__(self, "ab", ab)

    @classmethod
    def fit(cls, lightness: np.ndarray, ab: np.ndarray, bins: int = BINS) -> "ColourTable":
        """The medians of a and of b of the pixels in each bin, which minimise the mean absolute error there.

        `lightness`: any shape, 0 to 100; `ab`: the same with a last axis of 2. A bin without pixels takes what is
        interpolated between its nearest neighbours that have some. `AstroganError` without any pixel.
        """
        if not np.size(lightness):
            raise AstroganError("a colour table needs at least one pixel to be fitted to, and got none")
        medians = pd.DataFrame(np.reshape(ab, (-1, 2))).groupby(_bin(lightness, bins).ravel()).median()
        centres = _centres(bins)
        filled = centres[medians.index]
        return cls(np.stack([np.interp(centres, filled, each) for each in medians.to_numpy().T], axis=-1))

    def apply(self, lightness: np.ndarray) -> NDArray[np.float32]:
        """a and b, CIE units, float32 (..., 2), of L (...)."""
        centres = _centres(len(self.ab))
        return np.stack([np.interp(lightness, centres, each) for each in self.ab.T], axis=-1).astype(np.float32)


def lightness_histogram(lightness: np.ndarray, bins: int = BINS) -> NDArray[np.float64]:
    """The share of pixels in each of `bins` bins of equal width in L, 0 to 100; float64 (bins,), of sum 1."""
    return np.bincount(_bin(lightness, bins).ravel(), minlength=bins) / np.size(lightness)


def _bin(lightness: np.ndarray, bins: int) -> NDArray[np.intp]:
    return np.clip(np.asarray(lightness) * (bins / 100), 0, bins - 1).astype(np.intp)


def _centres(bins: int) -> NDArray[np.float64]:
    return (np.arange(bins) + 0.5) * 100 / bins
