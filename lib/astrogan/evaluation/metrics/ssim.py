"""Structural similarity of image pairs, scikit-image's definition, exact in its window sums.

Wang et al. (2004), as `skimage.metrics.structural_similarity(channel_axis=-1, data_range=255)` computes it: a uniform
7 x 7 window, sample covariance, K1 = 0.01, K2 = 0.03, mean over the pixels whose window lies inside the image.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from astrogan.evaluation.metrics.pairs import Pairs

WINDOW = 7
_PIXELS = WINDOW**2
_C1 = np.float32((0.01 * 255) ** 2)
_C2 = np.float32((0.03 * 255) ** 2)
_MEAN = np.float32(1 / _PIXELS)
_COVARIANCE = np.float32(1 / (_PIXELS * (_PIXELS - 1)))


def ssim(pairs: Pairs) -> NDArray[np.float64]:
    """SSIM of each pair, corrected outputs."""
    return structural_similarity(pairs.truth, pairs.rounded)


def structural_similarity(truth: np.ndarray, output: np.ndarray) -> NDArray[np.float64]:
    """SSIM of each pair of uint8 images (N, H, W, 3), float64 (N,), of at least 7 x 7 px."""
    with ThreadPoolExecutor() as pool:  # numpy lets go of the interpreter lock
        return np.array(list(pool.map(_pair, truth, output)))


def _pair(truth: np.ndarray, output: np.ndarray) -> float:
    return float(np.mean([_channel(truth[..., channel], output[..., channel]) for channel in range(truth.shape[-1])]))


def _channel(truth: np.ndarray, output: np.ndarray) -> float:
    # All sums are integers: those of products stay under 2^22, their differences of products under 2^28.
    x, y = truth.astype(np.int32), output.astype(np.int32)
    sum_x, sum_y = _window_sums(x), _window_sums(y)
    product = sum_x * sum_y
    squares = sum_x * sum_x + sum_y * sum_y
    covariance = (_PIXELS * _window_sums(x * y) - product).astype(np.float32) * _COVARIANCE
    variances = (_PIXELS * _window_sums(x * x + y * y) - squares).astype(np.float32) * _COVARIANCE
    numerator = (product * (2 * _MEAN**2) + _C1) * (2 * covariance + _C2)
    denominator = (squares * _MEAN**2 + _C1) * (variances + _C2)
    return float((numerator / denominator).mean(dtype=np.float64))


def _window_sums(image: np.ndarray) -> np.ndarray:
    # 7 = 4 + 2 + 1: four additions an axis instead of six
    two = image[:-1] + image[1:]
    four = two[:-2] + two[2:]
    rows = four[:-3] + two[4:-1] + image[6:]
    two = rows[:, :-1] + rows[:, 1:]
    four = two[:, :-2] + two[:, 2:]
    return four[:, :-3] + two[:, 4:-1] + rows[:, 6:]
