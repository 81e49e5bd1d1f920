"""Means of measures, metrics made of them, and differences between rows, each with its 95 % interval and p-value.

Intervals come from draws of whole groups of tiles with replacement; where a row has several trainings, each draw takes as
many trainings, with replacement, and averages them: so an interval covers both what tiles and what seeds would do. The
same seed and groups draw the same tiles, so that rows pair up.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

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
    return _estimate(_drawn(trainings, metric.of_means, groups), groups)


def difference(first: Sequence[Measures], second: Sequence[Measures], metric: Metric, groups: Groups) -> Estimate:
    """A metric of one row minus that of another over the same tiles, each the mean over the row's trainings."""
    one, two = (_drawn(side, metric.of_means, groups, number) for number, side in enumerate((first, second)))
    return _estimate(one - two, groups)


def difference_of_means(first: np.ndarray, second: np.ndarray, groups: Groups) -> Estimate:
    """Mean of `first` (N,) minus mean of `second` (N,) over the same tiles."""
    return estimate({"first": first, "second": second}, lambda means: means["first"] - means["second"], groups)


def correlation(
    first: np.ndarray, second: np.ndarray, groups: Groups, of: Callable[[np.ndarray], np.ndarray] = np.asarray
) -> Estimate:
    """Pearson's correlation of two measures over tiles, or a function `of` it."""
    products = {"product": first * second, "one_squared": first**2, "other_squared": second**2}
    return estimate({"one": first, "other": second} | products, lambda means: of(_pearson(means)), groups)


def _pearson(means: dict[str, np.ndarray]) -> np.ndarray:
    covariance = means["product"] - means["one"] * means["other"]
    spread = (means["one_squared"] - means["one"] ** 2) * (means["other_squared"] - means["other"] ** 2)
    return covariance / np.sqrt(np.maximum(spread, np.finfo(float).tiny))


def _drawn(trainings: Sequence[Measures], of: Statistic, groups: Groups, seed: int = 0) -> np.ndarray:
    """(1 + DRAWS,): the statistic, averaged over all trainings, then of each draw of groups and of trainings.

    `seed` is of the draws of trainings, which two sides do not share; groups are always drawn alike.
    """
    values = np.array([of(resampled_means(each, groups)) for each in trainings])
    count = len(values)
    times = np.random.default_rng((1, seed)).multinomial(count, np.full(count, 1 / count), DRAWS).T / count
    return np.concatenate([values[:, :1].mean(axis=0), (times * values[:, 1:]).sum(axis=0)])


def _estimate(drawn: np.ndarray, groups: Groups) -> Estimate:
    value, draws = float(drawn[0]), drawn[1:]
    if groups.count < FEWEST_GROUPS:
        return Estimate(value)
    low, high = interval(draws)
    counted = max(1, int(np.isfinite(draws).sum()))
    sides = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    return Estimate(value, low, high, min(1.0, 2 * (1 + sides) / (counted + 1)))
