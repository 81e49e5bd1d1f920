"""Which of many pictures are copies of another: by bytes, by perceptual hash, and by hash and observation metadata.

The hash of 64 bits is `phash` of the package ImageHash (Zauner 2010, "Implementation and Benchmarking of Perceptual Image
Hash Functions"): the signs of the lowest frequencies of a cosine transform about their median. Copies in another size or
compression differ in a few bits; crops do not match (they are found when observations are grouped for the split, see
`data/near_duplicates.py`). ImageHash compares two hashes at a time, so the search among many is here.
"""

from collections.abc import Callable, Iterator, Sequence

import imagehash
import numpy as np
import pandas as pd
from PIL import Image

CELL = 0.01
"""Degrees: frames whose centres share such a cell of the sky show one field."""
_LARGEST_GROUP = 4_000
"""Names such as "galaxy" join more than are compared one by one; hashes alone judge those."""
BANDS = 8
"""Two hashes that differ in fewer bits than there are bands agree in a whole band (pigeonhole), so these suffice."""


def copies(
    hashes: np.ndarray,
    areas: np.ndarray,
    digests: Sequence[str],
    fields: Sequence[str],
    near: int,
    near_same_field: int,
    proven: Callable[[int, int], bool],
) -> dict[int, tuple[int, str]]:
    """Index of each copy to the index of what it is a copy of, and how that was seen.

    `hashes` uint64 (N,), `areas` int64 (N,) px, `digests` and `fields` (a field's name or '') of N pictures. Hashes within
    `near` bits (`near_same_field` in one field) make a candidate, since smooth galaxies in the middle of a dark frame all
    hash alike; `proven(i, j)` looks at the pictures. Of a group the largest picture stays, of equal ones the first.
    """
    rank = np.lexsort((np.arange(len(areas)), -areas)).argsort()
    found: dict[int, tuple[int, str]] = {}
    first: dict[str, int] = {}
    for k in np.argsort(rank).tolist():
        if digests[k] in first:
            found[k] = (first[digests[k]], "the same bytes")
        elif digests[k]:
            first[digests[k]] = k
    pairs = np.concatenate([close_pairs(hashes, near), *_in_fields(hashes, fields, near_same_field)]).tolist()
    bits = {(i, j) if rank[i] < rank[j] else (j, i): apart for i, j, apart in pairs}
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


def perceptual_hash(rgb: np.ndarray) -> np.uint64:
    """The hash of uint8 sRGB (H, W, 3)."""
    return np.packbits(imagehash.phash(Image.fromarray(rgb)).hash).view(np.uint64)[0]


def distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Bits in which hashes differ, element by element."""
    return np.bitwise_count(np.bitwise_xor(first, second)).astype(np.int64)


def close_pairs(hashes: np.ndarray, within: int) -> np.ndarray:
    """int64 (P, 3): i < j and distance of every pair of uint64 (N,) hashes that differ in at most `within` bits, once.

    `within` is at most 7. Memory is that of the pairs found and of one bucket.
    """
    if not 0 <= within < BANDS:
        raise ValueError(f"within = {within}; expected 0 to {BANDS - 1}")
    octets = hashes.view(np.uint8).reshape(-1, BANDS)
    found = [np.empty((0, 3), np.int64)]
    for band in range(BANDS):
        for bucket in pd.Series(octets[:, band]).groupby(octets[:, band]).indices.values():
            for block in np.array_split(bucket, -(-len(bucket) // 1024)):
                apart = distance(hashes[block][:, None], hashes[bucket][None])
                i, j = np.nonzero(apart <= within)
                pairs = np.stack([block[i], bucket[j], apart[i, j]], axis=1)
                pairs = pairs[pairs[:, 0] < pairs[:, 1]]
                # A pair that agrees in an earlier band was found there.
                earlier = (octets[pairs[:, 0], :band] == octets[pairs[:, 1], :band]).any(axis=1)
                found.append(pairs[~earlier])
    pairs = np.concatenate(found)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
