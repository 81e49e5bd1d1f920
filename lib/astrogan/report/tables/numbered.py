"""Tables 1 to 7: the paper's numbers, ours by the paper's arithmetic, and ours corrected."""

from collections.abc import Callable

from astrogan.evaluation import Results, metrics_in
from astrogan.evaluation.cast import cast_row
from astrogan.evaluation.metrics import COLOURS
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.tables.cells import (
    NOT_IN_PAPER,
    conditions,
    headings,
    printed,
    row_notes,
    scores,
    size_and_seeds,
    spread,
)
from astrogan.report.tables.layout import Line, Part, Table, dash

CAST, CLIPPED = ", cast unclipped", ", clipped"
_FURTHER = "Corrected: further measures"
HONEST = "Corrected: clipped and rounded outputs, 0-255 scale"
ARITHMETIC = (
    "The paper's arithmetic: L1 is the mean of (truth - output) modulo 256, L2 the mean of the root of its square "
    "modulo 256; see the audit."
)
_ABSENT = dash("the paper's number stands beside the unclipped cast; see the audit")
_NORMS = ("l1", "l2")
_DEPENDS = "Fréchet distances depend on N and on the tile size: compare rows of one table, not tables of two runs."
_BESIDE = "the paper's and ours by the paper's arithmetic; below it, corrected"


def numbered(run: Results, name: str) -> Table:
    """Table `name`, `table1` to `table7`."""
    make, caption = _TABLES[name]
    return make(run, name, caption)


def overall(run: Results, name: str, caption: str) -> Table:
    """Distances over all channels: the published pair, then MAE, RMSE and similarity; rows that wrap both cast and clipped."""
    first, second, third = [], [], []
    further = metrics_in(name)
    for row in rows_in(name):
        notes, size = row_notes(run, row), size_and_seeds(run, row)
        paper = tuple(printed(name, row, norm) for norm in _NORMS)
        versions = [("", paper, "", "")]
        if row in rows_in("casts"):
            versions = [(CAST, paper, "", "wrapped_"), (CLIPPED, (_ABSENT, _ABSENT), "clipped_", "")]
        for words, theirs, published, corrected in versions:
            ours = scores(run, row, (f"{published}published_l1_rgb", f"{published}published_l2_rgb"))
            honest = scores(run, row, (f"{corrected}mae_rgb", f"{corrected}rmse_rgb"))
            first.append(Line((label(row) + words,), (*theirs, *ours), notes))
            second.append(Line((label(row) + words,), (*honest, *size), notes))
        third.append(Line((label(row),), scores(run, row, tuple(metric.name for metric in further)), notes))
    titles = [f"{metric.label}: {metric.title}" for metric in further if metric.title]
    remarks = [conditions(run, rows_in(name)), ARITHMETIC]
    remarks += [words for row in rows_in(name) if (words := spread(run, row, ("mae_rgb", "psnr", "published_l1_rgb")))]
    return Table(
        name,
        caption,
        (
            Part(("Model",), ("L1, paper", "L2, paper", "L1, ours", "L2, ours"), tuple(first)),
            Part(("Model",), ("MAE", "RMSE", "N", "Seeds"), tuple(second), HONEST),
            Part(
                ("Model",), headings(further), tuple(third), f"{_FURTHER} ({'; '.join(titles)})" if titles else _FURTHER
            ),
        ),
        tuple(remarks),
    )


def by_channel(run: Results, name: str, caption: str) -> Table:
    """Distances by channel: of RGB on the 0-255 scale or, in Table 3, of ab."""
    ab = name == "table3"
    channels, heads, space = (("a", "b"), ("a", "b"), "ab") if ab else (COLOURS, ("Red", "Green", "Blue"), "rgb")
    first, second = [], []
    for row in rows_in(name):
        notes, size = row_notes(run, row), size_and_seeds(run, row)
        for norm in _NORMS:
            paper = tuple(printed(name, row, f"{norm}_{space}", index) for index in range(len(channels)))
            if paper[0].reason != NOT_IN_PAPER:
                first.append(Line((label(row), f"{norm.upper()}, paper"), paper))
            ours = scores(run, row, tuple(f"published_{norm}_{channel}" for channel in channels))
            first.append(Line((label(row), f"{norm.upper()}, ours"), ours, notes))
        for words, stem in (("Bias", "bias"), ("MAE", "mae"), ("RMSE", "rmse")):
            values = scores(run, row, tuple(f"{stem}_{channel}" for channel in channels))
            second.append(Line((label(row), words), (*values, *size), notes))
    title = "Corrected: CIE units" if ab else HONEST
    return Table(
        name,
        caption,
        (
            Part(("Model", "Distance"), heads, tuple(first)),
            Part(("Model", "Metric"), (*heads, "N", "Seeds"), tuple(second), f"{title}, output minus truth"),
        ),
        (conditions(run, rows_in(name)), *((ARITHMETIC,) * (not ab))),
    )


def distributions(run: Results, name: str, caption: str) -> Table:
    """FID (the paper's and ours) and KID; below, what needs no Inception weights.

    Rows that wrap stand twice: clipped, and as the unclipped cast, which the evaluation scored beside them.
    """
    further = metrics_in(name)
    first, second = [], []
    for row in rows_in(name):
        paper = printed(name, row, "fid")
        versions = [(row, label(row), paper)]
        if row in rows_in("casts"):
            versions = [(cast_row(row), label(row) + CAST, paper), (row, label(row) + CLIPPED, _ABSENT)]
        for shown, named, theirs in versions:
            notes = row_notes(run, shown)
            first.append(Line((named,), (theirs, *scores(run, shown, ("fid", "kid"))), notes))
            others = scores(run, shown, tuple(metric.name for metric in further))
            second.append(Line((named,), (*others, *size_and_seeds(run, shown)), notes))
    title = ", ".join(metric.title or metric.label for metric in further)
    return Table(
        name,
        f"{caption}; below it, distances that need no Inception weights",
        (
            Part(("Model",), ("FID, paper", "FID, ours", "KID x 1000, ours"), tuple(first)),
            Part(("Model",), (*headings(further), "N", "Seeds"), tuple(second), title),
        ),
        (conditions(run, rows_in(name)), _DEPENDS),
    )


_TABLES: dict[str, tuple[Callable[[Results, str, str], Table], str]] = {
    "table1": (
        overall,
        f"Colourization: average distance between outputs and truth over all channels of RGB, {_BESIDE}",
    ),
    "table2": (by_channel, f"The fine-tuned L*a*b* model by channel of RGB, {_BESIDE}"),
    "table3": (
        by_channel,
        "The L*a*b* models by channel of L*a*b*, in units of 110: the paper's L1 is the signed mean of truth minus "
        "output, its L2 the mean absolute error; below it, corrected",
    ),
    "table4": (by_channel, f"The L*a*b* models by channel of RGB, {_BESIDE}"),
    "table5": (distributions, "Colourization: Fréchet Inception distance between outputs and originals"),
    "table6": (
        overall,
        f"Super-resolution: average distance between outputs and truth over all channels of RGB, {_BESIDE}",
    ),
    "table7": (distributions, "Super-resolution: Fréchet Inception distance between outputs and originals"),
}
NAMES = tuple(_TABLES)
