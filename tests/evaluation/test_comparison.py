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
)
from astrogan.evaluation.intervals import DRAWS, groups_of
from astrogan.evaluation.metrics import Metric

RNG = np.random.default_rng(0)
GROUPS = groups_of(np.arange(400))
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
