"""What is measured on each tile of a row, once: the values that tables average, claims compare and intervals resample.

Every measure is a float64 array (N,), one number a tile, so that two rows over the same tiles can be compared in pairs.
The root of a squared measure (`_squared`) is taken after averaging. RGB is on the 0-255 scale, L and ab in CIE units.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from astrogan.base import AstroganError
from astrogan.data.threads import parallel
from astrogan.evaluation.metrics import METRICS, Metric, Pairs, Unavailable
from astrogan.files import write_text
from astrogan.models.weights import Find, resolve
from astrogan.tasks.predictions import Predictions

Measures = dict[str, np.ndarray]
"""Measure to float64 (N,)."""

_PIXELS_AT_ONCE = 2**17  # whose arrays stay in a processor's cache


def measure(
    predictions: Predictions,
    names: Collection[str] | None = None,
    find: Find = resolve,
    announce: Callable[[str], None] = lambda _step: None,
) -> tuple[Measures, dict[str, str]]:
    """Every measure of every tile, and why a metric has none, by its name.

    `names` restricts the metrics to some; `find` looks the weights of networks up; `announce` is called with the name of
    each step before it starts.
    """
    found: Measures = {}
    reasons: dict[str, str] = {}
    plain: list[Metric] = []
    announce("pixel distances")
    for metric in METRICS.values():
        if metric.kind != "pair" or (names is not None and metric.name not in names):
            continue
        try:
            metric.needs.check(metric.label, predictions.size)
            if metric.needs.network is None:
                plain.append(metric)
            elif metric.function:
                announce(metric.label)
                # a network makes its own batches
                found |= _columns(metric, metric.function(Pairs.of(predictions), metric.needs.network(find)))
        except Unavailable as reason:
            reasons[metric.name] = str(reason)
    step = max(1, _PIXELS_AT_ONCE // (predictions.size[0] * predictions.size[1]))
    parts = (slice(start, start + step) for start in range(0, len(predictions), step))

    def of_part(part: slice) -> Measures:
        pairs, values = Pairs.of(predictions, part), {}
        for metric in plain:
            if metric.function:
                values |= _columns(metric, metric.function(pairs))
        return values

    measured = list(parallel(of_part, parts))
    found |= {column: np.concatenate([values[column] for values in measured]) for column in measured[0]}
    order = dict.fromkeys(column for metric in METRICS.values() for column in metric.measures)
    return {column: found[column] for column in order if column in found}, reasons


def _columns(metric: Metric, values: Any) -> Measures:
    """What a metric's function gave, by column."""
    given = values if isinstance(values, dict) else {metric.measures[0]: values}
    return {column: np.asarray(each, float) for column, each in given.items()}


def save_measures(path: Path, measures: Measures, tile: np.ndarray, observation: np.ndarray) -> Path:
    """Write one line a tile: its name, its observation, and every measure with all its digits."""
    table = pd.DataFrame({"tile": tile, "observation": observation, **measures})
    return write_text(path, table.to_csv(index=False, na_rep="nan", lineterminator="\n"))


def read_measures(path: Path) -> tuple[Measures, np.ndarray, np.ndarray]:
    """Measures, tile names (N,) and observations (N,), as they were saved; `AstroganError` for a damaged file."""
    try:
        # numbers as text first: Python's own conversion gives back every bit
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        tile, observation = (table.pop(name).to_numpy(str) for name in ("tile", "observation"))
        return {name: table[name].to_numpy(str).astype(float) for name in table}, tile, observation
    except (OSError, ValueError, KeyError) as error:
        raise AstroganError(
            f"{path} cannot be read as measures ({error}). Delete it and run the stage that writes it."
        ) from error
