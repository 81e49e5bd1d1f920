"""A run as the report reads it: predictions, and the measures of their tiles."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation.intervals import Groups, groups_of, spatial_blocks
from astrogan.evaluation.measures import Measures, measure
from astrogan.run import Run
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


class Results(Run):
    """A run whose predictions and measures are read, by row; only of the rows of its `rows.json`, if any.

    Measures are kept as long as the process lives; predictions are not, because one row of 500 tiles of 256 px weighs
    650 MB.
    """

    def holds(self, row: str) -> bool:
        """Whether the run has predictions of this row."""
        return self.counts(row) and self.predictions_file(row).is_file()

    def predictions(self, row: str) -> Predictions:
        """The row's predictions; `AstroganError` when the run has none."""
        return load_predictions(self.stamp(row)[0])

    def measured(self, row: str) -> MeasuredRow:
        """Every per-tile measure of the row, with the groups that its intervals are over."""
        return measured_row(*self.stamp(row))

    def paired(self, *rows: str) -> list[MeasuredRow]:
        """The measures of several rows on the tiles that all of them hold, in one order.

        `AstroganError` when they share no tile, as rows of two tile sizes do.
        """
        measured = [self.measured(row) for row in rows]
        shared = [name for name in measured[0].tile if all(name in item.places for item in measured)]
        if not shared:
            raise AstroganError(f"{' and '.join(rows)} share no tile, so they cannot be compared in pairs")
        return [item.at(shared) for item in measured]

    def stamp(self, row: str) -> tuple[Path, int]:
        """The row's predictions file and when it was written: what is computed from it is computed once."""
        path = self.predictions_file(row)
        if not self.counts(row):
            raise AstroganError(f"{row} is not a row of this run any more: {self.record_file('rows')} does not list it")
        if not path.is_file():
            raise AstroganError(f"{path} does not exist. Run the stage that writes it first.")
        return path, path.stat().st_mtime_ns


@lru_cache(maxsize=64)
def measured_row(path: Path, _written: int) -> MeasuredRow:
    """The measures of a predictions file as it was written at that time."""
    predictions = load_predictions(path)
    return MeasuredRow(measure(predictions), predictions.tile, predictions.observation, predictions.size[1])
