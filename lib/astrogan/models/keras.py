"""What Keras's layers do otherwise than torch's, for the networks that the authors wrote in Keras."""

from torch import nn

LEAKY_SLOPE = 0.3
"""Keras's default slope of LeakyReLU, which the authors left as it is in their generators (What the authors ran, 1, 2)."""


def batch_norm(channels: int, momentum: float = 0.1) -> nn.BatchNorm2d:
    """Batch norm with Keras's epsilon, 1e-3, and torch's `momentum` (the share of the new batch; Keras names the rest).

    Keras's default is 0.01 in these terms. After the authors' 30,000 steps the running statistics have settled with
    either; after 100 steps with 0.01 a third of them would still be the start values, and short runs would be judged by
    that.
    """
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=momentum)


def init_normal(module: nn.Module) -> None:
    """Draw a convolution's weights from N(0, 0.02), its bias 0 (pix2pix; the authors' initialiser, What the authors ran, 1)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def init_glorot(module: nn.Module) -> None:
    """Keras's default for convolutions and dense layers: Glorot's uniform distribution, the bias 0."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
