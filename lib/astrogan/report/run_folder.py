"""A run folder, `runs/<profile>/`, as the report reads it: what it holds, and why something is not there."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation.intervals import Groups, groups_of, spatial_blocks
from astrogan.evaluation.measures import Measures, measure
from astrogan.files import read_json
from astrogan.report.records import ROWS_FILE, current_rows, records
from astrogan.tasks.predictions import Predictions, load_predictions


@dataclass(frozen=True)
class MeasuredRow:
    """A row's measures, each (N,), with the name and the observation of each tile, and the tiles' side in px."""

    values: Measures
    tile: np.ndarray
    observation: np.ndarray
    side: int

    @cached_property
    def places(self) -> dict[str, int]:
        """Tile name to index."""
        return {name: index for index, name in enumerate(self.tile)}

    @cached_property
    def groups(self) -> Groups:
        """What intervals resample: observations or, where these are too few, spatial blocks, as the evaluation has them."""
        return groups_of(self.observation, blocks=spatial_blocks(self.observation, self.tile, self.side))

    def at(self, tiles: list[str]) -> "MeasuredRow":
        """The measures of the named tiles, in that order."""
        places = [self.places[name] for name in tiles]
        values = {name: array[places] for name, array in self.values.items()}
        return MeasuredRow(values, self.tile[places], self.observation[places], self.side)


class RunFolder:
    """Predictions, metrics, histories and measures of one run, by row id; only of the rows of its `rows.json`, if any.

    Metrics and histories are kept once read, and measures as long as the process lives; predictions are not, because
    one row of 500 tiles of 256 px weighs 650 MB.
    """

    def __init__(self, path: Path | str) -> None:
        """`AstroganError` when `path` is not a folder."""
        self.path = Path(path)
        if not self.path.is_dir():
            raise AstroganError(f"{self.path} is not a folder. Give a run, for example runs/quick, and make it first.")

    def holds(self, row: str) -> bool:
        """Whether the run has predictions of this row."""
        return self._counts(row) and self._predictions_file(row).is_file()

    def predictions(self, row: str) -> Predictions:
        """The row's predictions; `AstroganError` when the run has none."""
        return load_predictions(self.stamp(row)[0])

    def measured(self, row: str) -> "MeasuredRow":
        """Every per-tile measure of the row, with the groups that its intervals are over."""
        return measured_row(*self.stamp(row))

    def paired(self, *rows: str) -> list["MeasuredRow"]:
        """The measures of several rows on the tiles that all of them hold, in one order.

        `AstroganError` when they share no tile, as rows of two tile sizes do.
        """
        measured = [self.measured(row) for row in rows]
        shared = [name for name in measured[0].tile if all(name in item.places for item in measured)]
        if not shared:
            raise AstroganError(f"{' and '.join(rows)} share no tile, so they cannot be compared in pairs")
        return [item.at(shared) for item in measured]

    @cached_property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """Row to the contents of `metrics/<row>.json`, for every row that was evaluated."""
        return records(self.path, "metrics")

    @cached_property
    def histories(self) -> dict[str, dict[str, Any]]:
        """Row to the contents of `history/<row>.json`, for every row that was trained."""
        return records(self.path, "history")

    @cached_property
    def stages(self) -> dict[str, dict[str, Any]]:
        """Stage to the contents of `stages/<stage>.json`."""
        return records(self.path, "stages")

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """The contents of `provenance.json`; empty when it is not written yet."""
        path = self.path / "provenance.json"
        return read_json(path) if path.is_file() else {}

    def stamp(self, row: str) -> tuple[Path, int]:
        """The row's predictions file and when it was written: what is computed from it is computed once."""
        path = self._predictions_file(row)
        if not self._counts(row):
            raise AstroganError(f"{row} is not a row of this run any more: {self.path / ROWS_FILE} does not list it")
        if not path.is_file():
            raise AstroganError(f"{path} does not exist. Run the stage that writes it first.")
        return path, path.stat().st_mtime_ns

    @property
    def profile(self) -> str:
        """The profile's name, which is the folder's."""
        return self.path.name

    def _predictions_file(self, row: str) -> Path:
        return self.path / "predictions" / f"{row}.npz"

    @cached_property
    def _rows(self) -> frozenset[str] | None:
        return current_rows(self.path)

    def _counts(self, row: str) -> bool:
        return self._rows is None or row in self._rows


@lru_cache(maxsize=64)
def measured_row(path: Path, _written: int) -> MeasuredRow:
    """The measures of a predictions file as it was written at that time."""
    predictions = load_predictions(path)
    return MeasuredRow(measure(predictions), predictions.tile, predictions.observation, predictions.size[1])
