"""Distances between populations of outputs and truth, each with the values of the halves that its interval comes from."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astrogan.data.tileset import TileSet
from astrogan.device import find_device
from astrogan.evaluation.intervals import Groups, half_sample_interval
from astrogan.evaluation.metrics import METRICS, Metric, Unavailable
from astrogan.evaluation.metrics.frechet import in_parallel
from astrogan.evaluation.metrics.inception import fast_available
from astrogan.files import write_atomic
from astrogan.models.weights import Find, resolve
from astrogan.tasks.predictions import Predictions

log = logging.getLogger(__name__)

Keep = Callable[[str, Callable[[], np.ndarray]], np.ndarray]
"""Features by the text that names the network and its arithmetic, from where they are kept, or made by the function."""


@dataclass(frozen=True)
class Distance:
    """A distance between outputs and truth: of all images, and of those of each half, float64 (draws,)."""

    metric: Metric
    value: float
    halves: NDArray[np.float64]

    def interval(self, groups: Groups) -> list[float] | None:
        """[low, high], or None without halves."""
        if not len(self.halves):
            return None
        low, high = half_sample_interval(self.value, self.halves, groups)
        return [low if self.metric.signed else max(low, 0.0), high]


@dataclass
class Populations:
    """The populations of some predictions, measured by one network after another.

    Attributes:
        predictions: outputs and truth.
        halves: the images of each half, arrays of indices.
        fast: bfloat16 where the hardware has it, and no interval for a slow distance.
        find: how to look weights up.
        network: stands in for a metric's own (its values are then not what they are called).
        keep: where features of the truth are kept.
    """

    predictions: Predictions
    halves: list[NDArray[np.intp]]
    fast: bool = False
    find: Find = resolve
    network: Any = None
    keep: Keep = lambda _key, make: make()
    methods: dict[str, str] = field(default_factory=dict)

    def distances(self, metrics: list[Metric]) -> dict[str, Distance]:
        """The distances of `metrics`, which share one network, or none; `Unavailable` where one cannot be had."""
        if len(self.predictions) < 2:
            raise Unavailable("a distance between distributions needs two or more images")
        for metric in metrics:
            metric.needs.check(metric.label, self.predictions.size)
        sides = self.predictions.truth, self.predictions.rounded
        first, arithmetic = metrics[0], "float64"
        if first.features:
            network = self.network or first.needs.network(self.find)
            bfloat16 = self.fast and fast_available()
            arithmetic = "bfloat16" if bfloat16 else "float32"
            key = f"{network_digest(network)} {arithmetic} {find_device().type}"
            truth, output = sides
            sides = (
                self.keep(key, lambda: first.features(network, truth, bfloat16)),
                first.features(network, output, bfloat16),
            )

        def values(metric: Metric) -> NDArray[np.float64]:
            halves = [] if metric.slow and self.fast else self.halves
            return metric.function(*sides, [np.arange(len(self.predictions)), *halves])

        # a distance without features shares the processors out itself
        found = in_parallel(values, metrics) if first.features else map(values, metrics)
        height, width = self.predictions.size
        facts = {"n": len(self.predictions), "height": height, "width": width, "arithmetic": arithmetic}
        self.methods |= {metric.name: metric.method.format(**facts) for metric in metrics}
        return {m.name: Distance(m, float(each[0]), each[1:]) for m, each in zip(metrics, found, strict=True)}


def by_network(names: list[str]) -> list[list[Metric]]:
    """The named metrics of populations, those of one network together; each without one is alone."""
    together: dict[object, list[Metric]] = {}
    for metric in (METRICS[name] for name in names):
        together.setdefault(metric.needs.network or metric.name, []).append(metric)
    return list(together.values())


def network_digest(network: Any) -> str:
    """What names a network's weights, whatever file they came from: SHA-256 of its tensors, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items() if hasattr(network, "state_dict") else ():
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def beside(tiles: TileSet, split: str) -> Keep:
    """Keep the features of a split's tiles beside the tiles, so that rows of one set compute them once."""

    def keep(key: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        name = hashlib.sha256(f"{tiles.digest} {split} {key}".encode()).hexdigest()[:16]
        path = tiles.folder.parent / f"features-{name}.npy"
        count = len(tiles.indices(split))
        if (kept := _kept(path, count)) is not None:
            return kept
        found = make()
        write_atomic(path, lambda file: np.save(file, found))
        return found

    return keep


def _kept(path: Path, count: int) -> NDArray[np.float64] | None:
    if not path.is_file():
        return None
    try:
        found = np.load(path, allow_pickle=False)
        if found.ndim == 2 and len(found) == count and np.isfinite(found).all():
            return found
    except (OSError, ValueError, EOFError) as error:
        log.warning("%s is damaged (%s): features are computed again", path.name, error)
    return None
