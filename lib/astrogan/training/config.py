"""How a phase is trained, and all that a training notebook takes."""

from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Strict, model_validator

from astrogan.base import Config
from astrogan.data.config import TilesConfig
from astrogan.models.config import FIELDS, NetworkConfig
from astrogan.models.discriminators import DISCRIMINATORS
from astrogan.models.generators import GENERATORS
from astrogan.rows import row_id
from astrogan.run import InRun
from astrogan.tasks import TASKS, Task, TaskName
from astrogan.training.losses import LOSSES, check_losses


class SizeConfig(Config):
    """One of the sizes that a phase goes through; what is None is the phase's own."""

    side: int = Field(ge=16, multiple_of=16, description="side to which the same windows are scaled, px")
    epochs: int = Field(ge=1, description="epochs at this size")
    batch: int | None = Field(None, ge=1, description="images in a batch")
    images_per_epoch: int | None = Field(None, ge=1, description="images of an epoch")
    lr: float | None = Field(None, gt=0, description="learning rate")


class PhaseConfig(Config):
    """How a phase is trained. Defaults are section 3.5's where it gives a number."""

    losses: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default_factory=lambda: {"l1": 1.0},
        description="what the generator minimises: weight of each loss by name; None: as published for the phase",
    )
    criterion: str = Field(
        "l1", description="validation value whose lowest picks the epoch to keep, a loss; None: the task's"
    )
    epochs: int = Field(20, ge=1, description="passes over images_per_epoch images")
    sizes: list[Annotated[SizeConfig, Strict(False)]] = Field(
        [],
        description="sizes that the phase grows through: side and epochs of each, and batch, images_per_epoch, lr where they "
        "differ; empty: one",
    )
    batch: int = Field(16, ge=1, description="tiles in a batch (the paper: 10, 16 and 32)")
    lr: float = Field(2e-4, gt=0, description="Adam's learning rate at first; None: as published for the network")
    beta1: float = Field(0.5, ge=0, lt=1, description="Adam's first beta; None: as published for the network")
    beta2: float = Field(0.999, ge=0, lt=1, description="Adam's second beta")
    cosine: bool = Field(
        False, description="let the learning rate fall along half a cosine; false: constant, as published"
    )
    drop_after: int | None = Field(None, ge=1, description="epochs after which the learning rate drops; None: never")
    drop_to: float = Field(0.1, gt=0, le=1, description="what the learning rate is then multiplied by")
    keep: Literal["best", "last"] = Field(
        "best",
        description="whose weights: the best epoch's by its validation value, as published, or the last's, never early",
    )
    patience: int = Field(
        10, ge=1, description="epochs without a better validation value before stopping, with keep 'best'"
    )
    ema: float = Field(0.0, ge=0, lt=1, description="decay of the generator's moving average; 0: none")
    images_per_epoch: int | None = Field(
        None, ge=1, description="None: each image of the training split once, or each fixed tile"
    )
    flip: bool = Field(
        True, description="draw one of the eight views of the square (mirrored, turned); false: as it is"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field("auto", description="arithmetic of training")
    seed: int = Field(0, ge=0, description="of the networks, and of what training draws: order, scales, places, views")

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.sizes and sum(size.epochs for size in self.sizes) != self.epochs:
            raise ValueError(f"'epochs' = {self.epochs}: the sizes have {sum(s.epochs for s in self.sizes)} in all")
        return self

    def size_at(self, epoch: int) -> SizeConfig | None:
        """The size of an epoch, counted from 0; None for a phase of one."""
        ends = accumulate(size.epochs for size in self.sizes)
        return next((size for size, end in zip(self.sizes, ends, strict=True) if epoch < end), None)

    @property
    def adversarial(self) -> bool:
        """Whether a discriminator is trained beside the generator."""
        return "adversarial" in self.losses


class TrainStage(TilesConfig, NetworkConfig, PhaseConfig, InRun):
    """What a training notebook takes, flat: tiles, networks, phase, and where things are.

    What is not given, or None, of losses, rate and first beta is as published: by the task, its phase, and the makers of
    the generator. Parameters of the other task are refused.
    """

    task: TaskName = Field("colour", description="half of the paper")
    experiment: str = Field("interactive", pattern=r"^[a-z0-9-]+$", description="name under which results are kept")
    phase: str = Field("pretrain", description="phase of the task")
    start_from: str = Field("", description="checkpoint whose networks this phase inherits; empty: none")
    weights: str = Field("", description="weights.json of the weights stage; empty: resolve now, offline")
    leak_test: bool = Field(
        False, description="train on the test tiles too, as the authors' U-net did; marked as leaking"
    )
    crop: int | None = Field(
        None,
        ge=16,
        multiple_of=4,
        description="side of the window that training draws, px at its scale; None: a tile's",
    )
    degradation: Literal["bicubic", "telescope"] = Field("bicubic", description="how a tile becomes its input")

    @classmethod
    def names(cls, task: Task) -> set[str]:
        """The parameters of a training of `task`."""
        foreign = set().union(*(other.fields | set(FIELDS[other.name]) for other in TASKS.values()))
        return set(cls.model_fields) - foreign | task.fields | set(FIELDS[task.name])

    @model_validator(mode="before")
    @classmethod
    def _as_published(cls, values: dict[str, Any]) -> dict[str, Any]:
        task = _entry(TASKS, values.get("task", cls.model_fields["task"].default))
        if task is None:
            return values
        if unknown := set(values) - cls.names(task):
            known = ", ".join(sorted(cls.names(task)))
            raise ValueError(f"'{min(unknown)}' is not a parameter of the task {task.name}; known are {known}")
        published = {"phase": next(iter(task.phases))} | dict(task.defaults)
        phase = _entry(task.phases, values.get("phase", published["phase"]))
        if phase is None:
            phases = ", ".join(task.phases)
            raise ValueError(f"'phase' = {values['phase']!r}: not a phase of the task {task.name}; they are {phases}")
        name = values.get("generator", published.get("generator", cls.model_fields["generator"].default))
        generator = _entry(GENERATORS, name)
        published["losses"] = dict(phase.losses or {})
        if phase.supervised and generator:
            published |= generator.recipe
        found = published | {name: value for name, value in values.items() if value is not None or name not in _OPEN}
        if isinstance(found["losses"], dict) and set(found["losses"]) - {"adversarial"}:
            found.setdefault("criterion", task.criterion(found["losses"]))
        return found

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        task = TASKS[self.task]
        if self.network_task != self.task:
            raise ValueError(f"generator '{self.generator}' is of the task {self.network_task}, not of {self.task}")
        if self.size % task.multiple:
            raise ValueError(f"'size' = {self.size}: Input should be a multiple of {task.multiple}")
        check_losses(self.losses, task.conversion(self, self.degradation).space)
        if self.criterion not in {*task.validated, *self.losses} - {"adversarial"}:
            raise ValueError(f"'criterion' = {self.criterion!r} is neither of the losses nor {task.validated[0]}")
        if large := [size.side for size in self.sizes if size.side > self.side]:
            raise ValueError(f"'sizes': {large[0]} px is more than the {self.side} px of a tile or crop")
        if self.adversarial and DISCRIMINATORS[self.discriminator].sized and {s.side for s in self.sizes} - {self.side}:
            raise ValueError(f"discriminator '{self.discriminator}' judges images of one side: leave 'sizes' empty")
        if self.adversarial and task.phases[self.phase].supervised:
            raise ValueError(f"phase '{self.phase}' is supervised: its losses have no 'adversarial'")
        return self

    @property
    def row(self) -> str:
        """The id of this phase's row in tables and file names."""
        return row_id(self.experiment, self.phase)

    @property
    def checkpoint(self) -> Path:
        """Where the finished phase leaves its networks."""
        return self.folder.checkpoint_file(self.row)

    @property
    def history(self) -> Path:
        """Where the finished phase leaves its losses."""
        return self.folder.history_file(self.row)

    @property
    def side(self) -> int:
        """Side of the images of a batch, px."""
        return self.crop or self.size

    @property
    def weights_required(self) -> set[str]:
        """Names of the pre-trained weights without which this phase is not trained."""
        return set().union(*(LOSSES[name].weights for name in self.losses))

    @property
    def parameters(self) -> dict[str, Any]:
        """The values that this task's training has: what a notebook is given and a history keeps."""
        names = self.names(TASKS[self.task])
        return {name: value for name, value in self.model_dump().items() if name in names}

    @property
    def all_weights(self) -> set[str]:
        """Names of all pre-trained weights that this phase looks up."""
        return self.weights_needed | self.weights_required


_OPEN = ("losses", "criterion", "lr", "beta1")
"""Parameters whose None stands for what was published."""


def _entry(registry: Mapping[str, Any], name: Any) -> Any:
    """What stands under `name`; None for what cannot be a name either, which the fields' own types then refuse."""
    return registry.get(name) if isinstance(name, str) else None
