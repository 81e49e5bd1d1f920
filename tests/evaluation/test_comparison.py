import numpy as np
import pytest
from scipy import stats

from astrogan.evaluation.comparison import (
    correlation,
    difference,
    difference_of_means,
    estimate,
    estimates,
    mean,
    metric_of,
    partial_correlation,
    rank_correlation,
    share_below,
)
from astrogan.evaluation.intervals import DRAWS, groups_of
from astrogan.evaluation.metrics import Metric

RNG = np.random.default_rng(0)
GROUPS = groups_of(np.arange(400))
GROUPS3 = groups_of(np.arange(300))
ERROR = Metric("error", "Error", None)
RATIO = Metric("ratio", "Ratio", None, columns=("part", "whole"), combine=lambda means: means["part"] / means["whole"])


def test_the_interval_of_a_mean_is_that_of_its_standard_error():
    values = RNG.normal(3, 2, 400)
    found = mean(values, GROUPS)
    error = stats.sem(values)
    assert found.value == pytest.approx(values.mean())
    # percentiles of 10,000 draws are good to some hundredths of a standard error
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)


def test_the_p_value_is_that_of_a_normal_mean_and_never_zero():
    values = RNG.normal(0, 1, 400)
    values += 2.2 * stats.sem(values) - values.mean()
    assert mean(values, GROUPS).p == pytest.approx(2 * stats.norm.sf(2.2), rel=0.3)
    assert mean(-values, GROUPS).p == pytest.approx(mean(values, GROUPS).p)
    assert mean(values + 100, GROUPS).p == pytest.approx(2 / (DRAWS + 1))
    assert mean(np.zeros(400), GROUPS).p == 1


def test_a_paired_difference_cancels_what_both_find_hard():
    hard = RNG.normal(0, 50, 400)
    assert difference_of_means(hard + 1, hard, GROUPS)[:3] == pytest.approx((1, 1, 1))
    assert difference([{"error": hard + 1}], [{"error": hard}], ERROR, GROUPS)[:3] == pytest.approx((1, 1, 1))


def test_a_metric_is_made_of_the_means_of_its_measures():
    part, whole = RNG.uniform(0, 1, 400), RNG.uniform(1, 3, 400)
    found = metric_of([{"part": part, "whole": whole}], RATIO, GROUPS)
    assert found.value == pytest.approx(part.sum() / whole.sum())
    # the delta method's standard error of a ratio
    error = stats.sem(part - found.value * whole) / whole.mean()
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.05)
    assert estimates({"part": part, "whole": whole}, [RATIO], GROUPS)["ratio"] == found
    assert estimate({"x": part}, lambda means: np.sqrt(means["x"]), GROUPS).value == pytest.approx(part.mean() ** 0.5)


def test_an_interval_over_trainings_holds_both_sources_of_chance():
    """Three seeds that lie 1 apart, on tiles that scatter far less: the interval is that of three seeds."""
    tiles = RNG.normal(0, 0.01, 400)
    seeds = [{"error": tiles + level} for level in (4.0, 5.0, 6.0)]
    found = metric_of(seeds, ERROR, GROUPS)
    assert found.value == pytest.approx(5, abs=0.01)
    # of the 27 equal draws of three from three, one is all 4 and one all 6: 3.7 % each
    assert (found.low, found.high) == pytest.approx((4, 6), abs=0.01)
    one = metric_of(seeds[1:2], ERROR, GROUPS)
    assert one.high - one.low < 0.01
    apart = difference(seeds, [{"error": tiles}], ERROR, GROUPS)
    assert apart.value == pytest.approx(5)
    assert (apart.low, apart.high) == pytest.approx((4, 6))


def test_two_rows_draw_their_trainings_apart():
    seeds = [{"error": np.full(400, level)} for level in (4.0, 5.0, 6.0)]
    found = difference(seeds, seeds, ERROR, GROUPS)
    assert found.value == 0
    assert found.low < -1 < 1 < found.high


def test_correlation_is_pearsons():
    one = RNG.normal(size=400)
    other = one + RNG.normal(size=400)
    found = correlation(one, other, GROUPS)
    assert found.value == pytest.approx(stats.pearsonr(one, other).statistic)
    assert found.low < found.value < found.high
    turned = correlation(one, other, GROUPS, lambda value: 1 - value)
    assert turned[:3] == pytest.approx((1 - found.value, 1 - found.high, 1 - found.low))


def test_unmeasured_tiles_are_left_out_and_one_group_has_no_interval():
    found = mean(np.array([1.0, np.nan, 3.0, np.inf]), groups_of(np.arange(4)))
    assert found.value == 2
    assert mean(np.array([1.0, 3.0]), groups_of(np.array(["a", "a"]))) == (2, None, None, None)
    assert np.isnan(mean(np.full(3, np.nan), groups_of(np.arange(3))).value)


def test_the_share_of_tiles_is_not_the_mean():
    """Closer on two tiles of three, and far worse on the third."""
    first, second = np.tile([1.0, 1.0, 90.0], 100), np.full(300, 2.0)
    found = share_below([first], [second], groups_of(np.arange(300) // 3))
    assert found.value == pytest.approx(2 / 3 - 1 / 2)
    assert (found.low, found.high) == pytest.approx((1 / 6, 1 / 6))
    assert difference_of_means(first, second, GROUPS3).low > 0
    scattered = share_below([RNG.permutation(first)], [second], GROUPS3)
    error = np.sqrt(2 / 9 / 300)
    assert scattered.high - scattered.low == pytest.approx(2 * 1.96 * error, rel=0.05)


def test_ties_count_half_and_unmeasured_tiles_not():
    first, second = np.array([1.0, 2.0, 3.0, np.nan] * 50), np.array([2.0, 2.0, 2.0, 2.0] * 50)
    assert share_below([first], [second], groups_of(np.arange(200))).value == 0
    assert share_below([first - 0.5], [second], groups_of(np.arange(200))).value == pytest.approx(2 / 3 - 1 / 2)


def test_the_share_is_over_the_trainings_of_both_sides():
    """One training of two always wins against either of two others: half of the pairs, and none or all in a draw."""
    level = [np.full(400, each) for each in (1.0, 3.0)]
    found = share_below(level, [np.full(400, 2.0)] * 2, GROUPS)
    assert (found.value, found.low, found.high) == pytest.approx((0, -0.5, 0.5))


def test_partial_correlation_is_that_of_residuals():
    given = RNG.normal(size=400)
    one, two = given + RNG.normal(size=400), 2 * given + RNG.normal(size=400)
    left = [each - np.polyval(np.polyfit(given, each, 1), given) for each in (one, two)]
    found = partial_correlation([(one, two, given)], GROUPS)
    assert found.value == pytest.approx(stats.pearsonr(*left).statistic)
    assert found.low < 0 < found.high
    assert correlation(one, two, GROUPS).low > 0.3
    both = partial_correlation([(one, two, given), (two, two, given)], GROUPS)
    assert both.value == pytest.approx((found.value + 1) / 2)
    assert partial_correlation([(3 * given, two, given)], GROUPS).value == 0


def test_rank_correlation_is_spearmans_and_its_draws_rank_anew():
    """Ten rows whose other metric falls as the error rises, but for a few; over tiles that scatter little."""
    other = Metric("other", "Other", None)
    error, look = np.arange(10.0), np.array([9, 8, 6, 7, 5, 4, 1, 3, 2, 0.0])
    rows = [
        [{"error": at + RNG.normal(0, 0.01, 400), "other": by + RNG.normal(0, 0.01, 400)}]
        for at, by in zip(error, look, strict=True)
    ]
    found = rank_correlation(rows, ERROR, other, GROUPS)
    assert found.value == pytest.approx(stats.spearmanr(error, look).statistic)
    assert (found.low, found.high) == pytest.approx((found.value, found.value))
    # rows that cannot be told apart: any order
    same = [[{"error": RNG.normal(size=400), "other": RNG.normal(size=400)}] for _ in range(10)]
    drawn = rank_correlation(same, ERROR, other, GROUPS)
    assert drawn.high - drawn.low > 0.5
    # trainings that lie apart on both metrics move together, so the order is kept
    apart = [
        [{"error": each["error"] + 20 * up, "other": each["other"] - 20 * up} for up in (0, 1)] for (each,) in rows
    ]
    assert rank_correlation(apart, ERROR, other, GROUPS).high < -0.9
