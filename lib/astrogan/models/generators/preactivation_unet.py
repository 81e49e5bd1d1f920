"""The authors' RGB generator: a U-net over a pre-activation ResNet-18 (paper section 3.4; What the authors ran, 2)."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from astrogan.models import keras
from astrogan.models.generators.basic_unet import check_sides

STAGES = (64, 128, 256, 512)
ENCODER_EPS = 2e-5
"""Epsilon of batch norm in the Keras ResNet-18 (qubvel's classification_models) that the authors took."""


class PreactivationUnet(nn.Module):
    """Grey (B, 1, H, W) to (B, `n_out`, H, W) in [-1, 1], the output of tanh; H and W are multiples of 8.

    14,584,387 parameters and 7,680 running statistics (14,592,067 in Keras's count), of which 3,416,003 lie
    outside the encoder. The stem's stride and pooling are gone, so the four stages work at H, H/2, H/4 and H/8.

    torchvision's ResNet-18 is another network (it normalises after each convolution, has an identity shortcut in its first
    stage), so its ImageNet weights do not fit here: everything starts at random and is trained, where the authors froze
    the encoder. They set the bare tanh against RGB in [0, 1], and so does the caller: negative outputs are what was cast
    to a blue sky (What the authors ran, 2).
    """

    def __init__(self, n_out: int = 3):
        super().__init__()
        self.first = nn.Conv2d(1, STAGES[0], 4)
        self.encoder = ResNet18Stages()
        self.up = nn.ModuleList()
        channels = STAGES[-1]
        for width in reversed(STAGES[:-1]):
            self.up.append(
                nn.Sequential(
                    nn.ConvTranspose2d(channels, width, 4, stride=2, padding=1, bias=False),
                    keras.batch_norm(width),
                    nn.LeakyReLU(keras.LEAKY_SLOPE),
                )
            )
            channels = 2 * width
        self.last = nn.ConvTranspose2d(channels, n_out, 4, padding=1)
        for part in (self.first, self.up, self.last):
            # The authors' initialiser for this network is not known; theirs for the Basic U-net is taken.
            part.apply(keras.init_normal)

    def forward(self, grey: Tensor) -> Tensor:
        """`grey`: (B, 1, H, W), as scaled by the caller. `AstroganError` for sides that are no multiples of 8."""
        check_sides(grey, 2 ** (len(STAGES) - 1), "the RGB ResNet-18 U-net")
        # Keras pads a kernel of 4 at stride 1 by one pixel before and two after.
        *skips, features = self.encoder(self.first(pad(grey, (1, 2, 1, 2))))
        for block, skip in zip(self.up, reversed(skips), strict=True):
            features = torch.cat([block(features), skip], dim=1)
        # One pixel too many after, for the same reason.
        return torch.tanh(self.last(features)[..., :-1, :-1])


class ResNet18Stages(nn.Module):
    """The four stages of a pre-activation ResNet-18, two units each: (B, 64, H, W) to the sums that end each stage."""

    def __init__(self):
        super().__init__()
        channels = STAGES[0]
        self.stages = nn.ModuleList()
        for level, width in enumerate(STAGES):
            stride = 1 if level == 0 else 2
            self.stages.append(nn.Sequential(Unit(channels, width, stride, projected=True), Unit(width, width)))
            channels = width

    def forward(self, features: Tensor) -> list[Tensor]:
        """Features of 64, 128, 256 and 512 channels at H, H/2, H/4 and H/8."""
        outputs = []
        for stage in self.stages:
            features = stage(features)
            outputs.append(features)
        return outputs


class Unit(nn.Module):
    """Norm, ReLU, 3x3, norm, ReLU, 3x3, and the shortcut added; a projected shortcut starts after the first ReLU."""

    def __init__(self, n_in: int, n_out: int, stride: int = 1, projected: bool = False):
        super().__init__()
        self.before = nn.Sequential(nn.BatchNorm2d(n_in, eps=ENCODER_EPS), nn.ReLU())
        self.shortcut = nn.Conv2d(n_in, n_out, 1, stride=stride, bias=False) if projected else None
        self.layers = nn.Sequential(
            nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(n_out, eps=ENCODER_EPS),
            nn.ReLU(),
            nn.Conv2d(n_out, n_out, 3, padding=1, bias=False),
        )
        for convolution in (layer for layer in self.modules() if isinstance(layer, nn.Conv2d)):
            # He et al. 2015, for networks that have to start without ImageNet weights.
            nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, features: Tensor) -> Tensor:
        active = self.before(features)
        return self.layers(active) + (features if self.shortcut is None else self.shortcut(active))
