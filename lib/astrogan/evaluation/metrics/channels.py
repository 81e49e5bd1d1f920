"""Metrics that are made by the channel: errors, and the norms of the paper's arithmetic."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from astrogan.color import AB_SCALE
from astrogan.evaluation.metrics.metric import Metric, root
from astrogan.evaluation.metrics.pixels import Pairs
from astrogan.evaluation.metrics.wrapped import as_float16

COLOURS = ("red", "green", "blue")

_SHORT = {"red": "R", "green": "G", "blue": "B", "a": "a", "b": "b"}


def mean(
    error: str, of: Callable[[np.ndarray], np.ndarray], index: int | None = None, unit: float = 1
) -> Callable[[Pairs], np.ndarray]:
    """Measures a tile's mean of what `of` makes of its errors (an attribute of `Pairs`), of one channel or over all, in some unit."""

    def function(pairs: Pairs) -> np.ndarray:
        errors = getattr(pairs, error)
        # channels first, as the mean over all is that of the channels' means
        means = of(errors).mean(axis=-1).mean(axis=1) if index is None else of(errors[:, index]).mean(axis=-1)
        return means / unit

    return function


def rooted(column: str) -> dict[str, Any]:
    """What a root mean square is made of: a measure of squares, and the root of its mean."""
    return {"columns": (column,), "combine": root(column)}


def errors(prefix: str, words: str, error: str, channels: tuple[str, ...], part: str) -> Iterator[Metric]:
    """Bias (output minus truth), mean absolute and root mean square error of each channel."""
    kinds = (("bias", "Bias", np.asarray, None), ("mae", "MAE", np.abs, "lower"), ("rmse", "RMSE", np.square, "lower"))
    for index, name in enumerate(channels):
        for stem, label, of, better in kinds:
            options = rooted(f"{prefix}{name}_squared") if stem == "rmse" else {}
            key, title = f"{prefix}{stem}_{name}", f"{words}{label} {_SHORT[name]}"
            yield Metric(key, title, mean(error, of, index), better=better, part=part, **options)


def published(prefix: str, words: str, norms: str, part: str) -> Iterator[Metric]:
    """L1 and L2 of the paper's arithmetic, of each channel of RGB and over all."""

    def entry(norm: str, name: str, short: str, of: Callable[[np.ndarray], np.ndarray], **options) -> Metric:
        key, label = f"{prefix}{norm}_{name}", f"{words}{norm.upper()} {short}"
        return Metric(key, label, lambda pairs: of(getattr(pairs, norms)[norm]), cut=4, part=part, **options)

    for norm, digits, finish in (("l1", 2, None), ("l2", 3, as_float16)):
        for index, name in enumerate(COLOURS):
            yield entry(norm, name, _SHORT[name], lambda values, index=index: values[:, index], finish=finish)
        yield entry(norm, "rgb", "RGB", lambda values: values.mean(axis=-1), digits=digits)


def published_ab() -> Iterator[Metric]:
    """L1 (a signed mean, truth minus output) and L2 (the mean absolute error) of Table 3, in units of 110."""
    for index, name in enumerate("ab"):
        for norm, of in (("l1", np.negative), ("l2", np.abs)):
            of_ab = mean("ab_error", of, index, AB_SCALE)
            yield Metric(f"published_{norm}_{name}", f"{norm.upper()} {name}", of_ab, digits=4, cut=5, part="published")
