"""What outputs say of themselves: sidecars, and HISTORY cards of FITS headers."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from astropy.io import fits

import astrogan
from astrogan.apply.frames import Frame
from astrogan.apply.models.cards import Card
from astrogan.files import sha256

PACKAGES = ("torch", "numpy", "astropy", "pillow", "tifffile")


def made_by(command: str) -> dict[str, str]:
    """The command, the version and the time that every sidecar begins with."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"command": command, "version": astrogan.__version__, "made": now}


def source(path: Path) -> dict[str, str]:
    """An input by its name and its digest."""
    return {"file": path.name, "sha256": sha256(path)}


def provenance(
    command: str, frame: Frame, cards: list[Card], digest: str, outputs: list[Path], **more: Any
) -> dict[str, Any]:
    """The sidecar of a frame: what was done to what, with which model, and what its outputs mean."""
    card = cards[0]
    return {
        **made_by(command),
        "input": source(frame.path) | frame.describe(),
        "model": {
            "name": card.name,
            "sha256": digest,
            "trained_on": card.trained_on,
            "validation": card.validation,
            "notes": card.notes,
            "seeds": [other.seed for other in cards],
        },
        "meaning": card.words,
        "outputs": [path.name for path in outputs],
        **more,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }


def history(header: fits.Header, command: str, *lines: str) -> fits.Header:
    """A copy with HISTORY cards: program, version and command before the first of `lines`, the others below."""
    result = header.copy()
    for line in (f"astrogan {astrogan.__version__} {command}: {lines[0]}", *lines[1:]):
        result.add_history(line)
    return result
