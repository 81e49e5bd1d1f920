"""The patch discriminator over ResNet-50, cut at stride 8 (paper section 3.4; What the authors ran, 2)."""

import torch
import torchvision.models as tv
from torch import Tensor, nn

from astrogan.models import keras
from astrogan.models.stem import load_stem


class Resnet50Patch(nn.Module):
    """Judge patches: logits (B, 1, H/8 - 2, W/8 - 2), 30 x 30 at 256 px; the paper says 50 x 50.

    ResNet-50 up to the second convolution of the last block of its second stage (Keras's `conv3_block4_2_relu`, 128
    channels), then a 3x3 convolution without padding to one logit. By default it follows the paper's section 3.3: the
    grey condition is seen beside the image, everything is trained. `as_run` follows the code: only the image is seen,
    all but the last block's two convolutions and the logit's are frozen with their batch norms in eval mode, and a
    LeakyReLU bends the logit. As run on RGB: 1,384,064 parameters and 9,088 running statistics (1,393,152 in Keras's
    count), 214,912 trained.

    `weights` is torchvision's ResNet-50 state dict, or None for a random start. torchvision strides in the 3x3
    convolution of a block, Keras in its first 1x1; the counts are the same. Neither variant applies ImageNet's
    normalisation.
    """

    def __init__(self, image_channels: int = 3, as_run: bool = False, weights: dict[str, Tensor] | None = None):
        super().__init__()
        self.as_run = as_run
        self.conditional = not as_run
        network = tv.resnet50(weights=None)
        network.conv1 = nn.Conv2d(image_channels + self.conditional, 64, 7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
        if weights is not None:
            load_stem(network, "conv1.weight", weights)
        *blocks, last = network.layer2
        self.body = nn.Sequential(
            network.conv1, network.bn1, nn.ReLU(), network.maxpool, network.layer1, nn.Sequential(*blocks)
        )
        self.last = nn.Sequential(last.conv1, last.bn1, nn.ReLU(), last.conv2, last.bn2, nn.ReLU())
        self.logit = nn.Conv2d(128, 1, 3, bias=False)
        keras.init_glorot(self.logit)
        if as_run:
            for part in (self.body, self.last):
                part.apply(_give_bias)
            self.body.requires_grad_(False)
            self.train()

    def train(self, mode: bool = True):
        """Set the mode of every layer, but for frozen ones, which stay in eval mode."""
        super().train(mode)
        if self.as_run:
            self.body.eval()
        return self

    def forward(self, condition: Tensor, image: Tensor) -> Tensor:
        """Logits for `image` (B, C, H, W) given the grey `condition` (B, 1, H, W), both in the network's units."""
        seen = torch.cat([condition, image], dim=1) if self.conditional else image
        logit = self.logit(self.last(self.body(seen)))
        return nn.functional.leaky_relu(logit, 0.2) if self.as_run else logit


def _give_bias(module: nn.Module) -> None:
    # Keras's ResNet-50 has a bias before each batch norm: without effect on the output, but it is counted.
    if isinstance(module, nn.Conv2d):
        module.bias = nn.Parameter(torch.zeros(module.out_channels))
