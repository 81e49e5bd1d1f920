"""The audit: each inconsistency of the paper as a claim, a demonstration on this run's own outputs, and a verdict."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from astrogan.report.tables.layout import Part, Value

Grade = Literal["verified", "inferred", "unknown"]
"""As in the appendix "What the authors ran". `verified`: read in the authors' public files, or computed from them or from
the printed numbers. `inferred`: the best explanation of several facts. `unknown`: it needs files that are not public."""


@dataclass(frozen=True)
class Item:
    """`key` names the table, `audit-<key>`. `parts` hold the demonstration: the paper's numbers, then this run's.

    `grade` is a `Grade`, or several, each with what it is of. An item without parts stands in the summary alone.
    """

    key: str
    claim: str
    verdict: str
    grade: str
    parts: tuple[Part, ...] = ()
    remarks: tuple[str, ...] = ()


def without_intervals(values: Iterable[Value]) -> tuple[Value, ...]:
    """For numbers that wrap: they are no errors, and an interval would make them look like some."""
    return tuple(replace(value, low=None, high=None) for value in values)
