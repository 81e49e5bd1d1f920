"""Means of measures, metrics made of them, and differences between rows, each with its 95 % interval and p-value.

Intervals come from draws of whole groups of tiles with replacement; where a row has several trainings, each draw takes as
many trainings, with replacement, and averages them: so an interval covers both what tiles and what seeds would do. The
same seed and groups draw the same tiles, so that rows pair up.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from astrogan.evaluation.intervals import DRAWS, Groups, interval, resampled_means
from astrogan.evaluation.metrics import Metric

FEWEST_GROUPS = 2

Measures = Mapping[str, np.ndarray]
"""Measure to one number a tile, (N,)."""
Statistic = Callable[[dict[str, np.ndarray]], np.ndarray]
"""From the means of measures to a number; of each draw where they have an axis of draws."""


class Estimate(NamedTuple):
    """A number with its 95 % interval, and the two-sided p-value of its being zero.

    `low`, `high` and `p` are None where there is a single group to resample. `p` is twice the share of draws on the other
    side of zero, at least 2 / (draws + 1).
    """

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None


def mean(values: np.ndarray, groups: Groups) -> Estimate:
    """Mean over tiles of `values` (N,); NaN tiles (nothing measured) are left out."""
    return estimate({"": values}, lambda means: means[""], groups)


def estimate(measures: Measures, of: Statistic, groups: Groups) -> Estimate:
    """A statistic of the means of measures."""
    return _estimate(_drawn([measures], of, groups), groups)


def estimates(measures: Measures, metrics: Sequence[Metric], groups: Groups, seed: int = 0) -> dict[str, Estimate]:
    """Every metric of one training, by name, all of the same draws."""
    means = resampled_means(measures, groups, seed=seed)
    return {metric.name: _estimate(metric.of_means(means), groups) for metric in metrics}


def metric_of(trainings: Sequence[Measures], metric: Metric, groups: Groups) -> Estimate:
    """A metric of a row, the mean over its trainings."""
    return of_trainings(trainings, metric.of_means, groups)


def of_trainings(trainings: Sequence[Measures], of: Statistic, groups: Groups) -> Estimate:
    """A statistic of the means of measures of a row, the mean over its trainings."""
    return _estimate(_drawn(trainings, of, groups), groups)


def difference(first: Sequence[Measures], second: Sequence[Measures], metric: Metric, groups: Groups) -> Estimate:
    """A metric of one row minus that of another over the same tiles, each the mean over the row's trainings."""
    one, two = (_drawn(side, metric.of_means, groups, number) for number, side in enumerate((first, second)))
    return _estimate(one - two, groups)


def difference_of_means(first: np.ndarray, second: np.ndarray, groups: Groups) -> Estimate:
    """Mean of `first` (N,) minus mean of `second` (N,) over the same tiles."""
    return estimate({"first": first, "second": second}, lambda means: means["first"] - means["second"], groups)


def share_below(first: Sequence[np.ndarray], second: Sequence[np.ndarray], groups: Groups) -> Estimate:
    """Share of tiles on which one row's measure is below another's, less one half; (N,) of each training of the two rows.

    Every training of the one is compared with every training of the other; a tie counts half, NaN on either side not.
    """
    won = {
        (one, two): np.where(np.isnan(mine + theirs), np.nan, (np.sign(theirs - mine) + 1) / 2 - 0.5)
        for one, mine in enumerate(first)
        for two, theirs in enumerate(second)
    }
    means = resampled_means(won, groups)
    mine, theirs = (_weights(len(side), number) for number, side in enumerate((first, second)))
    return _estimate(np.sum([mine[one] * theirs[two] * means[one, two] for one, two in won], axis=0), groups)


def correlation(
    first: np.ndarray, second: np.ndarray, groups: Groups, of: Callable[[np.ndarray], np.ndarray] = np.asarray
) -> Estimate:
    """Pearson's correlation of two measures over tiles, or a function `of` it."""
    return estimate(_products(one=first, two=second), lambda means: of(_pearson(means, "one", "two")), groups)


def partial_correlation(trainings: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], groups: Groups) -> Estimate:
    """Pearson's correlation of two measures over tiles at equal third: of what a line in the third leaves of each.

    `trainings` holds the three, (N,) each, of every training of a row. Zero where the third leaves nothing of one.
    """

    def of(means: dict[str, np.ndarray]) -> np.ndarray:
        both, one, two = (_pearson(means, *pair) for pair in (("one", "two"), ("one", "given"), ("two", "given")))
        left = (1 - one**2) * (1 - two**2)
        return np.where(left > _NOTHING_LEFT, (both - one * two) / np.sqrt(np.maximum(left, _NOTHING_LEFT)), 0)

    named = [_products(one=one, two=two, given=given) for one, two, given in trainings]
    return of_trainings(named, of, groups)


def rank_correlation(rows: Sequence[Sequence[Measures]], one: Metric, two: Metric, groups: Groups) -> Estimate:
    """Spearman's correlation of two metrics over rows, each row the mean over its trainings.

    Each draw of groups and trainings computes both metrics of every row anew, then their ranks. So the interval is over
    what else the tiles might have been, of these rows.
    """
    values = [
        np.array([_drawn(trainings, metric.of_means, groups, number) for number, trainings in enumerate(rows)])
        for metric in (one, two)
    ]
    first, second = (rankdata(each, axis=0) - (len(rows) + 1) / 2 for each in values)
    spread = np.sqrt(np.square(first).sum(axis=0) * np.square(second).sum(axis=0))
    with np.errstate(invalid="ignore"):
        return _estimate((first * second).sum(axis=0) / spread, groups)


_NOTHING_LEFT = 1e-12


def _products(**measures: np.ndarray) -> dict[str, np.ndarray]:
    """Measures (N,) and their products two by two, from whose means correlations follow."""
    pairs = {f"{one}*{two}": measures[one] * measures[two] for one in measures for two in measures}
    return measures | pairs


def _pearson(means: dict[str, np.ndarray], one: str, two: str) -> np.ndarray:
    covariance = means[f"{one}*{two}"] - means[one] * means[two]
    spread = (means[f"{one}*{one}"] - means[one] ** 2) * (means[f"{two}*{two}"] - means[two] ** 2)
    return covariance / np.sqrt(np.maximum(spread, np.finfo(float).tiny))


def _drawn(trainings: Sequence[Measures], of: Statistic, groups: Groups, seed: int = 0) -> np.ndarray:
    """(1 + DRAWS,): the statistic, averaged over all trainings, then of each draw of groups and of trainings.

    `seed` is of the draws of trainings, which two sides do not share; groups are always drawn alike.
    """
    values = np.array([of(resampled_means(each, groups)) for each in trainings])
    return (_weights(len(values), seed) * values).sum(axis=0)


def _weights(count: int, seed: int) -> np.ndarray:
    """(count, 1 + DRAWS): how much each training weighs, equally and then as it is drawn."""
    drawn = np.random.default_rng((1, seed)).multinomial(count, np.full(count, 1 / count), DRAWS)
    return np.concatenate([np.ones((1, count)), drawn]).T / count


def _estimate(drawn: np.ndarray, groups: Groups) -> Estimate:
    value, draws = float(drawn[0]), drawn[1:]
    if groups.count < FEWEST_GROUPS:
        return Estimate(value)
    low, high = interval(draws)
    counted = max(1, int(np.isfinite(draws).sum()))
    sides = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    return Estimate(value, low, high, min(1.0, 2 * (1 + sides) / (counted + 1)))
