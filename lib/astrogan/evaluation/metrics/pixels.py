"""Metrics of a pair of images that need no more than their pixels. Each function gives one number a tile, float64 (N,)."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from skimage.metrics import structural_similarity

from astrogan.color import LUMA_STUDIO, lab_of, luma
from astrogan.evaluation.metrics.pairs import Images, Pairs
from astrogan.evaluation.metrics.wrapped import wrap

JUST_NOTICEABLE = 2.3
"""CIE76 difference that an observer just notices (Mahy, Van Eycken and Oosterlinck 1994)."""

SHAVE = 4
"""Pixels that PSNR-Y leaves out on each side, as many as the scale: a network sees less around them."""

WINDOW = 7
"""Side of the window of SSIM, px."""

_LUMA = np.array(LUMA_STUDIO) / 255

Values = NDArray[np.float64]


def psnr(pairs: Pairs) -> Values:
    """Peak signal-to-noise ratio in dB, infinite where a pair is identical."""
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255**2 / np.square(pairs.error).mean(axis=(1, 2)))


def psnr_y(pairs: Pairs) -> Values:
    """PSNR of the luma in dB, by which super-resolution is compared (NTIRE challenges; Lim et al. 2017, section 4).

    NaN where a pair is identical. Luma is ITU-R BT.601's in 16..235 against a peak of 255, as MATLAB's rgb2ycbcr gives
    it, but not rounded; so it reads 1.3 dB higher than the same error in full-range grey.
    """
    inside = slice(SHAVE, -SHAVE)
    errors = (((output.astype(float) - truth) @ _LUMA)[inside, inside] for truth, output in _each(pairs))
    squares = np.array([(error**2).mean() for error in errors])
    with np.errstate(divide="ignore"):
        return np.where(squares > 0, 10 * np.log10(255**2 / squares), np.nan)


def ssim(pairs: Pairs) -> Values:
    """Structural similarity (Wang et al. 2004), scikit-image's: uniform 7 x 7 window, mean over channels."""
    return np.array([structural_similarity(*pair, channel_axis=-1, data_range=255) for pair in _each(pairs)])


def sharpness(pictures: Images) -> Values:
    """Standard deviation of the Laplacian of the luma of uint8 pictures (N, H, W, 3), 0-255 scale."""
    grey = luma(torch.from_numpy(pictures.astype(np.float32)).permute(0, 3, 1, 2))[:, 0].numpy()
    return np.array([ndimage.laplace(each, mode="nearest").std() for each in grey], float)


def chroma(ab: NDArray[np.float64]) -> Values:
    """Mean distance from grey of a and b (N, 2, P), CIE units."""
    return np.sqrt(np.square(ab).sum(axis=1)).mean(axis=-1)


def red_blue(pairs: Pairs) -> Values:
    """How red and blue the truth is: what its red and blue exceed its green by, where they do."""
    levels = pairs.truth.astype(float)
    return np.maximum(levels[..., [0, 2]] - levels[..., [1]], 0).mean(axis=(1, 2, 3))


def blue_cast(error: np.ndarray) -> Values:
    """How far an output's blue leans out of its grey, beyond the truth's own lean, of errors (N, 3, P)."""
    red, green, blue = error.mean(axis=-1).T
    return blue - (red + green) / 2


def outside(pairs: Pairs) -> Values:
    """Share of values outside 0..255, which a cast to 8 bit wraps around."""
    return ((pairs.floor < 0) | (pairs.floor > 255)).mean(axis=(1, 2, 3))


def brighter(pairs: Pairs) -> Values:
    """Share of values that are brighter than the truth after the unclipped cast."""
    return (wrap(pairs.floor) > pairs.truth).mean(axis=(1, 2, 3))


def colour_difference(one: Images, other: Images) -> Values:
    """Mean CIE76 difference of each of two sets of uint8 sRGB images (N, H, W, 3)."""
    pairs = zip(one, other, strict=True)
    return np.array([np.linalg.norm(lab_of(a[None]) - lab_of(b[None]), axis=-1).mean() for a, b in pairs], float)


def _each(pairs: Pairs):
    return zip(pairs.truth, pairs.rounded, strict=True)
