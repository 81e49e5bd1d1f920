"""A person's word against the rules: a small CSV of entries with a decision and its reason."""

from dataclasses import dataclass
from pathlib import Path

from astrogan.archives.manifest import read_csv
from astrogan.base import AstroganError

COLUMNS = ("source", "id", "decision", "reason")
DECISIONS = ("use", "exclude")


@dataclass(frozen=True)
class Override:
    """What a person decided of one entry, and why."""

    use: bool
    reason: str


def read_overrides(path: Path | None) -> dict[tuple[str, str], Override]:
    """(source, id) to decision; empty for None. `AstroganError` names the line that is not valid."""
    if path is None:
        return {}

    def check_header(header: list[str]) -> None:
        if tuple(header) != COLUMNS:
            raise AstroganError(f"{path}: expected the header {','.join(COLUMNS)}, found {','.join(header)}.")

    found: dict[tuple[str, str], Override] = {}
    for where, values in read_csv(path, check_header):
        if values["decision"] not in DECISIONS:
            raise AstroganError(f"{where}: decision '{values['decision']}'; expected use or exclude.")
        if not values["reason"].strip():
            raise AstroganError(f"{where}: no reason. Say why the rules are wrong here.")
        key = (values["source"], values["id"])
        if key in found:
            raise AstroganError(f"{where}: a second decision for {key[1]}. Keep one.")
        found[key] = Override(values["decision"] == "use", values["reason"].strip())
    return found
