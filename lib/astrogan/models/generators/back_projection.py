"""Back-projection (Irani and Peleg 1991): an up-scaler whose output, shrunk again, is its input.

What shrinking the output leaves of the input is enlarged and added, so many times. The kernel is the project's one bicubic
(bicubic.py), without the rounding to 8 bit, so that gradients pass.
"""

import torch
from torch import Tensor, nn

from astrogan.bicubic import resize

_REACH = 4
"""Low-resolution pixels that one step looks beyond those of the output: two of shrinking, two of enlarging."""


class BackProjected(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] to float32 RGB (B, 3, scale * H, scale * W): the network's output after `steps` corrections."""

    def __init__(self, network: nn.Module, steps: int):
        super().__init__()
        self.network, self.steps = network, steps

    @property
    def scale(self) -> int:
        """How much larger a side becomes."""
        return self.network.scale

    @property
    def receptive_radius(self) -> int:
        """Low-resolution pixels of context that an output pixel depends on."""
        return self.network.receptive_radius + _REACH * self.steps

    def forward(self, low: Tensor) -> Tensor:
        high = self.network(low).float()
        with torch.autocast(low.device.type, enabled=False):
            for _ in range(self.steps):
                high = high + resize(low.float() - resize(high, 1, self.scale), self.scale, 1)
        return high
