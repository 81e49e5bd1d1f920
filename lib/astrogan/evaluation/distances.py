"""Corrected distances between outputs and truth, from sums kept per image.

Every mean below is a ratio of sums over images, so intervals resample the sums (evaluation/intervals.py) and no pixel
is touched twice. RGB is on the 0-255 scale of clipped and rounded outputs, ab in CIE units; bias is prediction minus
truth.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from astrogan.evaluation.published import published_means, published_sums
from astrogan.evaluation.ssim import WINDOW, structural_similarity
from astrogan.tasks.predictions import Predictions, ab_of

Sums = dict[str, NDArray[np.float64]]
"""Name to float64 (N,) or (N, C): what one image adds. Summed or weighted over images it feeds `means`."""

Means = dict[str, NDArray[np.float64]]
"""Name to float64 (...) or (..., C): the metrics of leading axes of summed `Sums`."""

CORRECTED = ("bias_rgb", "mae_rgb", "rmse_rgb", "bias_ab", "mae_ab", "rmse_ab")
PUBLISHED = ("l1_rgb", "l2_rgb", "l1_ab", "l2_ab")


def image_sums(predictions: Predictions) -> Sums:
    """The sums that `means` needs, a row an image."""
    truth, height_width = predictions.truth, predictions.size
    rgb = _error_sums("rgb", truth, predictions.rounded)
    ab = _error_sums("ab", ab_of(truth), predictions.ab)
    psnr = image_psnr(rgb["rgb_square"], truth[0].size)
    differs = np.isfinite(psnr)
    sums = {
        "images": np.ones(len(truth)),
        "pixels": np.full(len(truth), float(height_width[0] * height_width[1])),
        **rgb,
        **ab,
        "psnr": np.where(differs, psnr, 0.0),
        "psnr_images": differs.astype(float),
        **published_sums(truth, predictions.floor),
    }
    if min(height_width) >= WINDOW:
        sums["ssim"] = structural_similarity(truth, predictions.rounded)
    return sums


def means(sums: Sums) -> Means:
    """Metrics of sums over images; leading axes (bootstrap draws) pass through. NaN where nothing was counted.

    `psnr` is the mean of per-image values without identical pairs; a root mean square is the root of the mean over all
    pixels of all images. `l1_*` and `l2_*` are the published arithmetic (evaluation/published.py), before float16.
    """
    found: Means = {}
    for space in ("rgb", "ab"):
        pixels = sums["pixels"][..., None]
        found[f"bias_{space}"] = sums[f"{space}_error"] / pixels
        found[f"mae_{space}"] = sums[f"{space}_absolute"] / pixels
        found[f"rmse_{space}"] = np.sqrt(sums[f"{space}_square"] / pixels)
    counted = sums["psnr_images"]
    found["psnr"] = np.where(counted > 0, sums["psnr"] / np.maximum(counted, 1), np.nan)
    for name in ("ssim", "lpips"):
        if name in sums:
            found[name] = sums[name] / sums["images"]
    return found | published_means(sums)


def image_psnr(square: np.ndarray, values: int) -> NDArray[np.float64]:
    """Peak signal-to-noise ratio in dB of each image, (N,), infinite where a pair is identical.

    `square` (N, 3) is the sum of squared differences on the 0-255 scale a channel, `values` how many an image has.
    """
    mean_square = square.sum(axis=-1) / values
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255.0**2 / mean_square)


def _error_sums(space: str, truth: np.ndarray, output: np.ndarray) -> Sums:
    # integers stay exact in int32 (RGB), ab is summed in float64
    kind = np.int32 if truth.dtype == np.uint8 else np.float64

    def one(pair: tuple[np.ndarray, np.ndarray]) -> list[np.ndarray]:
        # channel-first, because numpy sums along the contiguous axis in vectors
        error = np.subtract(pair[1], pair[0], dtype=kind).reshape(-1, pair[0].shape[-1]).T.copy()
        return [error.sum(axis=1), np.abs(error).sum(axis=1), np.square(error).sum(axis=1)]

    with ThreadPoolExecutor() as pool:  # numpy lets go of the interpreter lock
        found = np.array(list(pool.map(one, zip(truth, output, strict=True))), float)
    return {f"{space}_{name}": found[:, index] for index, name in enumerate(("error", "absolute", "square"))}
