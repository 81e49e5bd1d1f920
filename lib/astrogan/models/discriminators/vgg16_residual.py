"""The Basic U-net's discriminator: VGG-16 and two residual blocks (paper section 4.1; What the authors ran, 1)."""

import torch
from torch import Tensor, nn
from torchvision.models.vgg import cfgs, make_layers

from astrogan.models import keras
from astrogan.models.generators.basic_unet import check_sides
from astrogan.models.stem import features_of, init_vgg, load_stem

STRIDE = 32


class Vgg16Residual(nn.Module):
    """Judge a whole image of `size` px: logits (B, 1).

    By default it follows the paper's section 3.3: the discriminator sees the grey condition beside the image,
    everything is trained, and it returns logits. `as_run` follows the code: only the image is seen, VGG-16 is frozen,
    and a sigmoid closes the network although the loss expects logits, so that its "logits" lie in [0, 1] and the
    discriminator's loss can fall no lower than 1.006. As run on RGB at 64 px: 19,439,937 parameters and 3,072 running
    statistics (19,443,009 in Keras's count), 4,725,249 trained.

    `weights` is torchvision's VGG-16 state dict (or its `features.*` alone), or None for a random start. Neither
    variant applies ImageNet's normalisation to its input; the authors did not.
    """

    def __init__(
        self, size: int = 256, image_channels: int = 3, as_run: bool = False, weights: dict[str, Tensor] | None = None
    ):
        super().__init__()
        self.as_run = as_run
        self.conditional = not as_run
        self.features = make_layers(cfgs["D"], batch_norm=False)
        self.features.apply(init_vgg)
        stem = nn.Conv2d(image_channels + self.conditional, 64, 3, padding=1)
        init_vgg(stem)
        self.features[0] = stem
        if weights is not None:
            load_stem(self.features, "0.weight", features_of(weights))
        self.blocks = nn.Sequential(ResidualBlock(512, 256), ResidualBlock(256, 512))
        self.judge = nn.Sequential(nn.Dropout(0.25), nn.Flatten(), nn.Linear(512 * (size // STRIDE) ** 2, 1))
        for part in (self.blocks, self.judge):
            part.apply(keras.init_glorot)
        if as_run:
            self.features.requires_grad_(False)

    def forward(self, condition: Tensor, image: Tensor) -> Tensor:
        """Logits (B, 1) for `image` (B, C, size, size) given the grey `condition` (B, 1, size, size)."""
        check_sides(image, STRIDE, "VGG-16")
        seen = torch.cat([condition, image], dim=1) if self.conditional else image
        logit = self.judge(self.blocks(self.features(seen)))
        return torch.sigmoid(logit) if self.as_run else logit


class ResidualBlock(nn.Module):
    """Two parallel 3x3 convolutions with norm and LeakyReLU 0.2, one behind dropout, added (n_in to n_out channels)."""

    def __init__(self, n_in: int, n_out: int):
        super().__init__()
        self.main = nn.Sequential(nn.Dropout(0.25), *_convolution(n_in, n_out))
        self.shortcut = nn.Sequential(*_convolution(n_in, n_out))

    def forward(self, features: Tensor) -> Tensor:
        return self.main(features) + self.shortcut(features)


def _convolution(n_in: int, n_out: int) -> list[nn.Module]:
    # The authors' own choice here is 0.8 in Keras's terms.
    return [nn.Conv2d(n_in, n_out, 3, padding=1), keras.batch_norm(n_out, momentum=0.2), nn.LeakyReLU(0.2)]
