"""From an `UpscaleNetworkConfig` to a super-resolution generator."""

from torch import nn

from astrogan.models.config import UpscaleNetworkConfig
from astrogan.models.generators.edsr import EDSR
from astrogan.models.generators.srresnet import SRResNet
from astrogan.models.generators.wdsr import WDSR


def build_upscaler(config: UpscaleNetworkConfig) -> nn.Module:
    """The generator of `config`, from random weights: RGB (B, 3, H, W) to (B, 3, 4 H, 4 W), both about [0, 1]."""
    match config.generator:
        case "srresnet":
            return SRResNet()
        case "edsr":
            return EDSR()
        case "wdsr":
            return WDSR(expansion=config.expansion)
    raise ValueError(f"unknown generator {config.generator!r}")
