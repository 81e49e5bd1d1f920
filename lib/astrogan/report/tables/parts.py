"""What a table of the report is made of: values, lines and parts, and what of a part is shown on a page."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from astrogan.report.tables.writing import Cell, Grid, letter, sentence

DASH = "–"
WIDEST = 72
"""Characters that a grid may be wide; one of more columns is cut into grids below each other."""

_SMALLER = 0.8  # an interval's characters, beside a number's


@dataclass(frozen=True)
class Value:
    """One cell: a number, with its 95 % interval where there is one; or None and the `reason` why.

    `number` may be a string, which is shown as it stands (the paper's numbers, digit for digit). The reason may also be a
    note on a number. With `alone` the page leaves the interval out; `best` is shown in bold; `word` is said below the
    number (a verdict).
    """

    number: float | str | None
    low: float | None = None
    high: float | None = None
    digits: int = 2
    reason: str = ""
    alone: bool = False
    best: bool = False
    word: str = ""

    def text(self) -> str:
        """For a reader: `1.89 [1.62, 2.20]`, the interval on one line."""
        return " ".join(filter(None, (self.shown, self.interval)))

    @property
    def shown(self) -> str:
        """The number alone."""
        if self.number is None:
            return DASH
        return self.number if isinstance(self.number, str) else signed(self.number, self.digits)

    @property
    def interval(self) -> str:
        """The interval in brackets; empty where there is none to show."""
        if self.number is None or isinstance(self.number, str) or self.low is None or self.high is None or self.alone:
            return ""
        return f"[{signed(self.low, self.digits)},\u00a0{signed(self.high, self.digits)}]"


@dataclass(frozen=True)
class Line:
    """One row: what names it (one text a label column), its values, notes on the row as a whole, the group it is of."""

    labels: tuple[str, ...]
    values: tuple[Value, ...]
    notes: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Part:
    """A grid: headings of the label columns, headings of the value columns, and the rows.

    `title` names it in words; with `words` the values are text and stand to the left. A column of `common` that says one
    thing of all rows is a sentence under the table; one of `unseen` stands in the CSV alone. Rows of a group stand under
    its name where there are several groups.
    """

    label_columns: tuple[str, ...]
    value_columns: tuple[str, ...]
    lines: tuple[Line, ...]
    title: str = ""
    words: bool = False
    common: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    def shown(self, said: dict[tuple[str, str], list[str]]) -> "Part":
        """The part as a page has it: without the columns that are dashes alone, or of `common` and the same throughout.

        What is said of them instead is added to `said`: what stands before and after their names, to the names.
        """
        kept = []
        for place, column in enumerate(self.value_columns):
            if column in self.unseen:
                continue
            values = [line.values[place] for line in self.lines]
            texts = {value.shown for value in values if value.number is not None}
            reasons = dict.fromkeys(value.reason for value in values)
            if values and not texts and (len(reasons) == 1 or not self.words):
                why = sentence("; ".join(filter(None, reasons)) or "no reason is known")
                said.setdefault(("Not shown: ", f". {why}"), []).append(column)
            elif column in self.common and len(texts) == 1:
                said.setdefault(("", f": {texts.pop()} throughout."), []).append(column)
            else:
                kept.append(place)
        return self.only(kept)

    def only(self, places: Iterable[int]) -> "Part":
        """The part with the value columns at `places` alone."""
        places = tuple(places)
        lines = tuple(replace(line, values=tuple(line.values[n] for n in places)) for line in self.lines)
        return replace(self, value_columns=tuple(self.value_columns[n] for n in places), lines=lines)

    def pieces(self) -> Iterator["Part"]:
        """The part, or as many parts of about as many columns each as it takes to be no wider than `WIDEST`."""
        columns = list(enumerate(self.value_columns))
        widths = (max(map(_width, (column, *(line.values[n] for line in self.lines)))) for n, column in columns)
        count = 1 if self.words else max(1, math.ceil(sum(widths) / WIDEST))
        ends = [round(len(columns) * number / count) for number in range(count + 1)]
        for number, (first, last) in enumerate(pairwise(ends)):
            title = f"{self.title} (continued)" if number and self.title else self.title
            yield replace(self.only(range(first, last)), title=title)

    def grid(self, notes: dict[str, str]) -> Grid:
        """The part with the marks of its notes; a note that is new is added to `notes`, note to mark."""
        rows: list[str | tuple[Cell, ...]] = []
        named, group = len({line.group for line in self.lines}) > 1, ""
        for line in self.lines:
            if named and line.group != group:
                rows.append(group := line.group)
            first = Cell(line.labels[0], marks=_marks(line.notes, notes))
            rows.append((first, *map(Cell, line.labels[1:]), *(_cell(value, notes) for value in line.values)))
        heads = (*self.label_columns, *self.value_columns)
        empty = (Cell("none"), *(Cell("") for _ in heads[1:]))
        return Grid(self.title, heads, len(self.label_columns), tuple(rows) or (empty,), self.words)


def dash(reason: str) -> Value:
    """A cell without a value, and why."""
    return Value(None, reason=reason)


def text(value: object) -> Value:
    """A cell of words, shown as they stand."""
    return Value(str(value))


def signed(number: float, digits: int) -> str:
    """A number with a true minus sign; an infinite one as a word; nothing below zero that rounds to zero."""
    return "infinite" if math.isinf(number) else f"{number:z,.{digits}f}".replace("-", "−")


def _cell(value: Value, notes: dict[str, str]) -> Cell:
    marks = _marks([value.reason] if value.reason else [], notes)
    return Cell(value.shown, value.interval, value.word, marks, value.best)


def _marks(found: Iterable[str], notes: dict[str, str]) -> tuple[str, ...]:
    return tuple(notes.setdefault(note, letter(len(notes))) for note in found)


def _width(shown: str | Value) -> float:
    """The characters that a head, of which each word can stand on a line of its own, or a cell takes."""
    if isinstance(shown, str):
        return 2 + max(map(len, shown.split()), default=0)
    return 2 + max(len(shown.shown), _SMALLER * len(shown.interval), _SMALLER * len(shown.word))
