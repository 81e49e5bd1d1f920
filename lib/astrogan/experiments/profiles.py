"""A profile: a set of experiments with sizes, read from `workflow/profiles/<name>.yaml` and checked at the door."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import Field

from astrogan.base import AstroganError, Config
from astrogan.data.config import TilesConfig
from astrogan.training.config import ColourPhase, UpscalePhase

ColourPhaseName = Literal["pretrain", "adversarial", "finetune"]
UpscalePhaseName = Literal["supervised", "adversarial", "finetune"]
DATA_OF_PHASE = {
    "pretrain": "photographs",
    "supervised": "photographs",
    "adversarial": "photographs",
    "finetune": "astronomy",
}


class Experiment(Config):
    """One model through its phases. Values of a phase override those of the profile for that phase."""

    network: dict[str, Any] = Field(default_factory=dict, description="fields of NetworkConfig")
    phases: dict[ColourPhaseName, dict[str, Any]]
    data: dict[str, Literal["astronomy", "photographs"]] = Field(
        default_factory=dict, description="tiles of a phase where they are not the usual ones"
    )
    tiles: dict[str, Any] = Field(
        default_factory=dict, description="fields of TilesConfig that differ from the profile's"
    )
    start_from: str = Field("", description="'experiment/phase' whose networks the first phase inherits")
    split: Literal["test", "valid"] = Field(
        "test",
        description="whose tiles its rows are measured on; a recipe is chosen among candidates on validation tiles",
    )


class UpscaleExperiment(Experiment):
    """The same for super-resolution; `network` holds fields of UpscaleNetworkConfig."""

    phases: dict[UpscalePhaseName, dict[str, Any]]


class Upscale(Config):
    """The half of a profile that is super-resolution."""

    defaults: dict[str, Any] = Field(default_factory=dict, description="fields of UpscalePhaseConfig for every phase")
    phases: dict[UpscalePhaseName, dict[str, Any]]
    experiments: dict[str, UpscaleExperiment]


@dataclass(frozen=True)
class Half:
    """One half of the paper as the DAG sees it: its experiments, and the names of its phases, notebooks and baseline."""

    experiments: Mapping[str, Experiment]
    training: Callable[[str, str], ColourPhase | UpscalePhase]
    """Parameters of a training notebook by experiment and phase."""
    order: tuple[str, ...]
    baseline: str
    notebooks: str = ""
    """What the names of its notebooks begin with."""
    evaluation: dict[str, Any] = field(default_factory=dict)
    """Parameters of its evaluation notebook besides those that both halves have."""

    def phases(self, experiment: str) -> list[str]:
        """The phases of an experiment in the order in which they are trained."""
        return [name for name in self.order if name in self.experiments[experiment].phases]


class Profile(Config):
    """What `make report PROFILE=...` runs."""

    name: str
    offline: bool = True
    about: str = Field(description="one sentence for the report")
    decides: bool = Field(description="whether the run is large enough to judge a claim of the paper")
    astronomy: TilesConfig
    photographs: TilesConfig
    phases: dict[ColourPhaseName, dict[str, Any]]
    experiments: dict[str, Experiment]
    upscale: Upscale | None = Field(None, description="super-resolution; None: colour alone")

    @property
    def run(self) -> str:
        """The folder of the run, relative to the repository."""
        return f"runs/{self.name}"

    @property
    def halves(self) -> list[Half]:
        """Colour and, where the profile has it, super-resolution."""
        colour = Half(self.experiments, self.training, get_args(ColourPhaseName), "grey")
        if self.upscale is None:
            return [colour]
        degradation = {key: value for key, value in self.upscale.defaults.items() if key == "degradation"}
        return [
            colour,
            Half(
                self.upscale.experiments,
                self.upscaling,
                get_args(UpscalePhaseName),
                "bicubic",
                "upscale_",
                {"degradation": "bicubic"} | degradation,
            ),
        ]

    def training(self, experiment: str, phase: str) -> ColourPhase:
        """The parameters of one colorization training notebook."""
        entry = self.experiments[experiment]
        values = self.phases.get(phase, {}) | entry.phases[phase]
        return ColourPhase.checked(**self._stage(entry, get_args(ColourPhaseName), experiment, phase, values))

    def upscaling(self, experiment: str, phase: str) -> UpscalePhase:
        """The parameters of one super-resolution training notebook."""
        entry = self.upscale.experiments[experiment]
        values = self.upscale.defaults | self.upscale.phases.get(phase, {}) | entry.phases[phase]
        return UpscalePhase.checked(**self._stage(entry, get_args(UpscalePhaseName), experiment, phase, values))

    def _stage(
        self, entry: Experiment, order: tuple[str, ...], experiment: str, phase: str, values: dict[str, Any]
    ) -> dict[str, Any]:
        """`values` with the tiles and the network of the experiment, and with what the phase inherits."""
        trained = [name for name in order if name in entry.phases]
        before = trained[trained.index(phase) - 1] if trained.index(phase) else ""
        inherited = f"{experiment}/{before}" if before else entry.start_from
        tiles = self.tiles(entry.data.get(phase, DATA_OF_PHASE[phase]), entry)
        return (
            tiles.model_dump() | entry.network | values
            | {
                "run": self.run,
                "experiment": experiment,
                "phase": phase,
                "start_from": f"{self.run}/checkpoints/{inherited}.pt" if inherited else "",
                "weights": f"{self.run}/weights.json",
            }
        )  # fmt: skip

    def tiles(self, kind: str, experiment: Experiment | None = None) -> TilesConfig:
        """The tiles of `astronomy` or `photographs`, as `experiment` wants them."""
        own = experiment.tiles if experiment else {}
        return TilesConfig.checked(**(getattr(self, kind).model_dump() | own))


def load_profile(path: Path | str) -> Profile:
    """Read and check a profile; every training stage's parameters are validated too, before any work.

    Raises:
        AstroganError: when it does not exist (the existing ones are named) or holds something unknown or ill-typed.
    """
    path = Path(path)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise AstroganError(f"no profile is called '{path.stem}'; known are {known}")
    values = yaml.safe_load(path.read_text())
    for kind in ("astronomy", "photographs"):
        values[kind] = TilesConfig.checked(kind=kind, **values.get(kind, {}))
    profile = Profile.checked(name=path.stem, **values)
    for half in profile.halves:
        for name in half.experiments:
            for phase in half.phases(name):
                half.training(name, phase)
    return profile
