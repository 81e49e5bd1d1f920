"""Tests of one row, of what it does beyond a baseline, of its curves, and of how two metrics order rows."""

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from astrogan.evaluation import METRICS, Results, comparison
from astrogan.experiments.catalogue import short, trainings_of
from astrogan.report.claims import history as claim_history
from astrogan.report.claims.inference import Finding
from astrogan.report.claims.test import CannotDecide, Direction, Measured, Test, claimed, trained

FEWEST_ROWS = 5
"""Of which a rank correlation can say anything."""


class Sign(Test):
    """`measure` of the row is above zero (higher) or below (lower)."""

    kind: Literal["sign"]
    row: str
    measure: Measured
    direction: Direction

    @property
    def rows(self) -> tuple[str, ...]:
        return (self.row,)

    def findings(self, run: Results) -> Iterator[Finding]:
        measured, groups = run.measures(trainings_of(run, self.row), self.measure)
        found = comparison.metric_of(measured, METRICS[self.measure], groups)
        yield Finding(METRICS[self.measure].label, claimed(found, self.direction), groups)


class Beyond(Test):
    """A test of one row beyond what `baseline` gives on the same tiles, which has no network.

    share: the row's part of the baseline's `measure` is smaller than its part of the baseline's each in `than`. Parts, not
    differences, because the baseline leaves less of one channel than of another to gain.
    correlation: at equal `than` of the baseline, tiles with more `measure` have more of the row's `than` (a partial
    correlation). Errors of every row grow with the colour of a tile, those of the baseline by definition.
    """

    kind: Literal["share_of_baseline", "correlation"]
    row: str
    baseline: str
    measure: Measured
    than: tuple[Measured, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if self.kind == "correlation" and len(self.than) > 1:
            raise ValueError(f"a claim of kind 'correlation' cannot name {len(self.than)} metrics in 'than'")
        if several := [name for name in (self.measure, *self.than) if METRICS[name].combine]:
            raise ValueError(f"'{several[0]}' is no plain mean over tiles")
        return self

    @property
    def rows(self) -> tuple[str, ...]:
        return self.row, self.baseline

    def findings(self, run: Results) -> Iterator[Finding]:
        *trainings, plain = [*trainings_of(run, self.row), self.baseline]
        (*measured, without), groups = run.measures([*trainings, plain], self.measure, *self.than)
        column = {name: METRICS[name].measures[0] for name in (self.measure, *self.than)}
        if self.kind == "correlation":
            error = column[self.than[0]]
            found = [(each[column[self.measure]], each[error], without[error]) for each in measured]
            words = f"correlation with {METRICS[self.than[0]].label} at equal {METRICS[self.than[0]].label} of {short(plain)}"
            yield Finding(words, comparison.partial_correlation(found, groups), groups)
            return
        both = [each | {f"plain {name}": values for name, values in without.items()} for each in measured]
        own = column[self.measure]
        for other in self.than:
            theirs = column[other]

            def part(means: dict[str, np.ndarray], own: str = own, theirs: str = theirs) -> np.ndarray:
                return means[theirs] / means[f"plain {theirs}"] - means[own] / means[f"plain {own}"]

            words = (
                f"{METRICS[other].label} over that of {short(plain)}, less the same of {METRICS[self.measure].label}"
            )
            yield Finding(words, comparison.of_trainings(both, part, groups), groups)


class Ranks(Test):
    """Over the rows that a run has, two metrics order rows alike (higher) or against each other (lower)."""

    kind: Literal["ranks"]
    among: tuple[str, ...] = Field(min_length=FEWEST_ROWS)
    measure: Measured
    metric: Measured
    direction: Direction

    @model_validator(mode="after")
    def _both_better_on_one_side(self) -> Self:
        if METRICS[self.measure].better != METRICS[self.metric].better:
            raise ValueError(f"{self.measure} and {self.metric} are not better on the same side")
        return self

    @property
    def rows(self) -> tuple[str, ...]:
        return ()

    def findings(self, run: Results) -> Iterator[Finding]:
        held = [row for row in self.among if run.holds(row)]
        rows = [row for row in held if trained(run, row)]
        if len(rows) < FEWEST_ROWS:
            left_out = f", of which {len(held) - len(rows)} are not trained" if len(held) > len(rows) else ""
            raise CannotDecide(
                f"this run has {len(held)} of the {len(self.among)} rows{left_out}; a correlation over rows needs {FEWEST_ROWS}"
            )
        trainings = [trainings_of(run, row) for row in rows]
        measured, groups = run.measures([each for of in trainings for each in of], self.measure, self.metric)
        given = iter(measured)
        sides = [[next(given) for _ in of] for of in trainings]
        found = comparison.rank_correlation(sides, METRICS[self.measure], METRICS[self.metric], groups)
        turned = ", sign turned," if self.direction == "lower" else ""
        words = f"rank correlation{turned} of {METRICS[self.measure].label} and {METRICS[self.metric].label}, {len(rows)} rows"
        yield Finding(words, claimed(found, self.direction), groups)


class History(Test):
    """A property of the loss curves of the row: see report/claims/history.py."""

    kind: Literal["history"]
    row: str
    property: claim_history.Property
    curve: Literal["l1", "g", "g_adversarial", "d"]

    @property
    def rows(self) -> tuple[str, ...]:
        return (self.row,)

    def missing(self, run: Results) -> list[str]:
        return [] if self.row in run.histories else [f"the history of {short(self.row)}"]

    def untrained(self, run: Results) -> list[str]:
        return []

    def findings(self, run: Results) -> Iterator[Finding]:
        history = run.histories[self.row]
        claim_history.check_length(history)
        yield from claim_history.PROPERTIES[self.property](history, self.curve)
