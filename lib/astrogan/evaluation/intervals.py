"""Intervals over groups of images: a bootstrap for means, half-samples for distances between distributions.

A group is what is independent of the others: a source image (an observation), not a tile of it. Distances between
distributions are not bootstrapped, because the repeated images of a draw with replacement bias them; their intervals
come from halves drawn without replacement. A half of G groups spreads as the whole would, up to sqrt(m / (G - m)) with
m the groups drawn (the delete-d jackknife: Shao and Wu 1989); its mean is set to the value of all images, because a
Frechet distance of fewer images is larger.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from astrogan.base import AstroganError
from astrogan.evaluation.metrics import Unavailable

BOOTSTRAP_DRAWS = 1000
HALF_SAMPLES = 50
LEVEL = (2.5, 97.5)
ENOUGH_OBSERVATIONS = 8
BLOCK_TILES = 3
"""Side of a spatial block in tiles, the unit of intervals where there are too few observations."""

UNDERSTATES = "the interval understates; every claim stays undecided"

_FEWEST_FOR_BOOTSTRAP = 2
_FEWEST_FOR_HALVES = 4
_PLACE = re.compile(r"@(\d+),(\d+)(?:,(\d+))?$")


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

    A tile's place is the `@x,y` or `@x,y,window`, px of its image, that ends its name; `window` is the side of what it shows,
    and without one that is the tile's own, `side`. A name without a place is a block of its own.
    """
    found = []
    for name, source in zip(tile, observation, strict=True):
        place = _PLACE.search(name)
        block = BLOCK_TILES * int(place[3] or side) if place else 1
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


def bootstrap(
    sums: dict[str, np.ndarray],
    statistic: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]],
    groups: Groups,
    draws: int = BOOTSTRAP_DRAWS,
    seed: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """`statistic` of `draws` resamplings of whole groups with replacement: name to (draws, ...).

    `sums` maps names to per-image values (N, ...), added up over the images of a draw; `statistic` turns such totals,
    with a leading axis of draws, into metrics. The same seed and groups draw the same images, so that two rows pair up.
    """
    if groups.count < _FEWEST_FOR_BOOTSTRAP:
        raise Unavailable(f"one of the {groups.kind} alone cannot be resampled; an interval needs two or more")
    rng = np.random.default_rng(seed)
    times = rng.multinomial(groups.count, np.full(groups.count, 1 / groups.count), size=draws).astype(float)
    totals = {name: np.tensordot(times, _by_group(values, groups), axes=1) for name, values in sums.items()}
    return statistic(totals)


def half_samples(groups: Groups, draws: int = HALF_SAMPLES, seed: int = 0) -> list[NDArray[np.intp]]:
    """The image indices of `draws` random halves of the groups, without replacement.

    Raises:
        Unavailable: with fewer than four groups, where the halves are too few to say anything.
    """
    if groups.count < _FEWEST_FOR_HALVES:
        raise Unavailable(
            f"halves of {groups.count} {groups.kind} say nothing; at least {_FEWEST_FOR_HALVES} are needed"
        )
    rng = np.random.default_rng(seed)
    chosen = (rng.permutation(groups.count)[: groups.count // 2] for _ in range(draws))
    return [np.flatnonzero(np.isin(groups.index, part)) for part in chosen]


def percentiles(draws: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Low and high of the central 95 % of `draws` along the first axis.

    Draws that are NaN (nothing was counted) are left out; where all are, low and high are NaN.
    """
    if np.isnan(draws).all():
        return np.full(draws.shape[1:], np.nan), np.full(draws.shape[1:], np.nan)
    low, high = np.nanpercentile(draws, LEVEL, axis=0)
    return low, high


def half_sample_interval(estimate: float, draws: np.ndarray, groups: Groups) -> tuple[float, float]:
    """The 95 % interval of `estimate` from the values (draws,) of `half_samples`."""
    half = groups.count // 2
    low, high = np.percentile(draws - np.mean(draws), LEVEL) * np.sqrt(half / (groups.count - half))
    return float(estimate + low), float(estimate + high)


def _by_group(values: np.ndarray, groups: Groups) -> NDArray[np.float64]:
    total = np.zeros((groups.count, *values.shape[1:]))
    np.add.at(total, groups.index, values)
    return total
