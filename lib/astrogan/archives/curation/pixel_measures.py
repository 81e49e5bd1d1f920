"""What curation needs to know of a picture, measured once from its pixels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from astrogan.archives.curation.lettering import longest_line
from astrogan.archives.curation.perceptual_hashes import perceptual_hash
from astrogan.data.images import ImageError, read_image
from astrogan.data.tiles import WHITE_LEVEL

_CELL = 16


@dataclass(frozen=True)
class Measures:
    """Of one picture. `problem`: why it cannot be decoded; the rest is then empty."""

    problem: str = ""
    width: int = 0
    height: int = 0
    hash: int = 0
    white: float = 0.0
    """Part of the pixels that are white in all channels: what lies outside a detector's footprint."""
    flat: float = 0.0
    """Part of the cells of 16 px whose grey levels span at most 2: nothing to see."""
    colourfulness: float = 0.0
    """Hasler and Süsstrunk (2003), M3: about 15 is slightly colourful, 33 moderately."""
    letters: int = 0
    """In the longest line of lettering."""


def measure(path: Path) -> Measures:
    """Decode and measure one file; a file that is no usable image comes back with its `problem`."""
    try:
        rgb = read_image(path)
    except ImageError as error:
        return Measures(problem=error.reason)
    return Measures(
        width=rgb.shape[1],
        height=rgb.shape[0],
        hash=int(perceptual_hash(rgb)),
        white=float((rgb.min(axis=2) >= WHITE_LEVEL).mean()),
        flat=flat_part(rgb),
        colourfulness=colourfulness(rgb),
        letters=longest_line(rgb),
    )


def flat_part(rgb: np.ndarray) -> float:
    """Part of the 16 px cells of uint8 (H, W, 3) in which no channel spans more than 2 levels."""
    rows, columns = (side // _CELL for side in rgb.shape[:2])
    if not rows or not columns:
        return float(np.ptp(rgb) <= 2)
    cells = rgb[: rows * _CELL, : columns * _CELL].reshape(rows, _CELL, columns, _CELL, 3)
    span = cells.max(axis=(1, 3)).astype(int) - cells.min(axis=(1, 3))
    return float((span.max(axis=2) <= 2).mean())


def colourfulness(rgb: np.ndarray) -> float:
    """M3 of uint8 sRGB (H, W, 3), pure white left out, so that a white border does not thin the colours out."""
    step = max(1, int((rgb.shape[0] * rgb.shape[1] / 250_000) ** 0.5))
    sample = rgb[::step, ::step].reshape(-1, 3).astype(np.float64)
    sample = sample[sample.min(axis=1) < WHITE_LEVEL]
    if not len(sample):
        return 0.0
    red_green = sample[:, 0] - sample[:, 1]
    yellow_blue = (sample[:, 0] + sample[:, 1]) / 2 - sample[:, 2]
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))
