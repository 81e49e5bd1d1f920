"""What a table of the report is: parts of rows and values, which show themselves in the book, in a notebook and as CSV.

A table is one numbered part under its caption and, where one would be too wide for a page or a telephone, further parts
below it without a number. A cell that has no value is a dash, and the reason stands in a note under the table; a column
that would be dashes alone is a sentence there. The CSV holds every number, with its interval and unrounded, also where the
page leaves it out.
"""

import csv
import io
from dataclasses import dataclass
from html import escape as quoted
from pathlib import Path
from typing import Any

from astrogan.files import write_text
from astrogan.report.tables.parts import DASH, Line, Part, Value, dash, signed, text
from astrogan.report.tables.writing import Grid, as_html, as_myst, escape, sentence
from astrogan.run import Run

__all__ = ["DASH", "Line", "Part", "Table", "Value", "dash", "escape", "signed", "text"]


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
        grids, notes, remarks = self._shown()
        marked = [f"{{sup}}`{mark}` {escape(sentence(note))}" for note, mark in notes.items()]
        below = "\n\n".join([*marked, *map(escape, remarks)])
        notes_below = [f"```{{container}} table-notes\n{below}\n```"] if below else []
        tables = [as_myst(grid, self.caption * (n == 0), self.name) for n, grid in enumerate(grids)]
        return "\n\n".join([*tables, *notes_below]) + "\n"

    def _repr_markdown_(self) -> str:
        """The table in the book: an executed cell with the metadata `mystnb: {markdown_format: myst}` is numbered."""
        return self.fragment()

    def _repr_html_(self) -> str:
        """The table in JupyterLab."""
        grids, notes, remarks = self._shown()
        marked = [f"<sup>{mark}</sup> {quoted(sentence(note))}" for note, mark in notes.items()]
        tables = [as_html(grid, self.caption * (n == 0)) for n, grid in enumerate(grids)]
        return "\n".join([*tables, *(f"<p>{words}</p>" for words in (*marked, *map(quoted, remarks)))])

    def _shown(self) -> tuple[list[Grid], dict[str, str], list[str]]:
        """The grids, the notes with their marks, and the remarks, with what is said of columns that are left out."""
        notes: dict[str, str] = {}
        said: dict[tuple[str, str], list[str]] = {}
        pieces = [piece for part in self.parts for piece in part.shown(said).pieces()]
        # what has no rows or columns is said in words; a numbered grid keeps its place, and the first names its rows
        kept = [
            piece
            for n, piece in enumerate(pieces)
            if (n == 0 and self.caption) or (piece.lines and (n == 0 or piece.value_columns))
        ]
        sentences = ["; ".join(dict.fromkeys(columns)).join(words) for words, columns in said.items()]
        remarks = [*self.remarks, *([" ".join(sentences)] if sentences else [])]
        return [piece.grid(notes) for piece in kept], notes, remarks

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
                "note": "; ".join(filter(None, (value.word, value.reason, *_notes_of(line, column)))),
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


def _notes_of(line: Line, column: str) -> tuple[str, ...]:
    """A row's notes are on our run of it, not on the paper's numbers in the same row."""
    return () if column.endswith(", paper") else line.notes
