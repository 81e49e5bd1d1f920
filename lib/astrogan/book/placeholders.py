"""What stands where a run has no figure or table: its number and label stay, with the reason and the command that makes it."""

import re
from textwrap import wrap
from typing import Literal
from xml.sax.saxutils import escape

from astrogan.files import read_json
from astrogan.report.index import MADE
from astrogan.report.paper import numbers as paper
from astrogan.run import Run

COMMAND = "make report"
_COLUMNS = {"l1": "L1", "l2": "L2", "l1_rgb": "L1", "l2_rgb": "L2", "l1_ab": "L1", "l2_ab": "L2", "fid": "FID"}
_CHANNELS = {"rgb": "RGB", "ab": "ab"}


def why_missing(run: Run | None, part: Literal["figures", "tables"], name: str) -> str:
    """Why the run has no such item: what it says itself in the index of that part, else that it has not."""
    if run is None:
        return "Nothing has been run or published yet"
    index = {
        key: read_json(run.index_file(key)) if run.index_file(key).is_file() else {} for key in ("figures", "tables")
    }
    # The audit's figures stand in the tables' index, as "figure-<name>"; a table may be called as a figure is.
    drawn = index["tables"].get(f"figure-{name}", MADE) if part == "figures" else MADE
    reason = index[part].get(name, drawn)
    return "This run does not hold it" if reason == MADE else reason[0].upper() + reason[1:].replace("`", "")


def placeholder_figure(name: str, why: str) -> str:
    """An SVG in mid-tones that reads on a light and on a dark ground."""
    title = re.sub(r"^figure(\d+)$", r"Figure \1", name)
    lines = wrap(f"{why}; {COMMAND} makes it.", 76)
    reasons = "".join(f'<tspan x="360" dy="22">{escape(line)}</tspan>' for line in lines)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="180" viewBox="0 0 720 180" '
        'font-family="system-ui, sans-serif" text-anchor="middle">'
        '<rect x="2" y="2" width="716" height="176" rx="10" fill="#59636e" stroke="#8b95a1" stroke-dasharray="9 7"/>'
        f'<text x="360" y="80" font-size="22" fill="#fff">{escape(title)}: not here yet</text>'
        f'<text x="360" y="92" font-size="16" fill="#fff">{reasons}</text></svg>\n'
    )


def placeholder_table(name: str, why: str) -> str:
    """The paper's own numbers with ours as dashes for Tables 1-7; one line for any other table."""
    table = paper.load().tables.get(name)
    if table is None:
        what = "Demonstration" if name.startswith("audit-") else f"Table *{name}*"
        return f"```{{container}} missing\n{what}: {why[0].lower()}{why[1:]}; `{COMMAND}` makes it.\n```\n"
    heads = ["Model", "Colour space"]
    for column in table.columns:
        channels = _CHANNELS.get(column.partition("_")[2], "")
        heads += [f"{_COLUMNS[column]} {channel} (paper)".replace("  ", " ") for channel in channels or [""]]
    grid = [[*heads, "ours"], ["---"] * 2 + ["---:"] * (len(heads) - 1)]
    for row in table.rows.values():
        cells = [getattr(row, column) for column in table.columns]
        printed = [str(value) for cell in cells for value in (cell if isinstance(cell, tuple) else (cell,))]
        grid.append([row.label, row.space.replace("*", r"\*"), *printed, f"{{abbr}}`– ({why.lower()})`"])
    title = table.title.replace("*", r"\*")
    # no backtick in the title: it would end the fence
    lines = [f"```{{table}} {title}. {why}; {COMMAND} makes it.", f":name: {name}", ""]
    return "\n".join([*lines, *(f"| {' | '.join(cells)} |" for cells in grid), "```", ""])
