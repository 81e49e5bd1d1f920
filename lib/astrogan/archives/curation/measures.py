"""What curation needs to know of a picture, measured once from its pixels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from astrogan.archives.curation.copies import perceptual_hash
from astrogan.data.images import ImageError, read_image
from astrogan.data.tiles import WHITE_LEVEL

LIGHT = 225
"""A stroke's pixels have all channels at least this."""
LONGEST_SIDE = 1600
HEIGHTS = (7, 70)
"""Of a letter, px after scaling."""
ROUND = 0.72
"""Letters fill less of their box than this on average; a disc fills pi/4."""
_MOST_PARTS = 30_000
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


def longest_line(rgb: np.ndarray) -> int:
    """Letters in the longest line of lettering in uint8 sRGB (H, W, 3); 0 where there is none.

    Labels and scale bars are lines of near-white strokes of one height on one baseline. Stars are bright too, but round and
    scattered. Only white or light lettering on the picture is found, not dark or coloured.
    """
    scale = min(1.0, LONGEST_SIDE / max(rgb.shape[:2]))
    if scale < 1:
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))
    labels, count = ndimage.label(rgb.min(axis=2) >= LIGHT, np.ones((3, 3), int))
    if count == 0 or count > _MOST_PARTS:
        return 0
    boxes = np.array([(r.start, r.stop, c.start, c.stop) for r, c in ndimage.find_objects(labels)])
    area = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    height, width = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    letter = (height >= HEIGHTS[0]) & (height <= HEIGHTS[1]) & (width <= 2 * height) & (area >= 8)
    boxes, fill = boxes[letter], (area / (height * width))[letter]
    # chains of letters from left to right with one baseline, like heights and narrow gaps
    chains: list[list[int]] = []
    for k in np.argsort(boxes[:, 2], kind="stable"):
        top, bottom, left, _ = boxes[k]
        height = bottom - top
        for chain in chains:
            last = boxes[chain[-1]]
            tall = max(height, last[1] - last[0])
            if (
                abs(bottom - last[1]) <= max(1, 0.12 * tall)
                and min(height, last[1] - last[0]) >= 0.55 * tall
                and -0.1 * tall <= left - last[3] <= 1.2 * tall
            ):
                chain.append(k)
                break
        else:
            chains = [chain for chain in chains if left - boxes[chain[-1]][3] <= 200 or len(chain) > 3]
            chains.append([k])
    return max((len(chain) for chain in chains if fill[chain].mean() < ROUND), default=0)
