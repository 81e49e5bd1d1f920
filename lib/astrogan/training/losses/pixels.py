"""Differences of pixels, in the network's units, float32."""

from torch import Tensor
from torch.nn.functional import l1_loss, mse_loss


def l1(output: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference (section 3.3)."""
    return l1_loss(output.float(), target.float())


def mse(output: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference."""
    return mse_loss(output.float(), target.float())


def clipped_mse(output: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of the output clipped to [0, 1], as a stored picture is."""
    return mse_loss(output.float().clamp(0, 1), target.float())


def pixel(output: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of RGB in [0, 1], on the scale of [-1, 1] (Ledig et al. 2017, SRGAN-MSE)."""
    return mse_loss(output.float() * 2 - 1, target.float() * 2 - 1)
