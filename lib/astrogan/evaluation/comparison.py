"""Means of per-tile measures, and paired differences between rows, with 95 % intervals over groups of tiles."""

from typing import NamedTuple

import numpy as np

from astrogan.evaluation.intervals import Groups, bootstrap, percentiles

FEWEST_GROUPS = 2


class Estimate(NamedTuple):
    """A number with its 95 % interval; `low` and `high` are None where there is a single group to resample."""

    value: float
    low: float | None
    high: float | None


def mean(values: np.ndarray, groups: Groups, root: bool = False) -> Estimate:
    """Mean over tiles of `values` (N,), or its square root; NaN tiles (nothing measured) are left out."""
    return _estimate({"first": values}, groups, lambda means: _root(means["first"], root))


def difference(first: np.ndarray, second: np.ndarray, groups: Groups, root: bool = False) -> Estimate:
    """Mean of `first` minus mean of `second` over the same tiles, or of the roots of the means, drawn in pairs."""
    return _estimate(
        {"first": first, "second": second},
        groups,
        lambda means: _root(means["first"], root) - _root(means["second"], root),
    )


def correlation(first: np.ndarray, second: np.ndarray, groups: Groups) -> Estimate:
    """Pearson's correlation of two measures over tiles."""
    products = {
        "one": first,
        "other": second,
        "one_squared": first**2,
        "other_squared": second**2,
        "product": first * second,
    }
    return _estimate(products, groups, _pearson)


def _pearson(means: dict[str, np.ndarray]) -> np.ndarray:
    covariance = means["product"] - means["one"] * means["other"]
    spread = (means["one_squared"] - means["one"] ** 2) * (means["other_squared"] - means["other"] ** 2)
    return covariance / np.sqrt(np.maximum(spread, np.finfo(float).tiny))


def _root(values: np.ndarray, root: bool) -> np.ndarray:
    return np.sqrt(values) if root else values


def _estimate(measures: dict[str, np.ndarray], groups: Groups, statistic) -> Estimate:
    sums = {}
    for name, values in measures.items():
        measured = np.isfinite(values)
        sums |= {name: np.where(measured, values, 0.0), f"{name} counted": measured.astype(float)}

    def of_totals(totals: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        counted = {name: totals[f"{name} counted"] for name in measures}
        with np.errstate(invalid="ignore"):
            return {"": statistic({name: totals[name] / counted[name] for name in measures})}

    value = float(of_totals({name: values.sum() for name, values in sums.items()})[""])
    if groups.count < FEWEST_GROUPS:
        return Estimate(value, None, None)
    low, high = percentiles(bootstrap(sums, of_totals, groups)[""])
    return Estimate(value, float(low), float(high))
