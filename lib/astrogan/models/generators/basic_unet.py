"""The Basic U-net: pix2pix's generator from grey to RGB (paper section 4.1; What the authors ran, 1)."""

import torch
from torch import Tensor, nn

from astrogan.base import AstroganError
from astrogan.models import keras

DOWN = (64, 128, 256, 512, 512, 512)
UP = (512, 512, 512, 512, 256)
DROPPED_OUT = 3
"""How many of the decoder's levels, from the bottom, have dropout."""


class BasicUnet(nn.Module):
    """Grey (B, 1, H, W) to (B, `n_out`, H, W) in [-1, 1], the output of tanh; H and W are multiples of 64.

    41,050,371 parameters and 8,448 running statistics (41,058,819 in Keras's count). Six halvings, so a tile of 64 px,
    the authors' size, comes down to one pixel, and a tile of 256 px, the paper's, to 4 x 4: the same network at both,
    where pix2pix would add two levels. In train mode a tile of 64 px needs a batch of at least 2, because of the batch
    norm there.

    The authors set the bare tanh against RGB in [0, 1], and the paper does not speak of it: the caller does the same,
    so an output may be negative.
    """

    def __init__(self, n_out: int = 3):
        super().__init__()
        self.down = nn.ModuleList()
        channels = 1
        for level, width in enumerate(DOWN):
            self.down.append(
                nn.Sequential(
                    nn.Conv2d(channels, width, 4, stride=2, padding=1, bias=False),
                    *([keras.batch_norm(width)] if level > 0 else []),
                    nn.LeakyReLU(keras.LEAKY_SLOPE),
                )
            )
            channels = width
        self.up = nn.ModuleList()
        for level, (width, skip) in enumerate(zip(UP, reversed(DOWN[:-1]), strict=True)):
            self.up.append(
                nn.Sequential(
                    nn.ConvTranspose2d(channels, width, 4, stride=2, padding=1, bias=False),
                    keras.batch_norm(width),
                    *([nn.Dropout(0.5)] if level < DROPPED_OUT else []),
                    nn.ReLU(),
                )
            )
            channels = width + skip
        self.last = nn.Sequential(nn.ConvTranspose2d(channels, n_out, 4, stride=2, padding=1), nn.Tanh())
        self.apply(keras.init_normal)

    def forward(self, grey: Tensor) -> Tensor:
        """`grey`: (B, 1, H, W), as scaled by the caller. `AstroganError` for sides that are no multiples of 64."""
        check_sides(grey, 2 ** len(DOWN), "the Basic U-net")
        features, skips = grey, []
        for block in self.down:
            features = block(features)
            skips.append(features)
        for block, skip in zip(self.up, reversed(skips[:-1]), strict=True):
            features = torch.cat([block(features), skip], dim=1)
        return self.last(features)


def check_sides(image: Tensor, multiple: int, network: str) -> None:
    """Refuse (B, C, H, W) whose sides are no multiples of `multiple`."""
    height, width = image.shape[-2:]
    if height % multiple or width % multiple:
        raise AstroganError(
            f"{network} halves the image until {multiple} px are one: sides must be multiples of {multiple}, "
            f"not {height} x {width}. Choose another tile size, or pad the image."
        )
