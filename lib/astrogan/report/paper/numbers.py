"""The paper's own numbers, read from `paper.yaml`, and the facts of its code, from `code.yaml`: typed there and nowhere else.

Kalvankar et al. (2021), arXiv:2112.13865, Tables 1-7 and section 3.5, and what the authors published beside it.
Values are `Decimal`: `str(value)` prints the digits the paper printed, `float(value)` calculates.
"""

from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, RootModel, model_validator

from astrogan.base import AstroganError


def _printed(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise ValueError(f"{value!r}: write the number as a string, digit for digit as printed")
    return Decimal(value)


Printed = Annotated[Decimal, BeforeValidator(_printed)]
Fact = int | Printed | tuple[int, ...] | tuple[Printed, ...]
Column = Literal["l1", "l2", "l1_rgb", "l2_rgb", "l1_ab", "l2_ab", "fid"]


class _Facts(BaseModel, frozen=True, extra="forbid"):
    """Read only; a name that is not listed is refused."""


class Row(_Facts):
    """One row of a table. Scalars are over all channels; lists are (R, G, B) or (a, b), the latter in units of 110."""

    label: str
    space: Literal["L*a*b*", "RGB"]
    l1: Printed | None = None
    l2: Printed | None = None
    l1_rgb: tuple[Printed, Printed, Printed] | None = None
    l2_rgb: tuple[Printed, Printed, Printed] | None = None
    l1_ab: tuple[Printed, Printed] | None = None
    l2_ab: tuple[Printed, Printed] | None = None
    fid: Printed | None = None


class Table(_Facts):
    """A table of the paper: `rows[row id]`, in the paper's order. `title` is ours and says what was really measured."""

    title: str
    section: str
    columns: tuple[Column, ...]
    rows: dict[str, Row]

    @model_validator(mode="after")
    def _complete(self) -> "Table":
        for row_id, row in self.rows.items():
            held = {name for name in get_args(Column) if getattr(row, name) is not None}
            if held != set(self.columns):
                raise ValueError(f"row {row_id} holds {sorted(held)}, the table has {list(self.columns)}")
        return self


class Source(_Facts):
    key: str
    title: str
    arxiv: str
    year: int


class Setup(_Facts):
    """What the text says about data and training (sections 3.1, 3.4, 3.5, 5)."""

    section: str
    batch: tuple[int, ...]
    epochs: tuple[int, ...]
    learning_rate: Printed
    beta1: Printed
    beta2: Printed
    patience: int
    size: int
    patch_side: int
    images: int
    test_images: int
    heritage_images: int
    hubblesite_images: int
    archive_images: int
    gpu: str
    hours_photographs: str
    hours_astronomy: str
    software: str


class Run(_Facts):
    """What the authors' published notebooks show of one run; None where nothing public says."""

    evidence: str
    framework: str
    size: int
    batch: int | None
    epochs: int | None
    images: int | None
    learning_rate: Printed | None
    hours: Printed | None
    note: str


class Curve(_Facts):
    first: Printed
    least: Printed
    greatest: Printed
    last: Printed


class History(_Facts):
    """A published loss log: epochs, and both curves at their ends and extremes."""

    rows: int
    generator: Curve
    discriminator: Curve
    note: str


class Paper(_Facts):
    source: Source
    tables: dict[str, Table]
    setup: Setup
    runs: dict[str, Run]
    histories: dict[str, History]
    evidence: dict[str, int | Printed | tuple[int, ...]]

    def value(self, table: str, row: str, column: Column) -> Decimal | tuple[Decimal, ...] | None:
        """The printed value, None where the paper has no such row; `AstroganError` for an unknown table or column."""
        if table not in self.tables:
            raise AstroganError(f"the paper has no '{table}'; it has {', '.join(self.tables)}")
        if column not in self.tables[table].columns:
            raise AstroganError(f"{table} has no column '{column}'; it has {', '.join(self.tables[table].columns)}")
        found = self.tables[table].rows.get(row)
        return None if found is None else getattr(found, column)


class Code(RootModel[dict[str, dict[str, Fact]]]):
    """Subject ("basic", "lab") to the facts of the authors' code, logs and outputs, by name."""


@cache
def load() -> Paper:
    """The paper's numbers, validated."""
    return Paper.model_validate(_read("paper.yaml"))


@cache
def load_code() -> dict[str, dict[str, Fact]]:
    """What the authors' code, logs and outputs show and the paper does not print, validated."""
    return Code.model_validate(_read("code.yaml")).root


def _read(name: str) -> Any:
    return yaml.safe_load(files("astrogan.report.paper").joinpath(name).read_text(encoding="utf-8"))
