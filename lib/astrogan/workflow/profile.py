"""A profile: a set of experiments with sizes, read from `workflow/profiles/<name>.yaml` and checked at the door."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from astrogan.config import ColourPhase, Config, TilesConfig
from astrogan.errors import AstroganError

PHASES = ("pretrain", "adversarial", "finetune")
DATA_OF_PHASE = {"pretrain": "photographs", "adversarial": "photographs", "finetune": "astronomy"}


class Experiment(Config):
    """One model through its phases. Values of a phase override those of the profile for that phase."""

    network: dict[str, Any] = Field(default_factory=dict, description="fields of NetworkConfig")
    phases: dict[Literal["pretrain", "adversarial", "finetune"], dict[str, Any]]
    data: dict[str, Literal["astronomy", "photographs"]] = Field(
        default_factory=dict, description="tiles of a phase where they are not the usual ones"
    )
    tiles: dict[str, Any] = Field(
        default_factory=dict, description="fields of TilesConfig that differ from the profile's"
    )
    start_from: str = Field("", description="'experiment/phase' whose networks the first phase inherits")


class Profile(Config):
    """What `make report PROFILE=...` runs."""

    name: str
    offline: bool = True
    about: str = Field(description="one sentence for the report")
    decides: bool = Field(description="whether the run is large enough to judge a claim of the paper")
    astronomy: TilesConfig
    photographs: TilesConfig
    phases: dict[Literal["pretrain", "adversarial", "finetune"], dict[str, Any]]
    experiments: dict[str, Experiment]

    @property
    def run(self) -> str:
        """The folder of the run, relative to the repository."""
        return f"runs/{self.name}"

    def training(self, experiment: str, phase: str) -> ColourPhase:
        """The parameters of one training notebook."""
        entry = self.experiments[experiment]
        order = [name for name in PHASES if name in entry.phases]
        before = order[order.index(phase) - 1] if order.index(phase) else ""
        inherited = f"{experiment}/{before}" if before else entry.start_from
        tiles = self.tiles(entry.data.get(phase, DATA_OF_PHASE[phase]), entry)
        values = (
            tiles.model_dump() | entry.network | self.phases.get(phase, {}) | entry.phases[phase]
            | {
                "run": self.run,
                "experiment": experiment,
                "phase": phase,
                "start_from": f"{self.run}/checkpoints/{inherited}.pt" if inherited else "",
                "weights": f"{self.run}/weights.json",
            }
        )  # fmt: skip
        return ColourPhase.checked(**values)

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
    for name, experiment in profile.experiments.items():
        for phase in experiment.phases:
            profile.training(name, phase)
    return profile
