"""Discriminators by name. One line a discriminator; all are called as `discriminator(condition, image)` and return logits."""

from astrogan.models.discriminators.patchgan import PatchGAN
from astrogan.models.discriminators.resnet50_patch import Resnet50Patch
from astrogan.models.discriminators.srgan import SRDiscriminator
from astrogan.models.discriminators.vgg16_residual import Vgg16Residual
from astrogan.models.network import Network

DISCRIMINATORS = {
    "patchgan": Network("colour", lambda c, size, start: PatchGAN(1 + c.channels)),
    "resnet50_patch": Network(
        "colour",
        lambda c, size, start: Resnet50Patch(c.channels, as_run=c.as_run, weights=start("resnet50")),
        weights=lambda c: frozenset({"resnet50"}),
    ),
    "vgg16_residual": Network(
        "colour",
        lambda c, size, start: Vgg16Residual(size, c.channels, as_run=c.as_run, weights=start("vgg16")),
        weights=lambda c: frozenset({"vgg16"}),
        sized=True,
    ),
    "srgan": Network("upscale", lambda c, size, start: SRDiscriminator(size), sized=True),
}
"""`NetworkConfig.discriminator` is one of these."""

__all__ = ["DISCRIMINATORS"]
