"""The audit: each inconsistency of the paper as a claim, a demonstration on this run's own outputs, and a verdict."""

from dataclasses import dataclass
from typing import Literal

from astrogan.report.tables.layout import Part

Grade = Literal["proven", "inferred", "cannot be known"]
"""`proven`: from the printed numbers or the authors' public files alone. `inferred`: the best explanation of several facts.
`cannot be known`: it needs files that are not public."""


@dataclass(frozen=True)
class Item:
    """`key` names the table, `audit-<key>`. `parts` hold the demonstration: the paper's numbers, then this run's."""

    key: str
    claim: str
    verdict: str
    grade: Grade
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()
