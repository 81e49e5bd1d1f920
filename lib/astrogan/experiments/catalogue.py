"""The experiments of `workflow/experiments.yaml`, and how the report calls and colours their rows."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, get_args

import yaml
from pydantic import Field, model_validator

from astrogan.base import AstroganError, Config
from astrogan.rows import fold_of, own_row, parts_of, row_id, whole
from astrogan.run import Run
from astrogan.tasks import TASKS, TaskName
from astrogan.tasks.baselines import BASELINES

ColorName = Literal[
    "blue", "orange", "green", "red", "purple", "brown", "pink", "grey", "yellow", "sky",
    "dark-grey", "mid-grey", "light-grey", "pale-grey",
]  # fmt: skip
"""Names of the colours of seaborn's `colorblind`, in its order, and of more greys, for baselines."""

_GREYS = {"dark-grey": 0.3, "mid-grey": 0.45, "light-grey": 0.7, "pale-grey": 0.8}

TRUTH_COLOR = (0.1, 0.1, 0.1)

Images = Literal["astronomy", "photographs", "observatory"]
IMAGES: tuple[Images, ...] = get_args(Images)
Sky = Literal["astronomy", "observatory"]
"""Whose held-out tiles a row is measured on: those of many hands, or those of one observatory."""
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
    observatory: list[str] = Field(default_factory=list)
    """Of a baseline: the tables and figures in which it stands as measured on the observatory's images."""
    control: bool = False
    """Of a baseline: whether it is there to show what a metric rewards, and never counts as the best."""


class Experiment(Config):
    """One model through its phases; `workflow/experiments.yaml` explains the fields."""

    task: TaskName
    network: dict[str, Any] = Field(default_factory=dict)
    phases: dict[str, dict[str, Any]]
    images: dict[str, Images] = Field(default_factory=dict)
    tiles: dict[str, Any] = Field(default_factory=dict)
    start_from: str = ""
    sky: Sky = "astronomy"
    split: Split = "test"
    control: bool = False
    rows: dict[str, Named]

    @model_validator(mode="after")
    def _names_phases(self) -> Self:
        known = TASKS[self.task].phases
        for what, names in (("phases", known), ("images", self.phases), ("rows", self.phases)):
            if unknown := set(getattr(self, what)) - set(names):
                raise ValueError(f"'{min(unknown)}' of '{what}' is not among the phases {', '.join(names)}")
        return self


class Catalogue(Config):
    """All experiments and baselines, by name."""

    experiments: dict[str, Experiment]
    baselines: dict[str, Named]

    @model_validator(mode="after")
    def _starts_exist(self) -> Self:
        trained = {f"{name}/{phase}" for name, each in self.experiments.items() for phase in each.phases}
        for name, each in self.experiments.items():
            if each.start_from and each.start_from not in trained:
                raise ValueError(f"{name}: 'start_from' = '{each.start_from}' is no phase of an experiment")
        return self

    @model_validator(mode="after")
    def _baselines_exist(self) -> Self:
        if unknown := set(self.baselines) - set(BASELINES):
            raise ValueError(f"no baseline is called '{min(unknown)}'; known are {', '.join(BASELINES)}")
        return self

    @property
    def rows(self) -> dict[str, Named]:
        """Every row in order: those of the experiments, then the baselines, then these on the second sky."""
        trained = {
            row_id(name, phase): row for name, each in self.experiments.items() for phase, row in each.rows.items()
        }
        second = {
            f"{name}-observatory": each.model_copy(update={"items": each.observatory})
            for name, each in self.baselines.items()
            if each.observatory
        }
        return trained | self.baselines | second


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
    """The experiment of a trained row, or of one fold of it; None for a baseline, or a row that is not listed."""
    return read_catalogue().experiments.get(parts_of(whole(row))[0])


def is_baseline(row: str) -> bool:
    """Whether the row needs no training of ours, wherever it is measured."""
    return own_row(row) in BASELINES


def baselines_at(task: TaskName, ending: str) -> list[str]:
    """The baselines of a task that are at hand and measured in a place: see `rows.PLACES`; '' is the test."""
    at_hand = (name for name, each in BASELINES.items() if each.task == task and not each.absent)
    listed = read_catalogue().baselines
    wanted = {"": lambda row: True, "-observatory": lambda row: bool(row.observatory)}
    holds = wanted.get(ending, lambda row: "recipes" in row.items)
    return [name for name in at_hand if name in listed and holds(listed[name])]


def is_control(row: str) -> bool:
    """Whether the row only shows what a metric rewards."""
    return (named := _named(row)) is not None and named.control


def label(row: str) -> str:
    """The row's name in a table, with its fold where it is one alone; an unlisted row keeps its id."""
    fold = "" if (number := fold_of(row)) is None else f", fold {number + 1}"
    return named.label + fold if (named := _named(row)) else row


def short(row: str) -> str:
    """The row's name in a figure; an unlisted row keeps its id."""
    return named.short if (named := _named(row)) else row


def color(row: str) -> Color:
    """The row's colour in every figure, RGB in [0, 1]; an unlisted row is brown."""
    import seaborn as sns  # a second, which those who draw nothing need not wait

    named = _named(row)
    name = named.color if named else "brown"
    if name in _GREYS:
        return (_GREYS[name],) * 3
    return sns.color_palette("colorblind", 10)[get_args(ColorName).index(name)]


def position(row: str) -> int:
    """Where the row stands among all that are listed; an unlisted row comes last."""
    listed = list(read_catalogue().rows)
    return min((listed.index(name) for name in _names(row) if name in listed), default=len(listed))


def seeds_of(row: str) -> Iterator[str]:
    """The rows that differ from `row` in the seed of their training alone: `<experiment>-seed<k>-<phase>`."""
    experiment, phase = parts_of(row)
    for name in read_catalogue().experiments:
        if name.startswith(f"{experiment}-seed"):
            yield row_id(name, phase)


def trainings_of(run: Run, row: str) -> list[str]:
    """The rows of a run that are one row's trainings: itself and those that differ in the seed alone."""
    counted = (name for name in seeds_of(row) if name in run.metrics)
    return [row, *counted]


def _named(row: str) -> Named | None:
    rows = read_catalogue().rows
    return next((rows[name] for name in _names(row) if name in rows), None)


def _names(row: str) -> tuple[str, ...]:
    """Under which the row may be listed: its own, that of all its folds, the baseline's."""
    return row, whole(row), own_row(row)
