"""Paired differences of distances between distributions: the same halves of the tiles for both rows."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from astrogan.errors import AstroganError
from astrogan.evaluation.distributions import Distance, inception_distances, wavelet_distance
from astrogan.evaluation.intervals import half_sample_interval, half_samples
from astrogan.evaluation.predictions import load_predictions
from astrogan.report.comparison import Estimate
from astrogan.report.recorded import weights_of
from astrogan.report.run_folder import RunFolder, measured_row


def distance_difference(run: RunFolder, first: str, second: str, metric: str) -> tuple[Estimate, bool]:
    """`metric` (`fid` or `fwd`) of the first row minus that of the second, and whether the groups allow a verdict.

    Raises:
        AstroganError: when the rows hold different tiles, are too few, or the metric's weights are not at hand.
    """
    one, two = run.measured(first), run.measured(second)
    if not np.array_equal(one.tile, two.tile):
        raise AstroganError(f"{first} and {second} hold different tiles, so their distances cannot be compared")
    near, far = (_distance(*run.stamp(row), metric) for row in (first, second))
    estimate = near.value - far.value
    low, high = half_sample_interval(estimate, near.halves - far.halves, one.groups)
    return Estimate(estimate, low, high), one.groups.decidable


@lru_cache(maxsize=64)
def _distance(path: Path, written: int, metric: str) -> Distance:
    predictions = load_predictions(path)
    halves = half_samples(measured_row(path, written).groups)
    if metric == "fwd":
        return wavelet_distance(predictions, halves)
    return inception_distances(predictions, halves, [metric], find=weights_of(path))[metric]
