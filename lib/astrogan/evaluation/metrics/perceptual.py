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
from astrogan.evaluation.metrics.networks import SQUEEZENET, batched, published
from astrogan.evaluation.metrics.pixels import Pairs
from astrogan.models.weights import Find, resolve

if TYPE_CHECKING:
    from lpips import LPIPS

_EPSILON = 1e-10  # of the lengths that activations are divided by, as in the package
SMALLEST = 16
"""Side, px, under which its pooling leaves nothing."""


def load_lpips(find: Find = resolve) -> "LPIPS":
    """The LPIPS network, its trunk looked up by `find`; `Unavailable` where the SqueezeNet weights cannot be had."""
    return with_trunk(published(SQUEEZENET, "ImageNet SqueezeNet 1.1 weights of LPIPS", find))


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
    """LPIPS of each pair of uint8 sRGB images (N, H, W, 3), float64 (N,), of at least `SMALLEST` px.

    Both images of a pair go through the trunk in one batch, and what is compared is scaled in place: `lpips` itself, which
    the tests compare with, spends half its time on copies.
    """
    device = find_device()
    network = network.to(device=device, memory_format=torch.channels_last)
    slices = [getattr(network.net, f"slice{number}") for number in range(1, network.L + 1)]
    weights = [head.model[-1].weight.flatten() for head in network.lins]

    def of_part(part: slice) -> NDArray[np.float64]:
        pair = np.concatenate([truth[part], output[part]])
        # to [-1, 1]; a permuted channels-last array is channels last already
        x = network.scaling_layer(torch.from_numpy(pair).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1)
        total = torch.zeros(len(pair) // 2, device=device)
        for layers, weight in zip(slices, weights, strict=True):
            x = layers(x)
            features = x.permute(0, 2, 3, 1)
            shrink = 1 / (torch.linalg.vector_norm(features, dim=-1, keepdim=True) + _EPSILON)
            (one, other), (of_one, of_other) = features.chunk(2), shrink.chunk(2)
            apart = (one * of_one).addcmul_(other, of_other, value=-1).square_()
            total += (apart @ weight).mean(dim=(1, 2))
        return total.double().cpu().numpy()

    return batched(of_part, len(truth))
