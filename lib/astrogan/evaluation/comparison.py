"""Means of per-tile measures, and differences between rows, with 95 % intervals over groups of tiles."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from astrogan.evaluation.intervals import Groups, bootstrap, percentiles
from astrogan.evaluation.metrics import Metric

FEWEST_GROUPS = 2


class Estimate(NamedTuple):
    """A number with its 95 % interval; `low` and `high` are None where there is a single group to resample."""

    value: float
    low: float | None
    high: float | None


def mean(values: np.ndarray, groups: Groups, root: bool = False) -> Estimate:
    """Mean over tiles of `values` (N,), or its square root; NaN tiles (nothing measured) are left out."""
    return _estimate({"": values}, groups, lambda found: {"": _root(found[""], root)})[""]


def means(
    values: dict[str, np.ndarray], groups: Groups, metrics: Mapping[str, Metric], seed: int = 0
) -> dict[str, Estimate]:
    """The mean of each metric's measure (N,), or its root, all of the same draws."""

    def rooted(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: _root(each, metrics[name].root) for name, each in found.items()}

    return _estimate(values, groups, rooted, seed)


def difference(first: np.ndarray, second: np.ndarray, groups: Groups, root: bool = False) -> Estimate:
    """Mean of `first` minus mean of `second` over the same tiles, or of the roots of the means, drawn in pairs."""

    def apart(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"": _root(found["first"], root) - _root(found["second"], root)}

    return _estimate({"first": first, "second": second}, groups, apart)[""]


def correlation(first: np.ndarray, second: np.ndarray, groups: Groups) -> Estimate:
    """Pearson's correlation of two measures over tiles."""
    squares = {"one_squared": first**2, "other_squared": second**2}
    return _estimate({"one": first, "other": second, "product": first * second} | squares, groups, _pearson)[""]


def _root(values: np.ndarray, root: bool) -> np.ndarray:
    return np.sqrt(values) if root else values


def _pearson(means: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    covariance = means["product"] - means["one"] * means["other"]
    spread = (means["one_squared"] - means["one"] ** 2) * (means["other_squared"] - means["other"] ** 2)
    return {"": covariance / np.sqrt(np.maximum(spread, np.finfo(float).tiny))}


def _estimate(
    measures: dict[str, np.ndarray], groups: Groups, statistic: Callable, seed: int = 0
) -> dict[str, Estimate]:
    sums = {}
    for name, values in measures.items():
        measured = np.isfinite(values)
        sums |= {name: np.where(measured, values, 0.0), f"{name} counted": measured.astype(float)}

    def of_totals(totals: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        with np.errstate(invalid="ignore"):
            return statistic({name: totals[name] / totals[f"{name} counted"] for name in measures})

    found = {name: float(value) for name, value in of_totals({name: v.sum() for name, v in sums.items()}).items()}
    if groups.count < FEWEST_GROUPS:
        return {name: Estimate(value, None, None) for name, value in found.items()}
    draws = bootstrap(sums, of_totals, groups, seed=seed)
    return {name: Estimate(value, *map(float, percentiles(draws[name]))) for name, value in found.items()}
