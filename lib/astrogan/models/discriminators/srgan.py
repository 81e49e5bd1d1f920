"""SRGAN's discriminator (Ledig et al. 2017, section 2.1 and figure 4; What the authors ran, 4)."""

import math

from torch import Tensor, nn

WIDTHS = (64, 128, 256, 512)


class SRDiscriminator(nn.Module):
    """Judge a high-resolution RGB image of `size` px: logits (B, 1), without the paper's closing sigmoid.

    23,565,505 parameters at 96 px, and 3,712 running statistics, not counted. Eight 3x3 convolutions, every second one
    at stride 2, batch norm on all but the first, LeakyReLU 0.2, then two dense layers, whose size depends on `size`.
    """

    def __init__(self, size: int = 96):
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width in WIDTHS:
            layers += _convolution(channels, width, stride=1, norm=channels != 3)
            layers += _convolution(width, width, stride=2)
            channels = width
        side = math.ceil(size / 2 ** len(WIDTHS))
        self.layers = nn.Sequential(
            *layers,
            nn.Flatten(),
            nn.Linear(channels * side**2, 1024),
            nn.LeakyReLU(0.2),
            nn.Linear(1024, 1),
        )

    def forward(self, condition: Tensor, image: Tensor) -> Tensor:
        """Logits (B, 1) for `image`: RGB (B, 3, size, size) in [0, 1].

        `condition`, the low-resolution input, is not looked at: it is here because each discriminator is called alike.
        """
        return self.layers(image * 2 - 1)


def _convolution(n_in: int, n_out: int, stride: int, norm: bool = True) -> list[nn.Module]:
    # torch's default momentum 0.1, as in SRResNet; krasserm's Keras network has 0.2 in these terms. Keras pads a
    # stride-2 convolution after the image only, this one on both sides; Ledig et al. do not say.
    convolution = nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1)
    return [convolution, *([nn.BatchNorm2d(n_out)] if norm else []), nn.LeakyReLU(0.2)]
