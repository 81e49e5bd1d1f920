"""Content losses: an image compared with the truth in the features of an ImageNet network (Ledig et al. 2017, section 2.2.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from astrogan.models.generators.subpixel import channel_mean
from astrogan.models.stem import IMAGENET_MEAN, IMAGENET_STD, features_of, load_layout


@dataclass(frozen=True)
class Layer:
    """Where the `features` of a network are cut, by what they are divided, and what that is in words.

    RGB in [0, 1] goes in less `mean` and over `std`, with its channels in reverse where the network was trained on `bgr`.
    """

    features: Callable[[], nn.Sequential]
    weights: str
    layers: int
    divisor: float
    what: str
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    bgr: bool = False


_NOT = ", not VGG-19's features as in the paper"


def _features(name: str) -> nn.Sequential:
    import torchvision.models as tv  # a second, which those who only name a loss need not wait

    return getattr(tv, name)().features


def _vgg_features(which: str) -> nn.Sequential:
    from torchvision.models.vgg import cfgs, make_layers  # without the classifier, which is 120 million weights

    return make_layers(cfgs[which][:-1] if which == "D" else cfgs[which], batch_norm=False)


def _hed(block: int, layers: int, divisor: float) -> Layer:
    """Of HED's VGG-16, which saw BGR from 0 to 255 without the mean."""
    what = f"VGG-16 of HED, the last convolution of block {block}, after its ReLU, at stride {2 ** (block - 1)}"
    mean = (123.68 / 255, 116.779 / 255, 103.939 / 255)
    return Layer(partial(_vgg_features, "D"), "vgg16_hed", layers, divisor, what + _NOT, mean, (1 / 255,) * 3, bgr=True)


CONTENT = {
    # Ledig et al., section 3.2: divided by 12.75, the loss is on the scale of the pixels' mean squared error.
    "vgg19": Layer(
        partial(_vgg_features, "E"), "vgg19", 36, 12.75,
        "VGG-19, the 4th convolution before the 5th pooling, after its ReLU, at stride 16",
    ),
    # Measured for the same scale: on 64 crops of 96 px from COCO the loss between bicubic x4 and truth equals that of
    # the pixels in [-1, 1]; on 64 others, from several sources, within 1 %.
    "squeezenet": Layer(
        partial(_features, "squeezenet1_1"), "squeezenet1_1", 13, 73.0,
        "SqueezeNet 1.1, the last fire module, at stride 16" + _NOT,
    ),
    "mobilenet_v2": Layer(
        partial(_features, "mobilenet_v2"), "mobilenet_v2", 14, 3.1,
        "MobileNetV2, the last block at stride 16, which ends in no ReLU" + _NOT,
    ),
    # Xie and Tu (2015) trained VGG-16 on from ImageNet to find edges: a VGG, but not ImageNet's.
    "vgg16_hed_block3": _hed(3, 16, 52.0),
    "vgg16_hed_block4": _hed(4, 23, 15.7),
}  # fmt: skip
"""`vgg19` is the paper's and krasserm's (layer 20 of Keras's VGG-19); the others stand in for it."""


class ContentLoss(nn.Module):
    """Mean squared difference of features, of which nothing is trained and no batch norm follows the images."""

    def __init__(self, name: str, weights: dict[str, Tensor]):
        """`name` of `CONTENT`; `weights` is a state dict of that network in torchvision's layout.

        Raises:
            AstroganError: for weights of another network.
        """
        super().__init__()
        layer = CONTENT[name]
        features = layer.features()
        load_layout(features, features_of(weights))
        self.features = features[: layer.layers].requires_grad_(False)
        self.layer = layer
        self.eval()

    def train(self, mode: bool = True):
        """Stay in eval mode whatever `mode`: folded batch norms would break, others drift."""
        return super().train(False)

    def content(self, rgb: Tensor) -> Tensor:
        """Features of RGB (B, 3, H, W) in [0, 1], at least 32 px a side."""
        normalised = (rgb - channel_mean(self.layer.mean, rgb)) / channel_mean(self.layer.std, rgb)
        return self.features(normalised.flip(1) if self.layer.bgr else normalised) / self.layer.divisor

    def forward(self, output: Tensor, truth: Tensor) -> Tensor:
        """The loss of `output` and `truth`, both RGB (B, 3, H, W) in [0, 1]; a scalar, float32."""
        with torch.no_grad():
            wanted = self.content(truth)
        return nn.functional.mse_loss(self.content(output.to(truth.dtype)).float(), wanted.float())
