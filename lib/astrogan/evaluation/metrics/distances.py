"""Frechet and kernel distances between two populations of features, given as one number a pair: pseudo-values.

The mean of the pseudo-values is the distance. What a pair's differs from it is that pair's influence: how the distance
would move, to first order, if the pair weighed more (the infinitesimal jackknife: Jaeckel 1972; Efron 1982, chapter 6). So
a distance between populations is resampled, compared and paired like a mean over tiles, without computing it anew. Distances
of random halves of the images, computed one by one, spread within 5 % as the means of their pseudo-values do.

Frechet: Heusel et al. (2017), equation 6: |m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)). With centred features A and B, a
row an image, C1 = A'A / (n - 1), and the trace of the root is the nuclear norm |AB'|_* / (n - 1). AB' has the rank of the
data, so 500 images of 2,048 features need the singular values of 500 x 500 numbers instead of a matrix root, and no offset
on a diagonal. Covariances are unbiased, as in numpy and pytorch-fid. With weights w on the rows AB' becomes
W^(1/2) AB' W^(1/2); with AB' = U S V', the derivative of its nuclear norm by w_i is half of (U S U' + V S V')_ii.

Kernel (KID), unbiased however few images there are: Binkowski et al. (2018), the squared maximum mean discrepancy under
k(x, y) = (x'y / D + 1)^3. All images are used at once, not in subsets. Output i is made from truth i, so the pairs (i, i)
are left out of the cross term as well: with them the estimate would be too small by their likeness / N (Gretton et al.
2012, equation 4, the estimate for pairs).

All arithmetic is float64.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from astrogan.base import AstroganError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def frechet_values(first: np.ndarray, second: np.ndarray) -> NDArray[np.float64]:
    """Pseudo-values (N,) of the Frechet distance between the Gaussians fitted to `first` and `second`, (N, D) each.

    Raises:
        AstroganError: for fewer than two pairs, and for features that are not finite.
    """
    first, second = _checked(first, second)
    count = len(first)
    shift = first.mean(axis=0) - second.mean(axis=0)
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    left, singular, right = _singular(first, second)
    own = np.square(first).sum(axis=1) + np.square(second).sum(axis=1)
    # with an n - 1 for the unbiased covariances, of which each pair holds an n-th
    spread = (own - (left**2 + right**2) @ singular) * count / (count - 1)
    influence = 2 * (first - second) @ shift + spread
    distance = shift @ shift + spread.mean()
    # rounding alone can take it below zero
    return influence - influence.mean() + max(float(distance), 0.0)


def kernel_values(first: np.ndarray, second: np.ndarray) -> NDArray[np.float64]:
    """Pseudo-values (N,) of the kernel distance between paired features `first` and `second`, (N, D) each.

    The distance scatters around 0 for equal distributions and may be negative. Errors as `frechet_values`.
    """
    first, second = _checked(first, second)
    count = len(first)
    cross = _kernel(first, second)
    terms = _kernel(first, first) + _kernel(second, second) - cross - cross.T
    np.fill_diagonal(terms, 0)
    rows = terms.sum(axis=1) / (count - 1)
    return 2 * rows - rows.mean()


def in_parallel(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """`work` of each item on all processors, every call with a single-threaded BLAS.

    Many small decompositions are several times faster so than one after another with threads inside each.
    """
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor() as pool:
        return list(pool.map(work, items))


def _singular(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """U (N, K), S (K,) and V (N, K) of AB' = U S V'; of tall sets through their triangular factors."""
    if first.shape[0] <= first.shape[1]:
        left, singular, right = np.linalg.svd(first @ second.T)
        return left, singular, right.T
    (one, upper), (two, lower) = np.linalg.qr(first), np.linalg.qr(second)
    left, singular, right = np.linalg.svd(upper @ lower.T)
    return one @ left, singular, two @ right.T


def _kernel(first: np.ndarray, second: np.ndarray) -> NDArray[np.float64]:
    return (first @ second.T / first.shape[1] + 1) ** 3


def _checked(first: np.ndarray, second: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.ndim != 2 or len(first) < 2 or first.shape != second.shape:
        raise AstroganError(
            f"a distance needs two or more pairs of features, (N, D) each; these are {first.shape} and {second.shape}"
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise AstroganError("features hold NaN or infinite values; look at the images, or at the network's weights")
    return first, second
