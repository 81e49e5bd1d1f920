"""LPIPS, a learned similarity: distance between SqueezeNet activations, weighted by human judgements.

Zhang et al. (2018), version 0.1, by the `lpips` package, which ships the linear weights; the ImageNet SqueezeNet 1.1
that it would download comes from ASTROGAN_WEIGHTS or torch hub's cache, and is never downloaded here.
"""

import warnings
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from astrogan.device import find_device
from astrogan.evaluation.metrics.metric import Unavailable
from astrogan.evaluation.metrics.pixels import Pairs
from astrogan.models.weights import Find, load, resolve

if TYPE_CHECKING:
    from lpips import LPIPS

TRUNK = "squeezenet1_1"
_BATCH = 10
SMALLEST = 16
"""Side, px, under which its pooling leaves nothing."""


def load_lpips(find: Find = resolve) -> "LPIPS":
    """The LPIPS network, its trunk looked up by `find`; `Unavailable` where the SqueezeNet weights cannot be had."""
    resolution = find(TRUNK)
    if not resolution.available:
        raise Unavailable(
            "the ImageNet SqueezeNet 1.1 weights of LPIPS are not in ASTROGAN_WEIGHTS or torch hub's cache"
        )
    return with_trunk(load(resolution))


def with_trunk(state: dict[str, torch.Tensor]) -> "LPIPS":
    """LPIPS on a SqueezeNet 1.1 whose weights are `state`, torchvision's names; a classifier in it is not used."""
    from lpips import LPIPS  # takes a second, and most readers of the registry need no network

    with warnings.catch_warnings():
        # lpips 0.1.4 passes arguments that torchvision has renamed since
        warnings.filterwarnings("ignore", message="The parameter 'pretrained' is deprecated", category=UserWarning)
        warnings.filterwarnings("ignore", message="Arguments other than a weight enum", category=UserWarning)
        network = LPIPS(net="squeeze", version="0.1", pnet_rand=True, verbose=False)
    # its slices keep torchvision's numbers: slice3.5.squeeze.weight is features.5.squeeze.weight
    trunk = {name: state[f"features.{name.partition('.')[2]}"] for name in network.net.state_dict()}
    network.net.load_state_dict(trunk)
    return network.eval()


def lpips(pairs: Pairs, network: "LPIPS") -> NDArray[np.float64]:
    """LPIPS of each pair, corrected outputs."""
    return lpips_distances(network, pairs.truth, pairs.rounded)


def lpips_distances(network: "LPIPS", truth: np.ndarray, output: np.ndarray) -> NDArray[np.float64]:
    """LPIPS of each pair of uint8 sRGB images (N, H, W, 3), float64 (N,), of at least `SMALLEST` px."""
    device = find_device()
    network = network.to(device=device, memory_format=torch.channels_last)
    found = np.empty(len(truth))
    with torch.inference_mode():
        for start in range(0, len(truth), _BATCH):
            part = slice(start, start + _BATCH)
            pair = [torch.from_numpy(np.ascontiguousarray(side[part])).to(device) for side in (truth, output)]
            # to [-1, 1]; a permuted channels-last array is channels last already
            scaled = [side.permute(0, 3, 1, 2).float() / 127.5 - 1 for side in pair]
            found[part] = network(*scaled).flatten().double().cpu().numpy()
    return found
