"""The experiments of `workflow/experiments.yaml`, and how the report calls and colours their rows."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, get_args

import yaml
from pydantic import Field, model_validator

from astrogan.base import AstroganError, Config
from astrogan.run import parts_of, row_id
from astrogan.tasks import TASKS, TaskName

ColorName = Literal["blue", "orange", "green", "red", "purple", "brown", "pink", "grey", "yellow", "sky"]
"""Names of the colours of seaborn's `colorblind`, in its order."""

TRUTH_COLOR = (0.1, 0.1, 0.1)

Images = Literal["astronomy", "photographs"]
Split = Literal["test", "valid"]
Color = tuple[float, float, float]


class Named(Config):
    """How a row is called: `label` in tables, `short` in figures; its colour; the tables and figures that it stands in.

    A `control` is there to show what a metric rewards, and is never the best of a column.
    """

    label: str
    short: str
    color: ColorName
    items: list[str] = Field(default_factory=list, alias="in")
    control: bool = False


class Experiment(Config):
    """One model through its phases; `workflow/experiments.yaml` explains the fields."""

    task: TaskName
    network: dict[str, Any] = Field(default_factory=dict)
    phases: dict[str, dict[str, Any]]
    images: dict[str, Images] = Field(default_factory=dict)
    tiles: dict[str, Any] = Field(default_factory=dict)
    start_from: str = ""
    split: Split = "test"
    rows: dict[str, Named]

    @model_validator(mode="after")
    def _names_phases(self) -> Self:
        known = TASKS[self.task].phases
        for what, names in (("phases", known), ("images", self.phases), ("rows", self.phases)):
            if unknown := set(getattr(self, what)) - set(names):
                raise ValueError(f"'{min(unknown)}' of '{what}' is not among the phases {', '.join(names)}")
        return self


class Baseline(Named):
    """A row that needs no network."""

    task: TaskName


class Catalogue(Config):
    """All experiments and baselines, by name."""

    experiments: dict[str, Experiment]
    baselines: dict[str, Baseline]

    @model_validator(mode="after")
    def _starts_exist(self) -> Self:
        trained = {f"{name}/{phase}" for name, each in self.experiments.items() for phase in each.phases}
        for name, each in self.experiments.items():
            if each.start_from and each.start_from not in trained:
                raise ValueError(f"{name}: 'start_from' = '{each.start_from}' is no phase of an experiment")
        return self

    @property
    def rows(self) -> dict[str, Named]:
        """Every row in order: those of the experiments, then the baselines."""
        trained = {
            row_id(name, phase): row for name, each in self.experiments.items() for phase, row in each.rows.items()
        }
        return trained | self.baselines


def workflow_folder() -> Path:
    """The folder of the workflow: that of the working directory, or of the checkout that the library lies in."""
    here = Path("workflow")
    return here if (here / "experiments.yaml").is_file() else Path(__file__).parents[3] / "workflow"


@cache
def read_catalogue(path: Path | None = None) -> Catalogue:
    """The experiments, validated; `AstroganError` names what is wrong."""
    path = path or workflow_folder() / "experiments.yaml"
    if not path.is_file():
        raise AstroganError(f"{path} does not exist. Run from a checkout of astrogan, which holds the experiments.")
    return Catalogue.checked(**yaml.safe_load(path.read_text(encoding="utf-8")))


def rows_in(item: str) -> tuple[str, ...]:
    """The rows that stand in a table or figure of that name, in order."""
    return tuple(row for row, named in read_catalogue().rows.items() if item in named.items)


def experiment_of(row: str) -> Experiment | None:
    """The experiment of a trained row; None for a baseline, or a row that is not listed."""
    return read_catalogue().experiments.get(parts_of(row)[0])


def is_baseline(row: str) -> bool:
    """Whether the row needs no network; on validation tiles its name ends in `-valid`."""
    return row.removesuffix("-valid") in read_catalogue().baselines


def is_control(row: str) -> bool:
    """Whether the row only shows what a metric rewards."""
    return (named := _named(row)) is not None and named.control


def label(row: str) -> str:
    """The row's name in a table; an unlisted row keeps its id."""
    return named.label if (named := _named(row)) else row


def short(row: str) -> str:
    """The row's name in a figure; an unlisted row keeps its id."""
    return named.short if (named := _named(row)) else row


def color(row: str) -> Color:
    """The row's colour in every figure, RGB in [0, 1]; an unlisted row is brown."""
    import seaborn as sns  # a second, which those who draw nothing need not wait

    named = _named(row)
    return sns.color_palette("colorblind", 10)[get_args(ColorName).index(named.color if named else "brown")]


def position(row: str) -> int:
    """Where the row stands among all that are listed; an unlisted row comes last."""
    listed = list(read_catalogue().rows)
    name = row.removesuffix("-valid")
    return listed.index(name) if name in listed else len(listed)


def seeds_of(row: str) -> Iterator[str]:
    """The rows that differ from `row` in the seed of their training alone: `<experiment>-seed<k>-<phase>`."""
    experiment, phase = parts_of(row)
    for name in read_catalogue().experiments:
        if name.startswith(f"{experiment}-seed"):
            yield row_id(name, phase)


def _named(row: str) -> Named | None:
    rows = read_catalogue().rows
    return rows.get(row) or rows.get(row.removesuffix("-valid"))
