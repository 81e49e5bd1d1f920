"""Pairs of images, and what several metrics derive from them: conversions of a tile are made once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from astrogan.color import lab_of
from astrogan.evaluation.metrics.wrapped import clipped, wrap, wrapped_sums
from astrogan.tasks.predictions import Predictions

Images = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Outputs of a model beside the truth, N tiles of one size.

    Attributes:
        truth: uint8 (N, H, W, 3), sRGB.
        floor: int16 (N, H, W, 3), floor(255 x) of the unclipped output.
        rounded: uint8 (N, H, W, 3), clipped and rounded.
        ab: float32 (N, H, W, 2), predicted a and b in CIE units.

    Derived arrays are channel-first with P = H W pixels, (N, 3, P) or (N, 2, P), because numpy sums along the
    contiguous axis in vectors.
    """

    truth: Images
    floor: NDArray[np.int16]
    rounded: Images
    ab: NDArray[np.float32]

    @classmethod
    def of(cls, predictions: Predictions, part: slice = slice(None)) -> "Pairs":
        """The pairs of some predictions, or of `part` of them."""
        return cls(predictions.truth[part], predictions.floor[part], predictions.rounded[part], predictions.ab[part])

    @cached_property
    def error(self) -> NDArray[np.int32]:
        """Output minus truth, corrected."""
        return _channels(self.rounded, np.int32) - _channels(self.truth, np.int32)

    @cached_property
    def wrapped_error(self) -> NDArray[np.int32]:
        """Output minus truth, of the unclipped cast to 8 bit."""
        return _channels(wrap(self.floor), np.int32) - _channels(self.truth, np.int32)

    @cached_property
    def truth_lab(self) -> NDArray[np.float64]:
        """L, a and b of the truth."""
        return _channels(lab_of(self.truth), float)

    @cached_property
    def output_ab(self) -> NDArray[np.float64]:
        """a and b as predicted, inside sRGB or not."""
        return _channels(self.ab, float)

    @cached_property
    def ab_error(self) -> NDArray[np.float64]:
        """Output minus truth in a and b."""
        return self.output_ab - self.truth_lab[:, 1:]

    @cached_property
    def lightness_error(self) -> NDArray[np.float64]:
        """Output minus truth in L, (N, P)."""
        return _channels(lab_of(self.rounded)[..., :1], float)[:, 0] - self.truth_lab[:, 0]

    @cached_property
    def published(self) -> dict[str, NDArray[np.float64]]:
        """`l1` and `l2` of the paper's arithmetic, (N, 3)."""
        return _means(wrapped_sums(self.truth, self.floor), self.truth)

    @cached_property
    def clipped_published(self) -> dict[str, NDArray[np.float64]]:
        """The same of outputs that were clipped first."""
        return _means(wrapped_sums(self.truth, clipped(self.floor)), self.truth)


def _means(sums: dict[str, NDArray[np.float64]], images: Images) -> dict[str, NDArray[np.float64]]:
    return {name: each / images[0, ..., 0].size for name, each in sums.items()}


def _channels(images: np.ndarray, kind: type) -> np.ndarray:
    count, *_, channels = images.shape
    return np.ascontiguousarray(images.reshape(count, -1, channels).transpose(0, 2, 1), dtype=kind)
