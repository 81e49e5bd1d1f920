"""Detail that super-resolution adds, as opensr-test judges it: improvement, omission and hallucination.

Aybar et al. (2024) and the package opensr-test 1.3.3. Of the truth, the output and the input enlarged bilinearly, three L1
distances a pixel (means over channels) are taken: `d_ref`, input to truth; `d_im`, output to truth; `d_om`, output to input.
With the latter two in units of `d_ref`, a pixel's distance from each of the three classes is

    improvement      d_im + d_om (1 - exp(-g (d_im + d_om - 1)))
    omission         d_om + d_im (1 - exp(-g (d_im + d_om - 1)))
    hallucination    exp(-g d_im d_om)

and its shares of them are the softmin of the three, exp(-distance / T), scaled to sum to 1. They are averaged over pixels
where one of the three L1 distances is above the 75 % quantile of `d_ref`: flat sky says nothing. Before, the output gets
the truth's histogram in each channel, so that only detail is judged, and 16 px on each side are left out.

What is different here: images are 8-bit sRGB, not reflectance; nothing is aligned, as truth and input are of one image and
in register; the distance is L1, where the package of today divides it by the sum of the two values, which is noise in a
black sky. Its g, T and the rest are kept.

Beside them stand its `reflectance`, L1 between the input and the output reduced as much (bilinear, antialiased), and
`synthesis`, L1 between the enlarged input and the output with the truth's histogram; both in levels of 0-255.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.exposure import match_histograms
from torch.nn.functional import interpolate

from astrogan.evaluation.metrics.pixels import Pairs

BORDER = 16
"""Pixels that are left out on each side."""
SMALLEST = 2 * BORDER + 4
"""Side, px, of which something is left."""
MEASURES = ("improvement", "omission", "hallucination", "reflectance", "synthesis")

_QUANTILE = 0.75
_G = 0.05
_TEMPERATURE = 0.25


def detail_measures(pairs: Pairs) -> dict[str, NDArray[np.float64]]:
    """What `judge` finds on each pair, by measure, float64 (N,)."""
    found = list(map(judge, pairs.truth, pairs.rounded, pairs.given))
    return {name: np.array([each[name] for each in found], float) for name in MEASURES}


def judge(truth: np.ndarray, output: np.ndarray, given: np.ndarray) -> dict[str, float]:
    """Shares of detail, `reflectance` and `synthesis` of uint8 sRGB images (H, W, 3), and the input (H / s, W / s, 3).

    The shares are NaN where no pixel differs from any other image: nothing to improve, and nothing done.
    """
    scale = len(truth) // len(given)
    given = _cropped(given, BORDER // scale)
    truth, output = _cropped(truth, BORDER), _cropped(output, BORDER)
    enlarged = _resized(given, output.shape)
    matched = np.stack([match_histograms(output[..., c], truth[..., c]) for c in range(3)], axis=-1)
    synthesis = _l1(matched, enlarged)
    shares = class_shares(_l1(enlarged, truth), _l1(matched, truth), synthesis)
    reflectance = _l1(_resized(output, given.shape), given)
    return dict(zip(MEASURES, (*shares, reflectance.mean(), synthesis.mean()), strict=True))


def class_shares(reference: np.ndarray, to_truth: np.ndarray, to_input: np.ndarray) -> NDArray[np.float64]:
    """Shares (3,) of improvement, omission and hallucination, of distances a pixel: `d_ref`, `d_im` and `d_om` above.

    Where input and truth are equal, any change is hallucination.
    """
    place = int(_QUANTILE * reference.size) - 1
    threshold = np.partition(reference, place, axis=None)[place]
    judged = np.maximum(np.maximum(reference, to_truth), to_input) > threshold
    if not judged.any():
        return np.full(3, np.nan)
    with np.errstate(divide="ignore"):
        near, far = to_truth[judged] / reference[judged], to_input[judged] / reference[judged]
    beyond = 1 - np.exp(-_G * (near + far - 1))
    distances = np.stack([near + far * beyond, far + near * beyond, np.exp(-_G * near * far)])
    shares = np.exp(-distances / _TEMPERATURE)
    return (shares / shares.sum(axis=0)).mean(axis=1)


def _l1(one: np.ndarray, other: np.ndarray) -> NDArray[np.float64]:
    return np.abs(one.astype(float) - other).mean(axis=-1)


def _cropped(image: np.ndarray, border: int) -> np.ndarray:
    return image[border : len(image) - border, border : image.shape[1] - border]


def _resized(image: np.ndarray, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Bilinear, antialiased where it shrinks; (H, W, 3) to the first two of `shape`."""
    planes = torch.from_numpy(image.astype(float)).permute(2, 0, 1)[None]
    return interpolate(planes, size=shape[:2], mode="bilinear", antialias=True)[0].permute(1, 2, 0).numpy()
