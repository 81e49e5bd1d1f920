"""Perceptual hashes of 64 bits, and every pair of them within a few bits, without comparing all with all.

The hash is `phash` of the package ImageHash (Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash
Functions"): the signs of the lowest frequencies of a cosine transform about their median. Copies in another size or
compression differ in a few bits; crops do not match (they are found when observations are grouped for the split, see
`data/near_duplicates.py`). ImageHash compares two hashes at a time, so the search among many is here.
"""

from collections.abc import Iterator

import imagehash
import numpy as np
from PIL import Image

BANDS = 8
"""Two hashes that differ in fewer bits than there are bands agree in a whole band (pigeonhole), so these suffice."""


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
        for bucket in _buckets(octets[:, band]):
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


def _buckets(values: np.ndarray) -> Iterator[np.ndarray]:
    order = np.argsort(values, kind="stable")
    edges = np.flatnonzero(np.diff(values[order])) + 1
    yield from (bucket for bucket in np.split(order, edges) if len(bucket) > 1)
