"""How a table of the report is written: a MyST `{table}` fragment that a page includes, and a CSV that a program reads.

A table is one numbered part under its caption and, where one would be too wide for a page or a telephone, further parts
below it without a number. A cell that has no value is a dash, and the reason stands in a note under the table.
"""

import csv
import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astrogan.files import write_text
from astrogan.run import Run

DASH = "–"


@dataclass(frozen=True)
class Value:
    """One cell: a number, with its 95 % interval where there is one; or None and the `reason` why.

    `number` may be a string, which is shown as it stands (the paper's numbers, digit for digit).
    """

    number: float | str | None
    low: float | None = None
    high: float | None = None
    digits: int = 2
    reason: str = ""

    def text(self) -> str:
        """For a reader: `1.89 [1.62, 2.20]`, the interval on one line."""
        if self.number is None:
            return DASH
        if isinstance(self.number, str):
            return self.number
        shown = signed(self.number, self.digits)
        if self.low is None or self.high is None:
            return shown
        return f"{shown} [{signed(self.low, self.digits)},\u00a0{signed(self.high, self.digits)}]"


@dataclass(frozen=True)
class Line:
    """One row: what names it (one text a label column), its values, and notes on the row as a whole."""

    labels: tuple[str, ...]
    values: tuple[Value, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A grid: headings of the label columns, headings of the value columns, and the rows.

    `title` names it in words; with `words` the values are text and stand to the left.
    """

    label_columns: tuple[str, ...]
    value_columns: tuple[str, ...]
    lines: tuple[Line, ...]
    title: str = ""
    words: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the report: `name` is its target (`table1`), `caption` its numbered caption.

    Without a caption it has neither number nor target: what is ours and stands before or between the paper's tables
    must not shift their numbers.
    """

    name: str
    caption: str
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()

    def fragment(self) -> str:
        """MyST text: a `{table}` directive with caption and `:name:`, or a plain grid; the further parts; the notes."""
        notes: dict[str, str] = {}
        blocks = []
        for number, part in enumerate(self.parts):
            grid = _grid(part, notes)
            if number == 0 and self.caption:
                blocks.append(f"```{{table}} {escape(self.caption)}\n:name: {self.name}\n\n{grid}\n```")
            else:
                blocks.append(f"**{escape(part.title)}**\n\n{grid}" if part.title else grid)
        blocks += [f"{{sup}}`{mark}` {escape(_sentence(note))}" for note, mark in notes.items()]
        blocks += [escape(remark) for remark in self.remarks]
        return "\n\n".join(blocks) + "\n"

    def records(self) -> list[dict[str, Any]]:
        """One record a cell: part, labels, column, value, low, high, note; for programs."""
        return [
            {
                "part": part.title,
                "row": " | ".join(line.labels),
                "column": column,
                "value": value.number,
                "low": value.low,
                "high": value.high,
                "note": "; ".join([value.reason] * (value.number is None) + [*_notes_of(line, column)]),
            }
            for part in self.parts
            for line in part.lines
            for column, value in zip(part.value_columns, line.values, strict=True)
        ]

    def save(self, run: Run) -> Path:
        """Write the table into a run, as text and as numbers; the path of the text."""
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, ("part", "row", "column", "value", "low", "high", "note"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.records())
        write_text(run.table_file(self.name, "csv"), buffer.getvalue())
        return write_text(run.table_file(self.name), self.fragment())


def dash(reason: str) -> Value:
    """A cell without a value, and why."""
    return Value(None, reason=reason)


def text(value: object) -> Value:
    """A cell of words, shown as they stand."""
    return Value(str(value))


def signed(number: float, digits: int) -> str:
    """A number with a true minus sign; an infinite one as a word; nothing below zero that rounds to zero."""
    return "infinite" if math.isinf(number) else f"{number:z.{digits}f}".replace("-", "−")


def escape(words: str) -> str:
    """Markdown's own characters made plain, so that L*a*b* stays L*a*b* and a bar stays in its cell."""
    return re.sub(r"[\\*|<>$`]", r"\\\g<0>", words).replace("\n", " ")


def _notes_of(line: Line, column: str) -> tuple[str, ...]:
    """A row's notes are on our run of it, not on the paper's numbers in the same row."""
    return () if column.endswith(", paper") else line.notes


def _grid(part: Part, notes: dict[str, str]) -> str:
    heads = [*part.label_columns, *part.value_columns]
    rule = [":--"] * len(part.label_columns) + [":--" if part.words else "--:"] * len(part.value_columns)
    lines = [_row(map(escape, heads)), _row(rule)]
    for line in part.lines:
        first = escape(line.labels[0]) + _marks(line.notes, notes)
        whys = [[value.reason] if value.number is None and value.reason else [] for value in line.values]
        cells = [escape(value.text()) + _marks(why, notes) for value, why in zip(line.values, whys, strict=True)]
        lines.append(_row([first, *map(escape, line.labels[1:]), *cells]))
    return "\n".join(lines)


def _marks(found: Iterable[str], notes: dict[str, str]) -> str:
    marks = [notes.setdefault(note, _letter(len(notes))) for note in found]
    return f" {{sup}}`{','.join(marks)}`" if marks else ""


def _letter(number: int) -> str:
    return chr(ord("a") + number) if number < 26 else _letter(number // 26 - 1) + _letter(number % 26)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _sentence(note: str) -> str:
    note = note[:1].upper() + note[1:]
    return note if note.endswith((".", "!", "?")) else note + "."
