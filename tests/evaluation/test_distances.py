import warnings

import numpy as np
import pytest
from pytorch_fid.fid_score import calculate_frechet_distance
from scipy.linalg import sqrtm
from sklearn.metrics.pairwise import polynomial_kernel

from astrogan.base import AstroganError
from astrogan.evaluation.metrics import distances
from astrogan.evaluation.metrics.distances import frechet_distance, frechet_distances, in_parallel, kernel_distances

RNG = np.random.default_rng(0)


def _features(count, size, seed):
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(size, size)) / np.sqrt(size)
    return rng.normal(rng.normal(0, 0.3, size), 1, (count, size)) @ mixing


def _by_matrix_root(first, second):
    one, two = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    shift = first.mean(axis=0) - second.mean(axis=0)
    return shift @ shift + np.trace(one + two - 2 * sqrtm(one @ two).real)


@pytest.mark.parametrize(("n1", "n2", "size"), [(200, 200, 20), (80, 300, 40), (41, 41, 40), (60, 50, 40)])
def test_equals_the_matrix_root(n1, n2, size):
    first, second = _features(n1, size, 1), _features(n2, size, 2)
    assert frechet_distance(first, second) == pytest.approx(_by_matrix_root(first, second), rel=1e-6)


def test_equals_pytorch_fid_with_fewer_images_than_features():
    first, second = _features(30, 96, 1), _features(30, 96, 2)
    moments = [(each.mean(axis=0), np.cov(each, rowvar=False)) for each in (first, second)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pytorch-fid 0.3.0 uses an argument that SciPy deprecates
        expected = calculate_frechet_distance(*moments[0], *moments[1])
    # the root of a singular product is what limits pytorch-fid here
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-4)


def test_equals_the_closed_form_of_commuting_covariances():
    # rows that make the sample covariance exactly diag(scale^2)
    basis = np.linalg.qr(np.column_stack([np.ones(50), RNG.normal(size=(50, 6))]))[0][:, 1:] * np.sqrt(49)
    one, two = np.arange(1.0, 7), np.array([2.0, 0, 3, 3, 1, 0.5])
    expected = 6 * 4.0 + ((one - two) ** 2).sum()
    assert frechet_distance(basis * one + 2, basis[::-1] * two) == pytest.approx(expected, rel=1e-12)


def test_identical_and_degenerate_sets():
    features = _features(20, 64, 3)
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(np.ones((5, 3)), np.full((5, 3), 3.0)) == pytest.approx(12)


@pytest.mark.parametrize("size", [8, 90])
def test_parts_equal_their_own_distances(size):
    first, second = _features(40, size, 4) + 5, _features(40, size, 5)
    parts = [np.arange(40), RNG.permutation(40)[:20], RNG.permutation(40)[:13]]
    expected = [frechet_distance(first[part], second[part]) for part in parts]
    np.testing.assert_allclose(frechet_distances(first, second, parts), expected, rtol=1e-9)


@pytest.mark.parametrize("features", [np.ones((1, 4)), np.ones(4), np.array([[1.0, np.nan], [0, 1]])])
def test_unusable_features_are_refused(features):
    with pytest.raises(AstroganError, match=r"two or more|NaN"):
        frechet_distance(features, np.eye(4)[:, : features.shape[-1]])


def test_in_parallel_keeps_the_order():
    assert in_parallel(lambda value: value**2, range(20)) == [value**2 for value in range(20)]


@pytest.mark.parametrize("kind", ["full", "singular output", "singular truth"])
def test_halves_with_more_images_than_features_are_exact_to_a_millionth(kind):
    """Against the distance of each half by itself, which is computed by singular values."""
    rng = np.random.default_rng(3)
    first = rng.normal(size=(80, 24)) @ rng.normal(size=(24, 24))
    second = 0.8 * first + 0.1 * rng.normal(size=(80, 24))
    if kind == "singular output":
        second[:, 1::2] = second[:, ::2]  # as of plain grey, whose channels are equal
    if kind == "singular truth":
        first[:, 1::2] = first[:, ::2]
    parts = [np.arange(80), *(rng.permutation(80)[:40] for _ in range(5))]
    expected = [frechet_distance(first[part], second[part]) for part in parts]
    np.testing.assert_allclose(frechet_distances(first, second, parts), expected, rtol=1e-6)


def test_halves_are_computed_by_eigenvalues(monkeypatch):
    """So that the test above compares two ways."""
    calls = []
    true = distances._nuclear_norm_by_eigenvalues
    monkeypatch.setattr(distances, "_nuclear_norm_by_eigenvalues", lambda *sets: calls.append(1) or true(*sets))
    features = np.random.default_rng(0).normal(size=(2, 60, 8))
    frechet_distances(*features, [np.arange(60), np.arange(30), np.arange(30, 60)])
    assert len(calls) == 2


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
    parts = [np.arange(12), np.array([0, 3, 4, 9, 11])]
    expected = [_pairwise(first[part], second[part]) for part in parts]
    np.testing.assert_allclose(kernel_distances(first, second, parts), expected)


def test_a_kernel_distance_is_unbiased_for_pairs_that_resemble_each_other():
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
