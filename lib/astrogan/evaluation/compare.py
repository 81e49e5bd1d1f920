"""The paired difference of two rows, for claims that one model does better than another.

Both rows are resampled by the same draws, so that what both find hard cancels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from astrogan.errors import AstroganError
from astrogan.evaluation.distances import Sums, image_sums, means
from astrogan.evaluation.distributions import inception_distances, wavelet_distance
from astrogan.evaluation.intervals import Groups, bootstrap, groups_of, half_sample_interval, half_samples, percentiles
from astrogan.evaluation.perceptual import load_lpips, lpips_distances
from astrogan.evaluation.predictions import Predictions
from astrogan.evaluation.unavailable import Unavailable

PARTS = {"rgb": ("red", "green", "blue"), "ab": ("a", "b")}
_ERRORS = ("bias_rgb", "mae_rgb", "rmse_rgb", "bias_ab", "mae_ab", "rmse_ab", "l1_rgb", "l2_rgb", "l1_ab", "l2_ab")
DISTRIBUTIONS = ("fid", "kid", "fwd")
METRICS = (
    *DISTRIBUTIONS,
    "lpips",
    "psnr",
    "ssim",
    *_ERRORS,
    *(f"{name}.{part}" for name in _ERRORS for part in PARTS[name.split("_")[1]]),
)
"""What can be compared; an error without a channel is the mean over channels."""

_sums_of: WeakKeyDictionary[Predictions, Sums] = WeakKeyDictionary()


@dataclass(frozen=True)
class Difference:
    """A metric of one row minus that of another, with its 95 % interval.

    `decidable` is False where the groups are too few, or depend on each other, so that no claim may be decided by it.
    """

    estimate: float
    low: float
    high: float
    groups: Groups

    @property
    def decidable(self) -> bool:
        return self.groups.decidable

    @property
    def sign(self) -> int:
        """1 or -1 where the interval lies on one side of zero and the groups allow a verdict, else 0: undecided."""
        return (int(self.low > 0) - int(self.high < 0)) if self.decidable else 0


def paired_difference(
    first: Predictions,
    second: Predictions,
    metric: str,
    blocks: Sequence[str] | None = None,
    seed: int = 0,
    offline: bool = True,
) -> Difference:
    """`metric` (one of `METRICS`) of `first` minus that of `second`, over the same draws.

    Args:
        first: one row.
        second: another over the same tiles in the same order.
        metric: such as 'mae_rgb', 'rmse_rgb.red', 'bias_ab.b', 'fwd'.
        blocks: a spatial block a tile (N,), where there are fewer than 8 observations.
        seed: of the draws.
        offline: do not download the weights of the FID network.

    Raises:
        AstroganError: for an unknown metric or rows over different tiles.
        Unavailable: where the metric or its interval cannot be computed.
    """
    if metric not in METRICS:
        raise AstroganError(f"'{metric}' cannot be compared; known are {', '.join(METRICS)}")
    if not (np.array_equal(first.tile, second.tile) and np.array_equal(first.truth, second.truth)):
        raise AstroganError("two rows over different tiles have no paired difference; predict the same tiles with both")
    groups = groups_of(first.observation, blocks)
    if metric in DISTRIBUTIONS:
        return _distribution_difference(first, second, metric, groups, seed, offline)
    return _resampled(
        [_sums(row, metric == "lpips") for row in (first, second)],
        lambda sums: _part(means(sums), metric),
        groups,
        seed,
    )


def paired_mean_difference(first: np.ndarray, second: np.ndarray, groups: Groups, seed: int = 0) -> Difference:
    """The difference of the means of any per-tile values (N,) of two rows over the same tiles."""
    sums = [{"value": np.asarray(values, float), "images": np.ones(len(values))} for values in (first, second)]
    return _resampled(sums, lambda sums: sums["value"] / sums["images"], groups, seed)


def _resampled(rows: list[Sums], statistic, groups: Groups, seed: int) -> Difference:
    one, two = (statistic({name: each.sum(axis=0) for name, each in sums.items()}) for sums in rows)
    draws = [bootstrap(sums, lambda sums: {"value": statistic(sums)}, groups, seed=seed)["value"] for sums in rows]
    if np.isnan(one - two):
        raise Unavailable("nothing to compare: every pair of one row is identical to the truth")
    low, high = percentiles(draws[0] - draws[1])
    return Difference(float(one - two), float(low), float(high), groups)


def _distribution_difference(
    first: Predictions, second: Predictions, metric: str, groups: Groups, seed: int, offline: bool
) -> Difference:
    halves = half_samples(groups, seed=seed)
    if metric == "fwd":
        one, two = (wavelet_distance(row, halves) for row in (first, second))
    else:
        one, two = (inception_distances(row, halves, [metric], offline=offline)[metric] for row in (first, second))
    estimate = one.value - two.value
    return Difference(estimate, *half_sample_interval(estimate, one.halves - two.halves, groups), groups)


def _sums(predictions: Predictions, with_lpips: bool) -> Sums:
    sums = _sums_of.setdefault(predictions, {})
    if not sums:
        sums |= image_sums(predictions)
    if with_lpips and "lpips" not in sums:
        sums["lpips"] = lpips_distances(load_lpips(), predictions.truth, predictions.rounded)
    return sums


def _part(found: dict[str, np.ndarray], metric: str) -> np.ndarray:
    name, _, channel = metric.partition(".")
    if name not in _ERRORS:
        return found[name]
    values = found[name]
    return values[..., PARTS[name.split("_")[1]].index(channel)] if channel else values.mean(axis=-1)
