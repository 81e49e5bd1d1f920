"""Distances between populations of outputs and truth, each with the values of the halves that its interval comes from."""

import hashlib
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astrogan.data.tileset import TileSet
from astrogan.device import find_device
from astrogan.evaluation.intervals import Groups, half_sample_interval
from astrogan.evaluation.metrics import METRICS, Metric, Unavailable
from astrogan.evaluation.metrics.distances import in_parallel
from astrogan.evaluation.metrics.networks import fast_available
from astrogan.files import write_atomic
from astrogan.models.weights import Find, resolve
from astrogan.tasks.predictions import Predictions

log = logging.getLogger(__name__)

Keep = Callable[[str, Callable[[], np.ndarray]], np.ndarray]
"""Features by the text that names the network and its arithmetic, from where they are kept, or made by the function."""


def distances(
    metrics: list[Metric],
    predictions: Predictions,
    halves: list[NDArray[np.intp]],
    fast: bool = False,
    find: Find = resolve,
    network: Any = None,
    keep: Keep = lambda _key, make: make(),
) -> tuple[dict[str, NDArray[np.float64]], dict[str, str]]:
    """Distances between outputs and truth by metrics that share one network, or none; and how each was computed.

    By name float64 (1 + halves,): of all images, then of those of each half (arrays of indices), which an interval comes
    from. `fast` is bfloat16 where the hardware has it, and no halves for a slow distance. `network` stands in for the
    metrics' own (the values are then not what they are called). `Unavailable` where they cannot be had.
    """
    if len(predictions) < 2:
        raise Unavailable("a distance between distributions needs two or more images")
    for metric in metrics:
        metric.needs.check(metric.label, predictions.size)
    truth, output, arithmetic = predictions.truth, predictions.rounded, "float64"
    if features := metrics[0].features:
        network = network or metrics[0].needs.network(find)
        bfloat16 = fast and fast_available()
        arithmetic = "bfloat16" if bfloat16 else "float32"
        key = f"{_digest(network)} {arithmetic} {find_device().type}"
        truth = keep(key, lambda: features(network, predictions.truth, bfloat16))
        output = features(network, output, bfloat16)

    def values(metric: Metric) -> NDArray[np.float64]:
        parts = [] if metric.slow and fast else halves
        return metric.function(truth, output, [np.arange(len(predictions)), *parts])

    # a distance without features shares the processors out itself
    found = in_parallel(values, metrics) if features else map(values, metrics)
    height, width = predictions.size
    facts = {"n": len(predictions), "height": height, "width": width, "arithmetic": arithmetic}
    methods = {metric.name: metric.method.format(**facts) for metric in metrics}
    return {metric.name: each for metric, each in zip(metrics, found, strict=True)}, methods


def interval(metric: Metric, values: NDArray[np.float64], groups: Groups) -> list[float] | None:
    """[low, high] of a distance and its halves, as `distances` gives them; None without halves."""
    if len(values) < 2:
        return None
    low, high = half_sample_interval(float(values[0]), values[1:], groups)
    return [low if metric.signed else max(low, 0.0), high]


def by_network(names: list[str]) -> list[list[Metric]]:
    """The named metrics of populations, those of one network together; each without one is alone."""
    together: dict[object, list[Metric]] = {}
    for metric in (METRICS[name] for name in names):
        together.setdefault(metric.needs.network or metric.name, []).append(metric)
    return list(together.values())


def beside(tiles: TileSet, split: str) -> Keep:
    """Keep the features of a split's tiles beside the tiles, so that rows of one set compute them once."""

    def keep(key: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        name = hashlib.sha256(f"{tiles.digest} {split} {key}".encode()).hexdigest()[:16]
        path = tiles.folder.parent / f"features-{name}.npy"
        if path.is_file():
            try:
                kept = np.load(path, allow_pickle=False)
                if kept.ndim == 2 and len(kept) == len(tiles.indices(split)) and np.isfinite(kept).all():
                    return kept
            except (OSError, ValueError, EOFError) as error:
                log.warning("%s is damaged (%s): features are computed again", path.name, error)
        found = make()
        write_atomic(path, lambda file: np.save(file, found))
        return found

    return keep


def _digest(network: Any) -> str:
    """What names a network's weights, whatever file they came from; an object without weights is a stand-in."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items() if hasattr(network, "state_dict") else ():
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
