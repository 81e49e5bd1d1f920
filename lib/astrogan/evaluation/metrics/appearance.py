"""What the claims about looks ask of a pair: colour at the true lightness, colour that is noticed, how far its detail is off."""

import numpy as np
import torch
from scipy import ndimage

from astrogan.color import lab_to_rgb, to_pictures
from astrogan.evaluation.metrics.pixels import JUST_NOTICEABLE, Pairs, Values, sharpness

BLUR = 2.0
"""Standard deviation in px of the blur before colour is measured: white noise of a and b falls to a seventh."""


def true_lightness_error(pairs: Pairs) -> Values:
    """Mean absolute error of RGB, levels of 0-255, of the output's a and b joined with the truth's L.

    An L*a*b* network copies L, an RGB network has to predict it too. With the true L in both, colour alone is compared; of
    an L*a*b* network's output it is the plain error.
    """
    count, height, width, _ = pairs.truth.shape
    lightness = torch.from_numpy(pairs.truth_lab[:, :1].astype(np.float32)).reshape(count, 1, height, width)
    ab = torch.from_numpy(np.ascontiguousarray(pairs.ab)).permute(0, 3, 1, 2)
    joined = to_pictures(lab_to_rgb(torch.cat([lightness, ab], dim=1)))
    return np.abs(joined.astype(np.int16) - pairs.truth).mean(axis=(1, 2, 3))


def noticed_chroma(pairs: Pairs) -> Values:
    """Mean over pixels of what the chroma of the blurred a and b exceeds a just noticeable difference by, CIE units.

    The plain mean chroma counts noise as colour, because a distance from grey has no sign. Noise without a mean does not
    survive the blur and the threshold, and neither does a tint that nobody sees.
    """
    blurred = ndimage.gaussian_filter(pairs.ab.astype(float), (0, BLUR, BLUR, 0), mode="nearest")
    return np.maximum(np.linalg.norm(blurred, axis=-1) - JUST_NOTICEABLE, 0).mean(axis=(1, 2))


def sharpness_error(pairs: Pairs) -> Values:
    """How far the spread of the output's Laplacian is from that of the truth's, either way, 0-255 scale.

    Noise is sharp too; an output that is sharper than the truth is as wrong as one that is too smooth.
    """
    return np.abs(sharpness(pairs.rounded) - sharpness(pairs.truth))
