"""Distances between populations of outputs and truth, as one pseudo-value a tile."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astrogan.data.tileset import TileSet
from astrogan.device import find_device
from astrogan.evaluation.metrics import METRICS, Metric, Unavailable
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
    fast: bool = False,
    find: Find = resolve,
    networks: Mapping[str, Any] = MappingProxyType({}),
    keep: Keep = lambda _key, make: make(),
) -> tuple[dict[str, NDArray[np.float64]], dict[str, str]]:
    """Pseudo-values (N,) of distances between outputs and truth, by metrics that share one network or none; and their methods.

    `fast` is bfloat16 where the hardware has it. `networks` stand in for the metrics' own, by the name of the first of
    `metrics` (the values are then not what they are called). `Unavailable` where they cannot be had.
    """
    if len(predictions) < 2:
        raise Unavailable("a distance between distributions needs two or more images")
    for metric in metrics:
        metric.needs.check(metric.label, predictions.size)
    truth, output, arithmetic = predictions.truth, predictions.rounded, "float64"
    if features := metrics[0].features:
        network = networks.get(metrics[0].name) or metrics[0].needs.network(find)
        bfloat16 = fast and fast_available()
        arithmetic = "bfloat16" if bfloat16 else "float32"
        key = f"{_digest(network)} {arithmetic} {find_device().type}"
        truth = keep(key, lambda: features(network, predictions.truth, bfloat16))
        output = features(network, output, bfloat16)
    found = {metric.name: metric.function(truth, output) for metric in metrics}
    height, width = predictions.size
    facts = {"n": len(predictions), "height": height, "width": width, "arithmetic": arithmetic}
    return found, {metric.name: metric.method.format(**facts) for metric in metrics}


def by_network(names: list[str]) -> list[list[Metric]]:
    """The named metrics of populations, those of one network together; each without one is alone."""
    together: dict[object, list[Metric]] = {}
    for metric in (METRICS[name] for name in names):
        together.setdefault(metric.needs.network or metric.name, []).append(metric)
    return list(together.values())


def beside(tiles: Sequence[TileSet], split: str) -> Keep:
    """Keep the features of a split's tiles, of one set or all folds, beside them, so that their rows compute them once."""
    digests, count = " ".join(each.digest for each in tiles), sum(len(each.indices(split)) for each in tiles)

    def keep(key: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        name = hashlib.sha256(f"{digests} {split} {key}".encode()).hexdigest()[:16]
        path = tiles[0].folder.parent / f"features-{name}.npy"
        if path.is_file():
            try:
                kept = np.load(path, allow_pickle=False)
                if kept.ndim == 2 and len(kept) == count and np.isfinite(kept).all():
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
