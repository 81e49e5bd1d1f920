"""From a `NetworkConfig` to networks."""

from dataclasses import dataclass, field

from torch import Tensor, nn

from astrogan.models.config import NetworkConfig
from astrogan.models.discriminators.patchgan import PatchGAN
from astrogan.models.discriminators.resnet50_patch import Resnet50Patch
from astrogan.models.discriminators.vgg16_residual import Vgg16Residual
from astrogan.models.generators.basic_unet import BasicUnet
from astrogan.models.generators.encoder_unet import resnet18_unet
from astrogan.models.generators.preactivation_unet import Resnet18RgbUnet
from astrogan.models.weights import Find, load


@dataclass
class Built:
    """A network, and what has to be said about where it started."""

    network: nn.Module
    notes: list[str] = field(default_factory=list)


def build_generator(config: NetworkConfig, size: int, find: Find) -> Built:
    """The generator of `config` for tiles of `size` px: grey (B, 1, H, W) to (B, 2 or 3, H, W)."""
    n_out = 2 if config.space == "lab" else 3
    match config.generator:
        case "resnet18_unet":
            weights, notes = _start(config.encoder_weights, "generator's encoder", config.pretrained, find)
            return Built(resnet18_unet(size, n_out, config.encoder, weights), notes)
        case "resnet18_unet_rgb":
            # The authors' encoder is a pre-activation ResNet-18 (dossier 1.2), which torchvision's weights do not fit. They
            # froze theirs; random weights are trained.
            note = (
                "generator's encoder resnet18 (pre-activation) started from random weights: no ImageNet weights fit it"
            )
            return Built(Resnet18RgbUnet(n_out, as_run=False), [note] if config.pretrained else [])
        case "basic_unet":
            return Built(BasicUnet(n_out))
    raise ValueError(f"unknown generator {config.generator!r}")


def build_discriminator(config: NetworkConfig, size: int, find: Find) -> Built:
    """The discriminator of `config`; called as `discriminator(condition, image)`, returns logits."""
    channels = 2 if config.space == "lab" else 3
    match config.discriminator:
        case "patchgan":
            return Built(PatchGAN(1 + channels))
        case "resnet50_patch":
            weights, notes = _start("resnet50", "discriminator's encoder", config.pretrained, find)
            return Built(Resnet50Patch(channels, as_run=config.as_run, weights=weights), notes)
        case "vgg16_residual":
            weights, notes = _start("vgg16", "discriminator's encoder", config.pretrained, find)
            return Built(Vgg16Residual(size, channels, as_run=config.as_run, weights=weights), notes)
    raise ValueError(f"unknown discriminator {config.discriminator!r}")


def _start(name: str, part: str, wanted: bool, find: Find) -> tuple[dict[str, Tensor] | None, list[str]]:
    """The ImageNet weights of `name` if wanted and at hand, and a note for the table row if not."""
    if not wanted:
        return None, [f"{part} {name} started from random weights, as configured"]
    found = find(name)
    if found.available:
        return load(found), []
    return None, [f"{part} {name} started from random weights: ImageNet weights were {found.reason}"]
