"""FID, KID and the wavelet distance of predictions: each with the values of the halves that its interval comes from."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pytorch_fid.inception import InceptionV3

from astrogan.evaluation.frechet import frechet_distances, in_parallel
from astrogan.evaluation.inception import fast_available, inception_features, load_inception
from astrogan.evaluation.intervals import Groups, half_sample_interval
from astrogan.evaluation.kernel import kernel_distances
from astrogan.evaluation.unavailable import Unavailable
from astrogan.evaluation.wavelet import PACKETS, packet_distances
from astrogan.models.weights import Find, resolve
from astrogan.tasks.predictions import Predictions

_OF_FEATURES = {"fid": frechet_distances, "kid": kernel_distances}


@dataclass(frozen=True)
class Distance:
    """A distance between the outputs and the truth.

    Attributes:
        value: of all images.
        halves: float64 (draws,), of the images of each half; empty where there is no interval.
        method: what it is of, in words.
        signed: whether it may be negative (an unbiased estimate may).
    """

    value: float
    halves: NDArray[np.float64]
    method: str
    signed: bool = False

    def interval(self, groups: Groups) -> list[float] | None:
        """[low, high], or None without halves."""
        if not len(self.halves):
            return None
        low, high = half_sample_interval(self.value, self.halves, groups)
        return [low if self.signed else max(low, 0.0), high]


def inception_distances(
    predictions: Predictions,
    halves: list[NDArray[np.intp]],
    names: Collection[str] = ("fid", "kid"),
    fast: bool = False,
    find: Find = resolve,
    network: InceptionV3 | None = None,
) -> dict[str, Distance]:
    """`fid` and `kid`, as far as `names` asks; `network` stands in for FID's own (then the values are not FID).

    Raises:
        Unavailable: without the network's weights, or with fewer than two images.
    """
    parts = _parts(predictions, halves)
    network = network or load_inception(find)
    bfloat16 = fast and fast_available()
    features = [inception_features(network, side, bfloat16) for side in (predictions.truth, predictions.rounded)]
    arithmetic, count = "bfloat16" if bfloat16 else "float32", len(predictions)
    wanted = [name for name in _OF_FEATURES if name in names]
    values = in_parallel(lambda name: _OF_FEATURES[name](*features, parts), wanted)
    methods = {
        "fid": f"pytorch-fid's Inception, {arithmetic}; compare only at N = {count}",
        "kid": f"the features of FID, {arithmetic}; cubic kernel, all {count} pairs at once, no subsets",
    }
    return {
        name: Distance(each[0], each[1:], methods[name], signed=name == "kid")
        for name, each in zip(wanted, values, strict=True)
    }


def wavelet_distance(predictions: Predictions, halves: list[NDArray[np.intp]]) -> Distance:
    """The Frechet wavelet distance; `Unavailable` where the tiles do not divide, or with fewer than two images."""
    values = packet_distances(predictions.truth, predictions.rounded, _parts(predictions, halves)).mean(axis=0)
    height, width = predictions.size
    method = f"Haar, level 4, {PACKETS} packets; compare only at {width} x {height} px and N = {len(predictions)}"
    return Distance(values[0], values[1:], method)


def _parts(predictions: Predictions, halves: list[NDArray[np.intp]]) -> list[NDArray[np.intp]]:
    if len(predictions) < 2:
        raise Unavailable("a distance between distributions needs two or more images")
    return [np.arange(len(predictions)), *halves]
