"""LPIPS, a learned similarity: distance between SqueezeNet activations, weighted by human judgements.

Zhang et al. (2018), version 0.1, by the `lpips` package, which ships the linear weights; the ImageNet SqueezeNet 1.1
that it would download comes from ASTROGAN_WEIGHTS or torch hub's cache, and is never downloaded here.
"""

import warnings

import numpy as np
import torch
from lpips import LPIPS
from numpy.typing import NDArray

from astrogan.device import find_device
from astrogan.evaluation.unavailable import Unavailable
from astrogan.models.weights import Find, load, resolve

TRUNK = "squeezenet1_1"
_BATCH = 10
_SMALLEST = 16


def load_lpips(find: Find = resolve) -> LPIPS:
    """The LPIPS network, its trunk looked up by `find`; `Unavailable` where the SqueezeNet weights cannot be had."""
    resolution = find(TRUNK)
    if not resolution.available:
        raise Unavailable(
            "the ImageNet SqueezeNet 1.1 weights of LPIPS are not in ASTROGAN_WEIGHTS or torch hub's cache"
        )
    return with_trunk(load(resolution))


def with_trunk(state: dict[str, torch.Tensor]) -> LPIPS:
    """LPIPS on a SqueezeNet 1.1 whose weights are `state`, torchvision's names; a classifier in it is not used."""
    with warnings.catch_warnings():
        # lpips 0.1.4 passes arguments that torchvision has renamed since
        warnings.filterwarnings("ignore", message="The parameter 'pretrained' is deprecated", category=UserWarning)
        warnings.filterwarnings("ignore", message="Arguments other than a weight enum", category=UserWarning)
        network = LPIPS(net="squeeze", version="0.1", pnet_rand=True, verbose=False)
    # its slices keep torchvision's numbers: slice3.5.squeeze.weight is features.5.squeeze.weight
    trunk = {name: state[f"features.{name.partition('.')[2]}"] for name in network.net.state_dict()}
    network.net.load_state_dict(trunk)
    return network.eval()


def lpips_distances(network: LPIPS, truth: np.ndarray, output: np.ndarray) -> NDArray[np.float64]:
    """LPIPS of each pair of uint8 sRGB images (N, H, W, 3), float64 (N,).

    Raises:
        Unavailable: for images under 16 px, which its pooling leaves nothing of.
    """
    if min(truth.shape[1:3]) < _SMALLEST:
        raise Unavailable(f"LPIPS needs images of {_SMALLEST} px or more, these are {truth.shape[1:3]}")
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
