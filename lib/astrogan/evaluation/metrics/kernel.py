"""The kernel distance (KID), which is unbiased however few images there are.

Binkowski et al. (2018): the squared maximum mean discrepancy under k(x, y) = (x'y / D + 1)^3. All images are used at
once, not in subsets. Output i is made from truth i, so the pairs (i, i) are left out of the cross term as well: with
them the estimate would be too small by their likeness / N (Gretton et al. 2012, equation 4, the estimate for pairs).
"""

import numpy as np
from numpy.typing import NDArray

from astrogan.base import AstroganError


def kernel_distances(first: np.ndarray, second: np.ndarray, parts: list[NDArray[np.intp]]) -> NDArray[np.float64]:
    """Kernel distances between the rows `part` of paired features `first` and `second`, (N, D) each, one a part.

    They scatter around 0 for equal distributions and may be negative.
    """
    if first.shape != second.shape or len(first) < 2 or min(map(len, parts)) < 2:
        raise AstroganError(f"a kernel distance needs two or more pairs of features, not {first.shape}, {second.shape}")
    cross = _kernel(first, second)
    terms = _kernel(first, first) + _kernel(second, second) - cross - cross.T
    np.fill_diagonal(terms, 0)
    return np.array([terms[np.ix_(part, part)].sum() / (len(part) * (len(part) - 1)) for part in parts])


def _kernel(first: np.ndarray, second: np.ndarray) -> NDArray[np.float64]:
    return (np.asarray(first, float) @ np.asarray(second, float).T / first.shape[1] + 1) ** 3
