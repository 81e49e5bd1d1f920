"""A colorization phase from its parameters to its checkpoint: what a training notebook calls, one call a step."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from astrogan.config import ColourPhase, NetworkConfig, PhaseConfig, TilesConfig
from astrogan.data.batches import TileLoader
from astrogan.data.prepare import prepare_tiles
from astrogan.data.tileset import TileSet
from astrogan.errors import AstroganError
from astrogan.files import locked, read_json, write_json
from astrogan.models.build import Built, build_discriminator, build_generator
from astrogan.models.weights import Resolution, resolve
from astrogan.training.adversarial import AdversarialLearner
from astrogan.training.callbacks import Progress, SampleGrid
from astrogan.training.checkpoint import load_checkpoint, save_checkpoint
from astrogan.training.colour_task import ColourTask
from astrogan.training.learner import PhaseLearner
from astrogan.training.precision import choose_precision
from astrogan.training.pretrain import PretrainLearner

SAMPLES = 8
"""Tiles in the picture grid that grows by epoch."""


@dataclass
class ColourTraining:
    """A phase that is ready to run."""

    config: ColourPhase
    tiles: TileSet
    learner: PhaseLearner
    notes: list[str]

    def run(self) -> Path:
        """Train to the end, from saved progress if there is any, and write checkpoint and history; returns the checkpoint."""
        with locked(self.config.checkpoint, wait_s=20):
            self.learner.train()
            path = self._save()
            # Work in progress of this row, that of other parameters too, has served its turn.
            for file in self.learner.progress_file.parent.glob(f"{self.config.row}.*.pt"):
                file.unlink()
        return path

    def _save(self) -> Path:
        config, result = self.config, self.learner.result()
        identity = {
            "task": "colour",
            "network": config.part(NetworkConfig).model_dump(),
            "size": config.size,
            "experiment": config.experiment,
            "phase": config.phase,
            "tiles": self.tiles.digest,
            "seed": config.seed,
        }
        history = {
            "experiment": config.experiment,
            "phase": config.phase,
            "config": config.model_dump(),
            "images_per_epoch": len(self.learner.dls.train) * config.batch,
            "parameters": {
                name: sum(p.numel() for p in net.parameters()) for name, net in self.learner.networks().items()
            },
            "precision": str(self.learner.precision),
            "epochs": self.learner.history,
            "best_epoch": result["epoch"],
            "best_valid_l1": result["valid_l1"],
            "stopped_early": self.learner.stopped_early,
            "notes": self.notes,
        }
        write_json(config.history, history)
        return save_checkpoint(config.checkpoint, result | {"notes": self.notes}, identity)


def prepare_training(config: ColourPhase, save_every_s: float = 60.0) -> ColourTraining:
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
    if config.phase == "pretrain":
        return ColourTraining(config, tiles, PretrainLearner(**common), notes)
    discriminator = _network(
        partial(build_discriminator, network, config.size), "discriminator", inherited, network, find, config
    )
    learner = AdversarialLearner(**common, discriminator=discriminator.network, halved=network.space == "lab")
    return ColourTraining(config, tiles, learner, [*notes, *discriminator.notes])


def progress_file(config: ColourPhase, tiles_digest: str) -> Path:
    """Where work in progress is kept: named by everything that it depends on, so that other parameters start afresh."""
    text = json.dumps(config.model_dump() | {"tiles": tiles_digest}, sort_keys=True)
    return Path(config.run) / "progress" / f"{config.row}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.pt"


def sample_tiles(tiles: TileSet) -> torch.Tensor:
    """The first validation tiles, uint8 (n, 3, H, W): the same in every epoch and phase."""
    rows = tiles.indices("valid")[:SAMPLES]
    return torch.from_numpy(tiles.pixels[rows]).permute(0, 3, 1, 2).contiguous()


def recorded_weights(path: str) -> Callable[[str], Resolution]:
    """How to look pre-trained weights up: as the weights stage recorded in `path`, or anew and offline when it is empty."""
    if not path:
        return resolve
    record = read_json(path)

    def find(name: str) -> Resolution:
        if name not in record:
            raise AstroganError(
                f"{path} says nothing of the weights '{name}'. Run the weights stage of this profile again."
            )
        return Resolution(**record[name])

    return find


def _network(build, part: str, inherited: dict | None, network: NetworkConfig, find, config: ColourPhase) -> Built:
    """`part` as built, or with the weights that the checkpoint before it holds."""
    if inherited is None or part not in inherited["networks"]:
        return build(find=find)
    stored = inherited["config"]["network"]
    differing = {name: (stored[name], value) for name, value in network.model_dump().items() if stored[name] != value}
    if differing:
        raise AstroganError(
            f"checkpoint {config.start_from} holds another network: {json.dumps(differing)} (stored, wanted). "
            "Name a checkpoint of the same network, or change the parameters."
        )
    # The weights are replaced in the next line, so none are looked up for the start.
    built = build(find=lambda name: Resolution(name, False, None, None, None, "replaced by the checkpoint's"))
    built.network.load_state_dict(inherited["networks"][part])
    return Built(built.network, [note for note in inherited["notes"] if note.startswith(part) or part == "generator"])
