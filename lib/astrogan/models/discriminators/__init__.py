"""Discriminators by name. One line a discriminator; all are called as `discriminator(condition, image)` and return logits."""

from torch import nn

from astrogan.models.discriminators.patchgan import PatchGAN
from astrogan.models.discriminators.srgan import SRDiscriminator
from astrogan.models.network import Network, Start


def _resnet50_patch(config, size: int, start: Start) -> nn.Module:
    from astrogan.models.discriminators.resnet50_patch import Resnet50Patch  # with torchvision, which takes a second

    return Resnet50Patch(config.channels, as_run=config.as_run, weights=start("resnet50"))


def _vgg16_residual(config, size: int, start: Start) -> nn.Module:
    from astrogan.models.discriminators.vgg16_residual import Vgg16Residual  # likewise

    return Vgg16Residual(size, config.channels, as_run=config.as_run, weights=start("vgg16"))


DISCRIMINATORS = {
    "patchgan": Network("colour", lambda c, size, start: PatchGAN(1 + c.channels)),
    "resnet50_patch": Network(
        "colour",
        _resnet50_patch,
        weights=lambda c: frozenset({"resnet50"}),
    ),
    "vgg16_residual": Network(
        "colour",
        _vgg16_residual,
        weights=lambda c: frozenset({"vgg16"}),
        sized=True,
    ),
    "srgan": Network("upscale", lambda c, size, start: SRDiscriminator(size), sized=True),
}
"""`NetworkConfig.discriminator` is one of these."""

__all__ = ["DISCRIMINATORS"]
