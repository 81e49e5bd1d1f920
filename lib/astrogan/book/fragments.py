"""Pieces that the staging puts into pages: placeholders, sliders, credit lines, lists. All are MyST text or SVG."""

import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any
from xml.sax.saxutils import escape

from astrogan.book.prose import Markdown
from astrogan.report.paper import numbers as paper
from astrogan.report.tables.layout import escape as plain

PICTURES = (".svg", ".png", ".jpg")
COMMAND = "make report"
MAX_CREDITS = 2
ELSEWHERE = {
    "astronomy": "NASA, ESA, STScI, and the teams that the data notebook lists",
    "photographs": "see the data notebook for their authors and licences",
}
FIGURE = re.compile(r"^```\{figure\} figures/(?P<name>[\w-]+)\.\*\n(?P<options>(?::.*\n)*)", re.MULTILINE)
TABLE = re.compile(r"^```\{include\} tables/(?P<name>[\w-]+)\.md$", re.MULTILINE)
_COLUMNS = {"l1": "L1", "l2": "L2", "l1_rgb": "L1", "l2_rgb": "L2", "l1_ab": "L1", "l2_ab": "L2", "fid": "FID"}
_CHANNELS = {"rgb": "RGB", "ab": "ab"}


def credit_lines(data: Mapping[str, Any]) -> dict[str, Markdown]:
    """Credit lines: those the data stage names, if they fit into a caption, else where they are listed."""
    lines = {}
    for kind, what in (("astronomy", "Images"), ("photographs", "Photographs")):
        credits = data.get(kind, {}).get("credits") or []
        text = "; ".join(credits) if 0 < len(credits) <= MAX_CREDITS else ELSEWHERE[kind]
        lines[kind] = Markdown(f"{what}: {text.rstrip('.')}.")
    return lines


def admonition(title: str, text: str) -> str:
    """A box of class caution."""
    return f"```{{admonition}} {title}\n:class: caution\n\n{text}\n```\n\n"


def duration(seconds: float) -> str:
    """Seconds in words, in the largest unit of which there are two: `90 seconds`, `25 minutes`, `40 hours`."""
    for unit, least in (("hours", 2 * 3600), ("minutes", 2 * 60)):
        if seconds >= least:
            return f"{seconds / (least / 2):.0f} {unit}"
    return f"{seconds:.0f} seconds"


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
    title = table.title.replace("*", r"\*")
    # no backtick in the title: it would end the fence
    lines = [f"```{{table}} {title}. {why}; {COMMAND} makes it.", f":name: {name}", ""]
    lines += [_line([*heads, "ours"]), _line(["---"] * 2 + ["---:"] * (len(heads) - 1))]
    for row in table.rows.values():
        cells = [getattr(row, column) for column in table.columns]
        printed = [str(value) for cell in cells for value in (cell if isinstance(cell, tuple) else (cell,))]
        lines.append(_line([row.label, row.space.replace("*", r"\*"), *printed, f"{{abbr}}`– ({why.lower()})`"]))
    return "\n".join([*lines, "```", ""])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def picture(folder: Path, name: str) -> str | None:
    """Path of the staged figure, relative to the book, or None."""
    paths = (f"figures/{name}{ending}" for ending in PICTURES)
    return next((path for path in paths if (folder / path).is_file()), None)


def sliders(folder: Path, model: str) -> list[str]:
    """A before/after block for each `figures/slider-<k>-{input,output,truth}` of the run, colour first; `model` made them."""
    stems = {path.stem.rpartition("-")[0] for path in (folder / "figures").glob("slider-*-*")}
    blocks = []
    for stem in sorted(stems, key=lambda stem: (stem.count("-"), stem)):
        number = stem.rpartition("-")[2]
        alts = {"input": "Input", "output": f"Output of {plain(model)}", "truth": "Truth"}
        shown = {part: picture(folder, f"{stem}-{part}") for part in alts}
        if all(shown.values()):
            images = [f"![{alt}, held-out tile {number}]({shown[part]})" for part, alt in alts.items()]
            blocks.append("\n".join(["```{container} compare", *images, "```"]))
    return blocks


def applied(folder: Path) -> list[str]:
    """A before/after block for each `figures/applied-<task>-{before,after}` of the run: the command on a frame."""
    alts = {
        "colour": ("The frame in grey", "The frame coloured, with invented colours"),
        "upscale": ("A part of the frame, enlarged four times by bicubic interpolation", "The same part, up-scaled"),
    }
    blocks = []
    for task, texts in alts.items():
        shown = [picture(folder, f"applied-{task}-{part}") for part in ("before", "after")]
        if all(shown):
            images = [f"![{alt}]({path})" for alt, path in zip(texts, shown, strict=True)]
            blocks.append("\n".join(["```{container} compare compare-applied", *images, "```"]))
    return blocks


def hero(blocks: list[str], model: str) -> Markdown:
    """The first slider and what it shows, for the start page; nothing where there is none."""
    if not blocks:
        return Markdown("")
    return Markdown(f"{blocks[0]}\n\nA held-out tile in grey, and as *{plain(model)}* colours it. Drag the handle.")


def side_by_side(blocks: list[str]) -> Markdown:
    """The sliders in a grid, or a sentence that there are none."""
    if not blocks:
        return Markdown(f"*There are no images to compare yet; `{COMMAND}` makes them.*")
    return Markdown("\n\n".join(["````{container} compare-set", *blocks, "````"]))


def counts_table(data: Mapping[str, Any]) -> Markdown:
    """What the data stage counted, a column a source: images, what was set aside, tiles and observations by split."""
    counted = {kind: _flat(data[kind]["counts"]) for kind in ("astronomy", "photographs") if kind in data}
    if not counted:
        return Markdown("")
    names = dict.fromkeys(name for counts in counted.values() for name in counts)
    cells = [[name, *(str(counts.get(name, 0)) for counts in counted.values())] for name in names]
    lines = [["Counted", *counted], [":---", *["---:"] * len(counted)], *cells]
    return Markdown("\n".join(map(_line, lines)))


def _flat(counts: Mapping[str, Any], prefix: str = "") -> dict[str, int]:
    """`{"tiles": {"train": 3}, "pairs": [..]}` as `{"tiles, train": 3, "pairs": 1}`."""
    flat: dict[str, int] = {}
    for name, value in counts.items():
        words = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{words}, ")
        else:
            flat[words] = len(value) if isinstance(value, list) else value
    return flat


def further_audit(folder: Path, audit: str) -> Markdown:
    """Audit tables and figures that the run holds and the audit page does not name."""
    named = {match["name"] for pattern in (TABLE, FIGURE) for match in pattern.finditer(audit)}
    parts = [
        f"```{{include}} tables/{file.name}\n```"
        for file in sorted((folder / "tables").glob("audit-*.md"))
        if file.stem not in named
    ]
    parts += [
        f"![Demonstration {file.stem} of the audit](figures/{file.name})"
        for file in sorted((folder / "figures").glob("audit-*"))
        if file.stem not in named
    ]
    return Markdown("\n\n".join(["## Further demonstrations", *parts]) if parts else "")


def notebook_list(notebooks: list[str]) -> Markdown:
    """Links to the executed notebooks, or a sentence that there are none."""
    if not notebooks:
        return Markdown(f"*There is no executed notebook yet; `{COMMAND}` makes them.*")
    return Markdown("\n".join(f"- [{name}](notebooks/{name}.ipynb)" for name in notebooks))
