"""Which of many pictures are copies of another: by bytes, by perceptual hash, and by hash and observation metadata."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from astrogan.archives.curation.perceptual_hashes import close_pairs, distance
from astrogan.archives.curation.rules import Thresholds

CELL = 0.01
"""Degrees: frames whose centres share such a cell of the sky show one field."""
_LARGEST_GROUP = 4_000
"""Names such as "galaxy" join more than are compared one by one; hashes alone judge those."""


def copies(
    hashes: np.ndarray,
    areas: np.ndarray,
    digests: Sequence[str],
    fields: Sequence[str],
    thresholds: Thresholds,
    proven: Callable[[int, int], bool],
) -> dict[int, tuple[int, str]]:
    """Index of each copy to the index of what it is a copy of, and how that was seen.

    `hashes` uint64 (N,), `areas` int64 (N,) px, `digests` and `fields` (a field's name or '') of N pictures. Near
    hashes make a candidate, since smooth galaxies in the middle of a dark frame all hash alike; `proven(i, j)` looks at
    the pictures. Of a group the largest picture stays, of equal ones the first.
    """
    rank = np.lexsort((np.arange(len(areas)), -areas)).argsort()
    found: dict[int, tuple[int, str]] = {}
    first: dict[str, int] = {}
    for k in np.argsort(rank).tolist():
        if digests[k] in first:
            found[k] = (first[digests[k]], "the same bytes")
        elif digests[k]:
            first[digests[k]] = k
    pairs = [close_pairs(hashes, thresholds.near), *_in_fields(hashes, fields, thresholds.near_same_field)]
    ordered = [(i, j) if rank[i] < rank[j] else (j, i) for i, j, _ in np.concatenate(pairs).tolist()]
    bits = {pair: int(apart) for pair, apart in zip(ordered, np.concatenate(pairs)[:, 2], strict=True)}
    for kept, copy in sorted(bits, key=lambda pair: (rank[pair[0]], rank[pair[1]])):
        if kept not in found and copy not in found and proven(kept, copy):
            found[copy] = (kept, f"{bits[kept, copy]} of 64 bits differ")
    return found


def field_names(ra: float | None, dec: float | None, target: str) -> str:
    """A name for the field of a picture: its cell of the sky, or else its target; '' where neither is known."""
    if ra is not None and dec is not None:
        across = ra * np.cos(np.deg2rad(dec))
        return f"{round(across / CELL)},{round(dec / CELL)}"
    return target.strip().casefold()


def _in_fields(hashes: np.ndarray, fields: Sequence[str], within: int) -> Iterator[np.ndarray]:
    named = pd.Series(fields, dtype=object)
    for group in named[named != ""].groupby(named).groups.values():
        if 1 < len(group) <= _LARGEST_GROUP:
            apart = distance(hashes[group][:, None], hashes[group][None])
            i, j = np.nonzero(np.triu(apart <= within, 1))
            yield np.stack([group[i], group[j], apart[i, j]], axis=1)
