"""What a claim is: a row of `claims.yaml`, checked, and the comparisons that its test makes on a run."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

import yaml
from pydantic import AfterValidator, BaseModel, Field, model_validator

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Estimate, Results, comparison
from astrogan.evaluation.metrics.pixels import JUST_NOTICEABLE, colour_difference
from astrogan.experiments.catalogue import short, trainings_of
from astrogan.report.claims import history as claim_history

Verdict = Literal["holds", "does not hold", "undecided"]
Direction = Literal["lower", "higher"]


def _known(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"no metric is called '{name}'; known are {', '.join(METRICS)}")
    return name


Measured = Annotated[str, AfterValidator(_known)]
"""The name of a metric."""


class Finding(NamedTuple):
    """One comparison of a test: what it is in words, and its estimate, positive on the claimed side."""

    what: str
    estimate: Estimate
    decidable: bool


class _Rows(BaseModel, frozen=True, extra="forbid"):
    """A test of one row against others: `findings` compares, `missing` names what the run lacks for it."""

    needs: ClassVar[str] = "holds"
    first: str
    than: tuple[str, ...]

    def missing(self, run: Results) -> list[str]:
        return [short(row) for row in (self.first, *self.than) if not getattr(run, self.needs)(row)]


class Ordering(_Rows):
    kind: Literal["ordering"]
    measure: Measured
    direction: Direction

    def findings(self, run: Results) -> Iterator[Finding]:
        for other in self.than:
            yield _difference(run, self.first, other, self.measure, self.direction, f"against {short(other)}")


class Concord(_Rows):
    kind: Literal["opposed", "agreed"]
    measure: Measured
    metric: Measured
    than: tuple[str]

    def findings(self, run: Results) -> Iterator[Finding]:
        for metric, words in ((self.measure, "by error"), (self.metric, f"by {METRICS[self.metric].label}")):
            yield _difference(run, self.first, self.than[0], metric, "lower", words)


class Alike(_Rows):
    kind: Literal["alike"]

    needs: ClassVar[str] = "has_pixels"

    def findings(self, run: Results) -> Iterator[Finding]:
        groups = run.measured(self.first).groups
        for other in self.than:
            run.paired(self.first, other)
            apart = colour_difference(run.predictions(self.first).rounded, run.predictions(other).rounded)
            margin = comparison.mean(JUST_NOTICEABLE - apart, groups)
            yield Finding(f"{JUST_NOTICEABLE} less the difference from {short(other)}", margin, groups.decidable)


class Within(BaseModel, frozen=True, extra="forbid"):
    kind: Literal["channels", "sign", "correlation"]
    row: str
    measure: Measured
    direction: Direction
    than: tuple[Measured, ...] = ()

    @model_validator(mode="after")
    def _counts(self) -> Self:
        least, most = {"channels": (1, 9), "sign": (0, 0), "correlation": (1, 1)}[self.kind]
        if not least <= len(self.than) <= most:
            raise ValueError(f"a claim of kind '{self.kind}' cannot name {len(self.than)} metrics in 'than'")
        return self

    def missing(self, run: Results) -> list[str]:
        return [] if run.holds(self.row) else [short(self.row)]

    def findings(self, run: Results) -> Iterator[Finding]:
        groups, values = run.measured(self.row).groups, run.values(self.row, self.measure)
        others = {other: run.values(self.row, other) for other in self.than}
        if self.kind == "sign":
            found = [("mean", comparison.mean(values, groups))]
        elif self.kind == "correlation":
            found = [("correlation", comparison.correlation(values, *others.values(), groups))]
        else:
            found = [
                (f"against {other.rsplit('_', 1)[1]}", comparison.difference_of_means(values, theirs, groups))
                for other, theirs in others.items()
            ]
        for words, estimate in found:
            yield Finding(words, _claimed(estimate, self.direction), groups.decidable)


class History(BaseModel, frozen=True, extra="forbid"):
    kind: Literal["history"]
    row: str
    property: claim_history.Property
    curve: Literal["l1", "g", "g_adversarial", "d"]

    def missing(self, run: Results) -> list[str]:
        return [] if self.row in run.histories else [f"the history of {short(self.row)}"]

    def findings(self, run: Results) -> Iterator[Finding]:
        history = run.histories[self.row]
        claim_history.check_length(history)
        for words, estimate, epochs in claim_history.PROPERTIES[self.property](history, self.curve):
            yield Finding(words, estimate, epochs.decidable)


class Claim(BaseModel, frozen=True, extra="forbid"):
    """One row of `claims.yaml`."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    section: str
    text: str
    test: Annotated[Ordering | Within | Concord | Alike | History, Field(discriminator="kind")]


@cache
def load_claims() -> tuple[Claim, ...]:
    """The claims, validated; `AstroganError` where two have one id."""
    found = files("astrogan.report.claims").joinpath("claims.yaml").read_text(encoding="utf-8")
    claims = tuple(map(Claim.model_validate, yaml.safe_load(found)))
    names = [claim.id for claim in claims]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise AstroganError(f"claims.yaml: the id {', '.join(sorted(repeated))} stands twice")
    return claims


def _difference(run: Results, first: str, second: str, metric: str, direction: Direction, words: str) -> Finding:
    found, decidable = run.difference(trainings_of(run, first), trainings_of(run, second), metric)
    return Finding(words, _claimed(found, direction), decidable)


def _claimed(estimate: Estimate, direction: Direction) -> Estimate:
    """The estimate with its sign turned so that positive is the claimed side."""
    if direction == "higher":
        return estimate
    value, low, high, p = estimate
    return Estimate(-value, None if high is None else -high, None if low is None else -low, p)
