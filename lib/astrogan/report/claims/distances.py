"""Paired differences of distances between distributions: the same halves of the tiles for both rows."""

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation.comparison import Estimate
from astrogan.evaluation.intervals import half_sample_interval
from astrogan.evaluation.results import Results


def distance_difference(run: Results, first: str, second: str, metric: str) -> tuple[Estimate, bool]:
    """`metric` (`fid` or `fwd`) of the first row minus that of the second, and whether the groups allow a verdict.

    Both come from the rows' metrics, whose halves were drawn from the same groups with the same seed.

    Raises:
        AstroganError: when the rows hold different tiles, are too few, or the metric or its halves were not computed.
    """
    one, two = run.measured(first), run.measured(second)
    if not np.array_equal(one.tile, two.tile):
        raise AstroganError(f"{first} and {second} hold different tiles, so their distances cannot be compared")
    (near, near_halves), (far, far_halves) = (_distance(run, row, metric) for row in (first, second))
    low, high = half_sample_interval(near - far, near_halves - far_halves, one.groups)
    return Estimate(near - far, low, high), one.groups.decidable


def _distance(run: Results, row: str, metric: str) -> tuple[float, np.ndarray]:
    metrics = run.metrics[row]
    if metrics[metric] is None:
        raise AstroganError(metrics["reasons"][metric])
    halves = np.array(metrics.get("halves", {}).get(metric, []))
    if not len(halves):
        reason = metrics["reasons"].get(f"interval.{metric}", "they were made by an earlier version")
        raise AstroganError(f"the metrics of {row} hold no halves of {metric}: {reason}")
    return metrics[metric], halves
