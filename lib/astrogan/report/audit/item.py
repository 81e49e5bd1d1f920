"""One item of the audit: what the paper states, what demonstrates otherwise, and how sure one can be."""

from dataclasses import dataclass
from typing import Literal

from astrogan.report.tables.layout import Part, Table

Grade = Literal["proven", "inferred", "unknown"]
"""`proven`: from the printed numbers or the authors' public files alone. `inferred`: the best explanation of several facts.
`unknown`: it needs files that are not public."""


@dataclass(frozen=True)
class Item:
    """`key` names the table, `audit-<key>`. `parts` hold the demonstration: the paper's numbers, then this run's."""

    key: str
    claim: str
    verdict: str
    grade: Grade
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()

    def table(self) -> Table:
        """The demonstration as an unnumbered table."""
        return Table(f"audit-{self.key}", "", self.parts, self.remarks)
