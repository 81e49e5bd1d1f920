"""Inception features for FID and KID: pytorch-fid's network and preprocessing, run faster.

The network is Szegedy et al. (2015) as ported from TensorFlow's 2015-12-05 file, which is what FID is defined by; only
its published weights may give a number that is called FID. Batch norms are folded into their convolutions and images
are laid out channels last, which changes float32 features by rounding only.
"""

import copy
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch.nn.utils.fusion import fuse_conv_bn_eval

from astrogan.base import AstroganError
from astrogan.device import choose_precision, find_device
from astrogan.evaluation.metrics.metric import Unavailable
from astrogan.models.weights import KNOWN, Find, load, resolve

if TYPE_CHECKING:
    from pytorch_fid.inception import InceptionV3

WEIGHTS = "inception_fid"
FEATURES = 2048
_SIDE = 299
_BATCH = 25


def load_inception(find: Find = resolve) -> "InceptionV3":
    """The FID network with its published weights, looked up by `find`; `Unavailable` where they cannot be had."""
    resolution = find(WEIGHTS)
    if not resolution.available:
        raise Unavailable(
            f"the Inception weights of FID ({KNOWN[WEIGHTS][0].filename}) are not at hand: {resolution.reason}"
        )
    return _build(lambda: load(resolution))


def random_inception(seed: int, calibration_images: int = 8) -> "InceptionV3":
    """The FID network with seeded random weights, for tests and benchmarks: its distances are not FID.

    Its batch norms take their statistics from smooth random images, so that features neither vanish nor coincide.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _build(None)
        norms = []
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_running_stats()
                module.momentum = None  # the plain mean over batches
                norms.append(module)
        images = interpolate(torch.rand(calibration_images, 3, 9, 9), size=(_SIDE, _SIDE), mode="bicubic").clamp(0, 1)
        images = (images + 0.1 * torch.randn_like(images)).clamp(0, 1)
        network.train()
        with torch.no_grad():
            network(images)
    return network.eval()


def inception_features(network: "InceptionV3", images: np.ndarray, fast: bool = False) -> NDArray[np.float64]:
    """Features (N, 2048) of uint8 sRGB `images` (N, H, W, 3), as pytorch-fid preprocesses them.

    `fast` computes in bfloat16, where the processor or GPU has it (`fast_available`).
    """
    if fast and not fast_available():
        raise AstroganError("bfloat16 is not faster on this processor; leave 'fast' away")
    device = find_device()
    dtype = torch.bfloat16 if fast else torch.float32
    blocks = _folded(network).to(device=device, dtype=dtype, memory_format=torch.channels_last)
    found = np.empty((len(images), FEATURES))
    with torch.inference_mode():
        for start in range(0, len(images), _BATCH):
            part = torch.from_numpy(np.ascontiguousarray(images[start : start + _BATCH])).to(device)
            activations = blocks(_prepared(part).to(dtype)).float()
            found[start : start + len(part)] = activations.mean(dim=(2, 3)).cpu().numpy()
    return found


def fast_available() -> bool:
    """Whether bfloat16 pays on this machine."""
    return choose_precision().bfloat16


def _prepared(images: Tensor) -> Tensor:
    # pytorch-fid: bilinear to 299 x 299, then [0, 1] to [-1, 1]. The permuted array is channels last already.
    scaled = images.permute(0, 3, 1, 2).float() / 255
    return 2 * interpolate(scaled, size=(_SIDE, _SIDE), mode="bilinear", align_corners=False) - 1


def _folded(network: "InceptionV3") -> nn.Sequential:
    from torchvision.models.inception import BasicConv2d  # here, as most readers of the registry need no network

    *first, last = copy.deepcopy(network).eval().blocks
    blocks = nn.Sequential(*first, *last[:-1])  # without the mean over pixels, which is taken in float32
    for module in blocks.modules():
        if isinstance(module, BasicConv2d):
            module.conv = fuse_conv_bn_eval(module.conv, module.bn)
            module.bn = nn.Identity()
    return blocks


def _build(state: Callable[[], dict[str, Tensor]] | None) -> "InceptionV3":
    import pytorch_fid.inception as pytorch_fid
    from torchvision.models.inception import Inception3

    # pytorch-fid downloads within its constructor: `state` takes the download's place, without one nothing is loaded
    stand_in = patch.object(pytorch_fid, "load_state_dict_from_url", lambda *_args, **_options: state and state())
    with stand_in, nullcontext() if state else patch.object(Inception3, "load_state_dict"):
        return pytorch_fid.InceptionV3().eval()
