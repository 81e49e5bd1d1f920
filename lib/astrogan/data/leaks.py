"""The guard after the split: no tile of one split may show the pixels of a tile of another."""

from itertools import combinations

import numpy as np
import pandas as pd
import torch

from astrogan.base import AstroganError
from astrogan.data.config import SPLITS
from astrogan.data.detail import FINE, GREY, coarse, detail, scaled, shrink, unit

CANDIDATE, PROOF = 0.9, 0.8
"""Correlations of coarse and of fine detail above which two tiles are the same."""
STRUCTURE = 0.25
"""The guard judges tiles that have detail in more than this part of their area."""


def tile_thumbnails(tiles: np.ndarray) -> np.ndarray:
    """uint8 sRGB (N, S, S, 3), S >= 16, to uint8 (N, 64, 64) (S where smaller), for `leaks`."""
    side = min(FINE, tiles.shape[1])
    found = [np.empty((0, side, side), np.uint8)]
    for start in range(0, len(tiles), 16):  # few at a time: as float32 they take four times the memory
        grey = torch.from_numpy(np.sqrt(tiles[start : start + 16].astype(np.float32) @ GREY * 255))[:, None]
        found.append(shrink(grey, side, side)[:, 0].round().to(torch.uint8).numpy())
    return np.concatenate(found)


def check_no_leaks(table: pd.DataFrame, thumbnails: np.ndarray) -> None:
    """`AstroganError` when a tile of one split shows the same pixels as a tile of another.

    `table` has the columns tile and split; `thumbnails` are those of its rows, from `tile_thumbnails`.
    """
    where = {split: np.flatnonzero(table.split == split) for split in SPLITS}
    for first, second in combinations(SPLITS, 2):
        found = leaks(thumbnails[where[first]], thumbnails[where[second]])
        if found:
            i, j, value = max(found, key=lambda item: item[2])
            a, b = table.tile[where[first][i]], table.tile[where[second][j]]
            raise AstroganError(
                f"{len(found)} tiles are in two splits: {a} ({first}) shows the same as {b} ({second}, correlation "
                f"{value:.2f}). Expected each picture in one split. Give both files one `observation` in manifest.csv, "
                "or remove one of them."
            )


def leaks(first: np.ndarray, second: np.ndarray) -> list[tuple[int, int, float]]:
    """Pairs (i, j, correlation) of tiles, one of each set, that show the same pixels.

    `first`, `second`: thumbnails from `tile_thumbnails`. Dark sky, and tiles with a structure in one place only (the limb
    of a planet, the edge of a frame), match nothing.
    """
    found = []
    if len(first) and len(second):
        known = torch.cat([coarse(scaled(second[i : i + 256])) for i in range(0, len(second), 256)])
        for start in range(0, len(first), 256):
            similar = coarse(scaled(first[start : start + 256])) @ known.T > CANDIDATE
            for i, j in similar.nonzero().tolist():
                a, b = (detail(scaled(side[k : k + 1])) for side, k in ((first, start + i), (second, j)))
                proof = float((unit(a) * unit(b)).sum())
                if proof > PROOF and min(_structured(a), _structured(b)) > STRUCTURE:
                    found.append((start + i, j, proof))
    return found


def _structured(values: torch.Tensor) -> float:
    return float((values.abs() > 0.1).float().mean())
