import numpy as np
import pytest
from scipy import stats

from astrogan.evaluation.comparison import correlation, difference, mean
from astrogan.evaluation.intervals import groups_of

RNG = np.random.default_rng(0)
GROUPS = groups_of(np.arange(400))


def test_the_interval_of_a_mean_is_that_of_its_standard_error():
    values = RNG.normal(3, 2, 400)
    found = mean(values, GROUPS)
    error = stats.sem(values)
    assert found.value == pytest.approx(values.mean())
    # percentiles of 1,000 draws are good to about a tenth of a standard error
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.2 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.2 * error)


def test_a_paired_difference_cancels_what_both_find_hard():
    hard = RNG.normal(0, 50, 400)
    found = difference(hard + 1, hard, GROUPS)
    assert found == pytest.approx((1, 1, 1))


def test_the_root_is_taken_after_averaging():
    squares = RNG.uniform(1, 9, 400)
    assert mean(squares, GROUPS, root=True).value == pytest.approx(np.sqrt(squares.mean()))
    found = difference(squares, 4 * squares, GROUPS, root=True)
    assert found.value == pytest.approx(-np.sqrt(squares.mean()))


def test_correlation_is_pearsons():
    one = RNG.normal(size=400)
    other = one + RNG.normal(size=400)
    found = correlation(one, other, GROUPS)
    assert found.value == pytest.approx(stats.pearsonr(one, other).statistic)
    assert found.low < found.value < found.high


def test_unmeasured_tiles_are_left_out_and_one_group_has_no_interval():
    found = mean(np.array([1.0, np.nan, 3.0]), groups_of(np.arange(3)))
    assert found.value == 2
    assert mean(np.array([1.0, 3.0]), groups_of(np.array(["a", "a"]))) == (2, None, None)
