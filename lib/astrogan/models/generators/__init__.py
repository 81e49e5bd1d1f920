"""Generators by name. One line a generator; each stands in a module of its own, beside the recipe of its makers."""

from torch import nn

from astrogan.models.encoders import ENCODERS, build_encoder
from astrogan.models.generators import edsr, srresnet, wdsr
from astrogan.models.generators.basic_unet import BasicUnet
from astrogan.models.generators.preactivation_unet import PreactivationUnet
from astrogan.models.network import Network, Start


def _encoder_unet(config, size: int, start: Start) -> nn.Module:
    from astrogan.models.generators.encoder_unet import EncoderUnet  # with fastai, which takes two seconds

    return EncoderUnet(build_encoder(config.encoder, start(ENCODERS[config.encoder].weights)), config.channels, size)


GENERATORS = {
    "encoder_unet": Network("colour", _encoder_unet, weights=lambda c: frozenset({ENCODERS[c.encoder].weights})),
    # The authors froze their encoder at ImageNet weights of a layout that is not to be had; random weights are trained.
    "preactivation_unet": Network(
        "colour",
        lambda c, size, start: PreactivationUnet(c.channels),
        note="generator's encoder resnet18 (pre-activation) started from random weights: no ImageNet weights fit it",
    ),
    "basic_unet": Network("colour", lambda c, size, start: BasicUnet(c.channels)),
    "srresnet": Network("upscale", lambda c, size, start: srresnet.SRResNet(), recipe=srresnet.RECIPE),
    "edsr": Network("upscale", lambda c, size, start: edsr.EDSR(), recipe=edsr.RECIPE),
    "wdsr": Network("upscale", lambda c, size, start: wdsr.WDSR(expansion=c.expansion), recipe=wdsr.RECIPE),
}
"""`NetworkConfig.generator` is one of these. Colour: grey (B, 1, H, W) to (B, 2 or 3, H, W); upscale: RGB (B, 3, H, W)
to (B, 3, 4 H, 4 W)."""

__all__ = ["GENERATORS"]
