"""Inception features for FID and KID: pytorch-fid's network and preprocessing, run faster.

The network is Szegedy et al. (2015) as ported from TensorFlow's 2015-12-05 file, which is what FID is defined by; only
its published weights may give a number that is called FID. Batch norms are folded into their convolutions and images
are laid out channels last, which changes float32 features by rounding only.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate

from astrogan.evaluation.metrics.networks import pooled, published
from astrogan.models.weights import Find, resolve

if TYPE_CHECKING:
    from pytorch_fid.inception import InceptionV3

WEIGHTS = "inception_fid"
_SIDE = 299


def load_inception(find: Find = resolve) -> "InceptionV3":
    """The FID network with its published weights, looked up by `find`; `Unavailable` where they cannot be had."""
    state = published(WEIGHTS, "Inception weights of FID", find)
    return _build(lambda: state)


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
    *first, last = network.blocks
    blocks = nn.Sequential(*first, *last[:-1])  # without the mean over pixels, which is taken in float32
    return pooled(blocks, images, fast, side=_SIDE, mean=0.5, std=0.5, antialias=False)


def _build(state: Callable[[], dict[str, Tensor]] | None) -> "InceptionV3":
    import pytorch_fid.inception as pytorch_fid
    from torchvision.models.inception import Inception3

    # pytorch-fid downloads within its constructor: `state` takes the download's place, without one nothing is loaded
    stand_in = patch.object(pytorch_fid, "load_state_dict_from_url", lambda *_args, **_options: state and state())
    with stand_in, nullcontext() if state else patch.object(Inception3, "load_state_dict"):
        return pytorch_fid.InceptionV3().eval()
