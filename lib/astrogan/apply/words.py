"""The two tasks as data: their commands, and what is said of their models and outputs."""

from dataclasses import dataclass
from typing import Literal

Task = Literal["colour", "upscale"]


@dataclass(frozen=True)
class Words:
    """What is said of one task, and how its spread is stored."""

    command: str
    """`astrogan <command>`."""
    does: str
    """A model ..."""
    heading: str
    """Models that ..."""
    meaning: str
    """What its outputs do and do not mean."""
    whole_range: bool
    """Whether the stretch must clip nothing, because it is inverted afterwards."""
    titles: tuple[str, str]
    """Of pictures before and after."""
    spread_of: str
    spread_unit: str
    spread_levels: float
    """Levels of an 8-bit map of spread for one unit."""
    spread_stored: str
    """The same in words, for sidecars."""


WORDS: dict[Task, Words] = {
    "colour": Words(
        command="colorize",
        does="colours",
        heading="colour",
        meaning="Its colours are invented: learnt from press images, whose colours their makers chose, and put where brightness "
        "looks like theirs. They are no measurement of filters, temperature or composition. Lightness is the frame's own.",
        whole_range=False,
        titles=("frame", "coloured: invented"),
        spread_of="colour",
        spread_unit="CIE units of a and b",
        spread_levels=10.0,
        spread_stored="PNG: 10 levels a CIE unit of a and b; TIFF, FITS: CIE units",
    ),
    "upscale": Words(
        command="upscale",
        does="up-scales",
        heading="up-scale",
        meaning="Detail finer than the frame's pixels is inferred from images that were shrunk artificially; it may be wrong. "
        "Measure positions, fluxes and shapes on the original frame.",
        whole_range=True,
        titles=("part of the frame, bicubic", "up-scaled: finest detail inferred"),
        spread_of="enlarged frame",
        spread_unit="share of the range from black to white",
        spread_levels=1000.0,
        spread_stored="PNG: 1000 levels from black to white; TIFF, FITS: 0 is black, 1 white, as stretched",
    ),
}
