"""One node of the DAG, and a plan as a file: what runs a stage need not plan anew, which takes seconds of imports."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from astrogan.base import AstroganError
from astrogan.files import read_json, write_text
from astrogan.run import Run

Needs = dict[str, Any]
LIGHT: Needs = {"mem_mb": 4000, "runtime": 60}
# Of the profile `paper`: outputs of some hundred tiles, Inception features, and the halves of the intervals.
MEDIUM: Needs = {"mem_mb": 16000, "runtime": 240}
MEASURING: Needs = {"threads": 2, **MEDIUM}
# 24 GB on the GPU. A training that ran out of time continues where it was.
TRAINING: Needs = {"threads": 2, "gpu": 1, "mem_mb": 32000, "runtime": 1440}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One node: a `notebook` executed by Papermill with `parameters`, or a `command`, the arguments of `astrogan run`.

    `outputs` are files by what they are. `code` are digests of what it runs. It wants so many CPU cores, GPUs (it runs
    without one too) and MB of memory, and on a cluster `runtime` minutes.
    """

    name: str
    notebook: Path | None = None
    command: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[Path, ...] = ()
    outputs: dict[str, Path]
    code: tuple[str, ...] = ()
    threads: int = 1
    gpu: int = 0
    mem_mb: int
    runtime: int

    @property
    def executed(self) -> Path:
        """Where the executed notebook is put."""
        return self.outputs["executed"]

    @property
    def results(self) -> list[Path]:
        """What it leaves for other stages, which an executed notebook is not."""
        return [path for name, path in self.outputs.items() if name != "executed"]


def write_plan(run: Run, stages: Mapping[str, Stage]) -> Path:
    """Write the stages into the run, under a name that is their digest: a plan that is being carried out never changes."""
    text = json.dumps({name: asdict(stage) for name, stage in stages.items()}, default=str)
    path = run.plan_file(hashlib.sha256(text.encode()).hexdigest()[:12])
    return path if path.is_file() else write_text(path, text)


def read_stage(plan: Path, name: str) -> Stage:
    """A stage of a plan; `AstroganError` names those that it has."""
    stages = read_json(plan)
    if name not in stages:
        raise AstroganError(f"{plan} has no stage '{name}'; it has {', '.join(stages)}")
    values = stages[name]
    notebook = values.pop("notebook")
    paths = {part: Path(path) for part, path in values.pop("outputs").items()}
    inputs = tuple(map(Path, values.pop("inputs")))
    lists: dict[str, Any] = {part: tuple(values.pop(part)) for part in ("command", "code")}
    return Stage(notebook=notebook and Path(notebook), outputs=paths, inputs=inputs, **lists, **values)
