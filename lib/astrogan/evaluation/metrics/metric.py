"""What a metric is: one entry of the registry, and what it needs of images and networks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from astrogan.base import AstroganError
from astrogan.models.weights import Find

Means = dict[str, np.ndarray]
"""The mean of each measure over tiles, by column; with a leading axis of draws where they were resampled."""


class Unavailable(AstroganError):
    """A metric or interval that these images, or the weights at hand, do not allow; the message is the reason."""


@dataclass(frozen=True)
class Needs:
    """What a metric cannot do without."""

    side: int = 1  # least side of an image, px
    divisor: int = 1  # what both sides must divide by, px
    # loads the network whose weights a look-up finds; raises `Unavailable` where they cannot be had
    network: Callable[[Find], Any] | None = None

    def check(self, label: str, size: tuple[int, int]) -> None:
        """`Unavailable` where images of `size` (height, width), px, are too small or do not divide."""
        shown = f"these are {size[1]} x {size[0]} px"
        if min(size) < self.side:
            raise Unavailable(f"{label} needs images of at least {self.side} x {self.side} px, {shown}")
        if size[0] % self.divisor or size[1] % self.divisor:
            raise Unavailable(f"{label} needs sides divisible by {self.divisor} px, {shown}")


def root(column: str) -> Callable[[Means], np.ndarray]:
    """What makes a root mean square of the mean of squares."""
    return lambda means: np.sqrt(means[column])


@dataclass(frozen=True)
class Metric:
    """One metric: tables, intervals, comparisons, cards and the README follow from its entry.

    `function` of a pair takes `Pairs`, with a network of its own all of them at once and the network, and gives its
    measures: float64 (N,), one number a tile, NaN or infinite where nothing was measured; where there are several, a dict
    of them by column. Of a population it takes truth and outputs, uint8 (N, H, W, 3), or their features (N, D), and gives
    pseudo-values, float64 (N,), whose mean is the distance (`metrics/distances.py`).
    """

    name: str  # its key in files and in the prose
    label: str  # its name in a heading
    function: Callable[..., Any] | None  # None: its measures are those of another metric
    kind: Literal["pair", "population"] = "pair"  # a mean over pairs of images, or of two populations of them
    title: str = ""  # the label in full, where that differs
    unit: str = ""  # empty for levels of 0-255, CIE units and pure numbers
    digits: int = 2  # decimals that are shown
    better: Literal["lower", "higher"] | None = None  # None where neither is (a bias, a property)
    needs: Needs = Needs()
    columns: tuple[str, ...] = ()  # its measures, where they are others than one of its own name
    combine: Callable[[Means], np.ndarray] | None = None  # makes it of the means of its measures; None: it is the mean
    finish: Callable[[float], float] | None = None  # rounds the mean over all tiles; draws of an interval are not
    features: Callable[..., np.ndarray] | None = None  # of a network: (network, images, fast) -> float64 (N, D)
    signed: bool = False  # a distance that may be negative, because its estimate is unbiased
    scale: float = 1  # what is shown is multiplied by it
    cut: int | None = None  # decimals that the paper prints, cut and not rounded; a terminal does the same
    part: Literal["headline", "corrected", "published", "further"] = "headline"  # of the terminal's; `further`: in none
    shown: str = ""  # the tables and lists that it stands in (`metrics_in`), separated by spaces
    method: str = ""  # how it was computed, a format of n, width, height and arithmetic
    nowhere: str = "no tile has a value"  # the reason where that is so
    not_of_casts: str = ""  # why it is not measured on a row's unclipped cast; empty where it is

    @property
    def measures(self) -> tuple[str, ...]:
        """The columns of its measures, one number a tile each."""
        return self.columns or (self.name,)

    def of_means(self, means: Means) -> np.ndarray:
        """The metric, of the means of its measures over tiles: numbers, or arrays (draws,)."""
        return self.combine(means) if self.combine else means[self.measures[0]]

    @property
    def heading(self) -> str:
        """Label and unit, as the head of a column."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    @property
    def skippable(self) -> bool:
        """Whether it takes so long that it can be left out."""
        return self.kind == "population" or self.needs.network is not None
