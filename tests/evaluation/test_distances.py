import warnings

import numpy as np
import pytest
from pytorch_fid.fid_score import calculate_frechet_distance
from scipy.linalg import sqrtm
from sklearn.metrics.pairwise import polynomial_kernel

from astrogan.base import AstroganError
from astrogan.evaluation.metrics.distances import frechet_values, in_parallel, kernel_values

RNG = np.random.default_rng(0)


def _features(count, size, seed):
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(size, size)) / np.sqrt(size)
    return rng.normal(rng.normal(0, 0.3, size), 1, (count, size)) @ mixing


def _by_matrix_root(first, second):
    one, two = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    shift = first.mean(axis=0) - second.mean(axis=0)
    return shift @ shift + np.trace(one + two - 2 * sqrtm(one @ two).real)


@pytest.mark.parametrize(("count", "size"), [(200, 20), (41, 40), (60, 40)])
def test_the_mean_is_the_distance_by_the_matrix_root(count, size):
    first, second = _features(count, size, 1), _features(count, size, 2)
    assert frechet_values(first, second).mean() == pytest.approx(_by_matrix_root(first, second), rel=1e-6)


def test_equals_pytorch_fid_with_fewer_images_than_features():
    first, second = _features(30, 96, 1), _features(30, 96, 2)
    moments = [(each.mean(axis=0), np.cov(each, rowvar=False)) for each in (first, second)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pytorch-fid 0.3.0 uses an argument that SciPy deprecates
        expected = calculate_frechet_distance(*moments[0], *moments[1])
    # the root of a singular product is what limits pytorch-fid here
    assert frechet_values(first, second).mean() == pytest.approx(expected, rel=1e-4)


def test_equals_the_closed_form_of_commuting_covariances():
    # rows that make the sample covariance exactly diag(scale^2)
    basis = np.linalg.qr(np.column_stack([np.ones(50), RNG.normal(size=(50, 6))]))[0][:, 1:] * np.sqrt(49)
    one, two = np.arange(1.0, 7), np.array([2.0, 0, 3, 3, 1, 0.5])
    expected = 6 * 4.0 + ((one - two) ** 2).sum()
    assert frechet_values(basis * one + 2, basis[::-1] * two).mean() == pytest.approx(expected, rel=1e-12)


def test_identical_and_degenerate_sets():
    features = _features(20, 64, 3)
    np.testing.assert_allclose(frechet_values(features, features), 0, atol=1e-9)
    np.testing.assert_allclose(frechet_values(np.ones((5, 3)), np.full((5, 3), 3.0)), 12)


@pytest.mark.parametrize("size", [8, 30], ids=["more images than features", "fewer images than features"])
@pytest.mark.parametrize("values", [frechet_values, kernel_values])
def test_a_pseudo_value_is_how_the_distance_moves_with_the_weight_of_a_pair(values, size):
    """Against the difference that one more copy of a pair makes, where each of 20 has 60 copies."""
    first, second = _features(20, size, 4) + 0.2, _features(20, size, 5) * 1.3
    copies = np.repeat(np.arange(20), 60)
    before = values(first[copies], second[copies])
    for pair in (0, 17):
        more = np.append(copies, pair)
        moved = (values(first[more], second[more]).mean() - before.mean()) * len(more)
        assert moved == pytest.approx(before[60 * pair] - before.mean(), rel=0.05)


@pytest.mark.parametrize("size", [12, 120], ids=["more images than features", "fewer images than features"])
def test_pseudo_values_spread_as_the_distances_of_random_halves(size):
    """What an interval is made of: halves of the groups without replacement, rescaled, are the reference."""
    first = _features(80, size, 6)
    second = 0.7 * first + 0.4 * _features(80, size, 7)
    values = frechet_values(first, second)
    halves = [np.random.default_rng(number).permutation(80)[:40] for number in range(200)]
    exact = np.array([frechet_values(first[half], second[half]).mean() for half in halves])
    linear = np.array([values[half].mean() for half in halves])
    assert np.corrcoef(exact, linear)[0, 1] > 0.93
    assert linear.std() == pytest.approx(exact.std(), rel=0.1)


@pytest.mark.parametrize("values", [frechet_values, kernel_values])
@pytest.mark.parametrize("features", [np.ones((1, 4)), np.ones(4), np.array([[1.0, np.nan], [0, 1]]), np.ones((3, 2))])
def test_unusable_features_are_refused(values, features):
    with pytest.raises(AstroganError, match=r"two or more|NaN"):
        values(features, np.eye(2))


def test_in_parallel_keeps_the_order():
    assert in_parallel(lambda value: value**2, range(20)) == [value**2 for value in range(20)]


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


def test_kernel_distances_equal_the_sum_written_out():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(12, 7)), rng.normal(0.5, 1, size=(12, 7))
    assert kernel_values(first, second).mean() == pytest.approx(_pairwise(first, second))


def test_a_kernel_distance_is_unbiased_for_pairs_that_resemble_each_other():
    """Outputs distributed as their truths, and close to them, score 0 on average at any N."""
    rng = np.random.default_rng(1)
    found, with_pairs = [], []
    for _ in range(600):
        shared = rng.normal(size=(6, 4))
        first, second = (shared + 0.3 * rng.normal(size=shared.shape) for _ in range(2))
        found.append(kernel_values(first, second).mean())
        cross = polynomial_kernel(first, second, degree=3, coef0=1)
        off_diagonal = cross.sum() - np.trace(cross)
        with_pairs.append(found[-1] + 2 * off_diagonal / 30 - 2 * cross.mean())
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 4 * error
    assert np.mean(with_pairs) < -20 * error
