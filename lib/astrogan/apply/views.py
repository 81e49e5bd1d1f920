"""The eight views of a square grid: flips and quarter turns, and back."""

import torch
from torch import Tensor

VIEWS = 8


def seen(image: Tensor, view: int) -> Tensor:
    """(..., H, W) from view 0 to 7: `view` % 4 quarter turns, mirrored left to right before them from view 4 on."""
    return torch.rot90(image.flip(-1) if view >= 4 else image, view % 4, (-2, -1))


def unseen(image: Tensor, view: int) -> Tensor:
    """The inverse of `seen`."""
    turned = torch.rot90(image, -(view % 4), (-2, -1))
    return turned.flip(-1) if view >= 4 else turned


class Spread:
    """Mean and standard deviation over samples that come one by one (Welford 1962), summed over the channels of each."""

    def __init__(self):
        self.count, self.mean, self.squares = 0, None, None

    def add(self, sample: Tensor) -> None:
        """Add one sample (..., C, H, W); all have one shape."""
        self.count += 1
        if self.mean is None:
            self.mean, self.squares = sample.clone(), torch.zeros_like(sample)
            return
        before = sample - self.mean
        self.mean += before / self.count
        self.squares += before * (sample - self.mean)

    def deviation(self) -> Tensor:
        """(..., H, W): the root of the variances' sum over channels, in the samples' unit."""
        return (self.squares / self.count).sum(dim=-3).sqrt()
