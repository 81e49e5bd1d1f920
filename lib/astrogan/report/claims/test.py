"""What every test of a claim is, and what the kinds of tests share."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Estimate, Results
from astrogan.experiments.catalogue import short, trainings_of
from astrogan.report.claims.inference import Finding

Direction = Literal["lower", "higher"]


class CannotDecide(AstroganError):
    """The run has what a test needs, and too little of it; the message is the reason."""


def _known(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"no metric is called '{name}'; known are {', '.join(METRICS)}")
    return name


Measured = Annotated[str, AfterValidator(_known)]
"""The name of a metric."""


class Test(BaseModel, frozen=True, extra="forbid"):
    """A test: `rows` are those that it stands on, `missing` names what the run lacks for it, `findings` compares."""

    @property
    def rows(self) -> tuple[str, ...]:
        raise NotImplementedError

    def missing(self, run: Results) -> list[str]:
        return [short(row) for row in self.rows if not run.holds(row)]

    def untrained(self, run: Results) -> list[str]:
        """The rows, or other seeds of them, that are no better than a network that was not trained."""
        return [short(row) for row in self.rows if not trained(run, row)]

    def findings(self, run: Results) -> Iterator[Finding]:
        raise NotImplementedError


def trained(run: Results, row: str) -> bool:
    """Whether the evaluations of the row and of its other seeds say that it beats predicting nothing."""
    return all(run.metrics[name].get("trained", True) for name in trainings_of(run, row) if name in run.metrics)


def claimed(estimate: Estimate, direction: Direction) -> Estimate:
    """The estimate with its sign turned so that positive is the claimed side."""
    if direction == "higher":
        return estimate
    value, low, high, p = estimate
    return Estimate(-value, None if high is None else -high, None if low is None else -low, p)
