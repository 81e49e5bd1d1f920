"""What a half of the paper is. There are two values of `Task`, and nothing above this package asks which half it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from torch import Tensor

from astrogan.data.batches import TileLoader
from astrogan.models.config import NetworkConfig
from astrogan.tasks.predictions import Predictions

TaskName = Literal["colour", "upscale"]
NOT_TRAINED = "not trained"
"""How the note of a row begins whose network does not beat the task's baseline on validation tiles."""
Losses = Mapping[str, float]
"""Names of `training.losses.LOSSES` to their weights in the sum that a generator minimises."""


class Conversion(Protocol):
    """Between tiles and the units of one network: batches become input and target here, and nowhere else."""

    space: str
    """What the network's outputs are: `lab`, a and b; or `rgb`."""
    halved: bool
    """Whether the two terms of the discriminator's loss are halved."""

    def batch(self, pixels: Tensor, flips: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """uint8 RGB (B, 3, H, W), seen as the loader's `flips` say -> the network's input and target."""
        ...

    def input_rgb(self, condition: Tensor) -> Tensor:
        """The network's input as a person may see it: sRGB (B, 3, H, W) in [0, 1]."""
        ...

    def to_rgb(self, condition: Tensor, output: Tensor) -> Tensor:
        """The network's output as float32 sRGB (B, 3, H, W)."""
        ...

    def baseline(self, condition: Tensor) -> Tensor:
        """What stands in for the network's output without one, in its units."""
        ...

    def predictions(
        self, truth: np.ndarray, output: np.ndarray, observation: np.ndarray, tile: np.ndarray
    ) -> Predictions:
        """Outputs (N, H, W, C) of the network, float32, beside the truth."""
        ...


@dataclass(frozen=True)
class Phase:
    """A phase of training: the images that it usually has, and its losses; None: those of the generator's makers."""

    images: Literal["photographs", "astronomy"]
    losses: Losses | None

    @property
    def supervised(self) -> bool:
        """Whether the phase has no adversary."""
        return self.losses is None or "adversarial" not in self.losses


@dataclass(frozen=True)
class Words:
    """How a task is spoken of, and how its outputs are shown and their spread is stored.

    Attributes:
        title: of tables and chapters.
        does: a model ...
        heading: models that ...
        command: `astrogan <command>`.
        meaning: what its outputs do and do not mean.
        titles: of pictures before and after.
        spread_of, spread_unit: of a map of the spread over views and seeds.
        spread_levels: levels of an 8-bit map for one unit.
        spread_stored: the same in words, for sidecars.
        whole_range: whether the stretch of a frame must clip nothing, because it is inverted afterwards.
    """

    title: str
    does: str
    heading: str
    command: str
    meaning: str
    titles: tuple[str, str]
    spread_of: str
    spread_unit: str
    spread_levels: float
    spread_stored: str
    whole_range: bool


@dataclass(frozen=True)
class Task:
    """One half of the paper.

    Attributes:
        name: as configurations and checkpoints have it.
        phases: by name, in the order of training.
        defaults: fields of `TrainStage` that differ from the model's defaults.
        fields: fields of `TrainStage` that the other task has not, besides those of the network.
        baseline: the row that needs no network.
        conversion: from the network and the name of the degradation.
        loader: of batches.
        loader_options: parameters of the loader of training tiles, and the fields of `TrainStage` that they are.
        validated: names of losses that every validation measures, the first of which picks the epoch to keep unless
            `content_picks`: then an adversarial phase is picked by its first loss.
        multiple: of what a tile's side must be a multiple, px.
        notes: what is to be said of a training, from its configuration.
        lasting: notes that are true of every later phase too.
    """

    name: TaskName
    words: Words
    phases: Mapping[str, Phase]
    defaults: Mapping[str, Any]
    fields: frozenset[str]
    baseline: str
    conversion: Callable[[NetworkConfig, str], Conversion]
    loader: type[TileLoader]
    loader_options: Mapping[str, str]
    validated: tuple[str, ...]
    content_picks: bool
    multiple: int
    notes: Callable[[Any], list[str]]
    lasting: tuple[str, ...] = ()

    def criterion(self, losses: Losses) -> str:
        """The validation value by which an epoch is kept, for a training on `losses`."""
        if self.content_picks and "adversarial" in losses:
            return next(name for name in losses if name != "adversarial")
        return self.validated[0]
