"""A run as the report reads it: predictions, and the measures of their tiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation.cast import uncast_row
from astrogan.evaluation.comparison import Estimate, difference, metric_of
from astrogan.evaluation.intervals import Groups, tile_groups
from astrogan.evaluation.measures import Measures, read_measures
from astrogan.evaluation.metrics import METRICS
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
        """What intervals resample, as the evaluation has them."""
        return tile_groups(self.observation, self.tile, self.side)

    def at(self, tiles: list[str]) -> "MeasuredRow":
        """The measures of the named tiles, in that order."""
        places = [self.places[name] for name in tiles]
        values = {name: array[places] for name, array in self.values.items()}
        return MeasuredRow(values, self.tile[places], self.observation[places], self.side)


class Results(Run):
    """A run whose measures and predictions are read, by row; only of the rows of its `rows.json`, if any.

    Measures are kept as long as the process lives; predictions are not, because one row of 500 tiles of 256 px weighs
    650 MB.
    """

    def counts(self, row: str) -> bool:
        """Whether `rows.json` lists the row, or the row that a cast is of; true where it does not say."""
        return super().counts(uncast_row(row))

    def holds(self, row: str) -> bool:
        """Whether the run has measures of this row."""
        return self.counts(row) and self.measures_file(row).is_file()

    def has_pixels(self, row: str) -> bool:
        """Whether the run has predictions of this row, which pictures need and what was published has not."""
        return self.counts(row) and self.predictions_file(row).is_file()

    def predictions(self, row: str) -> Predictions:
        """The row's predictions; `AstroganError` when the run has none."""
        return load_predictions(self._existing(row, self.predictions_file(row)))

    def measured(self, row: str) -> MeasuredRow:
        """Every measure of the row's tiles, with the groups that its intervals are over."""
        path = self._existing(row, self.measures_file(row))
        if row not in self.metrics:
            raise AstroganError(f"{self.metrics_file(row)} does not exist. Run the stage that writes it first.")
        size = self.metrics[row]["size"]
        return _measured_row(path, path.stat().st_mtime_ns, size if isinstance(size, int) else size[0])

    def paired(self, *rows: str) -> list[MeasuredRow]:
        """The measures of several rows on the tiles that all of them hold, in one order.

        `AstroganError` when they share no tile, as rows of two tile sizes do.
        """
        measured = [self.measured(row) for row in rows]
        shared = [name for name in measured[0].tile if all(name in item.places for item in measured)]
        if not shared:
            raise AstroganError(f"{' and '.join(rows)} share no tile, so they cannot be compared in pairs")
        return [item.at(shared) for item in measured]

    def values(self, row: str, metric: str) -> np.ndarray:
        """The first measure behind a metric of each tile of the row, (N,); `AstroganError` with the reason where it has none."""
        return self._values(row, metric, METRICS[metric].measures[0], self.measured(row))

    def estimate(self, rows: Sequence[str], metric: str) -> Estimate:
        """A metric of a row that has several trainings, which `rows` names: their mean, over the tiles of all."""
        found, groups = self.measures(rows, metric)
        return metric_of(found, METRICS[metric], groups)

    def difference(self, first: str | Sequence[str], second: str | Sequence[str], metric: str) -> tuple[Estimate, bool]:
        """`metric` of one row minus that of another on the same tiles, and whether the groups allow a verdict.

        `first` and `second` name a row each, or all trainings of one. A mean over tiles is compared over the tiles that all hold; a
        distance between populations is one of the whole test set, and asks for equal tiles.

        Raises:
            AstroganError: when they hold other tiles, or the metric was not computed for one of them.
        """
        first, second = ([side] if isinstance(side, str) else side for side in (first, second))
        sides, groups = self.measures((*first, *second), metric)
        return difference(sides[: len(first)], sides[len(first) :], METRICS[metric], groups), groups.decidable

    def measures(self, rows: Sequence[str], *metrics: str) -> tuple[list[Measures], Groups]:
        """The measures behind some metrics, of each of several rows on the tiles that all hold, and what intervals resample.

        Errors as `difference`.
        """
        measured = self.paired(*rows)
        if any(METRICS[metric].kind == "population" for metric in metrics):
            for row, each in zip(rows, measured, strict=True):
                if len(each.tile) < len(self.measured(row).tile):
                    others = " or ".join(other for other in rows if other != row)
                    raise AstroganError(f"{row} holds tiles that {others} does not: no distance compares")
        found = [
            {
                column: self._values(row, metric, column, each)
                for metric in metrics
                for column in METRICS[metric].measures
            }
            for row, each in zip(rows, measured, strict=True)
        ]
        return found, measured[0].groups

    def _values(self, row: str, metric: str, column: str, measured: MeasuredRow) -> np.ndarray:
        if column not in measured.values:
            raise AstroganError(self.metrics[row]["reasons"].get(metric, f"{metric} was not measured on {row}"))
        return measured.values[column]

    def _existing(self, row: str, path: Path) -> Path:
        if not self.counts(row):
            raise AstroganError(f"{row} is not a row of this run any more: {self.record_file('rows')} does not list it")
        if not path.is_file():
            raise AstroganError(f"{path} does not exist. Run the stage that writes it first.")
        return path


@lru_cache(maxsize=64)
def _measured_row(path: Path, _written: int, side: int) -> MeasuredRow:
    return MeasuredRow(*read_measures(path), side)
