"""Frechet and kernel distances between two sets of feature vectors, all in float64.

Frechet: Heusel et al. (2017), equation 6: |m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)). With centred features A and B, a
row an image, C1 = A'A / (n1 - 1), and the trace of the root is the nuclear norm |AB'|_* / sqrt((n1 - 1)(n2 - 1)). AB' has
the rank of the data, so 500 images of 2,048 features need the singular values of 500 x 500 numbers instead of a matrix
root, and no offset on a diagonal. Covariances are unbiased, as in numpy and pytorch-fid. Where images are more than
features, |AB'|_* is also the sum of the roots of the eigenvalues of L'(B'B)L, A'A = LL': faster than triangular factors and
singular values, and off by 1e-6 of the traces at worst, where an eigenvalue is zero. Halves, of which an interval needs
fifty, are computed so; the distance of all images is not.

Kernel (KID), unbiased however few images there are: Binkowski et al. (2018), the squared maximum mean discrepancy under
k(x, y) = (x'y / D + 1)^3. All images are used at once, not in subsets. Output i is made from truth i, so the pairs (i, i)
are left out of the cross term as well: with them the estimate would be too small by their likeness / N (Gretton et al.
2012, equation 4, the estimate for pairs).
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


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Frechet distance of the Gaussians fitted to `first` (N1, D) and `second` (N2, D); at least two rows each."""
    first, second = _checked(first), _checked(second)
    centre = first.mean(axis=0), second.mean(axis=0)
    first, second = first - centre[0], second - centre[1]
    nuclear = _nuclear_norm(first, second) / np.sqrt((len(first) - 1) * (len(second) - 1))
    return _distance(centre[0] - centre[1], _variance(first) + _variance(second), nuclear)


def frechet_distances(first: np.ndarray, second: np.ndarray, parts: list[NDArray[np.intp]]) -> NDArray[np.float64]:
    """Frechet distances between the rows `part` of `first` and of `second`, (N, D) each, one a part.

    Where a part has fewer rows than features, the products of all rows are made once and its own cut out of them. The
    first part is computed exactly, others with more rows than features by eigenvalues (see above).
    """
    first, second = _checked(first), _checked(second)
    origin = first.mean(axis=0)  # moving both sets alike changes no distance, and keeps the products small
    first, second = first - origin, second - origin
    products = first @ second.T if max(map(len, parts)) < first.shape[1] else None
    found = []
    for number, part in enumerate(parts):
        one, two = _checked(first[part]), second[part]
        centre = one.mean(axis=0), two.mean(axis=0)
        one, two = one - centre[0], two - centre[1]
        if products is not None:
            nuclear = _singular_sum(_centred(products[np.ix_(part, part)]))
        elif number and len(part) > first.shape[1]:
            nuclear = _nuclear_norm_by_eigenvalues(one, two)
        else:
            nuclear = _nuclear_norm(one, two)
        nuclear /= len(part) - 1
        found.append(_distance(centre[0] - centre[1], _variance(one) + _variance(two), nuclear))
    return np.array(found)


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


def in_parallel(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """`work` of each item on all processors, every call with a single-threaded BLAS.

    Many small decompositions are several times faster so than one after another with threads inside each.
    """
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor() as pool:
        return list(pool.map(work, items))


def _distance(shift: np.ndarray, traces: float, nuclear: float) -> float:
    # rounding alone can take it below zero
    return max(float(shift @ shift + traces - 2 * nuclear), 0.0)


def _nuclear_norm(first: np.ndarray, second: np.ndarray) -> float:
    """|AB'|_* of centred sets; of tall ones only the triangular factors, which keep AB' up to rotations."""
    first, second = (np.linalg.qr(x, mode="r") if x.shape[0] > x.shape[1] else x for x in (first, second))
    return _singular_sum(first @ second.T)


def _nuclear_norm_by_eigenvalues(first: np.ndarray, second: np.ndarray) -> float:
    """|AB'|_* of tall centred sets; exactly, as `_nuclear_norm`, where A'A is singular."""
    try:
        factor = np.linalg.cholesky(first.T @ first)
    except np.linalg.LinAlgError:
        return _nuclear_norm(first, second)
    projected = second @ factor
    eigenvalues = np.linalg.eigvalsh(projected.T @ projected)
    return float(np.sqrt(np.maximum(eigenvalues, 0)).sum())


def _singular_sum(matrix: np.ndarray) -> float:
    return float(np.linalg.svd(matrix, compute_uv=False).sum())


def _variance(centred: np.ndarray) -> float:
    return float(np.vdot(centred, centred)) / (len(centred) - 1)


def _centred(products: np.ndarray) -> np.ndarray:
    """The products of rows that were centred: those of rows that were not, without their row and column means."""
    return products - products.mean(axis=0) - products.mean(axis=1, keepdims=True) + products.mean()


def _kernel(first: np.ndarray, second: np.ndarray) -> NDArray[np.float64]:
    return (np.asarray(first, float) @ np.asarray(second, float).T / first.shape[1] + 1) ** 3


def _checked(features: np.ndarray) -> NDArray[np.float64]:
    features = np.asarray(features, np.float64)
    if features.ndim != 2 or len(features) < 2:
        raise AstroganError(f"a Frechet distance needs two or more images a set, these features are {features.shape}")
    if not np.isfinite(features).all():
        raise AstroganError("features hold NaN or infinite values; look at the images, or at the network's weights")
    return features
