"""From a `NetworkConfig` to networks."""

from dataclasses import dataclass, field

from torch import Tensor, nn

from astrogan.models.config import NetworkConfig
from astrogan.models.discriminators import DISCRIMINATORS
from astrogan.models.generators import GENERATORS
from astrogan.models.generators.back_projection import BackProjected
from astrogan.models.network import Network
from astrogan.models.weights import Find, load, nothing_at_hand


@dataclass
class Built:
    """A network, and what has to be said about where it started."""

    network: nn.Module
    notes: list[str] = field(default_factory=list)


def build_generator(config: NetworkConfig, size: int, find: Find) -> Built:
    """The generator of `config` for tiles of `size` px: see `GENERATORS` for what it takes and gives."""
    built = _build(GENERATORS[config.generator], "generator", config, size, find)
    if config.back_projection:
        built.network = BackProjected(built.network, config.back_projection)
    return built


def build_discriminator(config: NetworkConfig, size: int, find: Find) -> Built:
    """The discriminator of `config` for images of `size` px; called as `discriminator(condition, image)`, returns logits."""
    return _build(DISCRIMINATORS[config.discriminator], "discriminator", config, size, find)


def empty_generator(config: NetworkConfig, size: int) -> nn.Module:
    """A generator whose weights will be replaced: none are looked up."""
    return build_generator(config, size, nothing_at_hand("replaced by the checkpoint's")).network


def _build(entry: Network, part: str, config: NetworkConfig, size: int, find: Find) -> Built:
    notes = [entry.note] if entry.note and config.pretrained else []

    def start(name: str) -> dict[str, Tensor] | None:
        told = f"{part}'s encoder {name} started from random weights"
        if not config.pretrained:
            notes.append(f"{told}, as configured")
            return None
        if not (found := find(name)).available:
            notes.append(f"{told}: ImageNet weights were {found.reason}")
            return None
        return load(found)

    return Built(entry.build(config, size, start), notes)
