"""What the phases of both halves of the paper share: a phase that is ready to run, and what it starts from."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from astrogan.base import AstroganError, Config
from astrogan.data.tileset import TileSet
from astrogan.files import ORPHAN_WAIT_S, locked, sha256
from astrogan.training.checkpoint import save_checkpoint
from astrogan.training.config import ColourPhase, UpscalePhase
from astrogan.training.learner import PhaseLearner

SAMPLES = 8
"""Tiles in the picture grid that grows by epoch."""


@dataclass
class PreparedPhase:
    """A phase that is ready to run.

    `identity` is what its checkpoint must say to be used: its task, its network and what else belongs to the task.
    """

    config: ColourPhase | UpscalePhase
    tiles: TileSet
    learner: PhaseLearner
    notes: list[str]
    identity: dict[str, Any]

    def run(self) -> Path:
        """Train to the end, from saved progress if there is any, and write checkpoint and history; returns the checkpoint."""
        with locked(self.config.checkpoint, wait_s=ORPHAN_WAIT_S):
            self.learner.train()
            path = self._save()
            # Work in progress of this row, that of other parameters too, has served its turn.
            for file in self.learner.progress_file.parent.glob(f"{self.config.row}.*.pt"):
                file.unlink()
        return path

    def _save(self) -> Path:
        config, result = self.config, self.learner.result()
        identity = {
            **self.identity,
            "size": config.size,
            "experiment": config.experiment,
            "phase": config.phase,
            "tiles": self.tiles.digest,
            "seed": config.seed,
        }
        criterion = f"valid_{self.learner.criterion}"
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
            f"best_{criterion}": result[criterion],
            "stopped_early": self.learner.stopped_early,
            "notes": self.notes,
        }
        config.folder.write(config.history, history)
        return save_checkpoint(config.checkpoint, result | {"notes": self.notes}, identity)


def progress_file(config: ColourPhase | UpscalePhase, tiles_digest: str) -> Path:
    """Where work in progress is kept: named by everything that it depends on, so that a changed phase starts afresh.

    That is its parameters, its tiles, the contents of the checkpoint and of the weights record that it starts from, and
    the code that trains.
    """
    files = [Path(name) for name in (config.start_from, config.weights) if name]
    known = {"tiles": tiles_digest, "files": [sha256(file) for file in files], "code": _code_digest()}
    text = json.dumps(config.model_dump() | known, sort_keys=True)
    return Path(config.run) / "progress" / f"{config.row}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.pt"


def _code_digest() -> str:
    """Of the library's modules for data, models and training, and what lies beneath them."""
    library = Path(__file__).parents[1]
    files = [file for part in ("data", "models", "training") for file in sorted((library / part).glob("*.py"))]
    text = "".join(file.read_text() for file in [*sorted(library.glob("*.py")), *files])
    return hashlib.sha256(text.encode()).hexdigest()


def sample_tiles(tiles: TileSet) -> Tensor:
    """The first validation tiles, uint8 (n, 3, H, W): the same in every epoch and phase."""
    rows = tiles.indices("valid")[:SAMPLES]
    return torch.from_numpy(tiles.pixels[rows]).permute(0, 3, 1, 2).contiguous()


def inherited_state(part: str, inherited: dict | None, network: Config, start_from: str) -> dict[str, Tensor] | None:
    """The weights of `part` ('generator', 'discriminator') in the checkpoint before this phase; None where it has none.

    Raises:
        AstroganError: when that checkpoint, `start_from`, holds another network than `network`.
    """
    if inherited is None or part not in inherited["networks"]:
        return None
    stored = inherited["config"]["network"]
    differing = {
        name: (stored.get(name), value) for name, value in network.model_dump().items() if stored.get(name) != value
    }
    if differing:
        raise AstroganError(
            f"checkpoint {start_from} holds another network: {json.dumps(differing)} (stored, wanted). "
            "Name a checkpoint of the same network, or change the parameters."
        )
    return inherited["networks"][part]
