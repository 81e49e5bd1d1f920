"""A run: a folder `runs/<profile>/` and everything in it. No other module spells one of its paths.

A *row* is one line of the tables, `<experiment>-<phase>`, or a baseline such as `grey`. What was published from a run
(`book/results/`) has the same layout, without what is heavy.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from astrogan.base import AstroganError, Config
from astrogan.files import read_json, write_json

FORMAT = 2
"""Of the JSON files of a run. Raised when an older one can no longer be read; a reader then says so."""

Records = Literal["metrics", "history", "stages", "data"]
Record = Literal["weights", "provenance", "rows", "better", "claims", "curation"]


def row_id(experiment: str, phase: str) -> str:
    """The row of one phase of an experiment."""
    return f"{experiment}-{phase}"


def parts_of(row: str) -> tuple[str, str]:
    """Experiment and phase of a trained row; the phase of a baseline is empty."""
    experiment, _, phase = row.rpartition("-")
    return (experiment, phase) if experiment else (row, "")


@dataclass(frozen=True)
class Run:
    """Where everything of a run lies, and the contents of its JSON files.

    Contents are read once; `AstroganError` for a file that is not JSON, or of another format. Rows that `rows.json` does
    not list are left out: outputs of an experiment that was taken out of a profile stay in the folder.
    """

    path: Path

    @classmethod
    def open(cls, path: Path | str) -> "Run":
        """A run that exists; `AstroganError` when `path` is no folder."""
        if not Path(path).is_dir():
            raise AstroganError(f"{path} is not a folder. Give a run, for example runs/quick, and make it first.")
        return cls(Path(path))

    @classmethod
    def of_checkpoint(cls, path: Path) -> "Run | None":
        """The run that a checkpoint file lies in; None for a file elsewhere."""
        return cls(path.parents[2]) if len(path.parents) > 2 and path.parents[1].name == "checkpoints" else None

    @classmethod
    def of_plan(cls, path: Path) -> "Run":
        """The run that a plan's file lies in, relative to the working directory where it is below it."""
        folder = path.resolve().parents[1]
        return cls(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)

    @property
    def name(self) -> str:
        """The name of its profile."""
        return self.path.name

    # What the trainings leave.

    def checkpoint_file(self, row: str) -> Path:
        """The networks of a finished phase."""
        experiment, phase = parts_of(row)
        return self.path / "checkpoints" / experiment / f"{phase}.pt"

    def checkpoint_files(self) -> list[Path]:
        """Every checkpoint there is."""
        return sorted(self.path.glob("checkpoints/*/*.pt"))

    def history_file(self, row: str) -> Path:
        """The losses of a finished phase."""
        return self.path / "history" / f"{row}.json"

    def progress_file(self, row: str, digest: str) -> Path:
        """Work in progress of a phase; `digest` names all that it depends on."""
        return self.path / "progress" / f"{row}.{digest}.pt"

    def progress_files(self, row: str) -> list[Path]:
        """All work in progress of a phase, that of other parameters too."""
        return sorted((self.path / "progress").glob(f"{row}.*.pt"))

    # What the evaluations leave.

    def predictions_file(self, row: str) -> Path:
        """Outputs beside the truth, every pixel: heavy, and never published."""
        return self.path / "predictions" / f"{row}.npz"

    def measures_file(self, row: str) -> Path:
        """One line a tile: every metric of a pair of images."""
        return self.path / "measures" / f"{row}.csv"

    def metrics_file(self, row: str) -> Path:
        """Metrics of all tiles together, with their intervals."""
        return self.path / "metrics" / f"{row}.json"

    # What the report leaves, and what is known of the run itself.

    def data_file(self, kind: str) -> Path:
        """Summary of the tiles of `astronomy` or `photographs`."""
        return self.path / "data" / f"{kind}.json"

    def figure_file(self, name: str) -> Path:
        """A picture of the report."""
        return self.path / "figures" / f"{name}.png"

    def table_file(self, name: str, ending: str = "md") -> Path:
        """A table of the report, as text (`md`) or numbers (`csv`)."""
        return self.path / "tables" / f"{name}.{ending}"

    def index_file(self, part: Literal["figures", "tables"]) -> Path:
        """What became of each item of `part`: made, or the reason why it is missing."""
        return self.path / part / "index.json"

    def record_file(self, name: Record) -> Path:
        """A JSON file about the run as a whole."""
        return self.path / f"{name}.json"

    def stage_file(self, stage: str) -> Path:
        """What a stage took: time, memory, commit, parameters."""
        return self.path / "stages" / f"{stage}.json"

    def notebook_file(self, stage: str) -> Path:
        """The executed notebook of a stage."""
        return self.path / "notebooks" / f"{stage}.ipynb"

    def plan_file(self, digest: str) -> Path:
        """The stages of a plan."""
        return self.path / "plans" / f"{digest}.json"

    def lock_file(self, stage: str) -> Path:
        """What a running stage holds, so that none runs twice at once."""
        return self.path / "locks" / stage

    @property
    def applied_folder(self) -> Path:
        """A reader's own frames, coloured and enlarged."""
        return self.path / "applied"

    @property
    def archives_folder(self) -> Path:
        """The catalogue of the images of archives, and what was decided of each."""
        return self.path / "archives"

    @property
    def tiles_folder(self) -> Path:
        """The tile cache, which all runs beside each other share."""
        return self.path.parent / "tiles"

    # Contents.

    @cached_property
    def rows(self) -> frozenset[str] | None:
        """The rows that count; None where `rows.json` does not say, and all that lie there do."""
        path = self.record_file("rows")
        if not path.is_file():
            return None
        rows = read_json(path)
        if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
            raise AstroganError(
                f'{path} is not a JSON list of row ids, such as ["grey"]. Delete it and run the report\'s stage again.'
            )
        return frozenset(rows)

    @cached_property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """Row to the contents of its metrics file, for every row that was evaluated."""
        return self._of_rows("metrics")

    @cached_property
    def histories(self) -> dict[str, dict[str, Any]]:
        """Row to the contents of its history file, for every row that was trained."""
        return self._of_rows("history")

    @cached_property
    def stages(self) -> dict[str, dict[str, Any]]:
        """Stage to what it took, without those that train or evaluate rows that no longer count."""
        found = self._read("stages")
        return found if self.rows is None else {name: each for name, each in found.items() if self._counts(each)}

    @cached_property
    def data(self) -> dict[str, dict[str, Any]]:
        """`astronomy` and `photographs` to the summary of their tiles."""
        return self._read("data")

    def record(self, name: Record) -> dict[str, Any]:
        """A JSON file about the run as a whole; empty when it is not written yet."""
        path = self.record_file(name)
        return read_json(path) if path.is_file() else {}

    def write(self, path: Path, record: dict[str, Any]) -> Path:
        """Write a JSON file of metrics, a history or a stage, with the format that readers ask for."""
        return write_json(path, {"format": FORMAT} | record)

    def counts(self, row: str) -> bool:
        """Whether `rows.json` lists the row; true where it does not say."""
        return self.rows is None or row in self.rows

    def _of_rows(self, part: Records) -> dict[str, dict[str, Any]]:
        return {row: values for row, values in self._read(part).items() if self.counts(row)}

    def _read(self, part: Records) -> dict[str, dict[str, Any]]:
        found = {path.stem: read_json(path) for path in sorted((self.path / part).glob("*.json"))}
        for name, record in found.items():
            if record.get("format") != FORMAT:
                raise AstroganError(
                    f"{self.path / part / name}.json is of format {record.get('format', 1)}, this version reads "
                    f"{FORMAT}: the run was made by another version of astrogan. Run its stages again (make report), "
                    "or remove the folder."
                )
        return found

    def _counts(self, stage: dict[str, Any]) -> bool:
        """Whether a stage trains or evaluates a row that counts, or has to do with no row in particular."""
        parameters = stage.get("parameters", {})
        if "phase" in parameters:
            return self.counts(row_id(parameters["experiment"], parameters["phase"]))
        named = parameters.get("rows")
        return not named or any(map(self.counts, named.split(",")))


class InRun(Config):
    """What every stage has: the run that it belongs to."""

    run: str = Field(
        "runs/interactive", description="folder of the run: checkpoints, histories, metrics, figures, tables"
    )

    @property
    def folder(self) -> Run:
        """The run as a folder with everything in it."""
        return Run(Path(self.run))

    @property
    def tiles_cache(self) -> Path:
        """The tile cache that all runs share."""
        return self.folder.tiles_folder

    def part(self, model: type[Config]) -> Any:
        """The fields of one parent model (`TilesConfig`, `NetworkConfig`, `PhaseConfig`, ...) as that model."""
        return model.checked(**{name: getattr(self, name) for name in model.model_fields})
