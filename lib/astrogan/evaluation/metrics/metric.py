"""What a metric is: one entry of the registry, and what it needs of images and networks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from astrogan.base import AstroganError
from astrogan.models.weights import Find


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


@dataclass(frozen=True)
class Metric:
    """One metric: tables, intervals, comparisons, cards and the README follow from its entry.

    `function` of a pair takes `Pairs`, with a network of its own all of them at once and the network, and gives float64
    (N,), one number a tile, NaN or infinite where nothing was measured. Of a population it takes truth, outputs (or
    their features, (N, D)) and parts (arrays of indices), and gives float64 (len(parts),).
    """

    name: str  # its key in files and in the prose
    label: str  # its name in a heading
    function: Callable[..., np.ndarray]
    kind: Literal["pair", "population"] = "pair"  # a mean over pairs of images, or of two populations of them
    title: str = ""  # the label in full, where that differs
    unit: str = ""  # empty for levels of 0-255, CIE units and pure numbers
    digits: int = 2  # decimals that are shown
    better: Literal["lower", "higher"] | None = None  # None where neither is (a bias, a property)
    needs: Needs = Needs()
    column: str = ""  # the measure that it is the mean of, where that has another name
    root: bool = False  # the square root is taken of the mean
    finish: Callable[[float], float] | None = None  # rounds the mean over all tiles; draws of an interval are not
    features: Callable[..., np.ndarray] | None = None  # of a network: (network, images, fast) -> float64 (N, D)
    signed: bool = False  # a distance that may be negative, because its estimate is unbiased
    slow: bool = False  # its interval takes most of the time, so that `fast` leaves it out
    scale: float = 1  # what is shown is multiplied by it
    cut: int | None = None  # decimals that the paper prints, cut and not rounded; a terminal does the same
    part: Literal["headline", "corrected", "published", "further"] = "headline"  # of the terminal's; `further`: in none
    shown: str = ""  # the tables and lists that it stands in (`metrics_in`), separated by spaces
    method: str = ""  # how it was computed, a format of n, width, height and arithmetic
    nowhere: str = "no tile has a value"  # the reason where that is so
    not_of_casts: str = ""  # why it is not measured on a row's unclipped cast; empty where it is

    @property
    def measure(self) -> str:
        """The column of its measures, one number a tile."""
        return self.column or self.name

    @property
    def heading(self) -> str:
        """Label and unit, as the head of a column."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    @property
    def skippable(self) -> bool:
        """Whether it takes so long that it can be left out."""
        return self.kind == "population" or self.needs.network is not None
