"""Content networks: in whose features an image is compared with the truth (Ledig et al. 2017, section 2.2.1).

The content loss is the mean squared difference of the outputs of one of these networks on both images.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v2, squeezenet1_1
from torchvision.models.vgg import cfgs, make_layers

from astrogan.base import AstroganError
from astrogan.models.generators.subpixel import channel_mean
from astrogan.models.stem import features_of, load_layout

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Layer:
    """Where a torchvision network is cut, and by what its features are divided."""

    layers: int
    divisor: float
    what: str


LAYERS = {
    # Ledig et al., section 3.2: divided by 12.75, the loss is on the scale of the pixels' mean squared error.
    "vgg19": Layer(36, 12.75, "VGG-19, the 4th convolution before the 5th pooling, after its ReLU, at stride 16"),
    # Measured for the same scale: on 64 crops of 96 px from COCO the loss between bicubic x4 and truth equals that of
    # the pixels in [-1, 1]; on 64 others, from several sources, within 1 %.
    "squeezenet": Layer(13, 73.0, "SqueezeNet 1.1, the last fire module, at stride 16"),
    "mobilenet_v2": Layer(14, 3.1, "MobileNetV2, the last block at stride 16, which ends in no ReLU"),
}
"""`vgg19` is the paper's and krasserm's (layer 20 of Keras's VGG-19); the others stand in for it."""

CONTENT_NETWORKS = (*LAYERS, "pixel")


def content_network(name: str, weights: dict[str, Tensor] | None = None) -> nn.Module:
    """The content network `name`: RGB (B, 3, H, W) in [0, 1] to features; frozen, always in eval mode.

    `weights` is torchvision's ImageNet state dict of that network; `pixel` (Ledig et al.'s SRGAN-MSE: the image itself
    in [-1, 1]) needs none.

    Raises:
        AstroganError: for an unknown name, missing weights, or weights of another network.
    """
    if name == "pixel":
        return PixelContent()
    if name not in LAYERS:
        raise AstroganError(f"no content network is called '{name}'; known are {', '.join(CONTENT_NETWORKS)}")
    if weights is None:
        raise AstroganError(
            f"content network '{name}': its ImageNet weights are not at hand, and random features are no measure of "
            f"content. Put the weights into the folder named by ASTROGAN_WEIGHTS, or choose another of "
            f"{', '.join(CONTENT_NETWORKS)}; 'pixel' needs no weights."
        )
    features = {
        "vgg19": lambda: make_layers(cfgs["E"], batch_norm=False),
        "squeezenet": lambda: squeezenet1_1().features,
        "mobilenet_v2": lambda: mobilenet_v2().features,
    }[name]()
    load_layout(features, features_of(weights))
    layer = LAYERS[name]
    return FeatureContent(features[: layer.layers], layer.divisor)


class FeatureContent(nn.Module):
    """Features of an ImageNet network, of which nothing is trained and no batch norm follows the images."""

    def __init__(self, features: nn.Module, divisor: float):
        super().__init__()
        self.features = features.requires_grad_(False)
        self.divisor = divisor
        self.eval()

    def train(self, mode: bool = True):
        """Stay in eval mode whatever `mode`: folded batch norms would break, others drift."""
        return super().train(False)

    def forward(self, rgb: Tensor) -> Tensor:
        """`rgb`: (B, 3, H, W) in [0, 1], at least 32 px a side."""
        normalised = (rgb - channel_mean(IMAGENET_MEAN, rgb)) / channel_mean(IMAGENET_STD, rgb)
        return self.features(normalised) / self.divisor


class PixelContent(nn.Module):
    """The image itself, in [-1, 1]."""

    def forward(self, rgb: Tensor) -> Tensor:
        """`rgb`: (B, 3, H, W) in [0, 1]."""
        return rgb * 2 - 1


def content_loss(network: nn.Module, output: Tensor, truth: Tensor) -> Tensor:
    """Mean squared difference of the content of `output` and `truth`, both RGB (B, 3, H, W) in [0, 1]; float32."""
    with torch.no_grad():
        wanted = network(truth)
    return nn.functional.mse_loss(network(output).float(), wanted.float())
