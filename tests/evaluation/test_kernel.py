import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from astrogan.base import AstroganError
from astrogan.evaluation.metrics.kernel import kernel_distances


def _pairwise(first, second):
    """The estimate for pairs, written out term by term with scikit-learn's kernel."""
    one, two, both = (
        polynomial_kernel(*sides, degree=3, coef0=1) for sides in ((first, first), (second, second), (first, second))
    )
    count, total = len(first), 0.0
    for i in range(count):
        for j in range(count):
            if i != j:
                total += one[i, j] + two[i, j] - both[i, j] - both[j, i]
    return total / (count * (count - 1))


def test_equals_the_sum_written_out():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(12, 7)), rng.normal(0.5, 1, size=(12, 7))
    parts = [np.arange(12), np.array([0, 3, 4, 9, 11])]
    expected = [_pairwise(first[part], second[part]) for part in parts]
    np.testing.assert_allclose(kernel_distances(first, second, parts), expected)


def test_is_unbiased_for_pairs_that_resemble_each_other():
    """Outputs distributed as their truths, and close to them, score 0 on average at any N."""
    rng = np.random.default_rng(1)
    found, with_pairs = [], []
    for _ in range(600):
        shared = rng.normal(size=(6, 4))
        first, second = (shared + 0.3 * rng.normal(size=shared.shape) for _ in range(2))
        found.append(kernel_distances(first, second, [np.arange(6)])[0])
        cross = polynomial_kernel(first, second, degree=3, coef0=1)
        off_diagonal = cross.sum() - np.trace(cross)
        with_pairs.append(found[-1] + 2 * off_diagonal / 30 - 2 * cross.mean())
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 4 * error
    assert np.mean(with_pairs) < -20 * error


def test_single_pairs_are_refused():
    with pytest.raises(AstroganError, match="two or more"):
        kernel_distances(np.ones((1, 3)), np.ones((1, 3)), [np.arange(1)])
