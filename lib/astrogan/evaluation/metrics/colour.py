"""Metrics of colour alone: how far off it is, whether a tile's is known, and how much of it there is.

What an output looks like is its corrected image (clipped and rounded); a and b are as predicted, inside sRGB or not.
"""

import numpy as np
from skimage.color import deltaE_ciede2000

from astrogan.evaluation.metrics.metric import Means
from astrogan.evaluation.metrics.pixels import Images, Pairs, Values

AB_PEAK = 255
"""CIE units that a and b span in 8-bit L*a*b*: -128 to 127."""

ONE_COLOUR = 0.01
"""Mean squared distance of tiles' mean colours from their mean, CIE units squared, under which they count as one colour."""


def psnr_ab(pairs: Pairs) -> Values:
    """Peak signal-to-noise ratio of a and b in dB, peak `AB_PEAK`; infinite where a pair is identical."""
    with np.errstate(divide="ignore"):
        return 10 * np.log10(AB_PEAK**2 / np.square(pairs.ab_error).mean(axis=(1, 2)))


def ciede2000(pairs: Pairs) -> Values:
    """CIEDE2000 (Luo, Cui and Rigg 2001), scikit-image's, the mean over pixels; about 1 is just noticed."""
    return deltaE_ciede2000(*pairs.lab).mean(axis=(1, 2), dtype=np.float64)


def colourfulness(pictures: Images) -> Values:
    """How colourful uint8 sRGB pictures (N, H, W, 3) are: M of Hasler and Süsstrunk (2003); grey is 0.

    With rg = R - G and yb = (R + G) / 2 - B on the 0-255 scale, the length of their standard deviations and 0.3 times that
    of their means. People called 15 slightly, 33 moderately, 59 quite and 109 extremely colourful.
    """
    red, green, blue = np.moveaxis(pictures.astype(np.int16), -1, 0)
    opponents = np.stack([red - green, red + green - 2 * blue]).reshape(2, len(pictures), -1)
    halves = np.array([[1.0], [0.5]])
    means, spreads = opponents.mean(axis=-1) * halves, opponents.std(axis=-1) * halves
    return np.hypot(*spreads) + 0.3 * np.hypot(*means)


def colourfulness_of_both(pairs: Pairs) -> dict[str, Values]:
    """The measures of `colourfulness_ratio` and `colourfulness_difference`."""
    return {"colourfulness": colourfulness(pairs.rounded), "truth_colourfulness": colourfulness(pairs.truth)}


def colourfulness_ratio(means: Means) -> np.ndarray:
    """Mean colourfulness of outputs over that of the truth: 1 is the truth's, 0 grey; NaN where the truth is grey."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = means["colourfulness"] / means["truth_colourfulness"]
    return np.where(means["truth_colourfulness"] > 0, ratio, np.nan)


def colourfulness_difference(means: Means) -> np.ndarray:
    """Mean colourfulness of outputs minus that of the truth."""
    return means["colourfulness"] - means["truth_colourfulness"]


def mean_colours(pairs: Pairs) -> dict[str, Values]:
    """The measures of `r2_colour`: of a tile's mean a and b, the truth's, their square, and the square of their error."""
    truth, miss = pairs.truth_lab[:, 1:].mean(axis=-1), pairs.ab_error.mean(axis=-1)
    return {
        "truth_mean_a": truth[:, 0],
        "truth_mean_b": truth[:, 1],
        "truth_mean_ab_square": np.square(truth).sum(axis=1),
        "mean_ab_error_square": np.square(miss).sum(axis=1),
    }


def r2_colour(means: Means) -> np.ndarray:
    """R2 of a tile's mean colour: 1 minus its squared errors in (a, b) over the squares of the truth about its grand mean.

    1: the colour of each tile is known; 0: no better than one colour for all of them, though the best one; below: worse.
    NaN where all tiles are of one colour (`ONE_COLOUR`).
    """
    spread = means["truth_mean_ab_square"] - means["truth_mean_a"] ** 2 - means["truth_mean_b"] ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > ONE_COLOUR, 1 - means["mean_ab_error_square"] / spread, np.nan)
