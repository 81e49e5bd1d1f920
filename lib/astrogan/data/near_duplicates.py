"""Near-duplicates: the same picture again after resizing, recompression, cropping, or a change of aspect.

Two steps on a square 128 px thumbnail of the square root of grey. Candidates: the frame's local-contrast detail at
16 x 16 against that of every frame and, for crops, of windows down to half a frame (correlation as a matrix product).
Proof: the best window is aligned and compared at 64 x 64, where two galaxies that are both bright in the middle, or two
fields of dark sky, no longer look alike. Rotated and mirrored pictures of an object are not found.
"""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from astrogan.data.likeness import COARSE, FINE, GREY, coarse, detail, scaled, shrink, unit
from astrogan.data.threads import parallel

THUMBNAIL = 128
CANDIDATE = 0.7
PROOF = 0.56
"""Correlation of fine detail, aligned, from which two pictures count as one observation."""
LOOKS = ((32, 1, 0.4), (32, 2, 0.5), (FINE, 4, -1.0))
"""The proof in steps of growing cost: side of the compared window, px; rounds of alignment; correlation to go on."""
WINDOWS = (0.87, 0.76, 0.66, 0.58, 0.5)
"""Sides of the windows searched for crops, as fractions of the frame."""

Box = tuple[float, float, float, float]
"""x, y, width and height of a window, as fractions of the frame."""
Candidates = dict[tuple[int, int], tuple[float, Box]]
"""(part, holder) -> the coarse correlation of the part with the holder's best window, and that window."""


def thumbnail(rgb: np.ndarray) -> np.ndarray:
    """Signature of uint8 sRGB (H, W, 3): uint8 (128, 128), the root of grey, squeezed to a square by area averaging."""
    small = Image.fromarray(rgb).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    return np.sqrt(np.asarray(small, np.float32) @ GREY * 255).round().astype(np.uint8)


def find_duplicates(thumbnails: np.ndarray, aspects: np.ndarray, crops: bool = True) -> list[tuple[int, int, float]]:
    """Pairs (i, j, correlation) of near-duplicates, i < j.

    `thumbnails`: uint8 (N, 128, 128); `aspects`: width / height of each image; `crops`: search windows too.
    """
    frames = scaled(thumbnails)
    vectors = coarse(frames)
    candidates = _whole_frames(vectors)
    if crops:
        for found in parallel(lambda job: _inside_windows(frames, vectors, *job), _windows(aspects)):
            for pair, value in found.items():
                candidates[pair] = max(value, candidates.get(pair, value))
    proven: dict[tuple[int, int], float] = {}
    for proofs in parallel(lambda pairs: _prove(frames, candidates, pairs), _of_one_window(candidates)):
        for (i, j), value in proofs.items():
            pair = (min(i, j), max(i, j))
            proven[pair] = max(value, proven.get(pair, value))
    return [(*pair, value) for pair, value in sorted(proven.items()) if value >= PROOF]


def _whole_frames(vectors: Tensor) -> Candidates:
    found: Candidates = {}
    for start in range(0, len(vectors), 1024):
        similarity = vectors[start : start + 1024] @ vectors.T
        for k, j in (similarity > CANDIDATE).triu(start + 1).nonzero().tolist():
            found[start + k, j] = (similarity[k, j].item(), (0.0, 0.0, 1.0, 1.0))
    return found


def _windows(aspects: np.ndarray) -> Iterator[tuple[Tensor, Tensor, float, float]]:
    """(holders, parts, width, height): in which images to look for which, through windows of which size."""
    # Aspect ratios in quarter octaves: a crop has its own aspect, so its window in the squeezed frame is no square.
    steps = torch.from_numpy(np.round(4 * np.log2(aspects)).astype(int))
    for outer in steps.unique().tolist():
        for inner in steps.unique().tolist():
            ratio = 2 ** ((inner - outer) / 4)
            if not 0.5 <= ratio <= 2:
                continue
            parts = (steps == inner).nonzero().flatten()
            for side in WINDOWS if ratio == 1 else (1.0, *WINDOWS):
                width, height = (side, side / ratio) if ratio >= 1 else (side * ratio, side)
                chunk = max(1, 2**28 // round(len(parts) * (COARSE / width) * (COARSE / height) * 256))
                for holders in (steps == outer).nonzero().flatten().split(chunk):
                    yield holders, parts, width, height


def _inside_windows(
    frames: Tensor, vectors: Tensor, holders: Tensor, parts: Tensor, width: float, height: float
) -> Candidates:
    columns, rows = round(COARSE / width), round(COARSE / height)
    around = detail(shrink(frames[holders], rows, columns))
    mean, square = (F.avg_pool2d(x, COARSE, stride=1) for x in (around, around**2))
    norm = COARSE * (square - mean**2).clamp_min(0).sqrt().clamp_min(1e-3)
    # The vectors have zero mean, so that of a window need not be taken off.
    values = (F.conv2d(around, vectors[parts].view(-1, 1, COARSE, COARSE)) / norm).flatten(2)
    best, where = values.max(dim=2)
    found: Candidates = {}
    for k, m in (best > CANDIDATE).nonzero().tolist():
        if holders[k] != parts[m]:
            top, left = divmod(int(where[k, m]), columns - COARSE + 1)
            box = (left / columns, top / rows, COARSE / columns, COARSE / rows)
            found[int(parts[m]), int(holders[k])] = (best[k, m].item(), box)
    return found


def _of_one_window(candidates: Candidates) -> Iterator[list[tuple[int, int]]]:
    """Pairs in lists of at most 32 whose windows have one size, so that they can be aligned together."""
    groups: dict[tuple[float, float], list[tuple[int, int]]] = {}
    for pair, (_, box) in candidates.items():
        groups.setdefault(box[2:], []).append(pair)
    for group in groups.values():
        for start in range(0, len(group), 32):
            yield group[start : start + 32]


def _prove(frames: Tensor, candidates: Candidates, pairs: list[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """Correlation of the aligned fine detail of those pairs that a first look does not rule out."""
    boxes = torch.tensor([candidates[pair][1] for pair in pairs])
    width, height = boxes[0, 2:].tolist()
    values = torch.empty(0)
    for side, rounds, bar in LOOKS:
        first = detail(shrink(frames[[i for i, _ in pairs]], side, side))
        second = detail(shrink(frames[[j for _, j in pairs]], round(side / height), round(side / width)))
        values, boxes = _aligned(first, second, boxes, rounds)
        kept = (values > bar).nonzero().flatten().tolist()
        pairs, boxes, values = [pairs[k] for k in kept], boxes[kept], values[kept]
        if not pairs:
            break
    return dict(zip(pairs, values.tolist(), strict=True))


def _aligned(first: Tensor, second: Tensor, boxes: Tensor, rounds: int) -> tuple[Tensor, Tensor]:
    """Best correlation (B,) of details `first` with windows of `second` near `boxes` (x, y, w, h in [0, 1]), and these."""
    side = first.shape[-1]
    edge = side // 16  # the blur sees other surroundings at the rim of a crop
    target = unit(first[:, :, edge:-edge, edge:-edge])[:, None]
    centre, extent = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:]
    moves = torch.tensor([(i, j) for i in (-1.0, 0.0, 1.0) for j in (-1.0, 0.0, 1.0)])
    still, row, step = torch.zeros_like(moves), torch.arange(len(first)), 0.08
    best = torch.empty(0)
    for _ in range(rounds):
        for shift, stretch in ((moves, still), (still, moves)):
            centres = centre[:, None] + shift * step * extent[:, None]
            extents = extent[:, None] * (1 + stretch * step)
            patches = _patches(second, centres, extents, side)[..., edge:-edge, edge:-edge]
            values = (unit(patches.flatten(0, 1)).view(len(first), len(moves), -1) * target).sum(2)
            best, k = values.max(dim=1)
            centre, extent = centres[row, k], extents[row, k]
        step /= 2
    return best, torch.cat([centre - extent / 2, extent], dim=1)


def _patches(frames: Tensor, centres: Tensor, extents: Tensor, side: int) -> Tensor:
    """(B, K, side, side): K windows of each frame (B, 1, H, W), given by centre and extent (B, K, 2) in [0, 1]."""
    count = centres.shape[1]
    steps = (torch.arange(side) + 0.5) / side - 0.5
    x = 2 * (centres[..., :1] + extents[..., :1] * steps) - 1
    y = 2 * (centres[..., 1:] + extents[..., 1:] * steps) - 1
    points = torch.stack(torch.broadcast_tensors(x[:, :, None, :], y[:, :, :, None]), dim=-1)
    patches = F.grid_sample(frames, points.flatten(1, 2), align_corners=False, padding_mode="border")
    return patches.view(len(frames), count, side, side)
