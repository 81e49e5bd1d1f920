"""The rules of curation by name, each with its threshold, in the order in which they are asked."""

from pydantic import Field

from astrogan.archives.curation.pixel_measures import Measures
from astrogan.archives.manifest import Decision
from astrogan.base import Config


class Thresholds(Config):
    """Where a rule begins to speak."""

    min_side: int = Field(256, ge=1, description="'small': the shorter side is under so many px")
    near: int = Field(3, ge=0, le=7, description="'duplicate': perceptual hashes differ in at most so many of 64 bits")
    near_same_field: int = Field(
        8, ge=0, le=20, description="the same, where both have one target or lie within 0.01 degrees"
    )
    flat: float = Field(0.9, ge=0, le=1, description="'blank': over this part of the picture is even")
    white: float = Field(0.3, ge=0, le=1, description="'white-border': over this part of the picture is pure white")
    colourfulness: float = Field(4.0, ge=0, description="'colourless': Hasler and Süsstrunk's measure is under this")
    letters: int = Field(8, ge=1, description="'annotated': a line of at least so many letters")


RULES: dict[Decision, str] = {
    "listed-twice": "an earlier entry has the same source and id",
    "illustration": "title or keywords call it an artist's impression, artwork, simulation, or there is no observation",
    "chart": "title or keywords call it a chart, graph or spectrum",
    "terrestrial": "title or keywords name people, launches or places on Earth",
    "unusable": "the file is absent or cannot be decoded",
    "small": "shorter side under {min_side} px",
    "annotated": "the title says so, or the picture has a line of {letters} or more light letters",
    "blank": "over {flat:.0%} of the picture is even",
    "white-border": "over {white:.0%} of the picture is pure white",
    "colourless": "colourfulness (Hasler and Süsstrunk) under {colourfulness:g}",
    "duplicate": "the same bytes, or perceptual hashes within {near} bits ({near_same_field} for one field) and the same "
    "fine detail",
    "override": "a person's decision, with its reason",
}
"""Each step by the decision that it leads to, and what it asks, with the thresholds to be filled in."""
ORDER: dict[str, int] = {decision: step for step, decision in enumerate((*RULES, "use"))}


def by_pixels(measures: Measures, thresholds: Thresholds) -> tuple[Decision, str]:
    """The first rule on pixels that excludes a picture, and the value it found; ('use', '') where none does."""
    m, t = measures, thresholds
    if m.problem:
        return "unusable", m.problem
    if min(m.width, m.height) < t.min_side:
        return "small", f"{m.width} x {m.height} px"
    if m.letters >= t.letters:
        return "annotated", f"a line of {m.letters} letters"
    if m.flat > t.flat:
        return "blank", f"{m.flat:.0%} even"
    if m.white > t.white:
        return "white-border", f"{m.white:.0%} white"
    if m.colourfulness < t.colourfulness:
        return "colourless", f"colourfulness {m.colourfulness:.1f}"
    return "use", ""
