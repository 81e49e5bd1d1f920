"""PSNR of the luma, the number that super-resolution is compared by (NTIRE challenges; Lim et al. 2017, section 4)."""

import numpy as np

from astrogan.color import LUMA_STUDIO

SHAVE = 4
"""Pixels left out on each side, as many as the scale: a network sees less around them."""

_WEIGHTS = np.array(LUMA_STUDIO) / 255


def psnr_y(truth: np.ndarray, output: np.ndarray, shave: int = SHAVE) -> float:
    """PSNR in dB of the luma of two uint8 images (H, W, 3), `shave` px left out on each side; NaN for an identical pair.

    Luma is ITU-R BT.601's in 16..235 against a peak of 255, as MATLAB's rgb2ycbcr gives it, but not rounded; so it
    reads 1.3 dB higher than the same error in full-range grey.
    """
    inside = slice(shave, -shave or None)
    error = ((output.astype(float) - truth) @ _WEIGHTS)[inside, inside]
    square = (error**2).mean()
    return float(10 * np.log10(255**2 / square)) if square > 0 else np.nan
