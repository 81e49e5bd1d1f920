"""Tests of one row against others, on the same tiles."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from astrogan.evaluation import METRICS, Results, comparison
from astrogan.evaluation.metrics.pixels import JUST_NOTICEABLE, colour_difference
from astrogan.experiments.catalogue import short, trainings_of
from astrogan.report.claims.inference import Finding
from astrogan.report.claims.test import Direction, Measured, Test, claimed


class _Against(Test):
    """A test of one row against others."""

    first: str
    than: tuple[str, ...] = Field(min_length=1)

    @property
    def rows(self) -> tuple[str, ...]:
        return self.first, *self.than


class Ordering(_Against):
    """Row `first` is lower or higher by each of `measures` than each row in `than`, on the same tiles."""

    kind: Literal["ordering"]
    measures: dict[Measured, Direction] = Field(min_length=1)

    def findings(self, run: Results) -> Iterator[Finding]:
        for metric, direction in self.measures.items():
            for other in self.than:
                first = trainings_of(run, self.first)
                measured, groups = run.measures([*first, *trainings_of(run, other)], metric)
                found = comparison.difference(measured[: len(first)], measured[len(first) :], METRICS[metric], groups)
                words = f"{METRICS[metric].label}, against {short(other)}"
                yield Finding(words, claimed(found, direction), groups)


class Share(_Against):
    """Row `first` is lower by `measure` than each row in `than` on more than half of the tiles."""

    kind: Literal["share"]
    measure: Measured

    def findings(self, run: Results) -> Iterator[Finding]:
        column = METRICS[self.measure].measures[0]
        for other in self.than:
            first = trainings_of(run, self.first)
            measured, groups = run.measures([*first, *trainings_of(run, other)], self.measure)
            values = [each[column] for each in measured]
            found = comparison.share_below(values[: len(first)], values[len(first) :], groups)
            yield Finding(f"share of tiles nearer than {short(other)}, less one half", found, groups)


class Alike(_Against):
    """The outputs of two rows differ by less than a just noticeable CIE76 difference."""

    kind: Literal["alike"]

    def missing(self, run: Results) -> list[str]:
        return [short(row) for row in self.rows if not run.has_pixels(row)]

    def findings(self, run: Results) -> Iterator[Finding]:
        groups = run.measured(self.first).groups
        for other in self.than:
            run.paired(self.first, other)
            apart = colour_difference(run.predictions(self.first).rounded, run.predictions(other).rounded)
            margin = comparison.mean(JUST_NOTICEABLE - apart, groups)
            yield Finding(f"{JUST_NOTICEABLE} less the difference from {short(other)}", margin, groups)
