"""A profile: which experiments are run, at what sizes and lengths; `workflow/profiles/<name>.yaml`, checked at the door."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from astrogan.base import AstroganError, Config
from astrogan.data.config import TilesConfig
from astrogan.experiments.catalogue import Experiment, Images, read_catalogue
from astrogan.rows import of_fold, row_id
from astrogan.run import Run
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
    observatory: TilesConfig | None = Field(None, description="a second sky, rendered by one hand; None: not asked")
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
        """The parameters of an experiment's training notebooks, in the order of training, each phase once a fold."""
        return [
            self.training(name, phase, fold)
            for phase in self.experiment(name).phases
            for fold in self.folds_of(name, phase)
        ]

    def training(self, name: str, phase: str, fold: int | None = None) -> TrainStage:
        """The parameters of one training notebook; `AstroganError` names what is unknown or ill-typed."""
        experiment = self.experiment(name)
        task, inherited = TASKS[experiment.task], ""
        if before := self.before(name, phase):
            start, last = before
            of = fold if None not in self.folds_of(*before) else None
            inherited = str(self.run.checkpoint_file(row_id(of_fold(start, of), last)))
        tiles = self.tiles(self.images_of(name, phase), name)
        values = (
            tiles.model_dump()
            | {"fold": fold if fold and tiles.folds else 0}
            | self.shared(task)
            | experiment.network
            | self.phases.get(task.name, {}).get(phase, {})
            | experiment.phases[phase]
            | self.experiments[name].get(phase, {})
            | {"task": task.name, "experiment": of_fold(name, fold), "phase": phase, "start_from": inherited}
            | {"run": str(self.run.path), "weights": str(self.run.record_file("weights"))}
        )
        try:
            return TrainStage.checked(**values)
        except AstroganError as error:
            raise AstroganError(f"{name}, {phase}: {error}") from None

    def images_of(self, name: str, phase: str) -> Images:
        """What a phase is trained on: what the experiment says, else what its task does, under the experiment's sky."""
        experiment = self.experiment(name)
        usual = TASKS[experiment.task].phases[phase].images
        return experiment.images.get(phase, experiment.sky if usual == "astronomy" else usual)

    def folds_of(self, name: str, phase: str) -> list[int] | list[None]:
        """The folds on which a phase is trained; [None]: once. What starts from a phase with folds has the same.

        Raises:
            AstroganError: for a phase that has other folds than the one that it starts from.
        """
        own = self.tiles(self.images_of(name, phase), name).folds
        before = self.before(name, phase)
        inherited = [fold for fold in self.folds_of(*before) if fold is not None] if before else []
        if before and own and inherited and len(inherited) != own:
            raise AstroganError(
                f"{name}, {phase}: {own} folds, but {'/'.join(before)}, which it starts from, has {len(inherited)}"
            )
        return inherited or (list(range(own)) if own else [None])

    def before(self, name: str, phase: str) -> tuple[str, str] | None:
        """Experiment and phase whose networks a phase inherits."""
        phases = list(self.experiment(name).phases)
        if place := phases.index(phase):
            return name, phases[place - 1]
        start, _, last = self.experiment(name).start_from.partition("/")
        return (start, last) if start else None

    def tiles(self, images: Images, name: str | None = None) -> TilesConfig:
        """The tiles of `images`, as the experiment `name` wants them; a baseline has no wishes.

        Folds are of the sky alone: photographs are not tested. `AstroganError` for images that the profile has not.
        """
        found: TilesConfig | None = getattr(self, images)
        if found is None:
            raise AstroganError(f"{name} wants the images of `{images}`, which the profile does not name")
        own = self.experiment(name).tiles | self.experiments[name].get("tiles", {}) if name in self.experiments else {}
        if images == "photographs":
            own = {field: value for field, value in own.items() if field != "folds"}
        return TilesConfig.checked(**(found.model_dump() | own))

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
    for images, kind in (("astronomy", "astronomy"), ("photographs", "photographs"), ("observatory", "astronomy")):
        if images != "observatory" or values.get(images):
            values[images] = TilesConfig.checked(**{"kind": kind} | (values.get(images) or {}))
    values["experiments"] = {name: differs or {} for name, differs in (values.get("experiments") or {}).items()}
    profile = Profile.checked(**{"name": path.stem} | values)
    _check_names(profile)
    for task, phases in profile.phases.items():
        for phase, fields in phases.items():
            TrainStage.checked(**{"task": task, "phase": phase} | fields)
    profile.all_trainings()
    _check_folds(profile)
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


def _check_folds(profile: Profile) -> None:
    """Networks of folds can be tested on these folds alone, and candidates cannot be judged on them."""
    seen: dict[tuple[str, str], int] = {}
    for name in profile.experiments:
        experiment = profile.experiment(name)
        tested = profile.tiles(experiment.sky, name).folds or 0
        other = tested != (profile.tiles(experiment.sky).folds or 0)
        if tested and other and seen.setdefault((experiment.task, experiment.sky), tested) != tested:
            raise AstroganError(f"{name} has {tested} folds of images that another experiment has in other folds")
        if tested and experiment.split == "valid":
            raise AstroganError(f"{name} is measured on validation tiles, which folds share: leave `folds` out")
        for phase in experiment.phases:
            if tested:
                _check_no_leak(profile, name, phase)
            trained = [fold for fold in profile.folds_of(name, phase) if fold is not None]
            if trained and len(trained) != tested:
                raise AstroganError(
                    f"{name}, {phase}: trained on {len(trained)} folds, tested on {tested or 'none'}: its `sky` must be "
                    "the images that it is trained on"
                )


def _check_no_leak(profile: Profile, name: str, phase: str) -> None:
    """What is tested on folds must not start from a training on the same images without them."""
    step: tuple[str, str] | None = (name, phase)
    while step:
        if profile.images_of(*step) == profile.experiment(name).sky and profile.folds_of(*step) == [None]:
            raise AstroganError(
                f"{name}, {phase}: tested on folds, but {'/'.join(step)} behind it was trained on images of all of them. "
                "Start from photographs, or from a training on the same folds."
            )
        step = profile.before(*step)


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
