"""A super-resolution phase from its parameters to its checkpoint: what a training notebook calls, one call a step."""

from collections.abc import Callable

import torch
from torch import nn

from astrogan.base import AstroganError
from astrogan.data.batches import CropLoader
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.device import choose_precision
from astrogan.models.config import UpscaleNetworkConfig
from astrogan.models.content_networks import CONTENT_NETWORKS, LAYERS, content_network
from astrogan.models.discriminators.srgan import SRDiscriminator
from astrogan.models.upscaler import build_upscaler
from astrogan.models.weights import Resolution, load, recorded_weights
from astrogan.tasks.upscale import UpscaleTask
from astrogan.training.callbacks import Progress, SampleGrid
from astrogan.training.checkpoint import load_checkpoint
from astrogan.training.config import UpscalePhase, UpscalePhaseConfig
from astrogan.training.prepared import PreparedPhase, inherited_state, progress_file, sample_tiles
from astrogan.training.upscale import SUPERVISED_LOSS, AdversarialUpscaler, SupervisedUpscaler


def prepare_upscale(config: UpscalePhase, save_every_s: float = 60.0) -> PreparedPhase:
    """Tiles, networks and learner of a phase; nothing is trained yet.

    Raises:
        AstroganError: for a content network whose weights are not at hand, tiles that cannot be had, a crop larger than
            a tile, a checkpoint to inherit that is missing, or of another network or crop.
    """
    # First, because nothing else is worth doing without it.
    content = None if config.phase == "supervised" else _content(config, recorded_weights(config.weights))
    tiles = prepare_tiles(config.part(TilesConfig), config.tiles_cache)
    torch.manual_seed(config.seed)
    network, phase = config.part(UpscaleNetworkConfig), config.part(UpscalePhaseConfig)
    inherited = load_checkpoint(config.start_from, expected={"task": "upscale"}) if config.start_from else None
    generator = _inheriting(build_upscaler(network), "generator", inherited, network, config)
    common = {
        "task": UpscaleTask(config.degradation),
        "generator": generator,
        "loaders": (
            CropLoader(
                tiles, "train", config.batch, config.seed, config.images_per_epoch, config.flip, crop=config.crop
            ),
            CropLoader(tiles, "valid", config.batch),
        ),
        "phase": phase,
        "precision": choose_precision(config.precision),
        "average": build_upscaler(network) if phase.ema else None,
        "progress_file": progress_file(config, tiles.digest),
        "save_every_s": save_every_s,
        "callbacks": (Progress(), SampleGrid(sample_tiles(tiles))),
    }
    side = config.crop or config.size
    identity = {
        "task": "upscale",
        "network": network.model_dump(),
        "degradation": config.degradation,
        "content": config.content if content else None,
        "crop": side,
    }
    notes = [f"trained on the degradation {config.degradation}, x4"]
    if content is None:
        learner = SupervisedUpscaler(**common, loss=SUPERVISED_LOSS[config.generator])
        return PreparedPhase(config, tiles, learner, [*notes, "before adversarial training"], identity)
    if inherited and "discriminator" in inherited["networks"] and inherited["config"]["crop"] != side:
        raise AstroganError(
            f"checkpoint {config.start_from} holds a discriminator of {inherited['config']['crop']} px, this phase trains "
            f"at {side} px. Train both at one crop, or start from the supervised phase's checkpoint."
        )
    discriminator = _inheriting(SRDiscriminator(side), "discriminator", inherited, network, config)
    learner = AdversarialUpscaler(**common, discriminator=discriminator, content=content)
    notes = [*notes, "after adversarial training", f"content loss: {_content_in_words(config.content)}"]
    return PreparedPhase(config, tiles, learner, notes, identity)


def _content(config: UpscalePhase, find: Callable[[str], Resolution]) -> nn.Module:
    """The content network; an `AstroganError` names the choices when its weights are not at hand."""
    if not config.weights_needed:
        return content_network(config.content)
    (name,) = config.weights_needed
    found = find(name)
    if not found.available:
        raise AstroganError(
            f"content network '{config.content}': its weights are {found.reason}, and random features are no measure "
            f"of content. Put {name}'s weights into the folder named by ASTROGAN_WEIGHTS and run the weights stage, or "
            f"choose another `content` of {', '.join(CONTENT_NETWORKS)}; 'pixel' needs no weights."
        )
    return content_network(config.content, load(found))


def _content_in_words(name: str) -> str:
    if name == "pixel":
        return "pixels in [-1, 1] (Ledig et al.'s SRGAN-MSE), not VGG-19's features as in the paper"
    layer = LAYERS[name].what
    return layer if name == "vgg19" else f"{layer}, not VGG-19's features as in the paper"


def _inheriting(
    built: nn.Module, part: str, inherited: dict | None, network: UpscaleNetworkConfig, config: UpscalePhase
) -> nn.Module:
    state = inherited_state(part, inherited, network, config.start_from)
    if state is not None:
        built.load_state_dict(state)
    return built
