"""The rules of curation by name, each with its threshold, in the order in which they are asked; and a person's word."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from astrogan.archives.curation.measures import Measures
from astrogan.archives.manifest import Decision, read_csv
from astrogan.base import AstroganError, Config


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
    asked: tuple[tuple[Decision, bool, str], ...] = (
        ("unusable", m.problem != "", m.problem),
        ("small", min(m.width, m.height) < t.min_side, f"{m.width} x {m.height} px"),
        ("annotated", m.letters >= t.letters, f"a line of {m.letters} letters"),
        ("blank", m.flat > t.flat, f"{m.flat:.0%} even"),
        ("white-border", m.white > t.white, f"{m.white:.0%} white"),
        ("colourless", m.colourfulness < t.colourfulness, f"colourfulness {m.colourfulness:.1f}"),
        ("use", True, ""),
    )
    return next((decision, detail) for decision, speaks, detail in asked if speaks)


OVERRIDE_COLUMNS = ("source", "id", "decision", "reason")


@dataclass(frozen=True)
class Override:
    """What a person decided of one entry, in a small CSV, and why."""

    use: bool
    reason: str


def read_overrides(path: Path | None) -> dict[tuple[str, str], Override]:
    """(source, id) to decision; empty for None. `AstroganError` names the line that is not valid."""
    if path is None:
        return {}

    def check_header(header: list[str]) -> None:
        if tuple(header) != OVERRIDE_COLUMNS:
            raise AstroganError(f"{path}: expected the header {','.join(OVERRIDE_COLUMNS)}, found {','.join(header)}.")

    found: dict[tuple[str, str], Override] = {}
    for where, values in read_csv(path, check_header):
        if values["decision"] not in ("use", "exclude"):
            raise AstroganError(f"{where}: decision '{values['decision']}'; expected use or exclude.")
        if not values["reason"].strip():
            raise AstroganError(f"{where}: no reason. Say why the rules are wrong here.")
        key = (values["source"], values["id"])
        if key in found:
            raise AstroganError(f"{where}: a second decision for {key[1]}. Keep one.")
        found[key] = Override(values["decision"] == "use", values["reason"].strip())
    return found
