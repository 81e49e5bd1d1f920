"""Intervals over groups of images: a bootstrap of whole groups.

A group is what is independent of the others: an object (an observation), not a tile of it. Every metric is a function of
means over tiles, distances between populations too (their pseudo-values: metrics/distances.py), so one resampling serves
all. Distances are not computed anew from draws with replacement, whose repeated images would bias them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from astrogan.base import AstroganError

DRAWS = 10_000
"""Enough that the least p-value, 2 / 10,001, can survive a correction for a hundred claims."""
LEVEL = (2.5, 97.5)
ENOUGH_OBSERVATIONS = 8
BLOCK_TILES = 3
"""Side of a spatial block in tiles, the unit of intervals where there are too few observations."""

UNDERSTATES = "the interval understates; every claim stays undecided"

_AT_ONCE = 1000  # draws, which bounds the memory
_PLACE = re.compile(r"@(\d+),(\d+)$")


@dataclass(frozen=True)
class Groups:
    """Which images belong together."""

    index: NDArray[np.intp]  # (N,), 0 <= index < count
    count: int
    kind: str  # 'observations', 'spatial blocks', 'images' or 'groups'
    decidable: bool  # False where they are too few, or not independent, for a claim to be decided
    note: str | None  # why not


def spatial_blocks(observation: Sequence[str], tile: Sequence[str], side: int) -> list[str]:
    """The block of each tile (N,): tiles of one observation within the same `BLOCK_TILES` x `BLOCK_TILES` tile sides.

    A tile's place is the `@x,y`, px, that ends its name; `side` is its side in px. A name without a place is a block of
    its own.
    """
    block = BLOCK_TILES * side
    found = []
    for name, source in zip(tile, observation, strict=True):
        place = _PLACE.search(name)
        found.append(f"{source}:{int(place[1]) // block}:{int(place[2]) // block}" if place else str(name))
    return found


def groups_of(observation: np.ndarray, blocks: Sequence[str] | None = None, kind: str = "observations") -> Groups:
    """Groups by `observation` (N,); with fewer than 8 of them, by `blocks` (N,) where given, else still by observation.

    Blocks are patches of sky of one observation, so that there is something to resample; they depend on each other,
    which the note says.
    """
    observed, index = np.unique(np.asarray(observation, np.str_), return_inverse=True)
    if len(observed) >= ENOUGH_OBSERVATIONS:
        return Groups(index, len(observed), kind, True, None)
    few = f"{len(observed)} {kind.removesuffix('s') if len(observed) == 1 else kind}, fewer than {ENOUGH_OBSERVATIONS}"
    if blocks is None:
        return Groups(index, len(observed), kind, False, f"{few}: {UNDERSTATES}")
    if len(blocks) != len(index):
        raise AstroganError(f"{len(blocks)} spatial blocks were given for {len(index)} tiles; give one a tile.")
    names, index = np.unique(np.asarray(blocks, np.str_), return_inverse=True)
    return Groups(index, len(names), "spatial blocks", False, f"{few}; over {len(names)} spatial blocks: {UNDERSTATES}")


def tile_groups(observation: np.ndarray, tile: np.ndarray, side: int) -> Groups:
    """The groups of tiles of `side` px: observations or, where these are too few, spatial blocks."""
    return groups_of(observation, spatial_blocks(observation, tile, side))


def resampled_means(
    measures: Mapping[str, np.ndarray], groups: Groups, draws: int = DRAWS, seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """The mean of each measure (N,) over all tiles, then over those of each draw of groups with replacement: (1 + draws,).

    Tiles that are NaN or infinite (nothing was measured) are left out; a draw without any other is NaN.
    """
    values = np.array(list(measures.values()), float).reshape(len(measures), -1).T
    measured = np.isfinite(values)
    sums = _by_group(np.concatenate([np.where(measured, values, 0.0), measured], axis=1), groups)
    rng = np.random.default_rng(seed)
    even = np.full(groups.count, 1 / groups.count)
    totals = [sums.sum(axis=0, keepdims=True)]
    for start in range(0, draws, _AT_ONCE):
        times = rng.multinomial(groups.count, even, size=min(_AT_ONCE, draws - start))
        totals.append(times.astype(float) @ sums)
    total, counted = np.split(np.concatenate(totals), 2, axis=1)
    with np.errstate(invalid="ignore"):
        return dict(zip(measures, (total / np.where(counted, counted, np.nan)).T, strict=True))


def interval(draws: np.ndarray) -> tuple[float, float]:
    """Low and high of the central 95 % of `draws` (D,); those that are NaN are left out, and where all are, both are."""
    if np.isnan(draws).all():
        return np.nan, np.nan
    low, high = np.nanpercentile(draws, LEVEL)
    return float(low), float(high)


def _by_group(values: np.ndarray, groups: Groups) -> NDArray[np.float64]:
    total = np.zeros((groups.count, *values.shape[1:]))
    np.add.at(total, groups.index, values)
    return total
