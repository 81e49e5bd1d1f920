"""Lettering in a picture: lines of near-white strokes of one height on one baseline, as labels and scale bars have.

Stars are bright too, but round and scattered. Only white or light lettering on the picture is found, not dark or coloured.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

LIGHT = 225
"""A stroke's pixels have all channels at least this."""
LONGEST_SIDE = 1600
HEIGHTS = (7, 70)
"""Of a letter, px after scaling."""
ROUND = 0.72
"""Letters fill less of their box than this on average; a disc fills pi/4."""
_MOST_PARTS = 30_000


def longest_line(rgb: np.ndarray) -> int:
    """Letters in the longest line of lettering in uint8 sRGB (H, W, 3); 0 where there is none."""
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
    fill = area / (height * width)
    return _longest(boxes[letter], fill[letter])


def _longest(boxes: np.ndarray, fill: np.ndarray) -> int:
    """Letters in the longest chain from left to right with one baseline, like heights and narrow gaps."""
    order = np.argsort(boxes[:, 2], kind="stable") if len(boxes) else np.empty(0, int)
    chains: list[list[int]] = []
    for k in order:
        _, bottom, left, _ = boxes[k]
        height = bottom - boxes[k][0]
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
