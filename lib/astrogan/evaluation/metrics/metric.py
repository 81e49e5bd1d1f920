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
    """What a metric cannot do without.

    Attributes:
        side: least side of an image, px.
        divisor: what both sides must divide by, px.
        network: loads the network whose weights a look-up finds; raises `Unavailable` where they cannot be had.
    """

    side: int = 1
    divisor: int = 1
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

    Attributes:
        name: its key in files and in the prose.
        label: its name in a heading; `title` in full, where that differs.
        function: of a pair: `Pairs` -> float64 (N,), one number a tile; NaN or infinite where nothing was measured. With
            a network of its own: all `Pairs` at once, and the network. Of a population: truth, outputs (or their
            features, (N, D)) and parts (arrays of indices) -> float64 (len(parts),).
        kind: whether it is a mean over pairs of images, or of two populations of them.
        unit: as a heading gives it; empty for levels of 0-255, CIE units and pure numbers.
        digits: decimals that are shown.
        better: which side is better; None where neither is (a bias, a property).
        needs: what it cannot do without.
        column: the measure that it is the mean of, where that has another name.
        root: the square root is taken of the mean.
        finish: what the mean over all tiles is rounded to; draws of an interval are not.
        features: of a population with a network: (network, images, fast) -> float64 (N, D).
        signed: a distance that may be negative, because its estimate is unbiased.
        slow: its interval takes most of the time, so that `fast` leaves it out.
        scale: what is shown is multiplied by it.
        cut: decimals that the paper prints, cut and not rounded; a terminal does the same.
        part: where the terminal shows it; `further` is in files alone.
        shown: the tables and lists that it stands in (`metrics_in`).
        method: how it was computed, a format of n, width, height and arithmetic.
        nowhere: the reason where no tile has a value.
    """

    name: str
    label: str
    function: Callable[..., np.ndarray]
    kind: Literal["pair", "population"] = "pair"
    title: str = ""
    unit: str = ""
    digits: int = 2
    better: Literal["lower", "higher"] | None = None
    needs: Needs = Needs()
    column: str = ""
    root: bool = False
    finish: Callable[[float], float] | None = None
    features: Callable[..., np.ndarray] | None = None
    signed: bool = False
    slow: bool = False
    scale: float = 1
    cut: int | None = None
    part: Literal["headline", "corrected", "published", "further"] = "headline"
    shown: tuple[str, ...] = ()
    method: str = ""
    nowhere: str = "no tile has a value"

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
