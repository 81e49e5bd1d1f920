"""What curation left of the archives, step by step: a table, a figure of the counts, and pictures of what went."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from astrogan.data.images import ImageError, read_image
from astrogan.report.figures.style import WIDTH, add_credit, new_figure, show, styled
from astrogan.report.tables.layout import Line, Part, Table, Value

COUNTS = ("images", "observations", "tiles")
SIDE = 160
_ROW = 6


def table(account: Mapping[str, Any], source: str) -> Table:
    """Table `curation` of `curation.json`: each rule, what it removed, and what was left."""
    lines = [
        Line(
            (step["name"], step["rule"] or f"everything in {source}"),
            tuple(Value(f"{step[count]:,}") for count in ("removed", *COUNTS)),
        )
        for step in account["steps"]
    ]
    part = Part(("Step", "Rule"), ("removed", *COUNTS), tuple(lines))
    caption = (
        f"Curation of the source '{source}' by rule, in this order: what each step removed, and what was left after it. "
        "Tiles are of 256 px."
    )
    return Table("curation", caption, (part,))


@styled
def figure(account: Mapping[str, Any]) -> Figure:
    """Images, observations and tiles left after each step, one panel a count."""
    names = [step["name"] for step in account["steps"]]
    drawn = new_figure(WIDTH, 2.6)
    panels = drawn.subplots(1, len(COUNTS), sharey=True)
    for axes, count in zip(panels, COUNTS, strict=True):
        left = [step[count] for step in account["steps"]]
        axes.barh(names, left)
        axes.set_title(f"{count} left")
        axes.margins(x=0.2)
        for place, number in enumerate(left):
            axes.text(number, place, f" {number:,}", va="center", fontsize=6.5)
        axes.grid(axis="y", visible=False)
    panels[0].invert_yaxis()
    return drawn


@styled
def examples(account: Mapping[str, Any], root: Path, credit: str) -> Figure | None:
    """The first pictures that each rule removed, with the value that it found; None where none can be shown."""
    removed = ((rule, *entry) for rule, entries in account["examples"].items() for entry in entries[:2])
    shown = [(f"{rule}\n{detail[:26]}", _picture(root / file)) for rule, file, _, detail in removed if file]
    pictures = [(title, picture) for title, picture in shown if picture is not None]
    if not pictures:
        return None
    rows = -(-len(pictures) // _ROW)
    drawn = new_figure(WIDTH, 1.55 * rows)
    panels: Sequence[Any] = np.atleast_1d(drawn.subplots(rows, _ROW)).ravel()
    for axes in panels:
        axes.set_axis_off()
    for axes, (title, picture) in zip(panels, pictures, strict=False):
        show(axes, picture)
        axes.set_title(title, fontsize=6)
    add_credit(drawn, credit)
    return drawn


def _picture(path: Path) -> np.ndarray | None:
    try:
        image = Image.fromarray(read_image(path))
    except ImageError:  # it is not there, or was removed because it cannot be decoded
        return None
    image.thumbnail((SIDE, SIDE))
    return np.asarray(image)
