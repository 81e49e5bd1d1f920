import numpy as np
import pytest

from astrogan.base import AstroganError
from astrogan.color.table import ColourTable, lightness_histogram


def test_a_table_holds_the_medians_of_its_bins_and_is_linear_between_their_centres():
    """Four bins of 25: 0 and 75 have pixels, what lies between is interpolated."""
    level = np.array([[10, 12, 14], [80, 90, 95]])
    ab = np.stack([np.array([[1, 2, 9], [5, 6, 7]]), np.array([[0, 0, 3], [-6, -6, 0]])], axis=-1)
    table = ColourTable.fit(level, ab, bins=4)
    expected = [[2, 0], [2 + 4 / 3, -2], [2 + 8 / 3, -4], [6, -6]]
    np.testing.assert_allclose(table.ab, expected, rtol=1e-6)
    levels = np.array([0, 12.5, 25, 87.5, 100])
    np.testing.assert_allclose(table.apply(levels), [[2, 0], [2, 0], [2 + 2 / 3, -1], [6, -6], [6, -6]], rtol=1e-6)
    again = ColourTable(table.ab.copy())
    np.testing.assert_array_equal(again.apply(level), table.apply(level))
    assert again.apply(level).shape == (2, 3, 2)
    assert again.apply(level).dtype == np.float32


def test_the_ends_of_lightness_and_what_rounding_adds_fall_into_the_outer_bins():
    ends = np.array([-1e-4, 0, 99.99, 100.0, 100.0001])
    np.testing.assert_allclose(lightness_histogram(ends, bins=8), [0.4, 0, 0, 0, 0, 0, 0, 0.6])
    table = ColourTable.fit(ends, np.array([[1, 1], [3, 3], [7, 0], [8, 0], [9, 0]]), bins=8)
    np.testing.assert_allclose(table.apply(ends), [[2, 2], [2, 2], [8, 0], [8, 0], [8, 0]])


def test_the_median_has_the_least_mean_absolute_error_of_all_constants():
    ab = np.random.default_rng(0).gamma(1, 5, (501, 2))
    own = np.abs(ColourTable.fit(np.zeros(501), ab, bins=1).apply(np.zeros(501)) - ab).mean()
    others = np.random.default_rng(1).uniform(0, 15, (500, 2))
    assert own < min(np.abs(other - ab).mean() for other in [*others, ab.mean(axis=0)])


@pytest.mark.parametrize("wrong", [np.zeros((4, 3)), np.zeros(2), np.zeros((0, 2)), np.full((4, 2), np.nan)])
def test_what_is_no_table_is_refused(wrong):
    with pytest.raises(AstroganError, match=r"finite a and b, \(bins, 2\)"):
        ColourTable(wrong)


def test_no_pixels_are_refused():
    with pytest.raises(AstroganError, match="at least one pixel"):
        ColourTable.fit(np.empty(0), np.empty((0, 2)))
