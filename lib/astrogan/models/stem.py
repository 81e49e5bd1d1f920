"""ImageNet weights for parts of torchvision's networks, whose stem may see a grey condition beside colour."""

import torch
from torch import Tensor, nn

from astrogan.base import AstroganError

COLOURS = 3
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of the channels of RGB in [0, 1]: what torchvision's networks take off, and divide by then."""


def load_stem(network: nn.Module, stem: str, weights: dict[str, Tensor]) -> None:
    """Load `weights` strictly; the convolution `stem` (a key) may have more input channels than the weights' three.

    The colours' filters go to the last three channels and the ones before start at zero, so that the network first does
    what it did on ImageNet and learns to use its condition.

    Raises:
        AstroganError: when the weights are of another network.
    """
    own = network.state_dict()[stem]
    extra = own.shape[1] - COLOURS
    weights = dict(weights)
    if stem in weights and extra > 0:
        weights[stem] = torch.cat([torch.zeros_like(own[:, :extra]), weights[stem].to(own)], dim=1)
    load_layout(network, weights)


def load_layout(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """`load_state_dict`, strictly; `AstroganError` names what is missing, unknown or of another shape."""
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise AstroganError(
            f"these weights do not fit {type(network).__name__}; torchvision's layout was expected. {error}"
        ) from error


def features_of(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The part of a torchvision state dict that belongs to `features`, without that prefix."""
    prefix = "features."
    return {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}


def init_vgg(module: nn.Module) -> None:
    """torchvision's start of a VGG convolution: He et al. 2015, the bias 0."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(module.bias)
