"""A phase from its parameters to its checkpoint: what a training notebook calls, one call a step."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.data.tileset import TileSet
from astrogan.device import choose_precision
from astrogan.files import ORPHAN_WAIT_S, locked, sha256
from astrogan.fingerprint import module_code
from astrogan.models.build import Built, build_discriminator, build_generator, empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.models.discriminators import DISCRIMINATORS
from astrogan.models.weights import Find, nothing_at_hand, recorded_weights
from astrogan.tasks import NOT_TRAINED, TASKS, Task
from astrogan.training.callbacks import Progress, SampleGrid
from astrogan.training.checkpoint import load_checkpoint, load_weights, save_checkpoint
from astrogan.training.config import PhaseConfig, TrainStage
from astrogan.training.learner import PhaseLearner
from astrogan.training.losses import LOSSES, build_losses

SAMPLES = 8
"""Tiles in the picture grid that grows by epoch."""


@dataclass
class PreparedPhase:
    """A phase that is ready to run, and what has to be said of it."""

    config: TrainStage
    tiles: TileSet
    learner: PhaseLearner
    notes: list[str]

    def run(self) -> Path:
        """Train to the end, from saved progress if there is any, and write checkpoint and history; returns the checkpoint."""
        config = self.config
        with locked(config.checkpoint, wait_s=ORPHAN_WAIT_S):
            self.learner.train()
            path = self._save()
            # Work in progress of this row, that of other parameters too, has served its turn.
            for file in config.folder.progress_files(config.row):
                file.unlink()
        return path

    def _save(self) -> Path:
        config, result, untrained = self.config, self.learner.result(), self.learner.untrained()
        notes = [*self.notes, *_not_trained(TASKS[config.task], self.learner.history[result["epoch"] - 1], untrained)]
        history = {
            "experiment": config.experiment,
            "phase": config.phase,
            "config": config.parameters,
            "images_per_epoch": len(self.learner.dls.train) * config.batch,
            "parameters": {
                name: sum(p.numel() for p in net.parameters()) for name, net in self.learner.networks().items()
            },
            "precision": str(self.learner.precision),
            "epochs": self.learner.history,
            "best_epoch": result["epoch"],
            "best_value": result["value"],
            "untrained": untrained,
            "stopped_early": self.learner.stopped_early,
            "notes": notes,
        }
        config.folder.write(config.history, history)
        identity = identity_of(config) | {
            "experiment": config.experiment,
            "phase": config.phase,
            "tiles": self.tiles.digest,
            "seed": config.seed,
        }
        return save_checkpoint(config.checkpoint, result | {"notes": notes}, identity)


def prepare_training(config: TrainStage, save_every_s: float = 60.0) -> PreparedPhase:
    """Tiles, networks and learner of a phase; nothing is trained yet.

    Raises:
        AstroganError: for a content network whose weights are not at hand, tiles that cannot be had, a crop larger than a
            tile, a checkpoint to inherit that is missing, or of another network or side.
    """
    task, find = TASKS[config.task], recorded_weights(config.weights)
    # First, because nothing else is worth doing without them.
    losses = build_losses([*config.losses, config.criterion, *task.validated], find)
    tiles = prepare_tiles(config.part(TilesConfig), config.tiles_cache)
    torch.manual_seed(config.seed)
    network, phase = config.part(NetworkConfig), config.part(PhaseConfig)
    inherited = load_checkpoint(config.start_from, expected={"task": task.name}) if config.start_from else None
    generator = _network("generator", config, inherited, find)
    average = empty_generator(network, config.size) if phase.ema else None
    options = {name: getattr(config, field) for name, field in task.loader_options.items()}
    training = task.loader(tiles, "train", config.batch, config.seed, config.images_per_epoch, config.flip, **options)
    validation = task.loader(tiles, "valid", config.batch)
    discriminator = _network("discriminator", config, inherited, find) if phase.adversarial else Built(None)
    learner = PhaseLearner(
        task=task.conversion(network, config.degradation),
        generator=generator.network,
        loaders=(training, validation),
        phase=phase,
        precision=choose_precision(config.precision),
        losses=losses,
        validated=task.validated,
        discriminator=discriminator.network,
        average=average,
        progress_file=config.folder.progress_file(config.row, _progress_digest(config, tiles)),
        save_every_s=save_every_s,
        callbacks=(Progress(), SampleGrid(sample_tiles(tiles))),
    )
    notes = [*generator.notes, *task.notes(config), *discriminator.notes]
    if phase.adversarial and task.content_picks:
        notes += [f"content loss: {LOSSES[name].what}" for name in config.losses if name != "adversarial"]
    # What a phase inherits may be true of itself as well.
    return PreparedPhase(config, tiles, learner, list(dict.fromkeys(notes)))


def _not_trained(task: Task, kept: dict[str, Any], untrained: dict[str, float]) -> list[str]:
    """A note where the kept epoch does not beat the baseline on the validation tiles."""
    name = task.validated[0]
    value, base = kept["valid"][name], untrained[name]
    if value < base:
        return []
    return [f"{NOT_TRAINED}: its validation {name} of {value:.4g} is not below the {base:.4g} of '{task.baseline}'"]


def identity_of(config: TrainStage) -> dict[str, Any]:
    """What tells a checkpoint's networks from others: task, network, and the sides of the images that they saw."""
    own = {"degradation": config.degradation} if "degradation" in TASKS[config.task].fields else {}
    network = config.part(NetworkConfig).identity
    return {"task": config.task, "network": network, "size": config.size, "side": config.side} | own


def sample_tiles(tiles: TileSet) -> Tensor:
    """The first validation tiles, uint8 (n, 3, H, W): the same in every epoch and phase."""
    rows = tiles.indices("valid")[:SAMPLES]
    return torch.from_numpy(tiles.pixels[rows]).permute(0, 3, 1, 2).contiguous()


def _network(part: str, config: TrainStage, inherited: dict[str, Any] | None, find: Find) -> Built:
    """`part` ('generator', 'discriminator') as built, or with the weights that the checkpoint before it holds."""
    network = config.part(NetworkConfig)
    build, size = (build_generator, config.size) if part == "generator" else (build_discriminator, config.side)
    if inherited is None or part not in inherited["networks"]:
        return build(network, size, find)
    _check_inherited(part, config, network, inherited["config"])
    # The weights are replaced in the next line, so none are looked up for the start.
    built = build(network, size, nothing_at_hand("replaced by the checkpoint's"))
    load_weights(built.network, inherited["networks"][part], config.start_from)
    lasting = TASKS[config.task].lasting if part == "generator" else ()
    notes = [note for note in inherited["notes"] if note.startswith(f"{part}'s") or note in lasting]
    return Built(built.network, notes)


def _check_inherited(part: str, config: TrainStage, network: NetworkConfig, stored: dict[str, Any]) -> None:
    differing = {
        name: (stored["network"].get(name), value)
        for name, value in network.identity.items()
        if stored["network"].get(name) != value
    }
    if differing:
        raise AstroganError(
            f"checkpoint {config.start_from} holds another network: {json.dumps(differing)} (stored, wanted). "
            "Name a checkpoint of the same network, or change the parameters."
        )
    if part == "discriminator" and DISCRIMINATORS[network.discriminator].sized and stored["side"] != config.side:
        raise AstroganError(
            f"checkpoint {config.start_from} holds a discriminator of {stored['side']} px, this phase trains "
            f"at {config.side} px. Train both at one side, or start from the supervised phase's checkpoint."
        )


def _progress_digest(config: TrainStage, tiles: TileSet) -> str:
    """Names all that work in progress depends on, so that a changed phase starts afresh.

    That is its parameters, its tiles, the contents of the checkpoint and of the weights record that it starts from, and
    the code that trains.
    """
    files = [sha256(name) for name in (config.start_from, config.weights) if name]
    known = {"tiles": tiles.digest, "files": files, "code": module_code(__name__)}
    text = json.dumps(config.parameters | known, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
