"""What the networks of metrics share: published weights, or the reason why there are none, and features of images."""

import copy
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch.nn.utils.fusion import fuse_conv_bn_eval

from astrogan.base import AstroganError
from astrogan.data.threads import parallel
from astrogan.device import choose_precision, find_device
from astrogan.evaluation.metrics.metric import Unavailable
from astrogan.models import efficientnet_lite
from astrogan.models.stem import IMAGENET_MEAN, IMAGENET_STD, features_of, load_layout
from astrogan.models.weights import KNOWN, Find, load, resolve

EFFICIENTNET, SQUEEZENET = "efficientnet_lite0", "squeezenet1_1"
_SIDE = 224  # of the images that both were trained on
_BATCH = 4


def published(name: str, what: str, find: Find = resolve) -> dict[str, Tensor]:
    """The weights `name`, `what` in words, looked up by `find`; `Unavailable`, with the reason, where there are none."""
    resolution = find(name)
    if not resolution.available:
        files = " or ".join(file.filename for file in KNOWN[name])
        raise Unavailable(f"the {what} ({files}) are not at hand: {resolution.reason}")
    return load(resolution)


def load_efficientnet(find: Find = resolve) -> nn.Module:
    """EfficientNet-Lite0 before its classifier, ImageNet weights: (B, 3, H, W) to (B, 1280, H / 32, W / 32)."""
    network = efficientnet_lite.EfficientNetLite0()
    load_layout(network, published(EFFICIENTNET, "ImageNet weights of EfficientNet-Lite0", find))
    return network.features.eval()


def load_squeezenet(find: Find = resolve) -> nn.Module:
    """SqueezeNet 1.1 before its classifier, ImageNet weights: (B, 3, H, W) to (B, 512, h, w), h about H / 16."""
    from torchvision.models import squeezenet1_1  # here, as most readers of the registry need no network

    network = squeezenet1_1(weights=None).features
    load_layout(network, features_of(published(SQUEEZENET, "ImageNet weights of SqueezeNet 1.1", find)))
    return network.eval()


def pooled(
    network: nn.Module,
    images: np.ndarray,
    fast: bool = False,
    *,
    side: int,
    mean: float | tuple[float, ...],
    std: float | tuple[float, ...],
    antialias: bool = True,
) -> NDArray[np.float64]:
    """Features (N, D) of uint8 sRGB `images` (N, H, W, 3): those of `network`, averaged over their places in float32.

    Images are scaled to `side` x `side` px, bilinear, then to (RGB in [0, 1] - `mean`) / `std`. `fast` computes in
    bfloat16, where the processor or GPU has it (`fast_available`).
    """
    if fast and not fast_available():
        raise AstroganError("bfloat16 is not faster on this processor; leave 'fast' away")
    device = find_device()
    dtype = torch.bfloat16 if fast else torch.float32
    network = folded(network).to(device=device, dtype=dtype, memory_format=torch.channels_last)
    shift, scale = (torch.as_tensor(each, device=device).view(1, -1, 1, 1) for each in (mean, std))

    def of_part(part: slice) -> NDArray[np.float64]:
        pixels = torch.from_numpy(np.ascontiguousarray(images[part])).to(device)
        # the permuted array is channels last already
        rgb = pixels.permute(0, 3, 1, 2).float() / 255
        rgb = interpolate(rgb, size=(side, side), mode="bilinear", align_corners=False, antialias=antialias)
        activations = network(((rgb - shift) / scale).to(dtype)).float()
        return activations.mean(dim=(2, 3)).double().cpu().numpy()

    return batched(of_part, len(images))


def batched(function: Callable[[slice], np.ndarray], count: int) -> NDArray[np.float64]:
    """What `function` gives of all of `count` images, called with slices of them, on as many threads as torch has.

    Batches are so small that activations stay in a processor's cache.
    """
    parts = (slice(start, start + _BATCH) for start in range(0, count, _BATCH))
    return np.concatenate(list(parallel(torch.inference_mode()(function), parts, torch.get_num_threads())))


efficientnet_features = partial(pooled, side=_SIDE, mean=efficientnet_lite.MEAN, std=efficientnet_lite.STD)
"""1,280 of an image: what its classifier sees."""

squeezenet_features = partial(pooled, side=_SIDE, mean=IMAGENET_MEAN, std=IMAGENET_STD)
"""512 of an image, of the last fire module: its classifier's only convolution follows."""


def folded(network: nn.Module) -> nn.Module:
    """A copy in eval mode whose batch norms `bn` are folded into the `conv` beside them: equal up to rounding."""
    network = copy.deepcopy(network).eval()
    for module in network.modules():
        if isinstance(getattr(module, "bn", None), nn.BatchNorm2d):
            module.conv = fuse_conv_bn_eval(module.conv, module.bn)
            module.bn = nn.Identity()
    return network


def fast_available() -> bool:
    """Whether bfloat16 pays on this machine."""
    return choose_precision().bfloat16
