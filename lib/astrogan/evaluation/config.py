"""What the evaluation notebooks take."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from astrogan.data.config import TilesConfig
from astrogan.run import InRun
from astrogan.tasks import TASKS, TaskName

_ON_VALID = "-valid"


def valid_row(row: str) -> str:
    """The row as measured on validation tiles, beside itself on test tiles."""
    return f"{row}{_ON_VALID}"


def own_row(row: str) -> str:
    """The row that a row on validation tiles is of; any other row itself."""
    return row.removesuffix(_ON_VALID)


class EvaluateStage(TilesConfig, InRun):
    """What the evaluation notebooks take: the tiles of the test, and whose outputs on them."""

    task: TaskName = Field("colour", description="half of the paper")
    experiment: str = Field("lab-resnet18", description="experiment whose checkpoints are evaluated, or a baseline")
    rows: str = Field("lab-resnet18-pretrain", description="rows of tables to make, separated by commas")
    casts: str = Field("", description="rows whose unclipped cast is scored too, separated by commas")
    split: Literal["test", "valid"] = Field("test", description="whose tiles; recipes are chosen on validation tiles")
    degradation: Literal["bicubic", "telescope"] = Field("bicubic", description="how a tile becomes its input")
    weights: str = Field("", description="weights.json of the weights stage; empty: resolve now, offline")

    @classmethod
    def names(cls, task: str) -> set[str]:
        """The parameters of an evaluation of `task`; all for a task that is not known."""
        foreign = set().union(*(other.fields for name, other in TASKS.items() if task in TASKS and name != task))
        return set(cls.model_fields) - foreign

    @model_validator(mode="before")
    @classmethod
    def _of_its_task(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = cls.names(values.get("task", "colour"))
        if foreign := sorted(set(values) & set(cls.model_fields) - names):
            raise ValueError(f"'{foreign[0]}' is not a parameter of the task {values.get('task', 'colour')}")
        return values

    @model_validator(mode="after")
    def _divides(self) -> Self:
        multiple = TASKS[self.task].multiple
        if self.size % multiple:
            raise ValueError(f"'size' = {self.size}: Input should be a multiple of {multiple}")
        return self

    @property
    def parameters(self) -> dict[str, Any]:
        """The values that this task's evaluation has: what a notebook is given."""
        names = self.names(self.task)
        return {name: value for name, value in self.model_dump().items() if name in names}
