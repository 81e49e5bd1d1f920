"""A colorization phase from its parameters to its checkpoint: what a training notebook calls, one call a step."""

from functools import partial

import torch

from astrogan.data.batches import TileLoader
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.device import choose_precision
from astrogan.models.build import Built, build_discriminator, build_generator
from astrogan.models.config import NetworkConfig
from astrogan.models.weights import nothing_at_hand, recorded_weights
from astrogan.tasks.colour import ColourTask
from astrogan.training.adversarial import AdversarialLearner
from astrogan.training.callbacks import Progress, SampleGrid
from astrogan.training.checkpoint import load_checkpoint
from astrogan.training.config import ColourPhase, PhaseConfig
from astrogan.training.prepared import PreparedPhase, inherited_state, progress_file, sample_tiles
from astrogan.training.pretrain import PretrainLearner


def prepare_training(config: ColourPhase, save_every_s: float = 60.0) -> PreparedPhase:
    """Tiles, networks and learner of a phase; nothing is trained yet.

    Raises:
        AstroganError: for tiles that cannot be had, a checkpoint to inherit that is missing or of another network.
    """
    tiles = prepare_tiles(config.part(TilesConfig), config.tiles_cache)
    torch.manual_seed(config.seed)
    network, phase = config.part(NetworkConfig), config.part(PhaseConfig)
    find = recorded_weights(config.weights)
    inherited = load_checkpoint(config.start_from, expected={"task": "colour"}) if config.start_from else None
    generator = _network(partial(build_generator, network, config.size), "generator", inherited, network, find, config)
    task, precision = ColourTask(network), choose_precision(config.precision)
    average = (
        build_generator(network.model_copy(update={"pretrained": False}), config.size, find).network
        if phase.ema
        else None
    )
    loaders = (
        TileLoader(
            tiles, "train", config.batch, config.seed, config.images_per_epoch, config.flip, leak=config.leak_test
        ),
        TileLoader(tiles, "valid", config.batch),
    )
    common = {
        "task": task,
        "generator": generator.network,
        "loaders": loaders,
        "phase": phase,
        "precision": precision,
        "average": average,
        "progress_file": progress_file(config, tiles.digest),
        "save_every_s": save_every_s,
        "callbacks": (Progress(), SampleGrid(sample_tiles(tiles))),
    }
    notes = [*generator.notes, *(["trained on its test tiles, as the authors' U-net was"] if config.leak_test else [])]
    identity = {"task": "colour", "network": network.model_dump()}
    if config.phase == "pretrain":
        return PreparedPhase(config, tiles, PretrainLearner(**common), notes, identity)
    discriminator = _network(
        partial(build_discriminator, network, config.size), "discriminator", inherited, network, find, config
    )
    learner = AdversarialLearner(**common, discriminator=discriminator.network, halved=network.space == "lab")
    return PreparedPhase(config, tiles, learner, [*notes, *discriminator.notes], identity)


def _network(build, part: str, inherited: dict | None, network: NetworkConfig, find, config: ColourPhase) -> Built:
    """`part` as built, or with the weights that the checkpoint before it holds."""
    state = inherited_state(part, inherited, network, config.start_from)
    if state is None:
        return build(find=find)
    # The weights are replaced in the next line, so none are looked up for the start.
    built = build(find=nothing_at_hand("replaced by the checkpoint's"))
    built.network.load_state_dict(state)
    own = [note for note in inherited["notes"] if note.startswith("discriminator") == (part == "discriminator")]
    return Built(built.network, own)
