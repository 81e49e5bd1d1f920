"""Pairs of images, and the metrics that need no more than their pixels: each gives one number a tile, float64 (N,)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from astrogan.color import LUMA_STUDIO, lab_of, luma
from astrogan.evaluation.metrics.wrapped import clipped, wrap, wrapped_sums
from astrogan.tasks.predictions import Predictions

JUST_NOTICEABLE = 2.3
"""CIE76 difference that an observer just notices (Mahy, Van Eycken and Oosterlinck 1994)."""

SHAVE = 4
"""Pixels that PSNR-Y leaves out on each side, as many as the scale: a network sees less around them."""

WINDOW = 7
"""Side of the window of SSIM, px."""

_LUMA = np.array(LUMA_STUDIO) / 255

Images = NDArray[np.uint8]
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Outputs of a model beside the truth, N tiles of one size.

    Attributes:
        truth: uint8 (N, H, W, 3), sRGB.
        floor: int16 (N, H, W, 3), floor(255 x) of the unclipped output.
        rounded: uint8 (N, H, W, 3), clipped and rounded.
        ab: float32 (N, H, W, 2), predicted a and b in CIE units.
        given: uint8 (N, H / 4, W / 4, 3), what super-resolution started from; None where no metric needs it.

    Derived arrays are channel-first with P = H W pixels, (N, 3, P) or (N, 2, P), because numpy sums along the
    contiguous axis in vectors.
    """

    truth: Images
    floor: NDArray[np.int16]
    rounded: Images
    ab: NDArray[np.float32]
    given: Images | None = None

    @classmethod
    def of(cls, predictions: Predictions, part: slice = slice(None), given: Images | None = None) -> "Pairs":
        """The pairs of some predictions, or of `part` of them, with the inputs `given` of all."""
        arrays = (predictions.truth, predictions.floor, predictions.rounded, predictions.ab)
        return cls(*(array[part] for array in arrays), None if given is None else given[part])

    @cached_property
    def error(self) -> NDArray[np.int32]:
        """Output minus truth, corrected."""
        return _channels(self.rounded, np.int32) - _channels(self.truth, np.int32)

    @cached_property
    def wrapped_error(self) -> NDArray[np.int32]:
        """Output minus truth, of the unclipped cast to 8 bit."""
        return _channels(wrap(self.floor), np.int32) - _channels(self.truth, np.int32)

    @cached_property
    def truth_lab(self) -> Values:
        """L, a and b of the truth."""
        return _channels(self.lab[0], float)

    @cached_property
    def output_ab(self) -> Values:
        """a and b as predicted, inside sRGB or not."""
        return _channels(self.ab, float)

    @cached_property
    def ab_error(self) -> Values:
        """Output minus truth in a and b."""
        return self.output_ab - self.truth_lab[:, 1:]

    @cached_property
    def lab(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """L, a and b of the truth and of the corrected output, as lab_of gives them, (N, H, W, 3)."""
        return lab_of(self.truth), lab_of(self.rounded)

    @cached_property
    def lightness_error(self) -> Values:
        """Output minus truth in L, (N, P)."""
        return _channels(self.lab[1][..., :1], float)[:, 0] - self.truth_lab[:, 0]

    @cached_property
    def published(self) -> dict[str, Values]:
        """`l1` and `l2` of the paper's arithmetic, (N, 3)."""
        return self._published(self.floor)

    @cached_property
    def clipped_published(self) -> dict[str, Values]:
        """The same of outputs that were clipped first."""
        return self._published(clipped(self.floor))

    def _published(self, floor: np.ndarray) -> dict[str, Values]:
        sums = wrapped_sums(self.truth, floor)
        return {name: each / self.truth[0, ..., 0].size for name, each in sums.items()}


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
    """Structural similarity (Wang et al. 2004), scikit-image's: uniform 7 x 7 window, mean over channels.

    Sums over windows are whole numbers, so that variances lose no digit: those of 49 values stay below 2^31.
    """
    count = WINDOW**2
    stable = (0.01 * 255) ** 2 * count**2, (0.03 * 255) ** 2 * count * (count - 1)

    def of_channel(one: Tensor, other: Tensor) -> float:
        planes = torch.stack([one, other, one * one, other * other, one * other])
        x, y, xx, yy, xy = _window_sums(_window_sums(planes, 1), 2)
        product, squares = x * y, x * x + y * y
        likeness = (2 * product + stable[0]) * (2 * (count * xy - product) + stable[1])
        return float((likeness / ((squares + stable[0]) * (count * (xx + yy) - squares + stable[1]))).double().mean())

    pairs_of_channels = zip(_integers(pairs.truth), _integers(pairs.rounded), strict=True)
    return np.array([[of_channel(*pair) for pair in zip(*both, strict=True)] for both in pairs_of_channels]).mean(
        axis=1
    )


def _integers(images: Images) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).int().contiguous()


def _window_sums(values: Tensor, axis: int) -> Tensor:
    """Sums of 7 neighbours (`WINDOW`) along an axis: of three twos, and the last."""
    count = values.shape[axis]
    twos = values.narrow(axis, 0, count - 1) + values.narrow(axis, 1, count - 1)
    sevens = twos.narrow(axis, 0, count - 6) + twos.narrow(axis, 2, count - 6)
    return sevens.add_(twos.narrow(axis, 4, count - 6)).add_(values.narrow(axis, 6, count - 6))


def sharpness(pictures: Images) -> Values:
    """Standard deviation of the Laplacian of the luma of uint8 pictures (N, H, W, 3), 0-255 scale."""
    grey = luma(torch.from_numpy(pictures.astype(np.float32)).permute(0, 3, 1, 2))[:, 0].numpy()
    return np.array([ndimage.laplace(each, mode="nearest").std() for each in grey], float)


def chroma(ab: Values) -> Values:
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


def _channels(images: np.ndarray, kind: type) -> np.ndarray:
    count, *_, channels = images.shape
    return np.ascontiguousarray(images.reshape(count, -1, channels).transpose(0, 2, 1), dtype=kind)
