"""A profile: which experiments are run, at what sizes and lengths; `workflow/profiles/<name>.yaml`, checked at the door."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from astrogan.base import AstroganError, Config
from astrogan.data.config import TilesConfig
from astrogan.experiments.catalogue import Experiment, Images, read_catalogue
from astrogan.run import Run, row_id
from astrogan.tasks import TASKS, Task, TaskName
from astrogan.training.config import TrainStage

Values = dict[str, Any]


class Profile(Config):
    """What `make report PROFILE=...` runs. Of a phase's values the experiment's beat `phases`, and `experiments` beat both."""

    name: str
    about: str = Field(description="one sentence for the report")
    offline: bool = True
    decides: bool = Field(description="whether the run is large enough to judge a claim of the paper")
    astronomy: TilesConfig
    photographs: TilesConfig
    degradation: Literal["bicubic", "telescope"] = Field(
        "bicubic", description="how a tile becomes the input of super-resolution, in trainings and evaluations"
    )
    phases: dict[TaskName, dict[str, Values]] = Field(description="fields of TrainStage for each phase of a task")
    experiments: dict[str, dict[str, Values]] = Field(
        description="what is run: name in experiments.yaml -> fields that differ here, by phase or for its `tiles`"
    )

    @property
    def run(self) -> Run:
        """The run, relative to the repository."""
        return Run(Path("runs") / self.name)

    @property
    def tasks(self) -> list[Task]:
        """The tasks that the profile has experiments of."""
        return [task for task in TASKS.values() if self.experiments_of(task)]

    def experiments_of(self, task: Task) -> dict[str, Experiment]:
        """The experiments of one task that are run, in the order of experiments.yaml."""
        listed = read_catalogue().experiments.items()
        return {name: each for name, each in listed if name in self.experiments and each.task == task.name}

    def all_trainings(self) -> list[TrainStage]:
        """Those of every experiment, task by task."""
        return [each for task in self.tasks for name in self.experiments_of(task) for each in self.trainings(name)]

    def trainings(self, name: str) -> list[TrainStage]:
        """The parameters of an experiment's training notebooks, in the order of training."""
        return [self.training(name, phase) for phase in self.experiment(name).phases]

    def training(self, name: str, phase: str) -> TrainStage:
        """The parameters of one training notebook; `AstroganError` names what is unknown or ill-typed."""
        experiment, phases = self.experiment(name), list(self.experiment(name).phases)
        task, place = TASKS[experiment.task], phases.index(phase)
        before = f"{name}/{phases[place - 1]}" if place else experiment.start_from
        inherited = str(self.run.checkpoint_file(row_id(*before.split("/")))) if before else ""
        values = (
            self.tiles(experiment.images.get(phase, task.phases[phase].images), name).model_dump()
            | self.shared(task)
            | experiment.network
            | self.phases.get(task.name, {}).get(phase, {})
            | experiment.phases[phase]
            | self.experiments[name].get(phase, {})
            | {"task": task.name, "experiment": name, "phase": phase, "start_from": inherited}
            | {"run": str(self.run.path), "weights": str(self.run.record_file("weights"))}
        )
        try:
            return TrainStage.checked(**values)
        except AstroganError as error:
            raise AstroganError(f"{name}, {phase}: {error}") from None

    def tiles(self, images: Images, name: str | None = None) -> TilesConfig:
        """The tiles of `astronomy` or `photographs`, as the experiment `name` wants them; a baseline has no wishes."""
        own = self.experiment(name).tiles | self.experiments[name].get("tiles", {}) if name in self.experiments else {}
        return TilesConfig.checked(**(getattr(self, images).model_dump() | own))

    def shared(self, task: Task) -> Values:
        """What the trainings and evaluations of a task have in common, where that task has it."""
        return {name: getattr(self, name) for name in ("degradation",) if name in task.fields}

    def experiment(self, name: str) -> Experiment:
        """An experiment that the profile runs."""
        return read_catalogue().experiments[name]


def load_profile(path: Path | str) -> Profile:
    """Read and check a profile, and the parameters of every training stage with it, before any work.

    Raises:
        AstroganError: when it does not exist (the existing ones are named), was written for an older version, or holds
            something unknown or ill-typed.
    """
    path = Path(path)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise AstroganError(f"no profile is called '{path.stem}'; known are {known}")
    try:
        return _checked(path, yaml.safe_load(path.read_text(encoding="utf-8")))
    except (AstroganError, yaml.YAMLError) as error:
        raise AstroganError(f"profile {path.stem}: {error}") from None


def _checked(path: Path, values: Any) -> Profile:
    if not isinstance(values, dict):
        raise AstroganError(f"{path} is not a list of names and values, as workflow/profiles/quick.yaml is")
    _refuse_old(path, values)
    for kind in ("astronomy", "photographs"):
        values[kind] = TilesConfig.checked(**{"kind": kind} | (values.get(kind) or {}))
    values["experiments"] = {name: differs or {} for name, differs in (values.get("experiments") or {}).items()}
    profile = Profile.checked(**{"name": path.stem} | values)
    _check_names(profile)
    for task, phases in profile.phases.items():
        for phase, fields in phases.items():
            TrainStage.checked(**{"task": task, "phase": phase} | fields)
    profile.all_trainings()
    return profile


def _refuse_old(path: Path, values: Values) -> None:
    """A profile used to describe its experiments itself, those of super-resolution under `upscale`."""
    entries = (values.get("experiments") or {}).values()
    if "upscale" in values or any({"phases", "network", "data"} & set(entry or ()) for entry in entries):
        raise AstroganError(
            f"{path} is of an older version, in which each profile described its experiments: name them under "
            "'experiments' as workflow/experiments.yaml does, and give sizes and lengths alone, as "
            "workflow/profiles/quick.yaml does."
        )


def _check_names(profile: Profile) -> None:
    known = read_catalogue().experiments
    for name, differs in profile.experiments.items():
        if name not in known:
            raise AstroganError(f"no experiment is called '{name}'; experiments.yaml knows {', '.join(known)}")
        phases = ", ".join(known[name].phases)
        if unknown := set(differs) - {"tiles", *known[name].phases}:
            raise AstroganError(
                f"'{min(unknown)}' is no phase of {name}; what may differ in a profile is tiles, {phases}"
            )
        source = known[name].start_from.partition("/")[0]
        if source and source not in profile.experiments:
            raise AstroganError(f"{name} starts from {source}, which the profile does not list")
