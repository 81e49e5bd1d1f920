"""The paper's arithmetic (Tables 1 to 4 and 6), emulated in integers so that it is the same on every platform.

The published numbers fit images cast to uint8 without clipping and subtracted as uint8. With truth T, unclipped output
x in [0, 1] and O = floor(255 x) modulo 256, the difference is D = (T - O) modulo 256. "L1" is the mean of D; "L2" the
mean of sqrt(D^2 modulo 256), which numpy computes in float16, so that it is a mean of absolute values only where |T -
O| < 16. On ab / 110 (Table 3) "L1" is the signed mean of T - O and "L2" the mean absolute difference. Printed values
are truncated.
"""

from decimal import ROUND_DOWN, Decimal

import numpy as np
from numpy.typing import NDArray

_D = np.arange(256)
DIFFERENCES = {
    "l1": _D.astype(float),
    "l2": np.sqrt((_D**2 % 256).astype(np.float64)).astype(np.float16).astype(np.float64),
}
"""What each difference D = 0..255 adds to a sum: D, and sqrt(D^2 modulo 256) in numpy's float16 steps."""


def wrap(floor: np.ndarray) -> NDArray[np.uint8]:
    """floor(255 x), an integer array of any range, modulo 256: what an unclipped cast to uint8 gives on x86."""
    return (np.asarray(floor) & 255).astype(np.uint8)


def clipped(floor: np.ndarray) -> NDArray[np.uint8]:
    """floor(255 x) clipped to 0..255: the published arithmetic without its wrap-around."""
    return np.clip(floor, 0, 255).astype(np.uint8)


def wrapped_difference(truth: np.ndarray, floor: np.ndarray) -> NDArray[np.uint8]:
    """D = (T - O) modulo 256 of uint8 `truth` and integer `floor` of one shape."""
    return ((truth.astype(np.int16) - wrap(floor)) & 255).astype(np.uint8)


def wrapped_sums(truth: np.ndarray, floor: np.ndarray) -> dict[str, NDArray[np.float64]]:
    """Sums of D (`l1`) and of sqrt(D^2 modulo 256) (`l2`), of each image and channel, float64 (N, 3).

    `truth` is uint8 (N, H, W, 3), `floor` an integer array of that shape.
    """
    counts = np.stack([_histograms(one) for one in map(wrapped_difference, truth, floor)])
    return {norm: counts @ each for norm, each in DIFFERENCES.items()}


def as_float16(value: np.ndarray) -> NDArray[np.float64]:
    """The float16 that numpy's mean of a float16 array returns: the mean through float32, rounded once more.

    numpy adds the float16 values up in float32 while this sum is exact, so where the mean lies within float32 rounding
    of the middle between two float16 numbers numpy may return the neighbour.
    """
    return np.asarray(value).astype(np.float32).astype(np.float16).astype(np.float64)


def as_printed(value: float, decimals: int) -> str:
    """`value` cut, not rounded, after `decimals`, as the paper prints: 1.0439453125 becomes '1.0439'."""
    return str(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN))


def _histograms(difference: np.ndarray) -> NDArray[np.int64]:
    channels = difference.reshape(-1, difference.shape[-1]).T
    return np.stack([np.bincount(channel, minlength=256) for channel in channels])
