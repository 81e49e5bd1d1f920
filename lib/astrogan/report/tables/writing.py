"""How the grids of a table are written: as MyST text for the book, as HTML for a notebook.

A number stands above its interval, which is smaller and lighter, so that columns stay narrow; the numbers of a column are
aligned on their decimal point. `book/_static/tables.css` styles the classes `ci`, `word`, `pad` and `group`; the HTML
brings the same styles along.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape as quoted
from typing import NamedTuple

_FIGURE_SPACE = "\u2007"
_DECIMALS = re.compile(r"[−\d,]*\d(?:\.(\d+))?$")
_STYLE = (
    ".astrogan-table{overflow-x:auto;max-width:100%;margin-bottom:.5em}"
    ".astrogan-table table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".astrogan-table caption{text-align:left;padding-bottom:.4em}"
    ".astrogan-table :is(th,td){padding:.25em .6em;text-align:right;vertical-align:top}"
    ".astrogan-table :is(th[scope=row],th[scope=rowgroup],.words){text-align:left}"
    ".astrogan-table :is(thead th,th[scope=rowgroup]){border-bottom:1px solid currentColor}"
    ".astrogan-table tr>:first-child{position:sticky;left:0;background:var(--jp-layout-color0,Canvas)}"
    ".astrogan-table :is(.ci,.word){display:block;font-size:.8em;opacity:.75;white-space:nowrap}"
)


class Cell(NamedTuple):
    """What a reader sees of one cell: a text, an interval and a word below it, the marks of notes; in bold if `best`."""

    text: str
    interval: str = ""
    word: str = ""
    marks: tuple[str, ...] = ()
    best: bool = False


class Grid(NamedTuple):
    """A grid as it is shown: its title, heads of which the first `labels` name rows, and rows.

    A row that is a string is a heading of those below it. With `words` all cells stand to the left.
    """

    title: str
    heads: tuple[str, ...]
    labels: int
    rows: tuple[str | tuple[Cell, ...], ...]
    words: bool = False


def as_myst(grid: Grid, caption: str = "", name: str = "") -> str:
    """The grid as a pipe table; with a caption a numbered `{table}` directive with the target `name`."""
    rule = [":--"] * grid.labels + [":--" if grid.words else "--:"] * (len(grid.heads) - grid.labels)
    lines = [_row(map(escape, grid.heads)), _row(rule)]
    empty = [""] * (len(grid.heads) - 1)
    pads = _pads(grid)
    for row in grid.rows:
        heading = isinstance(row, str)
        lines.append(_row([f"[{escape(row)}]{{.group}}", *empty] if heading else map(_myst_cell, row, pads(row))))
    table = "\n".join(lines)
    if caption:
        return f"```{{table}} {escape(caption)}\n:name: {name}\n\n{table}\n```"
    return f"**{escape(grid.title)}**\n\n{table}" if grid.title else table


def as_html(grid: Grid, caption: str = "") -> str:
    """The grid as an HTML table that scrolls in a region of its own."""
    title = caption or grid.title
    head = "".join(f'<th scope="col"{_left(grid, n)}>{quoted(words)}</th>' for n, words in enumerate(grid.heads))
    pads = _pads(grid)
    group = f'<th scope="rowgroup" colspan="{len(grid.heads)}">'
    rows = (
        f"{group}{quoted(row)}</th>" if isinstance(row, str) else "".join(_html_cells(grid, row, pads(row)))
        for row in grid.rows
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<div class="astrogan-table" role="region" tabindex="0" aria-label="{quoted(title or "Table")}">'
        f"<style>{_STYLE}</style><table>{f'<caption>{quoted(title)}</caption>' if title else ''}"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def escape(words: str) -> str:
    """Markdown's own characters made plain, so that L*a*b* stays L*a*b* and a bar stays in its cell."""
    return re.sub(r"[\\*|<>$`\[\]]", r"\\\g<0>", words).replace("\n", " ")


def sentence(words: str) -> str:
    """Words as a sentence: a capital first, a full stop last."""
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else words + "."


def letter(number: int) -> str:
    """The mark of a note: a to z, then aa."""
    return chr(ord("a") + number) if number < 26 else letter(number // 26 - 1) + letter(number % 26)


def _pads(grid: Grid) -> Callable[[tuple[Cell, ...]], list[str]]:
    """What fills the numbers of a row up to as many decimals as their columns have."""
    cells = [row for row in grid.rows if not isinstance(row, str)]
    widest = [max((_width(row[n].text) for row in cells), default=0) for n in range(len(grid.heads))]

    def pads(row: tuple[Cell, ...]) -> list[str]:
        return [
            _FIGURE_SPACE * (widest[n] - _width(cell.text))
            if n >= grid.labels and not grid.words and _DECIMALS.match(cell.text)
            else ""
            for n, cell in enumerate(row)
        ]

    return pads


def _width(words: str) -> int:
    """The places that a number takes from its point on; 0 for other words."""
    found = _DECIMALS.match(words)
    return len(found[1]) + 1 if found and found[1] else 0


def _myst_cell(cell: Cell, pad: str) -> str:
    words = escape(cell.text)
    parts = [f"**{words}**" if cell.best and words else words]
    parts[0] += f"[{pad}]{{.pad}}" if pad else ""
    parts += [f"{{sup}}`{','.join(cell.marks)}`"] if cell.marks else []
    parts += [f"[{escape(cell.interval)}]{{.ci}}"] if cell.interval else []
    parts += [f"[{escape(cell.word)}]{{.word}}"] if cell.word else []
    return " ".join(parts)


def _html_cells(grid: Grid, cells: tuple[Cell, ...], pads: list[str]) -> Iterator[str]:
    for number, (cell, pad) in enumerate(zip(cells, pads, strict=True)):
        words = f"<b>{quoted(cell.text)}</b>" if cell.best else quoted(cell.text)
        words += f'<span style="white-space:pre">{pad}</span>' if pad else ""
        words += f"<sup>{','.join(cell.marks)}</sup>" if cell.marks else ""
        words += f' <span class="ci">{quoted(cell.interval)}</span>' if cell.interval else ""
        words += f' <span class="word">{quoted(cell.word)}</span>' if cell.word else ""
        tag, scope = ("th", ' scope="row"') if number == 0 else ("td", "")
        yield f"<{tag}{scope}{_left(grid, number)}>{words}</{tag}>"


def _left(grid: Grid, column: int) -> str:
    return ' class="words"' if grid.words or column < grid.labels else ""


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
